"""Overlays: unsure is dark, and a line across the ground lies where its distance is."""

import numpy as np
import pytest

from depth_seg_ros.annotate import DARKEST, annotate, dim_unsure, draw_distances
from depth_seg_ros.types import Ground, Intrinsics, Prediction, Rig

CAMERA = Intrinsics(320, 240, 250.0, 250.0, 159.5, 119.5)
LEVEL = Ground(1.5, (0.0, 1.0, 0.0))


def grey() -> np.ndarray:
    return np.full((240, 320, 3), 120, np.uint8)


def rows_drawn(ground: Ground, depth: np.ndarray) -> np.ndarray:
    picture = grey()
    draw_distances(picture, ground, CAMERA, depth)
    return np.flatnonzero((picture[:, 150] > 200).any(1))


def test_lines_lie_at_their_distances() -> None:
    rows = rows_drawn(LEVEL, np.full((240, 320), np.nan, np.float32))
    for distance in (5, 10, 20, 40):
        assert np.abs(rows - (119.5 + 250 * 1.5 / distance)).min() < 1.5
    assert rows.min() > 119.5


def test_a_tilted_camera_tilts_them() -> None:
    rig = Rig(1.5, 0.0, 0.3)
    picture = grey()
    nobody_knows = np.full((240, 320), np.nan, np.float32)
    draw_distances(picture, Ground(1.5, tuple(rig.down().tolist())), CAMERA, nobody_knows)
    drawn = (picture > 200).all(2)
    left, right = (np.flatnonzero(drawn[:, c])[0] for c in (110, 190))
    assert left - right == pytest.approx(np.tan(0.3) * 80, abs=6)


def test_what_stands_before_the_ground_hides_them() -> None:
    wall = np.full((240, 320), 7.0, np.float32)
    rows = rows_drawn(LEVEL, wall)
    assert len(rows) and (rows > 119.5 + 250 * 1.5 / 7).all()


def test_from_straight_above_there_are_lines_too() -> None:
    picture = grey()
    draw_distances(picture, Ground(20.0, (0.0, 0.0, 1.0)), CAMERA, np.full((240, 320), 20.0, "f4"))
    picture_of_nothing = grey()
    near = Ground(100.0, (0.0, 1.0, 0.0))
    draw_distances(picture_of_nothing, near, CAMERA, np.full((240, 320), np.nan, np.float32))
    assert not np.array_equal(picture, grey()) and np.array_equal(picture_of_nothing, grey())


def test_unsure_is_dark_and_sure_is_not() -> None:
    confidence = np.zeros((240, 320), np.uint8)
    confidence[:, 160:] = 255
    picture = grey()
    dim_unsure(picture, confidence)
    assert (picture[:, 160:] == 120).all()
    assert picture[:, :160].mean() == pytest.approx(120 * DARKEST, abs=1)


def test_only_what_is_known_is_shown() -> None:
    depth = np.full((240, 320), np.nan, np.float32)
    plain = Prediction(0, "c", depth, None, None, CAMERA)
    assert np.array_equal(annotate(grey(), plain), grey())
    known = Prediction(0, "c", depth, None, None, CAMERA, np.zeros((240, 320), np.uint8), LEVEL)
    picture = annotate(grey(), known)
    assert picture[10].mean() < 60 and (picture > 200).any()
