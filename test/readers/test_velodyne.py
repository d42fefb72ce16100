from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.velodyne import project, read_scan
from depth_seg_ros.types import Intrinsics

CAMERA = Intrinsics(8, 6, 4.0, 4.0, 3.0, 2.0)
IDENTITY = np.eye(4)


def test_points_land_on_the_nearest_pixel_by_hand() -> None:
    # u = 4 x / z + 3, v = 4 y / z + 2
    points = np.array([[0, 0, 10], [5, -2.5, 10], [1.2, 0, 10]])
    depth = project(points, IDENTITY, CAMERA)
    assert depth.shape == (6, 8)
    assert depth[2, 3] == 10  # u = 3 exactly; 3.48 rounds to it too, at the same depth
    assert depth[1, 5] == 10
    assert np.isfinite(depth).sum() == 2


def test_the_nearest_of_several_points_is_seen() -> None:
    depth = project(np.array([[0, 0, 10.0], [0, 0, 4.0], [0, 0, 7.0]]), IDENTITY, CAMERA)
    assert depth[2, 3] == 4


def test_points_behind_beside_and_nowhere_are_dropped() -> None:
    points = np.array([[0, 0, -5.0], [100, 0, 5.0], [np.nan, 0, 5.0], [0, 0, 0]])
    assert np.isnan(project(points, IDENTITY, CAMERA)).all()


def test_kitti_counts_pixels_from_one() -> None:
    depth = project(np.array([[0, 0, 10.0]]), IDENTITY, CAMERA, one_based=True)
    assert depth[1, 2] == 10
    assert np.isfinite(depth).sum() == 1


def test_depth_is_along_z_of_the_camera_frame() -> None:
    # Velodyne axes: x forward, y left, z up.
    rotation = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0.5], [0, 0, 0, 1]], np.float64)
    depth = project(np.array([[10.0, 0, 0, 0.9]]), rotation, CAMERA)
    assert depth[2, 3] == pytest.approx(10.5)


def test_scans_are_read_and_half_a_point_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "0000000003.bin"
    np.arange(8, dtype=np.float32).tofile(path)
    assert read_scan(path).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ReaderError, match=r"0000000003\.bin has 29 bytes"):
        read_scan(path)
    with pytest.raises(ReaderError, match="missing"):
        read_scan(tmp_path / "none.bin")
