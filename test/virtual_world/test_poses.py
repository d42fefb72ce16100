"""Poses of the virtual world as ROS sees them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from depth_seg_ros.virtual_world.data.poses import base_in_map, link_in_map

LEVEL = SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=np.eye(3))
"""Looking north from two metres up."""


def test_the_link_looks_along_x() -> None:
    forward, left, up = link_in_map(LEVEL)[:3, :3].T
    np.testing.assert_allclose(forward, (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(left, (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(up, (0, 0, 1), atol=1e-12)


def test_the_robot_stands_upright_on_the_ground_below() -> None:
    tilt = np.radians(30)  # looks down
    down = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    pose = SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=down)
    base = base_in_map(pose, 1.5)
    np.testing.assert_allclose(base[:3, 3], (3, 5, 0.5))
    np.testing.assert_allclose(base[:3, 2], (0, 0, 1), atol=1e-12)
    np.testing.assert_allclose(base[:3, 0], (0, 1, 0), atol=1e-12)  # north, as the camera
