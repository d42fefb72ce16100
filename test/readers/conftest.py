"""Small data sets, written file by file as the real ones are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

CAM_TO_CAM = """calib_time: 09-Jan-2012 13:57:47
corner_dist: 9.950000e-02
S_rect_02: 8.0e+00 6.0e+00
R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_00: 4 0 3.5 0 0 4 2.5 0 0 0 1 0
P_rect_02: 4 0 3.5 0.4 0 4 2.5 0 0 0 1 0
P_rect_03: 4 0 3.5 -2.0 0 4 2.5 0 0 0 1 0
"""
# x forward, y left, z up -> x right, y down, z forward
VELO_TO_CAM = "calib_time: 15-Mar-2012 11:37:16\nR: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n"
STAMPS = """2011-09-26 13:02:25.594360375
2011-09-26 13:02:25.694360375
2011-09-26 13:02:25.794360376
"""


def write_png(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if image.ndim == 3:
        image = image[..., ::-1]
    assert cv2.imwrite(str(path), image)
    return path


@pytest.fixture
def png() -> Callable[[Path, np.ndarray], Path]:
    """png(path, array): write RGB, gray or 16-bit."""
    return write_png


@pytest.fixture
def raw_drive(tmp_path: Path) -> Path:
    """Three frames of 8x6 pixels, a depth PNG for frame 1, scans for frames 0 and 2."""
    date = tmp_path / "2011_09_26"
    drive = date / "2011_09_26_drive_0009_sync"
    (drive / "image_02" / "data").mkdir(parents=True)
    (date / "calib_cam_to_cam.txt").write_text(CAM_TO_CAM)
    (date / "calib_velo_to_cam.txt").write_text(VELO_TO_CAM)
    (drive / "image_02" / "timestamps.txt").write_text(STAMPS)
    for n in range(3):
        image = np.full((6, 8, 3), (10 * n, 100, 200), np.uint8)
        write_png(drive / f"image_02/data/{n:010d}.png", image)
    depth = np.zeros((6, 8), np.uint16)
    depth[2, 3] = 12 * 256
    write_png(drive / f"proj_depth/groundtruth/image_02/{1:010d}.png", depth)
    (drive / "velodyne_points" / "data").mkdir(parents=True)
    for n in (0, 2):
        points = np.array([[8.0, 0, 0, 0.5], [-8.0, 0, 0, 0.5]], np.float32)
        points.tofile(drive / f"velodyne_points/data/{n:010d}.bin")
    return drive
