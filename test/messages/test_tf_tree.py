"""tf over time: chains, interpolation, and what it does not know."""

from __future__ import annotations

import math

import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError, FrameError
from depth_seg_ros.messages.rig import UNKNOWN_DEG, RigOptions, RigSource, degrees_or_none
from depth_seg_ros.messages.tf_tree import KEPT_NS, LATE_NS, TfTree
from depth_seg_ros.messages.transforms import Transform

S = 1_000_000_000
OPTICAL = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], float)  # base x forward, y left, z up


def pose(x: float = 0, y: float = 0, z: float = 0, rotation: np.ndarray | None = None):
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    if rotation is not None:
        matrix[:3, :3] = rotation
    return matrix


def about_y(angle: float) -> np.ndarray:
    """Looking up is a negative turn about y (left)."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def robot() -> TfTree:
    tree = TfTree()
    tree.add(Transform(0, "base", "camera", pose(0.1, 0, 0.4, about_y(0.1) @ OPTICAL)), True)
    return tree


def test_chains_up_and_down() -> None:
    tree = robot()
    tree.add(Transform(0, "odom", "/base", pose(5, 6)), False)
    tree.add(Transform(0, "odom", "lidar", pose(0, 0, 2)), True)
    assert np.allclose(tree.between("odom", "camera", 0)[:3, 3], [5.1, 6, 0.4])
    back = tree.between("camera", "odom", 0) @ tree.between("odom", "camera", 0)
    assert np.allclose(back, np.eye(4))
    assert np.allclose(tree.between("lidar", "camera", 0)[:3, 3], [5.1, 6, -1.6])
    assert np.allclose(tree.between("camera", "camera", 0), np.eye(4))


def test_moving_frames_are_interpolated_and_kept_for_a_while() -> None:
    tree = TfTree()
    for second in (1, 0, 2):  # out of order
        turned = about_y(0.2 * second)
        tree.add(Transform(second * S, "map", "arm", pose(second, rotation=turned)), False)
    half = tree.between("map", "arm", S // 2)
    assert half[0, 3] == pytest.approx(0.5) and np.allclose(half[:3, :3], about_y(0.1))
    assert tree.between("map", "arm", 2 * S + LATE_NS)[0, 3] == 2
    with pytest.raises(FrameError, match=r"newest tf of 'arm' is 1\.0 s older than the image"):
        tree.between("map", "arm", 3 * S)
    with pytest.raises(FrameError, match=r"oldest tf of 'arm' is 1\.0 s newer than the image"):
        tree.between("map", "arm", -S)
    for second in range(3, 60):
        tree.add(Transform(second * S, "map", "arm", pose(second)), False)
    with pytest.raises(FrameError, match="oldest"):
        tree.between("map", "arm", 59 * S - 3 * KEPT_NS)
    assert tree.between("map", "arm", 55 * S)[0, 3] == 55


def test_frames_that_do_not_connect_are_named() -> None:
    with pytest.raises(FrameError, match=r"tf does not connect 'map' and 'camera' \(frames: base"):
        robot().between("map", "camera", 0)
    with pytest.raises(FrameError, match=r"frames: none yet"):
        TfTree().between("map", "camera", 0)
    circle = TfTree()
    circle.add(Transform(0, "a", "b", pose()), True)
    circle.add(Transform(0, "b", "a", pose()), True)
    with pytest.raises(FrameError, match="does not connect"):
        circle.between("c", "a", 0)


def test_what_is_no_pose_is_left_out() -> None:
    tree = robot()
    tree.add(Transform(0, "base", "camera", pose(math.nan)), True)
    tree.add(Transform(0, "base", "base", pose(1)), True)
    assert tree.between("base", "camera", 0)[2, 3] == 0.4


def test_height_and_attitude_from_tf() -> None:
    rig = RigSource(RigOptions(base_frame="base"), robot())("camera", 0)
    assert rig is not None and rig.height_m == pytest.approx(0.4)
    assert rig.pitch_rad == pytest.approx(-0.1) and rig.roll_rad == pytest.approx(0)


def test_what_is_said_goes_before_tf_and_stands_in_for_it() -> None:
    source = RigSource(RigOptions(height_m=0.5, base_frame="base"), robot())
    rig = source("camera", 0)
    assert rig is not None and (rig.height_m, source.problem) == (0.5, "")
    assert rig.pitch_rad == pytest.approx(-0.1)
    rig = source("other_camera", 0)
    assert rig is not None and (rig.height_m, rig.pitch_rad) == (0.5, None)
    assert "does not connect" in source.problem
    source.options = RigOptions(height_m=0.5, pitch_deg=-10)
    rig = source("other_camera", 0)
    assert rig is not None and rig.attitude_known and source.problem == ""
    assert rig.pitch_rad == pytest.approx(math.radians(-10)) and rig.roll_rad == 0


def test_no_height_no_rig_and_why() -> None:
    source = RigSource(RigOptions(base_frame="base"), robot())
    assert source("elsewhere", 0) is None and "does not connect" in source.problem
    source.tree.add(Transform(0, "base", "camera", pose(0, 0, -0.3, OPTICAL)), True)
    assert source("camera", 0) is None
    assert source.problem.startswith("tf puts the camera -0.30 m above the ground of 'base'")
    moving = RigSource(RigOptions(base_frame="base"))
    moving.tree.add(Transform(10 * S, "base", "camera", pose(0, 0, 1, OPTICAL)), False)
    assert moving("camera", 0) is None and "newer than the image" in moving.problem
    assert moving("camera", 20 * S) is None and "older than the image" in moving.problem
    assert RigSource()("camera", 0) is None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"height_m": -1.0}, "camera height is -1 m"),
        ({"height_m": math.nan}, "camera height is nan m"),
        ({"height_m": 1.0, "pitch_deg": 95.0}, "camera pitch is 95 degrees; give -90 to 90"),
        ({"height_m": 1.0, "roll_deg": -200.0}, "camera roll is -200 degrees"),
        ({"pitch_deg": 3.0}, "say nothing without its height"),
    ],
)
def test_senseless_options_are_refused(options: dict[str, float], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        RigOptions(**options)


def test_options_in_words() -> None:
    assert RigOptions().words == "" and not RigOptions().given
    told = RigOptions(0.4, -5.0, base_frame="base")
    assert told.words == "height 0.4 m, pitch -5 degrees, tf of base" and told.given
    assert degrees_or_none(UNKNOWN_DEG) is None and degrees_or_none(-5.0) == -5
