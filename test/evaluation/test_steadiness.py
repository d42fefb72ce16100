"""A camera drives towards a wall and past it: what is steady is told from what flickers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from depth_seg_ros.evaluation.score.steadiness import MOST_APART_NS, SteadinessProfile
from depth_seg_ros.types import Intrinsics, Prediction

CAMERA = Intrinsics(160, 120, 100.0, 100.0, 79.5, 59.5)
LABELS = np.full((120, 160), 11, np.uint8)


def pose(forward_m: float, sideways_m: float = 0.0, yaw: float = 0.0) -> np.ndarray:
    matrix = np.eye(4)
    c, s = np.cos(yaw), np.sin(yaw)
    matrix[:3, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
    matrix[:3, 3] = sideways_m, 0, forward_m
    return matrix


def wall(T_world_camera: np.ndarray) -> np.ndarray:
    """Depth of the plane z = 20 of the world, as seen from a pose."""
    v, u = np.mgrid[:120, :160]
    rays = np.stack([(u - 79.5) / 100, (v - 59.5) / 100, np.ones(u.shape)])
    towards = np.tensordot(T_world_camera[2, :3], rays, 1)
    return ((20 - T_world_camera[2, 3]) / towards).astype(np.float32)


def said(stamp_ns: int, depth_m: np.ndarray, labels: np.ndarray = LABELS) -> Prediction:
    return Prediction(stamp_ns, "cam", depth_m, labels, None, CAMERA)


POSES = [pose(0.8 * i, 0.1 * i, 0.02 * i) for i in range(6)]


def drive(scales: list[float], with_truth: bool = True, step_ns: int = 10**8) -> SteadinessProfile:
    profile = SteadinessProfile()
    for i, (at, scale) in enumerate(zip(POSES, scales, strict=True)):
        truth = wall(at)
        told = said(i * step_ns, truth * np.float32(scale))
        profile.add(told, at, truth if with_truth else None, LABELS if with_truth else None)
    return profile


def test_truth_itself_is_steady_to_the_floor() -> None:
    found = drive([1.0] * 6).result()
    assert found is not None and found.pairs == 5 and found.by_truth
    assert found.log_ratio == found.floor < 0.004
    assert found.flips == found.flips_floor == 0


def test_flicker_is_measured_in_its_own_size() -> None:
    found = drive([1.0, 1.1] * 3).result()
    assert found is not None
    # Carried along, what is 10 % off in depth is nearly as much off beside the motion.
    assert found.log_ratio == pytest.approx(np.log(1.1), rel=0.1)
    assert found.floor < 0.004


def test_a_constant_error_of_scale_is_seen_only_as_far_as_the_camera_moves() -> None:
    found = drive([1.3] * 6).result()
    assert found is not None and 0.005 < found.log_ratio < 0.03  # 0.8 m of motion, not 1.04


def test_without_truth_the_prediction_says_where_pixels_come_from() -> None:
    found = drive([1.0] * 6, with_truth=False).result()
    assert found is not None and not found.by_truth
    assert np.isnan(found.floor) and np.isnan(found.flips_floor) and found.log_ratio < 0.004


def test_labels_that_flip_are_counted() -> None:
    profile = SteadinessProfile()
    for i, at in enumerate(POSES):
        labels = LABELS.copy()
        labels[:, : 40 * (i % 2)] = 26
        labels[:10] = 255  # not known: does not count
        profile.add(said(i * 10**8, wall(at), labels), at, wall(at), LABELS)
    found = profile.result()
    assert found is not None and found.flips == pytest.approx(0.25, abs=0.05)
    assert found.flips_floor == 0


def test_what_moved_by_itself_does_not_count() -> None:
    profile = SteadinessProfile()
    for i, at in enumerate(POSES):
        truth = wall(at)
        truth[:, 60:100] = 5 + 2 * (i % 2)  # something that comes and goes
        profile.add(said(i * 10**8, truth), at, truth, LABELS)
    found = profile.result()
    assert found is not None and found.log_ratio < 0.004


def test_drives_add_up_to_the_last_bit() -> None:
    drives = [drive([1.0, 1.1] * 3), drive([1.0, 1.3, 0.9, 1.0, 1.2, 1.0]), drive([1.2] * 6)]
    drives.append(drive([1.0] * 6, step_ns=MOST_APART_NS + 1))  # no pair at all
    one_way, other_way = SteadinessProfile(), SteadinessProfile()
    for each in drives:
        one_way.merge(SteadinessProfile.from_json(json.loads(json.dumps(each.to_json()))))
    for each in reversed(drives):
        other_way.merge(each)
    found = one_way.result()
    assert found is not None and found == other_way.result() and found.pairs == 15
    alone = [each.result().log_ratio for each in drives[:3]]
    assert found.log_ratio == pytest.approx(np.mean(alone), rel=1e-12)


def test_no_poses_gaps_and_other_sizes_are_no_pairs() -> None:
    assert drive([1.0] * 6, step_ns=MOST_APART_NS + 1).result() is None
    profile = SteadinessProfile()
    for i, at in enumerate(POSES):
        profile.add(said(i * 10**8, wall(at)), None, wall(at), LABELS)
    assert profile.result() is None
    profile.add(said(0, wall(POSES[0])), POSES[0], None, None)
    profile.add(said(10**8, np.ones((60, 80), np.float32)), POSES[1], None, None)
    assert profile.result() is None
