"""Pictures: colours mean what they should and sizes fit."""

import numpy as np

from depth_seg_ros.labels import CITYSCAPES, UNLABELED, to_network_ids
from depth_seg_ros.types import Frame, Prediction
from depth_seg_ros.visualize import colorize_depth, colorize_labels, side_by_side


def test_depth_colours_run_from_near_to_far_and_grey_is_invalid():
    depth = np.array([[1.0, 2.0, 20.0, 80.0, 500.0, np.inf, np.nan]], np.float32)
    colours = colorize_depth(depth)[0].astype(int)
    assert (colours[0] == colours[1]).all() and (colours[3] == colours[4]).all()
    assert (colours[4] == colours[5]).all()
    assert (colours[6] == 40).all()
    assert colours[1][0] > colours[1][2] and colours[2][0] != colours[1][0]  # near is red


def test_label_colours_are_the_tables():
    ids = np.array([[7, 26, UNLABELED]], np.uint8)
    colours = colorize_labels(ids)[0]
    assert tuple(colours[0]) == (128, 64, 128) and tuple(colours[1]) == (0, 0, 142)
    assert tuple(colours[2]) == (0, 0, 0)


def test_side_by_side_with_and_without_labels():
    frame = Frame(0, "c", np.zeros((30, 90, 3), np.uint8))
    depth = np.full((30, 90), 5, np.float32)
    labels = np.full((30, 90), 7, np.uint8)
    both = side_by_side(frame, Prediction(0, "c", depth, labels, labels, None), width=120)
    only = side_by_side(frame, Prediction(0, "c", depth, None, None, None), width=120)
    assert both.shape == only.shape == (80, 240, 3)


def test_ground_truth_ids_fold_into_the_networks():
    ids = np.array([0, 6, 7, 26, 32, 33, 200, 255], np.uint8)
    assert to_network_ids(ids).tolist() == [255, 255, 7, 26, 25, 25, 255, 255]
    assert CITYSCAPES.id("bicycle") == 33
