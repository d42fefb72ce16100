"""Write -> read identity of the Virtual KITTI layout, through the project's own reader."""

from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import OutputError, VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES, UNLABELED
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.data.writers.virtual_kitti import (
    CATEGORIES,
    VirtualKittiWriter,
    depth_to_cm,
    optical_extrinsics,
    scene_colors,
)
from depth_seg_ros.virtual_world.render.renderer import CameraPose

CAMERA = Intrinsics(40, 30, 31.25, 31.5, 19.75, 14.25)


def frame(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    depth = rng.uniform(0.1, 600, (30, 40)).astype(np.float32)
    class_id = rng.choice([*CATEGORIES, 26], (30, 40)).astype(np.uint8)
    depth[class_id == 23] = np.inf
    instance = np.where(class_id == 26, rng.choice([3, 7, 900], (30, 40)), 0).astype(np.uint16)
    return rgb, depth, class_id, instance


def test_what_is_written_is_read(tmp_path: Path) -> None:
    writer = VirtualKittiWriter(tmp_path, "0003", "fog", scene_colors([900, 3, 7]))
    poses = [CameraPose.looking((i, 1.5, 2.0 * i), 0.1 * i) for i in range(3)]
    writer.write_tables(CAMERA, poses)
    frames = [frame(seed) for seed in range(3)]
    for i, (rgb, depth, class_id, instance) in enumerate(frames):
        assert not writer.has(i)
        writer.write_frame(i, rgb, depth, class_id, instance)
        assert writer.has(i)
    reader = VirtualKitti1(tmp_path)
    assert reader.keys == [f"0003/fog/{i:05d}" for i in range(3)]
    for sample, (rgb, depth, class_id, _) in zip(reader, frames, strict=True):
        assert np.array_equal(sample.frame.image, rgb)
        assert sample.frame.intrinsics == CAMERA
        assert sample.truth.depth_m is not None
        assert np.array_equal(np.isinf(sample.truth.depth_m), np.isinf(depth))
        near = np.isfinite(depth)
        assert np.abs(sample.truth.depth_m[near] - depth[near]).max() <= 0.00501
        assert np.array_equal(sample.truth.labels, class_id)


def test_our_own_decoder_agrees() -> None:
    colors = scene_colors([1, 2])
    _, _, class_id, instance = frame(1)
    instance[instance > 0] = 2
    writer = VirtualKittiWriter(Path(), "0000", "clone", colors)
    assert np.array_equal(writer.decode(colors.encode(class_id, instance)), class_id)


def test_cars_have_colours_of_their_own() -> None:
    colors = scene_colors(range(2000))
    used = [colors.car_color(i) for i in range(2000)] + [c for _, c in CATEGORIES.values()]
    assert len(set(used)) == len(used)
    assert "Car:17 " in colors.table()
    with pytest.raises(VirtualWorldError, match="5000 cars"):
        scene_colors(range(5000))


def test_every_category_keeps_its_class(tmp_path: Path) -> None:
    from depth_seg_ros.readers.virtual_kitti_classes import CATEGORY_IDS

    for class_id, (name, _) in CATEGORIES.items():
        assert CATEGORY_IDS[name] == class_id
        assert CITYSCAPES.name(class_id) != "unlabeled"


def test_classes_without_a_category_are_misc(tmp_path: Path) -> None:
    writer = VirtualKittiWriter(tmp_path, "0000", "clone", scene_colors([]))
    writer.write_tables(CAMERA, [CameraPose.looking((0, 0, 0), 0)])
    odd = np.full((30, 40), 5, np.uint8)
    writer.write_frame(0, np.zeros((30, 40, 3), np.uint8), np.ones((30, 40), np.float32), odd,
                       np.zeros((30, 40), np.uint16))  # fmt: skip
    assert (VirtualKitti1(tmp_path)[0].truth.labels == UNLABELED).all()


def test_far_depth_never_becomes_sky() -> None:
    depth = np.array([[0.004, 1.234, 655.34, 900.0, np.inf]], np.float32)
    assert depth_to_cm(depth).tolist() == [[0, 123, 65499, 65499, 65535]]


def test_extrinsics_take_world_points_to_the_optical_camera() -> None:
    """A point 5 m ahead, 1 m right, 2 m up of a turned camera is (1, -2, 5) in optical axes."""
    pose = CameraPose.looking((4.0, 1.5, -3.0), 0.8, 0.2, 0.1)
    point = pose.position + pose.rotation @ np.array([1.0, 2.0, 5.0])
    matrix = optical_extrinsics(pose)
    optical = matrix @ [point[0], -point[1], point[2], 1]
    assert np.allclose(optical, [1, -2, 5, 1])
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)


def test_an_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    writer = VirtualKittiWriter(tmp_path / "file", "0000", "clone", scene_colors([]))
    with pytest.raises(OutputError, match="cannot write"):
        writer.write_tables(CAMERA, [])
