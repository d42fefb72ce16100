"""A recorded camera, ready to be published again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rosbags")

from depth_seg_ros.bags.camera import read_camera
from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.outputs import jpeg_payload
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.types import Intrinsics


def record(path: Path, frames: int, compressed: bool = False) -> Path:
    picture = np.full((4, 6, 3), 80, np.uint8)
    with BagWriter(path) as bag:
        for number in range(frames):
            header = Header(10**9 + number * 10**8, "cam")
            bag.write(
                "/cam/camera_info", info_from_intrinsics(Intrinsics(6, 4, 5, 5, 2, 1), header)
            )
            if compressed:
                bag.write("/cam/image_raw/compressed", jpeg_payload(header, picture, 95))
            else:
                bag.write("/cam/image_raw", image_payload(header, picture, "rgb8"))
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_images_calibration_and_rate(tmp_path: Path, compressed: bool) -> None:
    camera = read_camera(record(tmp_path / "bag", 5, compressed), None, 3)
    assert len(camera.images) == 3
    assert (camera.images[0].encoding, camera.images[0].width, camera.images[0].height) == (
        "rgb8", 6, 4,
    )  # fmt: skip
    assert camera.rate_hz == pytest.approx(10.0)
    assert camera.info is not None and camera.info.k[0] == 5.0


def test_one_image_is_no_drive(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="holds 1 image"):
        read_camera(record(tmp_path / "bag", 1), None, 3)
