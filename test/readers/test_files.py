from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.files import (
    read_gray,
    read_kitti_depth,
    read_rgb,
    read_table,
    read_vkitti_depth,
)

Png = Callable[[Path, np.ndarray], Path]


def test_rgb_order(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "a.png", np.full((2, 3, 3), (1, 2, 3), np.uint8))
    assert read_rgb(path)[0, 0].tolist() == [1, 2, 3]


def test_kitti_depth_in_metres_and_zero_is_no_measurement(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "d.png", np.array([[0, 256, 25600]], np.uint16))
    depth = read_kitti_depth(path)
    assert np.isnan(depth[0, 0])
    assert depth[0, 1:].tolist() == [1.0, 100.0]
    assert depth.dtype == np.float32


def test_virtual_kitti_depth_in_centimetres_and_sky(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "d.png", np.array([[1234, 65499, 65530, 65535]], np.uint16))
    depth_m = read_vkitti_depth(path)[0]
    assert depth_m[:2].tolist() == pytest.approx([12.34, 654.99])
    # Genuine 1.3.1 files clip the sky at 655.3 m: no pixel of it stands there.
    assert np.isinf(depth_m[2:]).all()


def test_an_8_bit_depth_file_is_refused(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "d.png", np.full((2, 2), 200, np.uint8))
    with pytest.raises(ReaderError, match=r"d\.png should be a 16-bit.*found uint8"):
        read_kitti_depth(path)


def test_8_bit_depth_in_a_16_bit_file_is_refused(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "d.png", np.full((2, 2), 200, np.uint16))
    with pytest.raises(ReaderError, match=r"d\.png holds counts up to 200 only"):
        read_kitti_depth(path)


def test_an_empty_depth_map_is_no_error(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "d.png", np.zeros((2, 2), np.uint16))
    assert np.isnan(read_kitti_depth(path)).all()


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_truncated_image_is_named(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    path = tmp_path / f"a.{suffix}"
    assert cv2.imwrite(str(path), noise)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ReaderError, match=rf"a\.{suffix} is truncated"):
        read_rgb(path)


def test_a_missing_an_empty_and_a_wrong_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"gone\.png is missing"):
        read_rgb(tmp_path / "gone.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(ReaderError, match=r"empty\.png is not a readable image"):
        read_rgb(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(ReaderError, match=r"text\.png is not a readable image"):
        read_rgb(tmp_path / "text.png")


def test_coloured_labels_are_refused(tmp_path: Path, png: Png) -> None:
    path = png(tmp_path / "l.png", np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ReaderError, match="class ids, not as colours"):
        read_gray(path)


def test_a_table_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("frame x\n0 one\n")
    with pytest.raises(ReaderError, match=r"t\.txt is not a table"):
        read_table(tmp_path / "t.txt")
