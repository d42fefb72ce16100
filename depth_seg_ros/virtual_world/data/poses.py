"""The frames of a drive in ROS's conventions: where robot and camera are, as transforms.

Convention: the world's axes are x right (east), y up, z forward (north); the map's are x east,
y north, z up (REP-103), so y and z change places. ``camera_link`` has x forward, y left, z up; an
optical frame x right, y down, z forward.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from depth_seg_ros.messages.transforms import LINK_FROM_OPTICAL
from depth_seg_ros.types import Rig

FloatArray = npt.NDArray[np.float64]

_TO_MAP = np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
"""World -> map."""


class Pose(Protocol):
    """position f8 [3]; rotation f8 [3, 3], columns = right, up, forward in the world's axes."""

    @property
    def position(self) -> FloatArray: ...

    @property
    def rotation(self) -> FloatArray: ...


def link_in_map(pose: Pose) -> FloatArray:
    """4x4, camera_link -> map."""
    right, up, forward = (_TO_MAP @ pose.rotation).T
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([forward, -right, up], 1)
    matrix[:3, 3] = _TO_MAP @ pose.position
    return matrix


def base_in_map(pose: Pose, mounted: Rig) -> FloatArray:
    """4x4, base_link -> map: what carries the camera, on the ground below it and facing its way. It
    tilts with the slope it stands on, since the camera is mounted rigidly."""
    link = link_in_map(pose)
    up = link[:3, :3] @ LINK_FROM_OPTICAL[:3, :3] @ -mounted.down()
    forward = link[:3, 0] - up * (up @ link[:3, 0])
    forward /= np.linalg.norm(forward)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([forward, np.cross(up, forward), up], 1)
    matrix[:3, 3] = link[:3, 3] - mounted.height_m * up
    return matrix
