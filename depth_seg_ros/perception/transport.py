"""What a perception needs of the outside: a transport, and somebody to talk to.

``nodes/`` implements it with rclpy, ``dds/`` with Cyclone DDS; nothing else of them is known here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol, TypeVar

from depth_seg_ros.messages.payloads import Payload
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.types import UInt8Array

Item = TypeVar("Item", contravariant=True)
"""An image as it arrives: a message object, or its bytes."""


class Log(Protocol):
    """rclpy's logger and Python's own look like this."""

    def info(self, message: str) -> object: ...
    def warning(self, message: str) -> object: ...
    def error(self, message: str) -> object: ...


class Transport(Protocol[Item]):
    """Topics in and out. Called from the frame loop's threads and from the adapter's own."""

    @property
    def image_topic(self) -> str:
        """Resolved name of the topic that images come from."""

    @property
    def image_type(self) -> str:
        """Its message type, ``package/msg/Type``."""

    @property
    def camera_topic(self) -> str:
        """Resolved name of the topic that calibration comes from."""

    def offered(self) -> Mapping[str, Collection[str]]:
        """Every topic somebody publishes now -> its message types."""

    def image_publishers(self) -> int:
        """How many offer the image topic now."""

    def problems(self) -> Collection[str]:
        """What keeps other endpoints from matching now, in words."""

    def cure(self) -> str:
        """What to do where images get lost on the way, in one line."""

    def decode(self, item: Item) -> Any:
        """The message object of an arrived image."""

    def wanted(self) -> frozenset[Topic]:
        """Topics of one frame that have subscribers now."""

    def room(self, topic: Topic, size: int) -> UInt8Array:
        """uint8 [size] that the topic's next payload may be written into."""

    def publish(self, topic: Topic, payload: Payload) -> None:
        """Send one message."""

    def now_ns(self) -> int:
        """The transport's clock, the one that images are stamped by."""
