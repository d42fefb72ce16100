"""Poses of the virtual world as ROS sees them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.messages.transforms import LINK_FROM_OPTICAL
from depth_seg_ros.types import Rig
from depth_seg_ros.virtual_world.data.poses import base_in_map, link_in_map

LEVEL = SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=np.eye(3))
"""Looking north from two metres up."""


def test_the_link_looks_along_x() -> None:
    forward, left, up = link_in_map(LEVEL)[:3, :3].T
    np.testing.assert_allclose(forward, (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(left, (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(up, (0, 0, 1), atol=1e-12)


def looking_up(degrees: float) -> SimpleNamespace:
    a = np.radians(degrees)
    tilted = np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)], [0, -np.sin(a), np.cos(a)]])
    return SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=tilted)


def test_the_robot_stands_upright_on_the_ground_below() -> None:
    base = base_in_map(looking_up(-30), Rig(1.5, np.radians(-30), 0.0))
    np.testing.assert_allclose(base[:3, 3], (3, 5, 0.5))
    np.testing.assert_allclose(base[:3, :3].T, [(0, 1, 0), (-1, 0, 0), (0, 0, 1)], atol=1e-12)


def test_it_tilts_with_the_slope_so_that_tf_tells_how_the_camera_is_mounted() -> None:
    mounted, slope = Rig(1.5, np.radians(-10), 0.05), np.radians(6)
    pose = looking_up(-4)  # uphill, and rolled as mounted:
    right, up, forward = pose.rotation.T
    rolled = np.cos(0.05) * right - np.sin(0.05) * up
    pose.rotation = np.stack([rolled, np.cross(forward, rolled), forward], 1)
    base = base_in_map(pose, mounted)
    np.testing.assert_allclose(base[:3, 2], (0, -np.sin(slope), np.cos(slope)), atol=1e-3)
    link = np.linalg.inv(base) @ link_in_map(pose)
    assert link[2, 3] == pytest.approx(1.5)
    down = LINK_FROM_OPTICAL[:3, :3].T @ link[:3, :3].T @ (0, 0, -1)
    np.testing.assert_allclose(down, mounted.down(), atol=1e-12)
