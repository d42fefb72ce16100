from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.rig import WithoutRig, WithRig
from depth_seg_ros.readers.virtual_kitti import (
    VirtualKitti1,
    VirtualKitti2,
    open_virtual_kitti,
)
from depth_seg_ros.types import Rig

Png = Callable[[Path, np.ndarray], Path]
ENCODING_1 = """Category(:id) r g b
Terrain 210 0 200
Sky 90 200 255
Road 100 60 100
Misc 80 80 80
Car:0 200 200 200
Van:7 201 200 200
Bicycle:3 1 2 3
"""
COLORS_2 = "Category r g b\nGuardRail 250 100 255\nCar 255 127 80\nUndefined 0 0 0\n"


def write_1(root: Path, png: Png, world: str = "0001", variation: str = "clone") -> None:
    colors = np.array(
        [[(210, 0, 200), (90, 200, 255), (100, 60, 100), (80, 80, 80)],
         [(200, 200, 200), (201, 200, 200), (1, 2, 3), (210, 0, 200)]], np.uint8
    )  # fmt: skip
    depth = np.array([[100, 65535, 250, 400], [5, 6, 7, 8]], np.uint16)
    for n in (0, 12):
        name = f"{world}/{variation}/{n:05d}.png"
        png(root / "vkitti_1.3.1_rgb" / name, np.full((2, 4, 3), n, np.uint8))
        png(root / "vkitti_1.3.1_depthgt" / name, depth)
        png(root / "vkitti_1.3.1_scenegt" / name, colors)
    encoding = root / f"vkitti_1.3.1_scenegt/{world}_{variation}_scenegt_rgb_encoding.txt"
    encoding.write_text(ENCODING_1)


def write_intrinsics(root: Path) -> None:
    folder = root / "vkitti_1.3.1_intrinsicgt"
    folder.mkdir(exist_ok=True)
    (folder / "0001_clone.txt").write_text(
        "frame K[0,0] K[1,1] K[0,2] K[1,2]\n0 10 11 1.5 0.5\n12 20 21 1.5 0.5\n"
    )


