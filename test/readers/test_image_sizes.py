"""A calibration is for one image size: scaled where the image was resized whole, refused where it
was cropped, turned, or never rectified. In every reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.cli.predict import main as predict
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.readers.kitti import open_kitti
from depth_seg_ros.readers.kitti_raw import KittiRaw
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.cameras import open_camera

Png = Callable[[Path, np.ndarray], Path]
P2 = "721.5377 0 609.5593 44.85728 0 721.5377 172.854 0.2163791 0 0 1 0.002745884"
KITTI = Intrinsics(1242, 375, 721.5377, 721.5377, 609.5593, 172.854)
CAM_TO_CAM = f"S_rect_02: 1.242e+03 3.75e+02\nR_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: {P2}\n"


def blank(width: int, height: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def raw(root: Path, png: Png, width: int, height: int, text: str = CAM_TO_CAM) -> Path:
    drive = root / "2011_09_26/2011_09_26_drive_0001_sync"
    png(drive / "image_02/data/0000000000.png", blank(width, height))
    (drive / "image_02/timestamps.txt").write_text("2011-09-26 13:02:25.594360375\n")
    (drive.parent / "calib_cam_to_cam.txt").write_text(text)
    (drive.parent / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
    return drive


def object_layout(root: Path, png: Png, width: int, height: int) -> Path:
    png(root / "image_2/000000.png", blank(width, height))
    (root / "calib").mkdir(exist_ok=True)
    (root / "calib/000000.txt").write_text(f"P2: {P2}\n")
    return root


def semantics(root: Path, png: Png, width: int, height: int) -> Path:
    png(root / "image_2/000000_10.png", blank(width, height))
    png(root / "semantic/000000_10.png", blank(width, height)[..., 0])
    (root / "calib_cam_to_cam").mkdir(exist_ok=True)
    (root / "calib_cam_to_cam/000000.txt").write_text(CAM_TO_CAM)
    return root


def vkitti(root: Path, png: Png, width: int, height: int) -> Path:
    for part in ("rgb", "depthgt", "scenegt"):
        pixels = blank(width, height)
        image = pixels[..., 0].astype(np.uint16) if part == "depthgt" else pixels
        png(root / f"vkitti_1.3.1_{part}/0001/clone/00000.png", image)
    table = root / "vkitti_1.3.1_scenegt/0001_clone_scenegt_rgb_encoding.txt"
    table.write_text("Category(:id) r g b\nRoad 0 0 0\n")
    return root


def kitti_of(make, root, png, width, height) -> Intrinsics:
    reader = open_kitti(make(root, png, width, height))
    camera = reader[0].frame.intrinsics
    assert camera is not None
    return camera


@pytest.mark.parametrize("make", [raw, object_layout, semantics])
def test_kitti(make, tmp_path: Path, png: Png) -> None:
    assert kitti_of(make, tmp_path, png, 1242, 375) == KITTI
    small = kitti_of(make, tmp_path, png, 640, 192)
    assert small == KITTI.resized(640, 192)
    assert small.fx == pytest.approx(371.8, abs=0.1), "not 721: depth would be 1.94 x too far"
    for size in ((1392, 512), (1216, 200), (375, 1242)):
        with pytest.raises(ReaderError, match=r"\.txt"):
            kitti_of(make, tmp_path, png, *size)


def test_unrectified_images_and_other_days_are_called_so(tmp_path: Path, png: Png) -> None:
    with pytest.raises(ReaderError, match="before rectification"):
        kitti_of(raw, tmp_path, png, 1392, 512)
    with pytest.raises(ReaderError, match="another recording day"):
        kitti_of(raw, tmp_path, png, 1226, 370)


def test_a_size_that_is_none_is_named(tmp_path: Path, png: Png) -> None:
    for bad in ("0 0", "nan 375", "1242", "-1242 375", "1e400 375"):
        text = CAM_TO_CAM.replace("1.242e+03 3.75e+02", bad)
        with pytest.raises(ReaderError, match="S_rect"):
            raw_reader = KittiRaw(raw(tmp_path, png, 1242, 375, text))
            raw_reader[0]


def test_depth_selection_of_another_size_is_refused(tmp_path: Path, png: Png) -> None:
    def write(width: int, height: int) -> None:
        stem = "2011_09_26_drive_0002_sync_image_0000000005_image_02"
        png(tmp_path / f"image/{stem}.png", blank(width, height))
        depth = stem.replace("_image_", "_groundtruth_depth_", 1)
        png(tmp_path / f"groundtruth_depth/{depth}.png", np.full((height, width), 5120, np.uint16))
        (tmp_path / "intrinsics").mkdir(exist_ok=True)
        k = "721.5377 0 596.5593 0 721.5377 149.854 0 0 1"
        (tmp_path / f"intrinsics/{stem}.txt").write_text(k)

    write(1216, 352)
    camera = open_kitti(tmp_path)[0].frame.intrinsics
    assert camera == Intrinsics(1216, 352, 721.5377, 721.5377, 596.5593, 149.854)
    for size in ((608, 176), (640, 192), (2432, 704)):
        write(*size)
        with pytest.raises(ReaderError, match="images of another size"):
            open_kitti(tmp_path)[0]


def test_virtual_kitti(tmp_path: Path, png: Png) -> None:
    def camera(width: int, height: int) -> Intrinsics | None:
        return VirtualKitti1(vkitti(tmp_path, png, width, height))[0].frame.intrinsics

    official = Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0)
    assert camera(1242, 375) == official
    assert camera(414, 125) == official.resized(414, 125)
    with pytest.raises(ReaderError, match="nor resized from it"):
        camera(640, 480)
    # The same numbers written in a file are for the same size.
    folder = tmp_path / "vkitti_1.3.1_intrinsicgt"
    folder.mkdir()
    head = "frame K[0,0] K[1,1] K[0,2] K[1,2]\n"
    (folder / "0001_clone.txt").write_text(head + "0 725 725 620.5 187\n")
    assert camera(414, 125) == official.resized(414, 125)
    # Another camera's file beside images of half its size.
    (folder / "0001_clone.txt").write_text(head + "0 525 525 319.5 239.5\n")
    assert camera(640, 480) == Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5)
    with pytest.raises(ReaderError, match="images of another size"):
        camera(320, 240)


def test_predict_refuses_another_aspect(tmp_path: Path, png: Png, tiny_onnx: Path, capsys) -> None:
    k = Intrinsics(64, 40, 40.0, 40.0, 31.5, 19.5)
    assert k.of_image(32, 20) == k.resized(32, 20)
    with pytest.raises(FrameError, match="cropped or turned"):
        k.of_image(40, 64)
    png(tmp_path / "in/turned.png", blank(40, 64))
    with pytest.raises(ReaderError, match=r"turned\.png: intrinsics are for 64x40"):
        ImageFolder(tmp_path / "in", k)[0]
    words = ["--model", str(tiny_onnx), "--intrinsics", "64,40,40,40,31.5,19.5"]
    assert predict([str(tmp_path / "in"), "--out", str(tmp_path / "out"), *words]) == 1
    assert "another aspect" in capsys.readouterr().err


CAMERA_INFO = """
width: 640
height: 480
k: [500, 0, 320, 0, 500, 240, 0, 0, 1]
d: [0, 0, 0, 0, 0]
binning_x: {binning}
binning_y: {binning}
roi: {{x_offset: 100, y_offset: 80, height: {height}, width: {width}, do_rectify: false}}
"""


def test_a_camera_file_with_region_and_binning(tmp_path: Path) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text(CAMERA_INFO.format(binning=2, width=320, height=240))
    whole = Intrinsics(640, 480, 500.0, 500.0, 320.0, 240.0)
    assert open_camera(str(path)).intrinsics == whole.cropped(100, 80, 320, 240).resized(160, 120)
    path.write_text(CAMERA_INFO.format(binning=0, width=0, height=0))
    assert open_camera(str(path)).intrinsics == whole
