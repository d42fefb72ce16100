"""What the graph tests show the perception node and how they read its answers; needs rclpy.

The tiny network says depth = 2 + mean colour / 10 (for its own camera), road where red is bright,
sky elsewhere, confidence = red.
"""

from __future__ import annotations

import itertools
import json

import numpy as np
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import String

from depth_seg_ros.nodes.optional import has

WIDTH, HEIGHT = 160, 100  # the tiny network's aspect, five times as large
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
ERROR, WARN, OK = 2, 1, 0


def flat(red: int, green: int = 90, blue: int = 60, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """An image of one colour; (150, 90, 60) has mean 100."""
    return np.full((size[1], size[0], 3), (red, green, blue), np.uint8)


def depth_of(message: Image) -> np.ndarray:
    kind = {"32FC1": np.float32, "16UC1": np.uint16}[message.encoding]
    return np.frombuffer(message.data, kind).reshape(message.height, message.width)


def pixels(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width)


class Classes:
    """What the latched topics say: LabelInfo where this ROS has it, the same as JSON everywhere."""

    def __init__(self, graph) -> None:
        self._text = graph.collect(String, "/labels/classes", LATCHED)
        self._info: list | None = None
        if has("vision_msgs"):
            from vision_msgs.msg import LabelInfo

            self._info = graph.collect(LabelInfo, "/labels/info", LATCHED)

    def __bool__(self) -> bool:
        return bool(self._text) and self._info != []

    @property
    def names(self) -> dict[int, str]:
        names = {int(i): n for i, n in json.loads(self._text[-1].data)["classes"].items()}
        if self._info is not None:
            assert {c.class_id: c.class_name for c in self._info[-1].class_map} == names
        return names

    def threshold_is(self, value: float) -> bool:
        told = [json.loads(m.data)["threshold"] for m in self._text[-1:]]
        told += [m.threshold for m in self._info[-1:]] if self._info is not None else []
        return bool(self) and all(t == value for t in told)


def feed(camera, eventually, received, rgb, first_ns, frames=1, timeout_s=30.0):
    """Publish images until ``received`` has grown by ``frames`` (matching takes its time)."""
    wanted = len(received) + frames
    stamps = itertools.count(first_ns, 100_000_000)

    def step():
        camera.shoot(rgb, next(stamps))
        return len(received) >= wanted

    eventually(step, f"{frames} outputs", timeout_s)