def test_version_1_with_its_own_cameras(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    write_intrinsics(tmp_path)
    reader = open_virtual_kitti(tmp_path)
    assert isinstance(reader, VirtualKitti1)
    assert list(reader.keys) == ["0001/clone/00000", "0001/clone/00012"]
    sample = reader[1]
    assert sample.truth.labels is not None
    assert sample.truth.labels.tolist() == [[22, 23, 7, 255], [26, 26, 33, 22]]
    assert sample.truth.depth_m is not None
    assert sample.truth.depth_m[0].tolist() == [1.0, np.inf, 2.5, 4.0]
    assert sample.frame.stamp_ns == 1_200_000_000
    assert sample.frame.intrinsics is not None
    assert (sample.frame.intrinsics.fx, sample.frame.intrinsics.fy) == (20, 21)


def test_another_size_without_a_camera_is_refused(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    with pytest.raises(ReaderError, match="4x2, not the official 1242x375"):
        VirtualKitti1(tmp_path)[0]


def test_worlds_and_variations_can_be_chosen(tmp_path: Path, png: Png) -> None:
    for world in ("0001", "0002"):
        for variation in ("clone", "fog"):
            write_1(tmp_path, png, world, variation)
    assert len(VirtualKitti1(tmp_path)) == 8
    chosen = VirtualKitti1(tmp_path, ["0002"], ["fog"])
    assert list(chosen.keys) == ["0002/fog/00000", "0002/fog/00012"]
    with pytest.raises(ReaderError, match=r"no world 0020; found: 0001, 0002"):
        VirtualKitti1(tmp_path, ["0020"])


def test_an_unknown_colour_is_an_error_not_a_class(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    write_intrinsics(tmp_path)
    png(tmp_path / "vkitti_1.3.1_scenegt/0001/clone/00000.png", np.full((2, 4, 3), 9, np.uint8))
    with pytest.raises(ReaderError, match=r"00000\.png has the colour \(9, 9, 9\)"):
        VirtualKitti1(tmp_path)[0]


def test_mismatched_sizes_are_named(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    write_intrinsics(tmp_path)
    png(tmp_path / "vkitti_1.3.1_depthgt/0001/clone/00000.png", np.full((3, 4), 500, np.uint16))
    with pytest.raises(ReaderError, match=r"depthgt.*00000\.png is 4x3, its image"):
        VirtualKitti1(tmp_path)[0]


def test_a_missing_depth_file_is_named(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    write_intrinsics(tmp_path)
    (tmp_path / "vkitti_1.3.1_depthgt/0001/clone/00012.png").unlink()
    with pytest.raises(ReaderError, match=r"depthgt/0001/clone/00012\.png is missing"):
        VirtualKitti1(tmp_path)[1]


def test_version_2(tmp_path: Path, png: Png) -> None:
    video = tmp_path / "Scene01/clone"
    frames = video / "frames"
    png(frames / "rgb/Camera_0/rgb_00003.jpg", np.zeros((1, 3, 3), np.uint8))
    png(frames / "depth/Camera_0/depth_00003.png", np.full((1, 3), 700, np.uint16))
    png(
        frames / "classSegmentation/Camera_0/classgt_00003.png",
        np.array([[(250, 100, 255), (255, 127, 80), (0, 0, 0)]], np.uint8),
    )
    (video / "colors.txt").write_text(COLORS_2)
    (video / "intrinsic.txt").write_text(
        "frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]\n3 0 725 726 1 0\n3 1 9 9 9 9\n"
    )
    reader = open_virtual_kitti(tmp_path)
    assert isinstance(reader, VirtualKitti2)
    sample = reader[0]
    assert sample.key == "Scene01/clone/Camera_0/00003"
    assert sample.truth.labels is not None
    assert sample.truth.labels.tolist() == [[14, 26, 255]]
    assert sample.frame.intrinsics is not None
    assert sample.frame.intrinsics.fy == 726
    assert len(VirtualKitti2(tmp_path, worlds=["01"])) == 1


def test_something_else_is_said_to_be_something_else(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="is not Virtual KITTI"):
        open_virtual_kitti(tmp_path)


def test_indices_count_from_both_ends(tmp_path: Path, png: Png) -> None:
    write_1(tmp_path, png)
    write_intrinsics(tmp_path)
    reader = VirtualKitti1(tmp_path)
    assert reader[-1].key == reader[1].key
    with pytest.raises(IndexError):
        reader[2]
    assert [s.key for s in reader] == list(reader.keys)


def write_slope(root: Path, png: Png, poses: str) -> None:
    """40 x 30 pixels of a road 2 m below a camera that looks down by 30 degrees."""
    v = np.mgrid[:30, :40][0]
    sinks = np.cos(np.pi / 6) * (v - 14.5) / 30 + np.sin(np.pi / 6)
    depth = np.where(sinks > 0.05, 200 / np.maximum(sinks, 0.05), 65535).round().astype(np.uint16)
    name = "0001/clone/00000.png"
    png(root / "vkitti_1.3.1_rgb" / name, np.zeros((30, 40, 3), np.uint8))
    png(root / "vkitti_1.3.1_depthgt" / name, depth)
    colors = np.full((30, 40, 3), (90, 200, 255), np.uint8)
    colors[depth < 65535] = (100, 60, 100)
    png(root / "vkitti_1.3.1_scenegt" / name, colors)
    (root / "vkitti_1.3.1_scenegt/0001_clone_scenegt_rgb_encoding.txt").write_text(ENCODING_1)
    (root / "vkitti_1.3.1_intrinsicgt").mkdir()
    (root / "vkitti_1.3.1_intrinsicgt/0001_clone.txt").write_text("frame k\n0 30 30 19.5 14.5\n")
    (root / "vkitti_1.3.1_extrinsicsgt").mkdir()
    (root / "vkitti_1.3.1_extrinsicsgt/0001_clone.txt").write_text(poses)


def test_the_rig_is_read_off_pose_and_truth(tmp_path: Path, png: Png) -> None:
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    pose = [1, 0, 0, 5, 0, c, -s, 6, 0, s, c, 7, 0, 0, 0, 1]
    write_slope(tmp_path, png, "frame r\n0 " + " ".join(map(str, pose)) + "\n")
    rig = VirtualKitti1(tmp_path)[0].frame.rig
    assert rig is not None and rig.height_m == pytest.approx(2.0, abs=0.02)
    assert rig.pitch_rad == pytest.approx(-np.pi / 6, abs=0.002)
    assert rig.roll_rad == pytest.approx(0, abs=0.002)
    height_alone = WithRig(VirtualKitti1(tmp_path), attitude=False)[0].frame
    assert height_alone.rig == Rig(rig.height_m)
    untold = WithoutRig(VirtualKitti1(tmp_path))[0].frame
    assert untold.rig is None and np.array_equal(untold.image, height_alone.image)


def test_without_poses_or_ground_no_rig_is_invented(tmp_path: Path, png: Png) -> None:
    write_slope(tmp_path, png, "frame r\n7 " + "1 " * 16 + "\n")  # of another frame
    assert VirtualKitti1(tmp_path)[0].frame.rig is None
    (tmp_path / "vkitti_1.3.1_extrinsicsgt/0001_clone.txt").write_text("frame\n0 1 2 3\n")
    with pytest.raises(ReaderError, match=r"extrinsicsgt.*has 4 columns, expected 17"):
        VirtualKitti1(tmp_path)[0]
    write_1(tmp_path / "other", png)
    write_intrinsics(tmp_path / "other")
    assert VirtualKitti1(tmp_path / "other")[0].frame.rig is None
