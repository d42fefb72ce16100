"""LiDAR scans as sparse depth images.

Convention: optical frames (x right, y down, z forward); pixel centres have integer coordinates, so
a point falls onto the pixel whose centre is nearest; of several points the nearest one is seen.

KITTI's own tools count pixels from 1: their MATLAB devkit, the depth data set's ``velodyne_raw``
files and the Eigen evaluation put a point at ``round(u) - 1``. ``one_based`` does the same, and
reproduces those files; without it a point lands where the calibration says.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.files import read_bytes
from depth_seg_ros.types import Float32Array, Intrinsics

NEAREST_M = 1e-3


def read_scan(path: Path) -> Float32Array:
    """float32 [N, 4]: x forward, y left, z up [m], reflectance, of a KITTI ``.bin`` file."""
    data = read_bytes(path)
    if not data or len(data) % 16:
        raise ReaderError(
            f"{path} has {len(data)} bytes, not a whole number of 16-byte points; fetch it again"
        )
    return np.frombuffer(data, np.float32).reshape(-1, 4)


def project(
    points: npt.NDArray[np.floating],
    T_camera_points: npt.NDArray[np.float64],
    camera: Intrinsics,
    one_based: bool = False,
) -> Float32Array:
    """Depth image float32 [H, W] (NaN = no point) of points [N, 3 or more] in another frame."""
    xyz = points[:, :3].astype(np.float64) @ T_camera_points[:3, :3].T + T_camera_points[:3, 3]
    xyz = xyz[np.isfinite(xyz).all(axis=1) & (xyz[:, 2] > NEAREST_M)]
    first = 1 if one_based else 0
    column = np.rint(camera.fx * xyz[:, 0] / xyz[:, 2] + camera.cx) - first
    row = np.rint(camera.fy * xyz[:, 1] / xyz[:, 2] + camera.cy) - first
    inside = (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    pixel = row[inside].astype(np.int64) * camera.width + column[inside].astype(np.int64)
    depth_m = np.full(camera.width * camera.height, np.inf)
    np.minimum.at(depth_m, pixel, xyz[inside, 2])
    depth_m[np.isinf(depth_m)] = np.nan
    return depth_m.reshape(camera.height, camera.width).astype(np.float32)
