"""Conversion of a raw drive: topics, stamps, transforms, interruption and resumption."""

import os
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.bags.tf import read_static_transforms
from depth_seg_ros.errors import EvaluationError, OutputError, ReaderError
from depth_seg_ros.evaluation import kitti_to_bag
from depth_seg_ros.evaluation.kitti_to_bag import convert_drive
from depth_seg_ros.messages.rig import rig_of_pose
from depth_seg_ros.readers.kitti_calibration import read_raw_calibration

REAL = os.environ.get("DEPTH_SEG_ROS_KITTI_RAW")


def test_topics_counts_and_stamps(raw_drive: Path, tmp_path: Path) -> None:
    done = convert_drive(raw_drive, tmp_path / "bag", progress=False)
    assert (done.images, done.scans, done.images_without_scan) == (10, 2, 3)
    with BagFile(tmp_path / "bag") as bag:
        assert bag.counts == {
            "/tf_static": 1,
            "/kitti/camera_color_left/camera_info": 5,
            "/kitti/camera_color_left/image_raw": 5,
            "/kitti/camera_color_right/camera_info": 5,
            "/kitti/camera_color_right/image_raw": 5,
            "/kitti/velo/pointcloud": 2,
        }
        stamps = [e.stamp_ns for e in bag.index("/kitti/camera_color_left/image_raw")]
        assert stamps == [1317042145_000000002 + n * 100_000_000 for n in range(5)]
        assert [e.log_ns for e in bag.index("/kitti/camera_color_left/image_raw")] == stamps
        infos = [e.stamp_ns for e in bag.index("/kitti/camera_color_left/camera_info")]
        assert infos == stamps
        info = next(bag.messages("/kitti/camera_color_right/camera_info"))
        assert (info.k[0], info.k[2], info.width, info.height) == (8.0, 7.5, 16, 12)
        cloud = next(bag.messages("/kitti/velo/pointcloud"))
        assert (cloud.width, cloud.point_step, cloud.header.frame_id) == (2, 16, "velo_link")


def test_transforms_lead_from_the_scanner_to_the_cameras(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "bag", progress=False)
    with BagFile(tmp_path / "bag") as bag:
        transforms = read_static_transforms(bag)
    calibration = read_raw_calibration(raw_drive.parent)
    for camera, name in ((2, "camera_color_left"), (3, "camera_color_right")):
        found = transforms.between(name, "velo_link")
        assert np.allclose(found, calibration.T_cam_velo(camera), atol=1e-9)
    # calib_imu_to_velo takes IMU points into the scanner's frame.
    assert transforms.between("velo_link", "imu_link")[:3, 3] == pytest.approx([-0.8, 0.3, -0.8])
    with pytest.raises(ReaderError, match=r"no static transform between 'base_link'"):
        transforms.between("base_link", "velo_link")  # of a car that is not KITTI's
    with pytest.raises(ReaderError, match=r"no static transform between 'moon' and 'velo_link'"):
        transforms.between("moon", "velo_link")


def test_kittis_car_stands_on_the_road_below_its_cameras(raw_drive: Path, tmp_path: Path) -> None:
    calibration = raw_drive.parent / "calib_cam_to_cam.txt"
    calibration.write_text(calibration.read_text().replace("_02: 8 ", "_02: 721.5377 "))
    convert_drive(raw_drive, tmp_path / "bag", progress=False)
    with BagFile(tmp_path / "bag") as bag:
        pose = read_static_transforms(bag).between("base_link", "camera_color_left")
    rig = rig_of_pose(pose, "base_link")
    assert rig.height_m == pytest.approx(1.65, abs=1e-6)
    assert (rig.pitch_rad, rig.roll_rad) == pytest.approx((0, 0), abs=1e-6)


def test_an_interrupted_conversion_goes_on_where_it_stopped(
    raw_drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, read = tmp_path / "bag", kitti_to_bag.read_rgb
    calls: list[Path] = []

    def interrupted(path: Path) -> np.ndarray:
        calls.append(path)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr(kitti_to_bag, "read_rgb", interrupted)
    with pytest.raises(KeyboardInterrupt):
        convert_drive(raw_drive, out, progress=False, split=4)
    assert not out.exists()
    monkeypatch.setattr(kitti_to_bag, "read_rgb", lambda path: calls.append(path) or read(path))
    calls.clear()
    done = convert_drive(raw_drive, out, progress=False, split=4)
    assert done.resumed_files == 1
    assert len(calls) == 10 - 3  # the first file held a scan and three images
    assert sorted(p.name for p in out.iterdir()) == [
        "bag_0.mcap", "bag_1.mcap", "bag_2.mcap", "metadata.yaml",
    ]  # fmt: skip
    assert not list(tmp_path.glob(".*"))
    with BagFile(out) as bag:
        assert sum(bag.counts.values()) == 1 + 20 + 2
        stamps = [e.stamp_ns for e in bag.index("/kitti/camera_color_left/image_raw")]
        assert len(stamps) == 5 and stamps == sorted(stamps)


def test_work_of_another_drive_is_not_mixed_in(raw_drive: Path, tmp_path: Path) -> None:
    work = tmp_path / ".bag.partial"
    work.mkdir()
    (work / "source.txt").write_text("/some/other_drive\n400\n")
    with pytest.raises(EvaluationError, match="unfinished conversion of /some/other_drive"):
        convert_drive(raw_drive, tmp_path / "bag", progress=False)


def test_a_truncated_image_is_named_and_nothing_appears(raw_drive: Path, tmp_path: Path) -> None:
    path = raw_drive / "image_02/data/0000000003.png"
    path.write_bytes(path.read_bytes()[:-20])
    for out in (tmp_path / "bag", tmp_path / "bag.mcap"):
        with pytest.raises(ReaderError, match=r"image_02/data/0000000003\.png is truncated"):
            convert_drive(raw_drive, out, progress=False)
        assert not out.exists()


def test_a_truncated_scan_is_named(raw_drive: Path, tmp_path: Path) -> None:
    path = raw_drive / "velodyne_points/data/0000000002.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReaderError, match=r"0000000002\.bin has 31 bytes"):
        convert_drive(raw_drive, tmp_path / "bag", progress=False)


def test_an_existing_bag_is_kept(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "bag", progress=False)
    with pytest.raises(OutputError, match="exists already"):
        convert_drive(raw_drive, tmp_path / "bag", progress=False)


def test_one_file(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "drive.mcap", progress=False)
    with BagFile(tmp_path / "drive.mcap") as bag:
        assert bag.counts["/kitti/camera_color_left/image_raw"] == 5


@pytest.mark.skipif(not REAL, reason="DEPTH_SEG_ROS_KITTI_RAW is not set")
def test_a_real_drive(tmp_path: Path) -> None:
    done = convert_drive(REAL, tmp_path / "bag", progress=False)  # type: ignore[arg-type]
    with BagFile(tmp_path / "bag") as bag:
        left = "/kitti/camera_color_left/image_raw"
        assert bag.counts[left] <= done.images
        assert bag.counts["/kitti/velo/pointcloud"] == done.scans
