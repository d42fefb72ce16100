"""Scale from the ground: right on flat ground, steady over time, and never silently wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.perception.ground import FADE_S, GAP_S, KEEP_S, GroundScale
from depth_seg_ros.perception.ground_fit import (
    LOG_PIVOT,
    expected_exponent,
    fit_ground,
    ground_points,
)
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Ground, Intrinsics, Rig, sinks

CAMERA = Intrinsics(256, 160, 210.0, 210.0, 127.5, 79.5)
SPEC = ModelSpec("test", 256, 160, 149.4, 309.3, 80.0, NETWORK_CLASSES)
IMAGE = np.zeros((160, 256, 3), np.uint8)
ROBOT, DRONE = Rig(0.4, -0.1, 0.03), Rig(12.0, -0.6, 0.0)
IS_GROUND = np.isin(np.arange(256), [7, 8, 22])


def scene(rig: Rig, wrong: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(truth, what a network taught 1.65 m says, labels) of flat ground, sky and a box on it.

    wrong: how far it is off at this height, beyond what is usual."""
    below = sinks(tuple(rig.down()), CAMERA)
    truth = np.where(below > 0.03, rig.height_m / np.maximum(below, 0.03), np.nan)
    labels = np.where(np.isfinite(truth), 7, 23).astype(np.uint8)
    bottom = truth[140, 100]
    truth[60:140, 100:140], labels[60:140, 100:140] = bottom, 11
    exponent = expected_exponent(rig.height_m, 1.65)
    said = np.exp((np.log(truth * wrong) - (1 - exponent) * LOG_PIVOT) / exponent)
    return truth.astype(np.float32), said.astype(np.float32), labels


def frame(rig: Rig | None, stamp_s: float = 0.0) -> Frame:
    return Frame(round(stamp_s * 1e9), "camera", IMAGE, CAMERA, rig)


def error(found: np.ndarray, truth: np.ndarray) -> float:
    valid = np.isfinite(truth) & (truth < 60)
    return float(np.mean(np.abs(found[valid] / truth[valid] - 1)))


def untilted(rig: Rig) -> Rig:
    return Rig(rig.height_m)


@pytest.mark.parametrize("rig", [ROBOT, DRONE], ids=["robot", "drone"])
@pytest.mark.parametrize("wrong", [1.0, 1.2, 0.7])
@pytest.mark.parametrize("known", [True, False], ids=["attitude", "no attitude"])
def test_depth_becomes_metric_at_another_height(rig: Rig, wrong: float, known: bool) -> None:
    truth, said, labels = scene(rig, wrong)
    assert error(said, truth) > 0.25
    told = rig if known else untilted(rig)
    found, ground = GroundScale(SPEC)(said, labels, CAMERA, frame(told))
    assert error(found, truth) < 0.06
    assert ground is not None and ground.reason == "" and ground.inliers > 0.9
    assert ground.factor == pytest.approx(np.nanmedian((found / said)[labels == 7]), rel=0.3)
    assert np.allclose(ground.down, rig.down(), atol=0.02)
    assert np.isnan(found[labels == 23]).all()  # what is not known stays so


def test_the_plane_is_found_among_outliers_and_always_the_same() -> None:
    _, said, labels = scene(DRONE)
    rng = np.random.default_rng(0)
    noisy = said * np.exp(rng.normal(0, 0.05, said.shape)).astype(np.float32)
    bad = rng.random(said.shape) < 0.25
    noisy[bad] *= rng.uniform(0.3, 3, bad.sum()).astype(np.float32)
    points = ground_points(noisy, labels, IS_GROUND, CAMERA)
    fits = [fit_ground(*points, Rig(12.0), 1.65) for _ in range(2)]
    assert fits[0] == fits[1] and fits[0].problem == ""
    assert 0.6 < fits[0].inliers < 0.9
    assert np.degrees(np.arccos(np.dot(fits[0].down, DRONE.down()))) < 2


