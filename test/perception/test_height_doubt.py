"""A height that what is seen contradicts: borne for a frame, refused after seconds, and said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.perception.ground import FADE_S, GroundScale
from depth_seg_ros.perception.ground_fit import LOG_PIVOT, GroundFit, expected_exponent
from depth_seg_ros.perception.height_doubt import (
    FEWEST_LOOKS,
    FEWEST_SIGHTINGS,
    HIGHEST,
    LOOK_S,
    LOWEST,
    RATIOS,
    WINDOW_S,
    HeightDoubt,
    ground_doubt,
    size_doubt,
    unmeasured,
)
from depth_seg_ros.perception.known_sizes import KnownSizes, Thing
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics, Rig, sinks

CAMERA = Intrinsics(256, 160, 210.0, 210.0, 127.5, 79.5)
SPEC = ModelSpec("test", 256, 160, 149.4, 309.3, 80.0, NETWORK_CLASSES)
IMAGE = np.zeros((160, 256, 3), np.uint8)
IS_GROUND = np.isin(np.arange(256), [7, 8, 22])
LEVEL, ROBOT = Rig(1.2, -0.1, 0.0), Rig(0.5, -0.1, 0.0)
S = 1_000_000_000
CAR = 26


def street(rig: Rig, car_m: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(truth, what a network taught 1.65 m says, labels) of flat ground and sky, with three cars on
    the ground, each ``car_m`` in size (square root of its area)."""
    below = sinks(tuple(rig.down()), CAMERA)
    truth = np.where(below > 0.03, rig.height_m / np.maximum(below, 0.03), np.nan)
    labels = np.where(np.isfinite(truth), 7, 23).astype(np.uint8)
    for distance_m, column in ((8, 40), (10, 120), (13, 190)):
        row = round(CAMERA.cy + CAMERA.fy * (rig.height_m / distance_m - 0.1))
        side = round(car_m * CAMERA.fx / distance_m)
        place = np.s_[row - side : row, column : column + side]
        labels[place], truth[place] = CAR, truth[row, column]
    exponent = expected_exponent(rig.height_m, 1.65)
    said = np.exp((np.log(truth) - (1 - exponent) * LOG_PIVOT) / exponent)
    return truth.astype(np.float32), said.astype(np.float32), labels


def frame(rig: Rig, stamp_s: float = 0.0) -> Frame:
    return Frame(round(stamp_s * 1e9), "camera", IMAGE, CAMERA, rig)


def error(found: np.ndarray, truth: np.ndarray) -> float:
    valid = np.isfinite(truth) & (truth < 60)
    return float(np.mean(np.abs(found[valid] / truth[valid] - 1)))


def things(said: np.ndarray, labels: np.ndarray) -> list[Thing]:
    return KnownSizes(NETWORK_CLASSES, IS_GROUND)(said, labels, CAMERA)


def test_whole_cars_on_the_ground_are_found_in_their_size() -> None:
    truth, _, labels = street(LEVEL)
    found = things(truth, labels)
    assert [t.name for t in found] == ["car"] * 3
    assert [t.log_size + t.log_z for t in found] == pytest.approx([0, 0, 0], abs=0.05)
    twice = things(truth * np.float32(2), labels)
    assert [t.log_size + t.log_z for t in twice] == pytest.approx([math.log(2)] * 3, abs=0.05)


def test_pieces_are_not_taken_for_cars() -> None:
    truth, _, labels = street(LEVEL)
    cut, hanging, small = labels.copy(), labels.copy(), np.full_like(labels, 7)
    cut[:, :42] = np.where(labels[:, 41:42] == CAR, CAR, cut[:, :42])  # to the image's border
    hanging[hanging == 7] = 11  # before a wall
    small[100:108, 100:108] = CAR
    nothing = np.full_like(truth, np.nan)
    assert len(things(truth, cut)) == 2 and things(truth, hanging) == things(truth, small) == []
    assert things(nothing, labels) == []


def test_sizes_and_ground_in_words() -> None:
    assert size_doubt([0.1, -0.2, 0.5]) == ""
    assert size_doubt([1.0, 1.1, 1.2, 0.9]) == "cars and people look 2.9 times too large"
    assert size_doubt([-1.4, -1.2, -1.0]) == "cars and people look 3.3 times too small"
    assert size_doubt([1.0, 1.1, 0.1, 0.2]) == ""  # half of them do not
    usual, odd = [0.3] * 3, [0.9] * 3
    assert ground_doubt(usual, Rig(0.4, 0.0, 0.0), 1.65) == ""
    assert "2.5 times as near" in ground_doubt(odd, Rig(0.4, 0.0, 0.0), 1.65)
    assert ground_doubt(odd, Rig(28.0, 0.0, 0.0), 1.65) == ""  # usual for a drone
    assert ground_doubt(odd, Rig(0.4), 1.65) == ground_doubt(odd, Rig(0.4, 0.0, 0.0), None) == ""
    assert "6.0 times as far" in ground_doubt([-math.log(6)], Rig(0.4), 1.65)


def test_heights_that_nobody_measured_are_asked_about() -> None:
    for height_m in (0.3, 1.65, 30.0):
        assert unmeasured(height_m, 1.65) == unmeasured(height_m, None) == ""
    assert unmeasured(0.09, 1.65).startswith("0.09 m is none of the heights that were measured")
    assert "(0.25 to 35 m)" in unmeasured(60.0, 1.65) and unmeasured(0.09, None) == ""
    low = Rig(0.12, -0.1, 0.0)
    _, said, labels = street(low)
    _, ground = GroundScale(SPEC)(said, np.where(labels == CAR, 11, labels), CAMERA, frame(low))
    assert ground is not None and ground.factor != 1
    assert ground.reason.endswith("measured (0.25 to 35 m): is that the camera's height?")


