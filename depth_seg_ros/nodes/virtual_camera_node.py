"""A simulated camera for any robot: drives through a virtual world, live, with exact truth.

Images are stamped with the time they are sent. Where the machine cannot render at the rate asked
for, frames come late and the node says so; simulated time does not jump. What the world is made of
is not known here: whoever starts the node hands it the views.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from rclpy.node import Node

from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.nodes import conversions
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.optional import tell_missing
from depth_seg_ros.nodes.parameters.virtual_camera import VirtualCameraConfig
from depth_seg_ros.nodes.qos import overridable, profile
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.nodes.topics import TF, TF_STATIC
from depth_seg_ros.nodes.transport import message_type
from depth_seg_ros.perception.teller import Teller
from depth_seg_ros.perception.virtual_camera import TOPICS, View, paced, payloads

_LAST_FRAME_S = 5.0

OpenViews = Callable[[VirtualCameraConfig], Iterator[View]]


class VirtualCameraNode(Node):  # type: ignore[misc]
    """Renders on a thread of its own and publishes; VirtualWorldError for an unknown camera."""

    def __init__(self, open_views: OpenViews, **kwargs: Any) -> None:
        super().__init__("virtual_camera", **kwargs)
        self._settings = NodeParameters(self, VirtualCameraConfig, lambda: True)
        self._outputs = {t: self._publisher(t) for t in TOPICS}
        self._buffers = {t: conversions.DataBuffer() for t in TOPICS}
        self._tf: dict[Topic, Any] = {}
        if tell_missing("tf2_msgs", self.get_logger().warning):
            self._tf = {
                t: self.create_publisher(message_type(t), t.name, profile(t))
                for t in (TF, TF_STATIC)
            }
        self._tell_late = Teller(self.get_logger().warning, every_s=10.0)
        self.get_logger().info(
            "building the world; the first start on a machine also compiles the renderer, which "
            "takes a minute or two"
        )
        self._views = open_views(self._settings.config)
        self._stop = threading.Event()
        self._bug: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual camera", daemon=True)
        self.create_timer(0.5, self._check)

    def autostart(self) -> None:
        """Start to render."""
        self._thread.start()

    def close(self) -> None:
        """Stop, after the frame in work if that does not take long; nothing is published more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_FRAME_S)

    def _publisher(self, topic: Topic) -> Any:
        return self.create_publisher(
            message_type(topic), topic.name, profile(topic), qos_overriding_options=overridable()
        )

    def _check(self) -> None:
        """What ended the rendering thread ends the node."""
        if self._bug is not None:
            raise self._bug

    def _run(self) -> None:
        first = True
        try:
            for view in paced(self._views, self._settings.config.rate_hz, self._stop, self._late):
                stamped = view.stamped(self.get_clock().now().nanoseconds)
                if first:
                    self.get_logger().info("the first image is rendered: driving")
                    self._send_transforms(TF_STATIC, stamped.fixed)
                    first = False
                self._publish(stamped)
        except Exception as bug:  # surfaces in the node's own thread, see _check
            if not self._stop.is_set():
                self._bug = bug

    def _late(self, late_s: float) -> None:
        self._tell_late(
            f"a frame was {late_s * 1e3:.0f} ms late: this machine cannot render at "
            f"{self._settings.config.rate_hz:g} Hz; lower rate_hz or scale"
        )

    def _publish(self, view: View) -> None:
        self._send_transforms(TF, view.moving)
        watched = [t for t, p in self._outputs.items() if p.get_subscription_count() > 0]
        for topic, payload in payloads(view, watched):
            self._outputs[topic].publish(conversions.to_message(payload, self._buffers[topic]))

    def _send_transforms(self, topic: Topic, transforms: Sequence[Transform]) -> None:
        if topic in self._tf:
            self._tf[topic].publish(conversions.to_tf_message(transforms))


def main(open_views: OpenViews, args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros virtual_camera_node``."""
    return run_node(partial(VirtualCameraNode, open_views), args)
