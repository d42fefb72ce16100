"""The perception node's publishers: each output made and sent only when somebody listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from rclpy.node import Node

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import CameraInfoMessage
from depth_seg_ros.messages.labels import label_info_payload
from depth_seg_ros.messages.outputs import OutputBuilder, OutputOptions
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.messages.topics import FRAME_TOPICS, Topic
from depth_seg_ros.nodes.conversions import DataBuffer, to_message
from depth_seg_ros.nodes.parameters import PerceptionConfig
from depth_seg_ros.nodes.qos import overridable, profile, publisher_events
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Prediction


@dataclass(frozen=True)
class Result:
    """What is known of one frame when its outputs are made.

    taught_depth_m: the farthest depth the network was taught, through this camera.
    camera: the CameraInfo message it was read with.
    """

    frame: Frame
    prediction: Prediction
    taught_depth_m: float
    camera: CameraInfoMessage | None


class PerceptionPublishers:
    """Publishers of one configured node; ``publish`` may run in several threads, one a topic."""

    def __init__(
        self,
        node: Node,
        config: PerceptionConfig,
        spec: ModelSpec,
        report: Callable[[str], None],
    ) -> None:
        """``report`` is told when a subscriber asks for an incompatible QoS."""
        self._node = node
        self._spec = spec
        self._publishers = {t: _publisher(node, t, report) for t in _offered(config, spec)}
        self._buffers = {t: DataBuffer() for t in topics.FRAME_TOPICS}
        self._builder = OutputBuilder(
            spec.classes, output_options(config), lambda topic, n: self._buffers[topic].room(n)
        )

    def set_config(self, config: PerceptionConfig) -> None:
        """Take changed options from the next frame on."""
        before = self._builder.options
        self._builder.options = output_options(config)
        if self._builder.options.min_confidence != before.min_confidence:
            self.announce()

    def announce(self) -> None:
        """Publish what belongs to no frame: the meaning of the labels (latched)."""
        publisher = self._publishers.get(topics.LABEL_INFO)
        if publisher is not None and self._spec.classes is not None:
            now = Header(self._node.get_clock().now().nanoseconds, "")
            threshold = self._builder.options.min_confidence
            publisher.publish(to_message(label_info_payload(now, self._spec.classes, threshold)))

    def wanted(self) -> frozenset[Topic]:
        """Topics of one frame that have subscribers now."""
        return frozenset(
            topic
            for topic, publisher in self._publishers.items()
            if topic in FRAME_TOPICS and publisher.get_subscription_count() > 0
        )

    def publish(self, wanted: frozenset[Topic], result: Result) -> None:
        """Make and send the wanted outputs of one frame, each as soon as it is made."""
        for topic, payload in self._builder.each(
            result.frame, result.prediction, result.taught_depth_m, wanted, result.camera
        ):
            self._publishers[topic].publish(to_message(payload, self._buffers[topic]))

    def destroy(self) -> None:
        """Take the topics back."""
        for publisher in self._publishers.values():
            self._node.destroy_publisher(publisher)
        self._publishers = {}


def output_options(config: PerceptionConfig) -> OutputOptions:
    """The parameters that concern what is in the messages."""
    return OutputOptions(
        depth_encoding=config.depth_encoding,
        min_depth_m=config.depth_min_m,
        max_depth_m=config.depth_max_m,
        min_confidence=config.min_confidence,
        jpeg_quality=config.jpeg_quality,
    )


def _offered(config: PerceptionConfig, spec: ModelSpec) -> list[Topic]:
    offered: list[Topic] = []
    if config.publish_depth:
        offered += [topics.DEPTH, topics.DEPTH_INFO]
    if config.publish_labels and spec.has_labels:
        offered += [topics.LABELS, topics.CONFIDENCE, topics.LABEL_INFO]
    if config.publish_points:
        offered += [topics.POINTS]
    if config.publish_overlay:
        offered += [topics.OVERLAY, topics.OVERLAY_JPEG]
    return offered


def _publisher(node: Node, topic: Topic, report: Callable[[str], None]) -> Any:
    return node.create_publisher(
        message_type(topic),
        topic.name,
        profile(topic),
        event_callbacks=publisher_events(node.resolve_topic_name(topic.name), report),
        # A latched topic that somebody made volatile would break late joiners: not overridable.
        qos_overriding_options=None if topic.profile.transient_local else overridable(),
    )


def message_type(topic: Topic) -> Any:
    """The message class that a topic's declaration names."""
    package, _, name = topic.message.split("/")
    return getattr(import_module(f"{package}.msg"), name)