def test_the_bounds_are_ranges_around_what_is_usual() -> None:
    assert (np.diff(RATIOS) > 0).all() and len(RATIOS) == len(LOWEST) == len(HIGHEST)
    assert (LOWEST < 0).all() and (HIGHEST > 0).all() and (HIGHEST < 5).all()


PASSED = [[Thing("car", 0.0, 1.0 + 0.25 * i)] for i in range(FEWEST_LOOKS)]
"""Looks at things that come too large, and are passed by."""


def fed(doubt: HeightDoubt, rests: list[float], sights: list[list[Thing]], start_s: float) -> float:
    """Feed looks ``LOOK_S`` apart, until the height is contradicted; the time [s] it took."""
    for i, (rest, seen) in enumerate(zip(rests, sights, strict=True)):
        stamp_ns = round((start_s + i * LOOK_S) * S)
        assert doubt.wants(stamp_ns)
        doubt.add(stamp_ns, Rig(0.4, 0.0, 0.0), GroundFit(rest=rest, high=5.0), seen)
        if doubt.words:
            return i * LOOK_S
    return math.inf


def test_single_strange_frames_pass_and_persistent_ones_do_not() -> None:
    strange_now_and_then = [1.2 if i % 3 == 0 else 0.1 for i in range(100)]
    assert fed(HeightDoubt(1.65), strange_now_and_then, [[]] * 100, 0.0) == math.inf
    after_s = fed(HeightDoubt(1.65), [1.2] * 100, [[]] * 100, 0.0)
    assert after_s == pytest.approx((FEWEST_LOOKS - 1) * LOOK_S)


def test_one_thing_that_stands_before_the_camera_is_one_witness() -> None:
    big = Thing("car", 0.0, 1.2)
    assert fed(HeightDoubt(1.65), [0.0] * 100, [[big]] * 100, 0.0) == math.inf
    passed = PASSED[:FEWEST_SIGHTINGS] + [[]] * FEWEST_LOOKS
    doubt = HeightDoubt(1.65)
    assert fed(doubt, [0.0] * len(passed), passed, 0.0) == (FEWEST_LOOKS - 1) * LOOK_S
    assert doubt.sizes == pytest.approx(math.exp(1.25)) and "too large" in doubt.words


def test_evidence_grows_old_and_another_height_starts_anew() -> None:
    doubt = HeightDoubt(1.65)
    assert fed(doubt, [0.0] * len(PASSED), PASSED, 0.0) < math.inf
    right = [[Thing("car", -0.2 * i, 0.2 * i)] for i in range(FEWEST_LOOKS)]
    assert fed(doubt, [0.0] * len(right), right, WINDOW_S + 5) == math.inf
    assert doubt.words == "" and doubt.sizes == pytest.approx(1)
    assert fed(doubt, [0.0] * len(PASSED), PASSED, 40.0) < math.inf
    doubt.add(60 * S, Rig(1.5, 0.0, 0.0), GroundFit(), [])
    assert doubt.words == "" and doubt.sizes is None


# --- and what becomes of the depth


@pytest.mark.parametrize("told", [Rig(6.0, -0.1, 0.0), Rig(6.0)], ids=["attitude", "no attitude"])
def test_a_height_of_five_times_is_refused_within_seconds(told: Rig) -> None:
    _, said, labels = street(LEVEL)
    scale, factors, seen = GroundScale(SPEC), [], []
    for i in range(60):
        found, ground = scale(said, labels, CAMERA, frame(told, 0.1 * i))
        assert ground is not None
        factors.append(ground.factor)
        seen.append(ground.contradicted)
    assert seen[-1] and factors[-1] == 1 and np.array_equal(found, said, equal_nan=True)
    assert "too large, which contradicts a height of 6 m" in ground.reason
    assert ground.sizes is not None and ground.sizes > 2
    # It fades out from when it is clear, without a jump.
    logs = np.abs(np.log(factors))
    assert logs.max() > 0.3 and np.abs(np.diff(logs)).max() < 1.5 * logs.max() * 0.1 / FADE_S


def test_the_right_height_is_used_all_along() -> None:
    truth, said, labels = street(LEVEL)
    scale = GroundScale(SPEC)
    for i in range(60):
        found, ground = scale(said, labels, CAMERA, frame(LEVEL, 0.1 * i))
        assert ground is not None and not ground.contradicted
    assert ground.sizes == pytest.approx(1, abs=0.1) and error(found, truth) < 0.3


def test_it_is_used_again_when_the_height_is_mended() -> None:
    truth, said, labels = street(ROBOT)
    scale = GroundScale(SPEC)
    for i in range(40):
        scale(said, labels, CAMERA, frame(Rig(2.5, -0.1, 0.0), 0.1 * i))
    assert scale.last is not None and scale.last.contradicted
    for i in range(40, 80):
        found, ground = scale(said, labels, CAMERA, frame(ROBOT, 0.1 * i))
    assert ground is not None and not ground.contradicted and ground.factor < 0.5
    assert error(found, truth) < 0.06


def test_a_single_picture_is_asked_about_and_used() -> None:
    _, said, labels = street(LEVEL)
    alone = GroundScale(SPEC, steady=False)
    for _ in range(30):
        _, ground = alone(said, labels, CAMERA, frame(Rig(6.0, -0.1, 0.0)))
        assert ground is not None and not ground.contradicted and ground.factor != 1
        assert "is that the camera's height?" in ground.reason
