"""Quaternions and rotation matrices, by hand and back."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.messages.transforms import quaternion, rotation_matrix


def rotate(q, v):
    """v turned by the quaternion (x, y, z, w)."""
    u, w = np.array(q[:3]), q[3]
    return v + 2 * np.cross(u, np.cross(u, v) + w * np.asarray(v))


def test_a_quarter_turn_about_z() -> None:
    quarter = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float64)
    assert quaternion(quarter) == pytest.approx((0, 0, 0.5**0.5, 0.5**0.5))


@pytest.mark.parametrize("seed", range(20))
def test_any_rotation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    matrix *= np.linalg.det(matrix)  # a rotation, not a mirror
    q = quaternion(matrix)
    assert q[3] >= 0
    for axis in np.eye(3):
        np.testing.assert_allclose(rotate(q, axis), matrix @ axis, atol=1e-9)
    np.testing.assert_allclose(rotation_matrix(*q), matrix, atol=1e-12)


def test_half_turn() -> None:
    q = quaternion(np.diag([-1.0, 1.0, -1.0]))
    np.testing.assert_allclose(np.abs(q), (0, 1, 0, 0), atol=1e-12)
