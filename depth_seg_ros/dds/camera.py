"""The virtual camera participant: images, calibration and exact ground truth on ROS topics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from depth_seg_ros.dds.endpoints import Publisher
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import serialize
from depth_seg_ros.messages.depth import depth_payload
from depth_seg_ros.messages.labels import mask_payload
from depth_seg_ros.messages.payloads import Header, Payload, image_payload
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.types import Frame, GroundTruth

Log = Callable[[str], None]
View = tuple[Frame, GroundTruth]

TOPICS = (topics.VIRTUAL_INFO, topics.VIRTUAL_IMAGE, topics.TRUE_DEPTH, topics.TRUE_LABELS)
_DELIVERY_S = 2.0


class VirtualCamera:
    """Publishes views at a steady rate, stamped with the time they are sent."""

    def __init__(self, participant: Participant, log: Log) -> None:
        self._participant = participant
        self._log = log
        self._publishers = {t: self._offer(t) for t in TOPICS}
        self.stamps_ns: list[int] = []
        self.late = 0
        """Views that were ready later than their turn."""

    def _offer(self, topic: Topic) -> Publisher:
        return self._participant.publisher(topic.name, topic.message, topic.profile)

    def wait_for_subscribers(self, count: int, stop: threading.Event, timeout_s: float) -> bool:
        """Wait until the image has ``count`` subscribers; False when stopped or timed out."""
        end = time.monotonic() + timeout_s
        image = self._publishers[topics.VIRTUAL_IMAGE]
        while image.subscribers() < count:
            if time.monotonic() > end or stop.wait(0.05):
                return False
        return True

    def run(self, views: Iterable[View], rate_hz: float, stop: threading.Event) -> None:
        """Publish until the views end or ``stop`` is set, then wait for what is on its way."""
        period_s = 1.0 / rate_hz
        turn = time.monotonic()
        for view in views:
            wait_s = turn - time.monotonic()
            if stop.wait(max(0.0, wait_s)):
                break
            if wait_s < -period_s:
                self.late += 1
                turn = time.monotonic()  # too slow for this rate: no bursts to catch up
            turn += period_s
            self._participant.check()
            self.publish(*view)
        for topic in self._participant.undelivered(_DELIVERY_S):
            self._log(f"warning: {topic}: not everything was acknowledged")

    def publish(self, frame: Frame, truth: GroundTruth) -> None:
        """One view, stamped now; its truth only where somebody listens."""
        stamp_ns = time.time_ns()
        frame = replace(frame, stamp_ns=stamp_ns)
        header = Header(stamp_ns, frame.frame_id)
        if frame.intrinsics is not None:
            self._send(topics.VIRTUAL_INFO, info_from_intrinsics(frame.intrinsics, header))
        self._send(topics.VIRTUAL_IMAGE, image_payload(header, frame.image, "rgb8"))
        if truth.depth_m is not None and self._watched(topics.TRUE_DEPTH):
            self._send(topics.TRUE_DEPTH, depth_payload(header, truth.depth_m))
        if truth.labels is not None and self._watched(topics.TRUE_LABELS):
            self._send(topics.TRUE_LABELS, mask_payload(header, truth.labels))
        self.stamps_ns.append(stamp_ns)

    def summary(self) -> dict[str, object]:
        """What was sent, as JSON."""
        return {
            "frames": len(self.stamps_ns),
            "late": self.late,
            "published": {p.topic: p.sent for p in self._publishers.values()},
            "not_sent": {p.topic: p.not_sent for p in self._publishers.values() if p.not_sent},
        }

    def _watched(self, topic: Topic) -> bool:
        return self._publishers[topic].subscribers() > 0

    def _send(self, topic: Topic, payload: Payload) -> None:
        publisher = self._publishers[topic]
        if not publisher.publish(bytes(serialize(payload)[1])):
            self._log(f"warning: {publisher.topic}: a reliable subscriber is too slow")
