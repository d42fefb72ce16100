"""Strips below pictures: the scale of depth, the names of classes."""

import numpy as np

from depth_seg_ros.evaluation.legends import LINE, NARROW, depth_picture, with_legend
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.visualize import colorize_depth


def test_the_scale_runs_from_red_to_blue_and_leaves_the_picture_alone() -> None:
    depth = np.full((30, 400), 10.0, np.float32)
    picture = depth_picture(depth)
    assert picture.shape == (30 + 2 * LINE, 400, 3)
    assert np.array_equal(picture[:30], colorize_depth(depth))
    near, far = picture[30 + LINE // 2, 10], picture[30 + LINE // 2, 400 - 46]
    assert near[0] > near[2] and far[2] > far[0]


def test_each_class_that_is_shown_has_its_colour_in_the_legend() -> None:
    labels = np.full((30, 200), 7, np.uint8)
    labels[:, 100:] = 26
    picture = with_legend(np.zeros((30, 200, 3), np.uint8), labels, NETWORK_CLASSES)
    strip = {tuple(c) for c in picture[30:].reshape(-1, 3).tolist()}
    colors = {c.id: c.color for c in NETWORK_CLASSES}
    assert colors[7] in strip and colors[26] in strip and colors[23] not in strip


def test_many_classes_take_several_lines() -> None:
    labels = np.repeat(np.arange(7, 27, dtype=np.uint8), 10)[None].repeat(20, axis=0)
    picture = with_legend(np.zeros((*labels.shape, 3), np.uint8), labels, NETWORK_CLASSES)
    assert picture.shape[0] > 20 + 2 * LINE


def test_narrow_pictures_are_left_alone() -> None:
    depth = np.ones((4, NARROW - 1), np.float32)
    assert depth_picture(depth).shape[0] == 4
