"""A perception's topics over rclpy: message objects in, message objects out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.utilities import get_rmw_implementation_identifier

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.payloads import Payload, unchecked_stamp_ns
from depth_seg_ros.messages.topics import FRAME_TOPICS, Topic
from depth_seg_ros.nodes.conversions import DataBuffer, to_message
from depth_seg_ros.nodes.declare import given_parameters
from depth_seg_ros.nodes.first_image import FirstImage
from depth_seg_ros.nodes.optional import tell_missing
from depth_seg_ros.nodes.qos import (
    from_rclpy,
    no_default_events,
    overridable,
    profile,
    to_rclpy,
)
from depth_seg_ros.perception.reliability import (
    ask_reliable,
    cure,
    refused_publisher,
    refused_subscriber,
)
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.types import UInt8Array


class RosTransport:
    """Implements :class:`depth_seg_ros.perception.transport.Transport` for rclpy's messages.

    ``publish`` may run in several threads, one a topic.
    """

    def __init__(
        self,
        node: Node,
        offered: Collection[Topic],
        settings: Settings,
    ) -> None:
        compressed = settings.compressed
        self._node = node
        self._reliability = settings.reliability
        self._on_image: Callable[[Any], None] | None = None  # subscribed
        self._imu_topic = settings.rig.imu_topic
        self._heard: list[Any] = []  # beside image and calibration
        self.reliable = False
        """Whether the image subscription asks for lost images again."""
        self._image = topics.IMAGE_COMPRESSED if compressed else topics.IMAGE
        resolved = str(node.resolve_topic_name(topics.IMAGE.name))
        self.image_topic = topics.image_topic(resolved, compressed)
        self.image_type = self._image.message
        self.camera_topic = str(node.resolve_topic_name(topics.CAMERA_INFO.name))
        self._publishers = {t: self._publisher(t) for t in offered}
        self._buffers = {t: DataBuffer() for t in FRAME_TOPICS}

    def subscribe(
        self,
        on_image: Callable[[Any, int, float | None], None],
        on_camera: Callable[[Any], None],
        on_transforms: Callable[[Any, bool], None] | None = None,
        on_imu: Callable[[Any], None] | None = None,
    ) -> None:
        """on_image: told message, stamp [ns] and age [ms]. on_transforms: told messages of /tf and
        /tf_static, and which; None subscribes to neither. on_imu: told messages of
        the IMU that the settings name."""

        def hand_on(message: Any) -> None:
            stamp_ns = unchecked_stamp_ns(message.header.stamp)
            on_image(message, stamp_ns, (self.now_ns() - stamp_ns) / 1e6)

        def calibrate(message: Any) -> None:
            on_camera(message)
            self._first.release()

        self._first = FirstImage(
            self._node, hand_on, lambda: self._node.count_publishers(self.camera_topic) > 0
        )
        self._on_image = self._first.take
        warn = self._node.get_logger().warning
        if on_transforms is not None and tell_missing("tf2_msgs", warn):
            self._heard = [
                self._subscription(t, t.name, partial(_relay, on_transforms, t is topics.TF_STATIC))
                for t in (topics.TF_STATIC, topics.TF)
            ]
        if on_imu is not None and self._imu_topic:
            self._heard.append(self._subscription(topics.IMU, self._imu_topic, on_imu))
        # Calibration first: where both are new, it is taken before the image it belongs to.
        self._camera = self._subscription(topics.CAMERA_INFO, self.camera_topic, calibrate)
        self._subscribe_image()

    def follow_publishers(self) -> None:
        """Ask for what the camera offers now; to be called once a second."""
        if self._on_image is not None and self._wants_reliable() != self.reliable:
            self._node.destroy_subscription(self._image_subscription)
            self._subscribe_image()

    def unsubscribe(self) -> None:
        """Take no more images."""
        if self._on_image is not None:
            self._on_image = None
            self._first.close()
            for subscription in (*self._heard, self._camera):
                self._node.destroy_subscription(subscription)
            self._heard = []
            self._node.destroy_subscription(self._image_subscription)

    def destroy(self) -> None:
        """Take the topics back."""
        self.unsubscribe()
        for publisher in self._publishers.values():
            self._node.destroy_publisher(publisher)
        self._publishers = {}

    # --- what a perception asks

    def offered(self) -> Mapping[str, Collection[str]]:
        listed = self._node.get_topic_names_and_types()
        return {name: kinds for name, kinds in listed if self._node.count_publishers(name)}

    def image_publishers(self) -> int:
        return int(self._node.count_publishers(self.image_topic))

    def decode(self, item: Any) -> Any:
        return item

    def wanted(self) -> frozenset[Topic]:
        return frozenset(
            topic
            for topic, publisher in self._publishers.items()
            if topic in FRAME_TOPICS and publisher.get_subscription_count() > 0
        )

    def room(self, topic: Topic, size: int) -> UInt8Array:
        return self._buffers[topic].room(size)

    def publish(self, topic: Topic, payload: Payload) -> None:
        publisher, buffer = self._publishers.get(topic), self._buffers.get(topic)
        if publisher is not None:
            message = to_message(payload) if buffer is None else to_message(payload, buffer)
            publisher.publish(message)

    def now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def problems(self) -> list[str]:
        found = []
        for topic, publisher in self._publishers.items():
            offered, name = topic.profile, str(publisher.topic_name)
            for endpoint in self._node.get_subscriptions_info_by_topic(name):
                if policy := offered.refuses(from_rclpy(endpoint.qos_profile)):
                    found.append(refused_subscriber(name, policy))
        if self._on_image is not None:
            asked = from_rclpy(self._image_subscription.qos_profile)
            for endpoint in self._node.get_publishers_info_by_topic(self.image_topic):
                if policy := from_rclpy(endpoint.qos_profile).refuses(asked):
                    found.append(refused_publisher(self.image_topic, policy))
        return found

    def cure(self) -> str:
        return cure(str(get_rmw_implementation_identifier()), self.reliable)

    # --- endpoints

    def _publisher(self, topic: Topic) -> Any:
        return self._node.create_publisher(
            message_type(topic),
            topic.name,
            profile(topic),
            event_callbacks=no_default_events()[0],
            # A latched topic that somebody made volatile would break late joiners.
            qos_overriding_options=None if topic.profile.transient_local else overridable(),
        )

    def _wants_reliable(self) -> bool:
        endpoints = self._node.get_publishers_info_by_topic(self.image_topic)
        offers = [from_rclpy(endpoint.qos_profile).reliable for endpoint in endpoints]
        return ask_reliable(self._reliability, offers)

    def _subscribe_image(self) -> None:
        chosen_by_user = f"qos_overrides.{self.image_topic}.subscription.reliability"
        follows = chosen_by_user not in given_parameters(self._node)
        self.reliable = self._wants_reliable()
        asked = replace(self._image.profile, reliable=self.reliable)
        self._image_subscription = self._subscription(
            self._image, self.image_topic, self._on_image, to_rclpy(asked), overridable(not follows)
        )

    def _subscription(
        self,
        topic: Topic,
        name: str,
        callback: Callable[[Any], None] | None,
        asked: QoSProfile | None = None,
        options: QoSOverridingOptions | None = None,
    ) -> Any:
        return self._node.create_subscription(
            message_type(topic),
            name,
            callback,
            asked or profile(topic),
            event_callbacks=no_default_events()[1],
            qos_overriding_options=options or overridable(),
        )


def message_type(topic: Topic) -> Any:
    """The message class that a topic's declaration names."""
    package, _, name = topic.message.split("/")
    return getattr(import_module(f"{package}.msg"), name)


def _relay(on_transforms: Callable[[Any, bool], None], static: bool, message: Any) -> None:
    on_transforms(message, static)
