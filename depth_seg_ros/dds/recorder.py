"""The recorder participant: topics -> one mcap bag, and an account of every frame.

Without a bag it only counts and times what comes, like ``ros2 topic hz`` and ``delay`` at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Collection
from typing import Any

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.dds import receive_buffer
from depth_seg_ros.dds.graph import Endpoint, matching_profile
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.messages.cdr import peek_stamp_ns
from depth_seg_ros.messages.typestore import has_header, is_known
from depth_seg_ros.metrics.latency import Percentiles
from depth_seg_ros.perception.accounting import Accounts
from depth_seg_ros.perception.transport import Log

AGES = 10_000
"""How many recent ages (arrival minus stamp) the percentiles of a topic rest on."""

HISTORY = 64
"""Messages a topic may wait for the disk."""


class Recorder:
    """Subscribes to topics as they appear (QoS as their publishers offer it) and writes them down.

    The log time is the time of arrival, as with ``ros2 bag record``.
    """

    def __init__(
        self,
        participant: Participant,
        bag: BagWriter | None,
        wanted: Collection[str],
        log: Log,
        frames_of: str = "image",
    ) -> None:
        """wanted: topics (relative names resolve as the participant's do); empty = all.

        frames_of: the topic whose frames all others are held to.
        """
        self._participant = participant
        self._bag = bag
        self._wanted = {participant.names.resolve(name) for name in wanted}
        self._log = log
        self._ignored: set[str] = set()
        self._told: set[str] = set()
        self._buffer_watch = receive_buffer.BufferWatch()
        self.counts: dict[str, int] = {}
        self._accounts = Accounts(participant.names.resolve(frames_of))
        self._ages_ms: dict[str, deque[float]] = {}

    def run(self, stop: threading.Event) -> None:
        """Record until ``stop`` is set."""
        while not stop.wait(0.1):
            self._participant.check()
            self._join_new_topics()
            self._watch()

    def summary(self) -> dict[str, Any]:
        """Counts by topic, and what each topic lacks of the reference topic's frames."""
        told: dict[str, Any] = {"messages": dict(self.counts)}
        told["never_seen"] = sorted(self._wanted - set(self.counts))
        if accounts := self._accounts.result():
            told["frames_of"] = self._accounts.reference
            told["accounts"] = {t: a.as_json() for t, a in accounts.items()}
        told["age_ms"] = {
            topic: vars(p) for topic, a in self._ages_ms.items() if (p := Percentiles.of(a))
        }
        buffers = receive_buffer.measure()
        told["datagrams_dropped"] = None if buffers is None else buffers.dropped
        return told

    def _join_new_topics(self) -> None:
        offered: dict[str, list[Endpoint]] = {}
        for publisher in self._participant.graph.publishers():
            offered.setdefault(publisher.topic, []).append(publisher)
        for topic, publishers in offered.items():
            chosen = not self._wanted or topic in self._wanted
            if chosen and topic not in self.counts and topic not in self._ignored:
                self._join(topic, publishers)

    def _join(self, topic: str, publishers: list[Endpoint]) -> None:
        kinds = sorted({p.ros_type for p in publishers})
        if len(kinds) > 1 or not is_known(kinds[0]):
            self._ignored.add(topic)
            self._log.warning(f"{topic} is not recorded: type {' and '.join(kinds)} unknown here")
            return
        kind, profile = kinds[0], matching_profile(publishers, HISTORY)
        self.counts[topic] = 0
        of_a_frame = kind.startswith("sensor_msgs/") and has_header(kind)

        def write(cdr: bytes) -> None:
            now_ns = time.time_ns()
            if self._bag is not None:
                self._bag.write_raw(topic, kind, now_ns, memoryview(cdr), profile.transient_local)
            self.counts[topic] += 1
            if of_a_frame:
                stamp_ns = peek_stamp_ns(cdr)
                self._accounts.add(topic, stamp_ns)
                ages = self._ages_ms.setdefault(topic, deque(maxlen=AGES))
                ages.append((now_ns - stamp_ns) / 1e6)

        self._participant.subscribe(topic, kind, profile, write)
        self._log.info(f"recording {topic} ({kind})")

    def _watch(self) -> None:
        unreliable = (s for s in self._participant.subscriptions if not s.profile.reliable)
        largest = max((s.largest for s in unreliable), default=0)
        problems = [p for p in self._participant.mismatches() if p not in self._told]
        self._told.update(problems)
        problems += self._buffer_watch.problems(receive_buffer.measure(), largest)
        for problem in problems:
            self._log.warning(problem)
