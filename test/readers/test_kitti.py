from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.kitti import (
    KittiDepthSelection,
    KittiObject,
    KittiSemantics,
    open_kitti,
)
from depth_seg_ros.readers.kitti_raw import KittiRaw
from depth_seg_ros.readers.kitti_sizes import RIG

Png = Callable[[Path, np.ndarray], Path]
IMAGE = np.zeros((6, 8, 3), np.uint8)


def write_selection(root: Path, png: Png) -> str:
    stem = "2011_09_26_drive_0002_sync_image_0000000005_image_02"
    png(root / f"image/{stem}.png", IMAGE)
    truth = "2011_09_26_drive_0002_sync_groundtruth_depth_0000000005_image_02.png"
    png(root / "groundtruth_depth" / truth, np.full((6, 8), 512, np.uint16))
    (root / "intrinsics").mkdir()
    (root / f"intrinsics/{stem}.txt").write_text("700 0 3.5 0 710 2.5 0 0 1")
    return stem


def test_depth_selection_replaces_the_first_image_only(tmp_path: Path, png: Png) -> None:
    stem = write_selection(tmp_path, png)
    reader = open_kitti(tmp_path)
    assert isinstance(reader, KittiDepthSelection)
    sample = reader[0]
    assert sample.key == stem
    assert sample.truth.depth_m is not None
    assert np.all(sample.truth.depth_m == 2.0)
    assert sample.frame.intrinsics is not None
    assert sample.frame.intrinsics.fy == 710


def test_depth_selection_names_what_is_missing_or_of_another_size(tmp_path: Path, png: Png) -> None:
    stem = write_selection(tmp_path, png)
    truth = next((tmp_path / "groundtruth_depth").iterdir())
    png(truth, np.full((5, 8), 512, np.uint16))
    with pytest.raises(ReaderError, match=r"is 8x5, the image 8x6"):
        open_kitti(tmp_path)[0]
    truth.unlink()
    with pytest.raises(ReaderError, match=r"groundtruth_depth_0000000005_image_02\.png is missing"):
        open_kitti(tmp_path)[0]
    (tmp_path / f"intrinsics/{stem}.txt").write_text("700 0 3.5")
    png(truth, np.full((6, 8), 512, np.uint16))
    with pytest.raises(ReaderError, match="nine numbers"):
        open_kitti(tmp_path)[0]


def test_object_layout_projects_the_scan(tmp_path: Path, png: Png) -> None:
    root = tmp_path / "training"
    png(root / "image_2/000007.png", IMAGE)
    (root / "calib").mkdir()
    (root / "calib/000007.txt").write_text(
        "P2: 4 0 3.5 0 0 4 2.5 0 0 0 1 0\nR0_rect: 1 0 0 0 1 0 0 0 1\n"
        "Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n"
    )
    (root / "velodyne").mkdir()
    np.array([[9.0, 0, 0, 0]], np.float32).tofile(root / "velodyne/000007.bin")
    reader = open_kitti(tmp_path)
    assert isinstance(reader, KittiObject)
    depth = reader[0].truth.depth_m
    assert depth is not None
    # u = 3.5 rounds to even, 4; v = 2.5 to 2; and one less each.
    assert depth[1, 3] == 9.0
    assert np.isfinite(depth).sum() == 1


def test_semantics(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "image_2/000000_10.png", IMAGE)
    labels = np.full((6, 8), 7, np.uint8)
    png(tmp_path / "semantic/000000_10.png", labels)
    reader = open_kitti(tmp_path)
    assert isinstance(reader, KittiSemantics)
    sample = reader[0]
    assert sample.truth.depth_m is None
    assert np.array_equal(sample.truth.labels, labels)
    assert sample.frame.intrinsics is None
    png(tmp_path / "semantic/000000_10.png", labels[:5])
    with pytest.raises(ReaderError, match=r"semantic/000000_10\.png is 8x5"):
        reader[0]


def test_kittis_own_cameras_tell_how_they_hung_and_other_cars_do_not(
    tmp_path: Path, png: Png, raw_drive: Path
) -> None:
    stem = write_selection(tmp_path / "selection", png)
    assert open_kitti(tmp_path / "selection")[0].frame.rig is None
    own = "721.5377 0 3.5 0 721.5377 2.5 0 0 1"
    (tmp_path / f"selection/intrinsics/{stem}.txt").write_text(own)
    assert open_kitti(tmp_path / "selection")[0].frame.rig == RIG
    assert open_kitti(raw_drive)[0].frame.rig is None
    calibration = raw_drive.parent / "calib_cam_to_cam.txt"
    calibration.write_text(calibration.read_text().replace("02: 4 ", "02: 718.856 "))
    assert open_kitti(raw_drive)[0].frame.rig == RIG
    semantics = tmp_path / "semantics"
    png(semantics / "image_2/000000_10.png", np.zeros((374, 1238, 3), np.uint8))
    png(semantics / "semantic/000000_10.png", np.zeros((374, 1238), np.uint8))
    assert open_kitti(semantics)[0].frame.rig == RIG


def test_raw_layout_is_recognised(raw_drive: Path) -> None:
    assert isinstance(open_kitti(raw_drive), KittiRaw)


def test_anything_else_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="no KITTI layout this knows"):
        open_kitti(tmp_path)
    with pytest.raises(ReaderError, match="is not a folder"):
        open_kitti(tmp_path / "none")
