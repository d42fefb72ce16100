"""Every parameter of every node, declared once: name, default, description, range, changeability.

A file a node. ``config/*.yaml`` only overrides, ``docs/ros.md`` is generated from here; tests keep
both honest. These files know no ROS; :mod:`depth_seg_ros.nodes.declare` hands them to rclpy.
"""

from __future__ import annotations

from collections.abc import Mapping

from depth_seg_ros.nodes.parameters.declaration import Config
from depth_seg_ros.nodes.parameters.evaluation import EvaluationConfig
from depth_seg_ros.nodes.parameters.perception import PerceptionConfig
from depth_seg_ros.nodes.parameters.virtual_camera import VirtualCameraConfig

CONFIGS: Mapping[str, type[Config]] = {
    "perception_node": PerceptionConfig,
    "virtual_camera_node": VirtualCameraConfig,
    "evaluation_node": EvaluationConfig,
}
"""Node executable -> its configuration."""
