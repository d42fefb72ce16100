"""What several commands are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture
def raw_drive():
    """raw_drive(date_folder, images): a KITTI raw drive of those RGB images, its folder."""

    def write(date: Path, images: Sequence[np.ndarray]) -> Path:
        folder = date / "2011_09_26_drive_0001_sync"
        (folder / "image_02/data").mkdir(parents=True)
        (date / "calib_cam_to_cam.txt").write_text(
            "R_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: 30 0 31.5 0 0 30 19.5 0 0 0 1 0\n"
        )
        (date / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
        stamps = "".join(f"2011-09-26 13:02:25.{n}00000000\n" for n in range(len(images)))
        (folder / "image_02/timestamps.txt").write_text(stamps)
        for n, image in enumerate(images):
            assert cv2.imwrite(str(folder / f"image_02/data/{n:010d}.png"), image)
        return folder

    return write
