"""Poses of the virtual world as ROS sees them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from depth_seg_ros.virtual_world.data.poses import link_in_map, optical_in_map

LEVEL = SimpleNamespace(position=np.array([3.0, 2.0, 5.0]), rotation=np.eye(3))
"""Looking north from two metres up."""


def test_the_optical_frame_looks_along_z() -> None:
    matrix = optical_in_map(LEVEL)
    np.testing.assert_allclose(matrix[:3, 3], (3, 5, 2))  # east, north, up
    right, down, ahead = matrix[:3, :3].T
    np.testing.assert_allclose(ahead, (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(right, (1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(down, (0, 0, -1), atol=1e-12)


def test_the_link_looks_along_x() -> None:
    forward, left, up = link_in_map(LEVEL)[:3, :3].T
    np.testing.assert_allclose(forward, (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(left, (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(up, (0, 0, 1), atol=1e-12)
