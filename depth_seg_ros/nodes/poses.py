"""Camera poses of the virtual world in ROS's conventions.

Convention: the world's axes are x right (east), y up, z forward (north); ROS's are x east, y north,
z up (REP-103), so y and z change places. An optical frame has x right, y down, z forward.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from depth_seg_ros.messages.transforms import quaternion

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