def test_cameras_near_the_taught_height_are_left_alone() -> None:
    for height in (1.35, 1.65, 2.05):
        _, said, labels = scene(Rig(height, -0.02, 0.0), wrong=1.1)
        found, ground = GroundScale(SPEC)(said, labels, CAMERA, frame(Rig(height, -0.02, 0.0)))
        assert np.array_equal(found, said, equal_nan=True)
        assert ground is not None and ground.factor == 1 and "fits" in ground.reason


def test_without_a_rig_nothing_is_done() -> None:
    _, said, labels = scene(ROBOT)
    scale = GroundScale(SPEC)
    found, ground = scale(said, labels, CAMERA, frame(None))
    assert found is said and ground is None and scale.last is None


def test_a_network_that_is_told_its_rig_is_only_corrected_by_what_is_left() -> None:
    truth, _, labels = scene(ROBOT)
    told = replace(SPEC, rig_input=True)
    right, ground = GroundScale(told)(truth, labels, CAMERA, frame(ROBOT))
    assert np.array_equal(right, truth, equal_nan=True) and ground is not None
    found, _ = GroundScale(told)(truth * np.float32(2), labels, CAMERA, frame(ROBOT))
    assert error(found, truth) < 0.02


def test_nothing_lies_below_the_ground() -> None:
    truth, said, labels = scene(DRONE)
    said[100:110, 30:60] *= 4  # a spot that the network takes for far
    found, _ = GroundScale(SPEC)(said, labels, CAMERA, frame(DRONE))
    assert (found[100:110, 30:60] <= truth[100:110, 30:60] * 1.001).all()
    ground = Ground(12.0, tuple(DRONE.down()))
    assert ground.height_above(truth, CAMERA)[140, 200] == pytest.approx(0, abs=0.01)
    assert ground.height_above(truth, CAMERA)[70, 120] > 1  # the box's upper part


# --- bad input: said, and not used


def bad(said: np.ndarray, labels: np.ndarray, rig: Rig) -> str:
    scale = GroundScale(SPEC)
    found, ground = scale(said, labels, CAMERA, frame(rig))
    assert np.array_equal(found, said, equal_nan=True)
    assert ground is not None and ground.factor == 1 and scale.last is ground
    return ground.reason


def test_no_ground_in_view() -> None:
    _, said, labels = scene(ROBOT)
    labels[:] = 11
    assert bad(said, labels, ROBOT) == bad(said, labels, untilted(ROBOT)) == "no ground in view"


def test_a_network_without_labels_says_so() -> None:
    _, said, _ = scene(ROBOT)
    found, ground = GroundScale(SPEC)(said, None, CAMERA, frame(ROBOT))
    assert found is said and ground is not None and "no labels" in ground.reason


def test_ground_labels_on_a_wall() -> None:
    said = np.full((160, 256), 4.0, np.float32)
    labels = np.full((160, 256), 7, np.uint8)
    assert "lie in one plane" in bad(said, labels, ROBOT)
    assert "stands upright" in bad(said, labels, untilted(ROBOT))


def test_an_upside_down_camera() -> None:
    _, said, labels = scene(ROBOT)
    upside_down = Rig(0.4, 0.1, math.pi)
    assert bad(said, labels, upside_down) == "no ground in view"
    turned = said[::-1].copy(), labels[::-1].copy()
    assert "lies over" in bad(*turned, untilted(ROBOT))


def test_a_camera_that_lies_on_its_side() -> None:
    _, said, labels = scene(Rig(0.4, -0.1, 0.0))
    assert "lie in one plane" in bad(said, labels, Rig(0.4, -0.1, 1.2))


@pytest.mark.parametrize("factor", [5.5, 1 / 5.5])
@pytest.mark.parametrize("known", [True, False], ids=["attitude", "no attitude"])
def test_a_height_that_the_ground_contradicts(factor: float, known: bool) -> None:
    _, said, labels = scene(ROBOT, wrong=factor)
    rig = ROBOT if known else untilted(ROBOT)
    assert "contradicts a height of 0.4 m by 5.5 times" in bad(said, labels, rig)


