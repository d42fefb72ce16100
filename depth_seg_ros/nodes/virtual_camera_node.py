"""A simulated camera for any robot: drives through the virtual world, live, with exact truth.

Images are stamped with the time they are sent. Where the machine cannot render at the rate asked
for, frames come late and the node says so; simulated time does not jump.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import Quaternion, TransformStamped, Vector3
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.depth import depth_payload
from depth_seg_ros.messages.labels import mask_payload
from depth_seg_ros.messages.payloads import Header, Payload, image_payload
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.nodes import conversions
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.parameters import VirtualCameraConfig
from depth_seg_ros.nodes.poses import optical_pose
from depth_seg_ros.nodes.publishers import message_type
from depth_seg_ros.nodes.qos import overridable, profile
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.nodes.topics import TF
from depth_seg_ros.virtual_world.data.drive import Moment, open_live

_TOPICS = (
    topics.VIRTUAL_INFO, topics.VIRTUAL_IMAGE, topics.TRUE_DEPTH, topics.TRUE_LABELS,
)  # fmt: skip


class VirtualCameraNode(Node):  # type: ignore[misc]
    """Renders on a thread of its own and publishes; VirtualWorldError for an unknown camera."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("virtual_camera", **kwargs)
        self._settings = NodeParameters(self, VirtualCameraConfig, lambda: True)
        self._outputs = {
            t: self.create_publisher(
                message_type(t), t.name, profile(t), qos_overriding_options=overridable()
            )
            for t in _TOPICS
        }
        self._buffers = {t: conversions.DataBuffer() for t in _TOPICS}
        self._tf = self.create_publisher(TFMessage, TF.name, profile(TF))
        self.get_logger().info(
            "building the world; the first start on a machine also compiles the renderer, which "
            "takes a minute or two"
        )
        self._moments = self._open(self._settings.config)
        self._stop = threading.Event()
        self._bug: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual camera", daemon=True)
        self.create_timer(0.5, self._check)

    def autostart(self) -> None:
        """Start to render."""
        self._thread.start()

    def close(self) -> None:
        """Finish the frame in work and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _open(self, config: VirtualCameraConfig) -> Iterator[Moment]:
        from depth_seg_ros.virtual_world.cameras import open_camera

        return open_live(
            config.seed,
            open_camera(config.camera).scaled(config.scale),
            config.rate_hz,
            variation=config.variation,
            threads=config.threads or None,
        )

    def _check(self) -> None:
        """What ended the rendering thread ends the node."""
        if self._bug is not None:
            raise self._bug

    def _run(self) -> None:
        period_s = 1.0 / self._settings.config.rate_hz
        turn: float | None = None
        try:
            for moment in self._moments:
                if turn is None:  # the first picture takes as long as it takes
                    turn = time.monotonic()
                    self.get_logger().info("the first image is rendered: driving")
                late_s = time.monotonic() - turn
                if self._stop.wait(max(0.0, -late_s)):
                    return
                if late_s > period_s:
                    turn = time.monotonic()  # too slow for this rate: no bursts to catch up
                    self.get_logger().warning(
                        f"a frame was {late_s * 1e3:.0f} ms late: this machine cannot render at "
                        f"{1 / period_s:g} Hz; lower rate_hz or scale",
                        throttle_duration_sec=10.0,
                    )
                turn += period_s
                self._publish(moment)
        except Exception as bug:  # surfaces in the node's own thread, see _check
            if not self._stop.is_set():
                self._bug = bug

    def _publish(self, moment: Moment) -> None:
        config = self._settings.config
        header = Header(self.get_clock().now().nanoseconds, config.frame_id)
        frame, truth = moment.frame, moment.truth
        self._tf.publish(_transform(header, moment, config.world_frame_id))
        if frame.intrinsics is not None:
            self._send(topics.VIRTUAL_INFO, info_from_intrinsics(frame.intrinsics, header))
        self._send(topics.VIRTUAL_IMAGE, image_payload(header, frame.image, "rgb8"))
        if truth.depth_m is not None and self._watched(topics.TRUE_DEPTH):
            self._send(topics.TRUE_DEPTH, depth_payload(header, truth.depth_m))
        if truth.labels is not None and self._watched(topics.TRUE_LABELS):
            self._send(topics.TRUE_LABELS, mask_payload(header, truth.labels))

    def _watched(self, topic: Topic) -> bool:
        return bool(self._outputs[topic].get_subscription_count() > 0)

    def _send(self, topic: Topic, payload: Payload) -> None:
        self._outputs[topic].publish(conversions.to_message(payload, self._buffers[topic]))


def _transform(header: Header, moment: Moment, world_frame_id: str) -> TFMessage:
    position, (x, y, z, w) = optical_pose(moment.pose)
    transform = TransformStamped()
    transform.header = conversions.header(Header(header.stamp_ns, world_frame_id))
    transform.child_frame_id = header.frame_id
    transform.transform.translation = _vector(position)
    transform.transform.rotation = Quaternion(x=x, y=y, z=z, w=w)
    return TFMessage(transforms=[transform])


def _vector(v: npt.NDArray[np.float64]) -> Vector3:
    return Vector3(x=float(v[0]), y=float(v[1]), z=float(v[2]))


def main(args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros virtual_camera_node``."""
    return run_node(VirtualCameraNode, args)


if __name__ == "__main__":
    sys.exit(main())
