"""Entry points of the ROS nodes: one clear line where ROS is missing, instead of a traceback."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.system.command import run


def _entry(node: str) -> Callable[[], int]:
    """``main`` of ``nodes/<node>.py``, imported when it is called."""

    def main() -> int:
        # The node itself is not run here: signals are rclpy's there (nodes/run.py).
        return run(_check_ros) or int(
            importlib.import_module(f"depth_seg_ros.nodes.{node}").main() or 0
        )

    return main


def _check_ros() -> None:
    try:
        importlib.import_module("rclpy")
    except ImportError as e:
        raise ConfigError(
            f"this command needs ROS 2 ({e}); source your ROS installation, or use depth_seg_live"
        ) from e


benchmark = _entry("benchmark")
evaluation_node = _entry("evaluation_node")
perception_node = _entry("perception_node")
start_bag = _entry("start_bag")
virtual_camera_node = _entry("virtual_camera_node")
