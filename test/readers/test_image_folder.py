from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.types import Intrinsics

Png = Callable[[Path, np.ndarray], Path]
IMAGE = np.zeros((4, 6, 3), np.uint8)


def test_one_image_and_a_folder_of_images(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "b.png", IMAGE)
    png(tmp_path / "a.jpg", IMAGE)
    (tmp_path / "notes.txt").write_text("not an image")
    assert list(ImageFolder(tmp_path).keys) == ["a", "b"]
    assert list(ImageFolder(tmp_path / "b.png").keys) == ["b"]
    assert ImageFolder(tmp_path)[0].truth.labels is None


def test_labels_and_depth_beside_the_images(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "image/x.png", IMAGE)
    png(tmp_path / "label/x.png", np.full((4, 6), 7, np.uint8))
    png(tmp_path / "depth/x.png", np.full((4, 6), 2560, np.uint16))
    truth = ImageFolder(tmp_path)[0].truth
    assert truth.labels is not None and truth.depth_m is not None
    assert truth.labels[0, 0] == 7
    assert truth.depth_m[0, 0] == 10.0


def test_a_missing_label_and_another_size_are_named(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "image/x.png", IMAGE)
    png(tmp_path / "label/y.png", np.full((4, 6), 7, np.uint8))
    with pytest.raises(ReaderError, match=r"label/x\.png is missing"):
        ImageFolder(tmp_path)[0]
    png(tmp_path / "label/x.png", np.full((4, 5), 7, np.uint8))
    with pytest.raises(ReaderError, match=r"label/x\.png is 5x4, its image 6x4"):
        ImageFolder(tmp_path)[0]


def test_intrinsics_follow_the_size_of_each_image(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "a.png", IMAGE)
    camera = ImageFolder(tmp_path, Intrinsics(12, 8, 100, 100, 5.5, 3.5))[0].frame.intrinsics
    assert camera is not None
    assert (camera.width, camera.fx) == (6, 50)


def test_an_empty_folder_and_two_files_of_one_name(tmp_path: Path, png: Png) -> None:
    with pytest.raises(ReaderError, match="has no images"):
        ImageFolder(tmp_path)
    png(tmp_path / "a.png", IMAGE)
    png(tmp_path / "a.jpg", IMAGE)
    with pytest.raises(ReaderError, match="one name and two kinds: a"):
        ImageFolder(tmp_path)
