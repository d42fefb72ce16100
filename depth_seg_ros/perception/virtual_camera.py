"""A computed camera: its views one by one at a steady rate, and what is published of one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.depth import depth_payload
from depth_seg_ros.messages.labels import mask_payload
from depth_seg_ros.messages.payloads import Header, Payload, image_payload
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.types import Frame, GroundTruth

T = TypeVar("T")

TOPICS = (topics.VIRTUAL_INFO, topics.VIRTUAL_IMAGE, topics.TRUE_DEPTH, topics.TRUE_LABELS)
TRUTHS = frozenset({topics.TRUE_DEPTH, topics.TRUE_LABELS})
"""Only made where somebody listens."""


@dataclass(frozen=True)
class View:
    """One moment of a drive. fixed, moving: transforms between the frames of the robot."""

    frame: Frame
    truth: GroundTruth
    moving: tuple[Transform, ...] = ()
    fixed: tuple[Transform, ...] = ()

    def stamped(self, stamp_ns: int) -> View:
        """The same at another time."""
        return View(
            replace(self.frame, stamp_ns=stamp_ns),
            replace(self.truth, stamp_ns=stamp_ns),
            tuple(replace(t, stamp_ns=stamp_ns) for t in self.moving),
            tuple(replace(t, stamp_ns=stamp_ns) for t in self.fixed),
        )


def paced(
    items: Iterable[T], rate_hz: float, stop: threading.Event, late: Callable[[float], None]
) -> Iterator[T]:
    """Give each item at its turn, until they end or ``stop`` is set.

    The first comes as soon as it is there; one that is more than a period late (told in seconds)
    moves the turns: no bursts to catch up.
    """
    period_s = 1.0 / rate_hz
    turn: float | None = None
    for item in items:
        turn = time.monotonic() if turn is None else turn
        late_s = time.monotonic() - turn
        if stop.wait(max(0.0, -late_s)):
            return
        if late_s > period_s:
            turn = time.monotonic()
            late(late_s)
        turn += period_s
        yield item


def payloads(view: View, watched: Collection[Topic]) -> Iterator[tuple[Topic, Payload]]:
    """What is published of a view, in order; its truth only where somebody listens."""
    frame, truth = view.frame, view.truth
    header = Header(frame.stamp_ns, frame.frame_id)
    if frame.intrinsics is not None:
        yield topics.VIRTUAL_INFO, info_from_intrinsics(frame.intrinsics, header)
    yield topics.VIRTUAL_IMAGE, image_payload(header, frame.image, "rgb8")
    if truth.depth_m is not None and topics.TRUE_DEPTH in watched:
        yield topics.TRUE_DEPTH, depth_payload(header, truth.depth_m)
    if truth.labels is not None and topics.TRUE_LABELS in watched:
        yield topics.TRUE_LABELS, mask_payload(header, truth.labels)
