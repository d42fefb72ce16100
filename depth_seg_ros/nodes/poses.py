"""Camera poses of the virtual world in ROS's conventions.

Convention: the world's axes are x right (east), y up, z forward (north); ROS's are x east, y north,
z up (REP-103), so y and z change places. An optical frame has x right, y down, z forward.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Pose(Protocol):
    """position f8 [3]; rotation f8 [3, 3], columns = right, up, forward in the world's axes."""

    @property
    def position(self) -> FloatArray: ...

    @property
    def rotation(self) -> FloatArray: ...


def optical_pose(pose: Pose) -> tuple[FloatArray, tuple[float, float, float, float]]:
    """(position [3], quaternion x y z w) of the optical frame in ROS's world."""
    swap = [0, 2, 1]
    right, up, forward = pose.rotation[swap].T
    return pose.position[swap], quaternion(np.stack([right, -up, forward], axis=1))


def quaternion(rotation: FloatArray) -> tuple[float, float, float, float]:
    """(x, y, z, w) of a rotation matrix [3, 3], w >= 0.

    From the eigenvector of Bar-Itzhack's symmetric matrix: no case distinction, exact for every
    rotation, and the nearest one for a matrix with rounding errors.
    """
    m = rotation
    k = np.array(
        [
            [m[0, 0] - m[1, 1] - m[2, 2], 0, 0, 0],
            [m[1, 0] + m[0, 1], m[1, 1] - m[0, 0] - m[2, 2], 0, 0],
            [m[2, 0] + m[0, 2], m[2, 1] + m[1, 2], m[2, 2] - m[0, 0] - m[1, 1], 0],
            [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], np.trace(m)],
        ]
    )
    x, y, z, w = np.linalg.eigh(k)[1][:, -1]  # eigh reads the lower triangle
    sign = -1.0 if w < 0 else 1.0
    return sign * float(x), sign * float(y), sign * float(z), sign * float(w)
