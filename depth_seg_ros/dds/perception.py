"""The perception participant: what the ROS node does with topics, without a ROS install.

Same topics, types, stamps and QoS; no parameters, lifecycle, services or /rosout.
"""

from __future__ import annotations

import threading
import time

from depth_seg_ros.dds import receive_buffer
from depth_seg_ros.dds.diagnostics import diagnostic_array
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.dds.transport import DdsTransport
from depth_seg_ros.messages import topics
from depth_seg_ros.perception.perception import Perception
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.perception.teller import Teller
from depth_seg_ros.perception.transport import Log
from depth_seg_ros.predictor import Predictor

_DELIVERY_S = 2.0


class LivePerception:
    """Subscribes, predicts, publishes, until told to stop."""

    def __init__(
        self,
        participant: Participant,
        predictor: Predictor,
        settings: Settings,
        log: Log,
    ) -> None:
        self._participant = participant
        self._log = log
        offered = topics.offered_topics(predictor.spec.has_labels, predictor.spec.depth_confidence)
        self._transport = DdsTransport(participant, offered, settings)
        self._transport.slow = Teller(log.warning)
        self._diagnostics = self._transport.offer(topics.DIAGNOSTICS)
        self._perception = Perception(predictor, settings, self._transport, log)
        self._buffer_watch = receive_buffer.BufferWatch()
        perception = self._perception
        self._transport.subscribe(
            perception.offer,
            perception.set_camera,
            perception.set_transforms if perception.wants_transforms else None,
            perception.set_imu,
        )

    @property
    def description(self) -> str:
        """What it listens to and offers, for the log."""
        offered = ", ".join(p.topic for p in self._transport.publishers.values())
        return f"{self._transport.image_topic} -> {offered}"

    def run(self, stop: threading.Event, status_every_s: float = 10.0) -> None:
        """Work until ``stop`` is set; then finish the frame in work and see it delivered."""
        with self._perception:
            next_status = time.monotonic() + status_every_s
            while not stop.wait(0.5):
                self._participant.check()
                self._perception.check()
                self._watch()
                self._publish_health()
                if time.monotonic() >= next_status:
                    next_status += status_every_s
                    self._log.info(str(self._perception.report()))
        for topic in self._participant.undelivered(_DELIVERY_S):
            self._log.warning(f"{topic}: not everything was acknowledged")

    def summary(self) -> dict[str, object]:
        """Counts and percentiles as JSON.

        ``received = processed + unwatched + dropped + failed``.
        """
        perception, buffers = self._perception, receive_buffer.measure()
        report, info = perception.report(), perception.predictor.info
        shown = {"latency": report.latency, "input_age": report.input_age, **report.stages}
        publishers = [*self._transport.publishers.values(), self._diagnostics]
        return {
            "received": report.received,
            "processed": report.processed - perception.unwatched,
            "dropped": report.dropped,
            "failed": report.failed,
            "internal_errors": report.internal + perception.bulky_report().internal,
            "unwatched": perception.unwatched,
            "last_error": perception.last_error,
            "lost_before": self._transport.lost(),
            "datagrams_dropped": None if buffers is None else buffers.dropped,
            "published": {p.topic: p.sent for p in publishers},
            "not_sent": {p.topic: p.not_sent for p in publishers if p.not_sent},
            "milliseconds": {n: vars(p) for n, p in shown.items() if p is not None},
            "engine": f"{info.backend} {info.version}",
        }

    def _watch(self) -> None:
        """What the process's own sockets know to be wrong; a camera that came or went."""
        self._transport.follow_publishers()
        largest = self._transport.largest
        for problem in self._buffer_watch.problems(receive_buffer.measure(), largest):
            self._log.warning(problem)

    def _publish_health(self) -> None:
        """Twice a second, if anybody listens."""
        if self._diagnostics.subscribers() == 0:
            return
        node, hardware = self._participant.names.full_node, self._perception.predictor.info.device
        statuses = self._perception.statuses()
        self._diagnostics.publish(diagnostic_array(time.time_ns(), node, hardware, statuses))
