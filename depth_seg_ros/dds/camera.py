"""The virtual camera participant: images, calibration and exact ground truth on ROS topics."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cdr import serialize
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.perception.teller import Teller
from depth_seg_ros.perception.transport import Log
from depth_seg_ros.perception.virtual_camera import TOPICS, View, paced, payloads

_DELIVERY_S = 2.0


class VirtualCamera:
    """Publishes views at a steady rate, stamped with the time they are sent."""

    def __init__(self, participant: Participant, log: Log) -> None:
        self._participant = participant
        self._log = log
        self._tell = Teller(log.warning)
        self._publishers = {t: participant.publisher(t.name, t.message, t.profile) for t in TOPICS}
        self.frames = 0
        self.late = 0
        """Views that were ready later than their turn."""

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
        for view in paced(views, rate_hz, stop, self._count_late):
            self._participant.check()
            self.publish(view)
        for topic in self._participant.undelivered(_DELIVERY_S):
            self._log.warning(f"{topic}: not everything was acknowledged")

    def publish(self, view: View) -> None:
        """One view, stamped now."""
        stamp_ns = time.time_ns()
        watched = [t for t, p in self._publishers.items() if p.subscribers() > 0]
        for topic, payload in payloads(view.stamped(stamp_ns), watched):
            self._send(topic, bytes(serialize(payload)[1]))
        self.frames += 1

    def summary(self) -> dict[str, object]:
        """What was sent, as JSON."""
        return {
            "frames": self.frames,
            "late": self.late,
            "published": {p.topic: p.sent for p in self._publishers.values()},
            "not_sent": {p.topic: p.not_sent for p in self._publishers.values() if p.not_sent},
        }

    def _count_late(self, late_s: float) -> None:
        self.late += 1

    def _send(self, topic: Topic, cdr: bytes) -> None:
        publisher = self._publishers[topic]
        if not publisher.publish(cdr):
            self._tell(f"{publisher.topic}: a reliable subscriber is too slow")
