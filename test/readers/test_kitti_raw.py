import os
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError, ReaderError
from depth_seg_ros.readers.kitti_calibration import read_raw_calibration, read_timestamps
from depth_seg_ros.readers.kitti_raw import KittiRaw, list_raw_drive

REAL = os.environ.get("DEPTH_SEG_ROS_KITTI_RAW")


def test_stamps_to_the_nanosecond(raw_drive: Path) -> None:
    stamps = read_timestamps(raw_drive / "image_02/timestamps.txt")
    # 2011-09-26 13:02:25 UTC is 1317042145 s after 1970.
    assert stamps[0] == 1317042145_594360375
    assert stamps[2] - stamps[1] == 100_000_001


def test_calibration_by_hand(raw_drive: Path) -> None:
    calibration = read_raw_calibration(raw_drive.parent)
    camera = calibration.intrinsics(2, 8, 6)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (4.0, 4.0, 3.5, 2.5)
    # Camera 2 is shifted by P[0,3] / fx = 0.1 m; a point 8 m ahead of the scanner:
    point = calibration.T_cam_velo(2) @ np.array([8.0, 0, 0, 1])
    assert point.tolist() == pytest.approx([0.1, 0, 8, 1])
    with pytest.raises(ReaderError, match="no camera 7"):
        calibration.T_cam_velo(7)


def test_truth_comes_from_the_first_source_that_a_frame_has(raw_drive: Path) -> None:
    reader = KittiRaw(raw_drive)
    assert len(reader) == 3
    by_scan, by_file = reader[0].truth.depth_m, reader[1].truth.depth_m
    assert by_scan is not None and by_file is not None
    # u = 4 * 0.1 / 8 + 3.5 = 3.55 -> 4, v = 2.5 -> 2, and KITTI counts from one.
    assert by_scan[1, 3] == pytest.approx(8.0)
    assert np.isfinite(by_scan).sum() == 1
    assert by_file[2, 3] == 12.0
    assert KittiRaw(raw_drive, truths=["scan"])[1].truth.depth_m is None
    assert KittiRaw(raw_drive, truths=["groundtruth"])[0].truth.depth_m is None


def test_frames_carry_camera_stamp_and_key(raw_drive: Path) -> None:
    sample = KittiRaw(raw_drive)[2]
    assert sample.key == "2011_09_26_drive_0009_sync/image_02/0000000002"
    assert sample.frame.stamp_ns == 1317042145_794360376
    assert sample.frame.frame_id == "camera_color_left"
    assert sample.frame.intrinsics is not None
    assert sample.frame.image[0, 0].tolist() == [20, 100, 200]


def test_a_drive_may_have_some_scans_and_no_scan_stamps(raw_drive: Path) -> None:
    files = list_raw_drive(raw_drive)
    assert sorted(files.scans) == [0, 2]
    assert files.scan_stamps_ns[2] == files.image_stamps_ns[2][2]


def test_missing_stamps_are_named(raw_drive: Path) -> None:
    stamps = raw_drive / "image_02/timestamps.txt"
    stamps.write_text("2011-09-26 13:02:25.594360375\n")
    with pytest.raises(ReaderError, match=r"timestamps\.txt has 1 stamps.*frame 2"):
        list_raw_drive(raw_drive)
    stamps.write_text("yesterday\n")
    with pytest.raises(ReaderError, match="line 1 is not a time stamp"):
        list_raw_drive(raw_drive)


def test_a_missing_calibration_is_named(raw_drive: Path) -> None:
    (raw_drive.parent / "calib_velo_to_cam.txt").unlink()
    with pytest.raises(ReaderError, match=r"calib_velo_to_cam\.txt is missing"):
        KittiRaw(raw_drive)


def test_a_damaged_calibration_is_named(raw_drive: Path) -> None:
    path = raw_drive.parent / "calib_velo_to_cam.txt"
    path.write_text("R: 1 2 3\nT: 0 0 0\n")
    with pytest.raises(ReaderError, match="`R:` with 9 numbers, has 3 numbers"):
        KittiRaw(raw_drive)


def test_not_a_drive(tmp_path: Path, raw_drive: Path) -> None:
    with pytest.raises(ReaderError, match="neither image_02/data nor image_03/data"):
        list_raw_drive(tmp_path)
    with pytest.raises(ReaderError, match="no images of camera 3"):
        KittiRaw(raw_drive, camera=3)
    with pytest.raises(ConfigError, match="known: groundtruth"):
        KittiRaw(raw_drive, truths=["lidar"])


@pytest.mark.skipif(not REAL, reason="DEPTH_SEG_ROS_KITTI_RAW is not set")
def test_our_projection_reproduces_kittis_own_depth_files() -> None:
    scans, files = KittiRaw(REAL, truths=["scan"]), KittiRaw(REAL, truths=["velodyne_raw"])  # type: ignore[arg-type]
    compared = 0
    for i in range(len(scans)):
        ours, theirs = scans[i].truth.depth_m, files[i].truth.depth_m
        if ours is not None and theirs is not None:
            assert np.array_equal(np.isnan(ours), np.isnan(theirs))
            assert np.nanmax(np.abs(ours - theirs)) <= 0.5 / 256 + 1e-5
            compared += 1
    assert compared > 0
