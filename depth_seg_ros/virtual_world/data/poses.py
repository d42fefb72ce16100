"""The frames of a drive in ROS's conventions: where robot and camera are, as transforms.

Convention: the world's axes are x right (east), y up, z forward (north); the map's are x east,
y north, z up (REP-103), so y and z change places. ``camera_link`` has x forward, y left, z up; an
optical frame x right, y down, z forward.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_TO_MAP = np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
"""World -> map."""

LINK_FROM_OPTICAL = np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
"""4x4, optical frame -> camera_link."""


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


def base_in_map(pose: Pose, height_m: float) -> FloatArray:
    """4x4, base_link -> map: upright, ``height_m`` below the camera, facing its way."""
    link = link_in_map(pose)
    yaw = np.arctan2(link[1, 0], link[0, 0])
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    matrix[:3, 3] = link[:3, 3] - (0, 0, height_m)
    return matrix