def test_a_height_that_looks_strange_is_used_and_said() -> None:
    _, said, labels = scene(ROBOT, wrong=0.45)
    _, ground = GroundScale(SPEC)(said, labels, CAMERA, frame(ROBOT))
    assert ground is not None and ground.factor != 1
    assert "2.2 times as near as is usual for 0.4 m: is that the camera's height?" in ground.reason


# --- over time


def factors(scale: GroundScale, frames: list[tuple[float, bool]], rig: Rig = ROBOT) -> list[float]:
    """The factor of each frame (stamp [s], whether its ground can be seen)."""
    _, said, labels = scene(rig)
    nothing = np.full_like(labels, 11)
    found = []
    for stamp_s, seen in frames:
        _, ground = scale(said, labels if seen else nothing, CAMERA, frame(rig, stamp_s))
        assert ground is not None
        found.append(ground.factor)
    return found


def test_the_first_frame_is_right_at_once_and_later_ones_change_it_slowly() -> None:
    truth, said, labels = scene(ROBOT)
    other = scene(ROBOT, wrong=0.67)[1]
    scale, alone = GroundScale(SPEC), GroundScale(SPEC, steady=False)
    first, _ = scale(said, labels, CAMERA, frame(ROBOT, 0.0))
    assert error(first, truth) < 0.06
    before = scale.last
    changes = []
    for i in range(60):
        for each in (scale, alone):
            found, _ = each(other, labels, CAMERA, frame(ROBOT, 0.1 * (i + 1)))
            assert before is not None and each.last is not None
            changes.append(abs(math.log(each.last.factor / before.factor)))
    slow, at_once = changes[0::2], changes[1::2]
    assert slow[0] < 0.2 * at_once[0] and (np.diff(slow) >= 0).all()
    assert slow[-1] == pytest.approx(at_once[-1], rel=0.02) and error(found, truth) < 0.06


def test_the_last_good_factor_is_kept_and_then_fades_out() -> None:
    step = 0.1
    lost = int((KEEP_S + FADE_S) / step) + 3
    frames = [(0.0, True)] + [(step * (i + 1), False) for i in range(lost)]
    scale = GroundScale(SPEC)
    found = factors(scale, frames)
    kept = int(KEEP_S / step)
    assert found[1 : kept + 1] == pytest.approx([found[0]] * kept)
    assert found[-1] == 1
    assert max(np.abs(np.diff(np.log(found)))) < 1.5 * abs(np.log(found[0])) * step / FADE_S
    assert scale.last is not None and scale.last.reason == "no ground in view"


def test_while_it_is_kept_it_is_said() -> None:
    scale = GroundScale(SPEC)
    factors(scale, [(0.0, True), (0.5, False)])
    assert scale.last is not None
    assert scale.last.reason == "no ground in view; the last good factor is kept"


def test_it_comes_back_without_a_jump() -> None:
    frames = [(0.1 * i, i >= 3) for i in range(20)]
    found = np.log(factors(GroundScale(SPEC), frames))
    assert found[0] == found[3] == 0 and found[-1] < -0.5
    assert max(np.abs(np.diff(found))) < 1.5 * abs(found[-1]) * 0.1 / FADE_S


def test_another_camera_or_a_gap_in_time_starts_anew() -> None:
    scale = GroundScale(SPEC)
    first = factors(scale, [(0.0, True)])[0]
    assert factors(scale, [(GAP_S + 0.1, False)]) == [1]
    assert factors(scale, [(2 * GAP_S + 1, True)])[0] == pytest.approx(first)
    assert factors(scale, [(0.0, False)]) == [1]  # time went back: a recording that loops
    factors(scale, [(0.1, True)])
    _, said, labels = scene(ROBOT)
    other = replace(CAMERA, fx=300.0)
    _, ground = scale(said, np.full_like(labels, 11), other, frame(ROBOT, 0.2))
    assert ground is not None and ground.factor == 1
