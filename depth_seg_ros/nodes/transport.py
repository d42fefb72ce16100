"""A perception's topics over rclpy: message objects in, message objects out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any

from rclpy.node import Node

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.payloads import Payload, join_stamp
from depth_seg_ros.messages.topics import FRAME_TOPICS, Topic
from depth_seg_ros.nodes.conversions import DataBuffer, to_message
from depth_seg_ros.nodes.qos import overridable, profile, publisher_events, subscription_events
from depth_seg_ros.types import UInt8Array


class RosTransport:
    """Implements :class:`depth_seg_ros.perception.transport.Transport` for rclpy's messages.

    ``publish`` may run in several threads, one a topic.
    """

    def __init__(
        self,
        node: Node,
        offered: Collection[Topic],
        compressed: bool,
        report: Callable[[str], None],
    ) -> None:
        """report: told when the other side of a topic asks for or offers an incompatible QoS."""
        self._node, self._report = node, report
        self._image = topics.IMAGE_COMPRESSED if compressed else topics.IMAGE
        resolved = str(node.resolve_topic_name(topics.IMAGE.name))
        self.image_topic = topics.image_topic(resolved, compressed)
        self.image_type = self._image.message
        self.camera_topic = str(node.resolve_topic_name(topics.CAMERA_INFO.name))
        self._publishers = {t: self._publisher(t) for t in offered}
        self._buffers = {t: DataBuffer() for t in FRAME_TOPICS}
        self._subscriptions: list[Any] = []

    def subscribe(
        self,
        on_image: Callable[[Any, int, float | None], None],
        on_camera: Callable[[Any], None],
    ) -> None:
        """on_image: told message, stamp [ns] and age [ms]."""

        def take(message: Any) -> None:
            stamp_ns = join_stamp(message.header.stamp)
            on_image(message, stamp_ns, (self.now_ns() - stamp_ns) / 1e6)

        # Calibration first: where both are new, it is taken before the image it belongs to.
        self._subscriptions = [
            self._subscription(topics.CAMERA_INFO, self.camera_topic, on_camera),
            self._subscription(self._image, self.image_topic, take),
        ]

    def unsubscribe(self) -> None:
        """Take no more images."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

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

    # --- endpoints

    def _publisher(self, topic: Topic) -> Any:
        name = self._node.resolve_topic_name(topic.name)
        return self._node.create_publisher(
            message_type(topic),
            topic.name,
            profile(topic),
            event_callbacks=publisher_events(name, self._report),
            # A latched topic that somebody made volatile would break late joiners.
            qos_overriding_options=None if topic.profile.transient_local else overridable(),
        )

    def _subscription(self, topic: Topic, name: str, callback: Callable[[Any], None]) -> Any:
        return self._node.create_subscription(
            message_type(topic),
            name,
            callback,
            profile(topic),
            event_callbacks=subscription_events(name, self._report),
            qos_overriding_options=overridable(),
        )


def message_type(topic: Topic) -> Any:
    """The message class that a topic's declaration names."""
    package, _, name = topic.message.split("/")
    return getattr(import_module(f"{package}.msg"), name)
