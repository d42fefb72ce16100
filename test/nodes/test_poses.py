"""Poses of the virtual world as ROS sees them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.messages.transforms import quaternion
from depth_seg_ros.nodes.poses import optical_pose


def rotate(q, v):
    """v turned by the quaternion (x, y, z, w)."""
    u, w = np.array(q[:3]), q[3]
    return v + 2 * np.cross(u, np.cross(u, v) + w * np.asarray(v))


def test_looking_north_from_two_metres_up() -> None:
    level = SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=np.eye(3))
    position, q = optical_pose(level)
    np.testing.assert_allclose(position, (3, 5, 2))  # east, north, up
    np.testing.assert_allclose(rotate(q, (0.0, 0.0, 1.0)), (0, 1, 0), atol=1e-12)  # ahead: north
    np.testing.assert_allclose(rotate(q, (1.0, 0.0, 0.0)), (1, 0, 0), atol=1e-12)  # right: east
    np.testing.assert_allclose(rotate(q, (0.0, 1.0, 0.0)), (0, 0, -1), atol=1e-12)  # down


@pytest.mark.parametrize("seed", range(20))
def test_quaternion_of_any_rotation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    matrix *= np.linalg.det(matrix)  # a rotation, not a mirror
    q = quaternion(matrix)
    assert q[3] >= 0
    for axis in np.eye(3):
        np.testing.assert_allclose(rotate(q, axis), matrix @ axis, atol=1e-9)


def test_half_turn() -> None:
    q = quaternion(np.diag([-1.0, 1.0, -1.0]))
    np.testing.assert_allclose(np.abs(q), (0, 1, 0, 0), atol=1e-12)
