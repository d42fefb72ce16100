"""A perception's topics over Cyclone DDS: CDR bytes in, CDR bytes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from depth_seg_ros.dds.endpoints import Publisher, Subscription
from depth_seg_ros.dds.graph import Endpoint
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cdr import deserialize, peek_stamp_ns, serialize
from depth_seg_ros.messages.outputs import KeptMemory
from depth_seg_ros.messages.payloads import Payload
from depth_seg_ros.messages.topics import FRAME_TOPICS, QosProfile, Topic, image_topic
from depth_seg_ros.perception.reliability import ask_reliable, cure
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.types import UInt8Array

INPUT_DEPTH = 8
"""History of the image reader: deeper than ROS's 1, so that the loop counts what it drops
(newest frame wins all the same) and DDS does not drop behind its back."""

_SAME_CLOCK_MS = 3_600_000.0


class DdsTransport:
    """Implements :class:`depth_seg_ros.perception.transport.Transport` for CDR bytes."""

    def __init__(
        self, participant: Participant, offered: Collection[Topic], settings: Settings
    ) -> None:
        compressed = settings.compressed
        self._participant = participant
        self._reliability = settings.reliability
        self._imu_topic = settings.rig.imu_topic
        self.image: Subscription | None = None
        self.largest = 0
        """Bytes of the largest image so far."""
        self._image = topics.IMAGE_COMPRESSED if compressed else topics.IMAGE
        self.image_topic = image_topic(participant.names.resolve(topics.IMAGE.name), compressed)
        self.image_type = self._image.message
        self.camera_topic = participant.names.resolve(topics.CAMERA_INFO.name)
        self.room: Callable[[Topic, int], UInt8Array] = KeptMemory()
        self.publishers: dict[Topic, Publisher] = {t: self.offer(t) for t in offered}
        self.slow: Callable[[str], None] = lambda text: None
        """Told of a topic that a reliable subscriber keeps waiting."""

    def offer(self, topic: Topic) -> Publisher:
        """A publisher of one topic."""
        return self._participant.publisher(topic.name, topic.message, topic.profile)

    def subscribe(
        self,
        on_image: Callable[[bytes, int, float | None], None],
        on_camera: Callable[[Any], None],
        on_transforms: Callable[[Any, bool], None] | None = None,
        on_imu: Callable[[Any], None] | None = None,
    ) -> None:
        """on_image: told bytes, stamp [ns], and age [ms] where it is known. on_transforms: told
        messages of /tf and /tf_static, and which; None subscribes to neither. on_imu: told
        messages of the IMU that the settings name."""

        def take(cdr: bytes) -> None:
            stamp_ns = peek_stamp_ns(cdr)
            self.largest = max(self.largest, len(cdr))
            age_ms = (time.time_ns() - stamp_ns) / 1e6
            # Stamps of a replayed drive or of simulated time say nothing about age.
            on_image(cdr, stamp_ns, age_ms if abs(age_ms) < _SAME_CLOCK_MS else None)

        if on_transforms is not None:
            for topic in (topics.TF_STATIC, topics.TF):
                self._participant.subscribe(
                    topic.name, topic.message, topic.profile, _taker(topic, on_transforms)
                )
        if on_imu is not None and self._imu_topic:
            self._participant.subscribe(
                self._imu_topic,
                topics.IMU.message,
                topics.IMU.profile,
                lambda cdr: on_imu(deserialize(cdr, topics.IMU.message)),
            )
        # Calibration first: where both are new, it is delivered before the image it belongs to.
        self._participant.subscribe(
            topics.CAMERA_INFO.name,
            topics.CAMERA_INFO.message,
            topics.CAMERA_INFO.profile,
            lambda cdr: on_camera(deserialize(cdr, topics.CAMERA_INFO.message)),
        )
        self._take = take
        self._subscribe_image()

    def follow_publishers(self) -> None:
        """Ask for what the camera offers now; to be called once a second."""
        if self.image is not None and self._wants_reliable() != self.image.profile.reliable:
            self._participant.unsubscribe(self.image)
            self._subscribe_image()

    def _subscribe_image(self) -> None:
        profile = QosProfile(self._wants_reliable(), INPUT_DEPTH)
        self.image = self._participant.subscribe(
            self.image_topic, self.image_type, profile, self._take
        )

    def _wants_reliable(self) -> bool:
        return ask_reliable(self._reliability, [p.profile.reliable for p in self._cameras()])

    def _cameras(self) -> list[Endpoint]:
        wanted = self.image_topic, self.image_type
        return [p for p in self._participant.graph.publishers() if (p.topic, p.ros_type) == wanted]

    # --- what a perception asks

    def offered(self) -> Mapping[str, Collection[str]]:
        found: dict[str, set[str]] = {}
        for publisher in self._participant.graph.publishers():
            found.setdefault(publisher.topic, set()).add(publisher.ros_type)
        return found

    def image_publishers(self) -> int:
        return len(self._cameras())

    def lost(self) -> int:
        """Images that DDS knows to have missed."""
        return 0 if self.image is None else self.image.lost()

    def problems(self) -> list[str]:
        return self._participant.mismatches()

    def cure(self) -> str:
        return cure("", self.image is not None and self.image.profile.reliable)

    def decode(self, item: bytes) -> Any:
        return deserialize(item, self.image_type)

    def wanted(self) -> frozenset[Topic]:
        return frozenset(
            t for t, p in self.publishers.items() if t in FRAME_TOPICS and p.subscribers() > 0
        )

    def publish(self, topic: Topic, payload: Payload) -> None:
        publisher = self.publishers.get(topic)
        if publisher is not None and not publisher.publish(bytes(serialize(payload)[1])):
            self.slow(f"{publisher.topic}: a reliable subscriber is too slow")

    def now_ns(self) -> int:
        return time.time_ns()


def _taker(topic: Topic, on_transforms: Callable[[Any, bool], None]) -> Callable[[bytes], None]:
    """CDR bytes of one of tf's topics -> its listener."""
    return lambda cdr: on_transforms(deserialize(cdr, topic.message), topic is topics.TF_STATIC)
