"""Rotations, quaternions and transforms between frames, as ROS writes them.

Convention: a quaternion is (x, y, z, w) with w >= 0. A :class:`Transform` takes points of the child
frame into the parent frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

LINK_FROM_OPTICAL: Matrix = np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
"""Optical frame (x right, y down, z forward) -> camera_link (x forward, y left, z up): REP-103."""


@dataclass(frozen=True)
class Transform:
    """``parent`` <- ``child``. matrix: float64 [4, 4]."""

    stamp_ns: int
    parent: str
    child: str
    matrix: Matrix


def quaternion(rotation: Matrix) -> tuple[float, float, float, float]:
    """(x, y, z, w) of a rotation matrix [3, 3].

    From the eigenvector of Bar-Itzhack's symmetric matrix: no case distinction, exact for every
    rotation, and the nearest one for a matrix with rounding errors.
    """
    r = rotation
    k = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0],
            [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
            [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], 0],
            [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], np.trace(r)],
        ]
    )
    x, y, z, w = (float(v) for v in np.linalg.eigh(k / 3.0)[1][:, -1])  # reads the lower triangle
    return (x, y, z, w) if w >= 0 else (-x, -y, -z, -w)


def rotation_matrix(x: float, y: float, z: float, w: float) -> Matrix:
    """Rotation [3, 3] of a quaternion, which is normalised first."""
    x, y, z, w = np.array([x, y, z, w], np.float64) / np.sqrt(x * x + y * y + z * z + w * w)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
