from pathlib import Path

import cv2
import numpy as np

from depth_seg_ros.evaluation.files import write_prediction
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages.depth import millimetres
from depth_seg_ros.types import Frame, Prediction


def test_millimetres_never_wrap_around() -> None:
    depth = np.array([[np.nan, np.inf, -1.0, 0.0, 1.2344, 65.535, 65.6, 1e9]], np.float32)
    assert millimetres(depth).tolist() == [[0, 0, 0, 0, 1234, 65535, 0, 0]]


def test_files_hold_what_was_predicted(tmp_path: Path) -> None:
    frame = Frame(0, "c", np.zeros((4, 6, 3), np.uint8))
    depth = np.full((4, 6), 12.5, np.float32)
    labels = np.full((4, 6), 7, np.uint8)
    prediction = Prediction(0, "c", depth, labels, labels, None)
    paths = write_prediction(tmp_path, "x", frame, prediction, NETWORK_CLASSES)
    assert [p.name for p in paths] == [
        "x_depth.png", "x_depth.npy", "x_depth_view.jpg", "x_labels.png", "x_overlay.jpg",
    ]  # fmt: skip
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths)
    millimetres = cv2.imread(str(paths[0]), cv2.IMREAD_UNCHANGED)
    assert millimetres is not None
    assert (millimetres.dtype, millimetres[0, 0]) == (np.uint16, 12500)
    assert np.array_equal(np.load(paths[1]), depth)
    assert np.array_equal(cv2.imread(str(paths[3]), cv2.IMREAD_UNCHANGED), labels)


def test_a_depth_only_network_writes_no_labels(tmp_path: Path) -> None:
    frame = Frame(0, "c", np.zeros((4, 6, 3), np.uint8))
    prediction = Prediction(0, "c", np.ones((4, 6), np.float32), None, None, None)
    names = {p.name for p in write_prediction(tmp_path, "x", frame, prediction, None)}
    assert names == {"x_depth.png", "x_depth.npy", "x_depth_view.jpg", "x_overlay.jpg"}


def test_far_is_not_written_as_none(tmp_path: Path) -> None:
    depth = np.array([[np.nan, 10.0, 65.6, 80.0]], np.float32)
    frame = Frame(0, "c", np.zeros((1, 4, 3), np.uint8))
    path = write_prediction(
        tmp_path, "x", frame, Prediction(0, "c", depth, None, None, None), None
    )[0]
    written = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert written is not None and written.tolist() == [[0, 10000, 65535, 65535]]
