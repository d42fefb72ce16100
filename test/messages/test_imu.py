"""An IMU's attitude: which way is down in the camera, and what is not believed."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError, FrameError
from depth_seg_ros.messages.imu import BACK_NS, ImuTrack
from depth_seg_ros.messages.rig import RigOptions, RigSource
from depth_seg_ros.messages.tf_tree import KEPT_NS, LATE_NS
from depth_seg_ros.messages.transforms import Transform, quaternion

S = 1_000_000_000
OPTICAL = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], float)  # base x forward, y left, z up


def turned(pitch: float = 0.0, roll: float = 0.0, yaw: float = 0.0) -> np.ndarray:
    """A body's attitude in a world with z up: x ahead looks up by ``pitch``, y left goes up by
    ``roll`` (so that an image's right side goes down)."""
    c, s = math.cos(pitch), math.sin(pitch)
    up = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    c, s = math.cos(roll), math.sin(roll)
    over = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ up @ over


def message(rotation: np.ndarray, stamp_ns: int = 0, frame: str = "imu", **changes):
    x, y, z, w = quaternion(rotation)
    stamp = SimpleNamespace(sec=stamp_ns // S, nanosec=stamp_ns % S)
    fields = {
        "header": SimpleNamespace(stamp=stamp, frame_id=frame),
        "orientation": SimpleNamespace(x=x, y=y, z=z, w=w),
        "orientation_covariance": np.zeros(9),
    }
    return SimpleNamespace(**(fields | changes))


def source(imu_topic: str = "/imu/data", **options) -> RigSource:
    """A robot whose IMU sits on its base, its camera tilted down by 0.1."""
    found = RigSource(RigOptions(0.4, imu_topic=imu_topic, **options))
    mount = np.eye(4)
    mount[:3, :3], mount[2, 3] = turned(-0.1) @ OPTICAL, 0.4
    found.tree.add(Transform(0, "base", "imu", np.eye(4)), True)
    found.tree.add(Transform(0, "base", "camera", mount), True)
    return found


@pytest.mark.parametrize("yaw", [0.0, 1.0, -3.0])
def test_pitch_and_roll_of_the_camera_whatever_the_yaw(yaw: float) -> None:
    rigs = source()
    rigs.imu.add_message(message(turned(0.05, 0.0, yaw)))
    rig = rigs("camera", 0)
    assert rig is not None and rig.height_m == 0.4 and rigs.imu_problem == ""
    assert rig.pitch_rad == pytest.approx(-0.05) and rig.roll_rad == pytest.approx(0, abs=1e-9)
    rigs.imu.add_message(message(turned(0.1, 0.2, yaw), S))
    rig = rigs("camera", S)
    assert rig is not None and rig.pitch_rad == pytest.approx(0, abs=0.01)
    assert rig.roll_rad == pytest.approx(0.2, abs=0.01)


def test_an_imu_in_the_cameras_own_frame_needs_no_tf() -> None:
    rigs = RigSource(RigOptions(1.0, imu_topic="imu"))
    rigs.imu.add_message(message(turned(0.3) @ OPTICAL, frame="/camera"))
    rig = rigs("camera", 0)
    assert rig is not None and rig.pitch_rad == pytest.approx(0.3)


def test_what_is_said_goes_before_the_imu_and_the_imu_before_tf() -> None:
    rigs = source(base_frame="base")
    rigs.imu.add_message(message(turned(0.3)))
    rig = rigs("camera", 0)
    assert rig is not None and rig.pitch_rad == pytest.approx(0.2)
    rigs.options = RigOptions(0.4, -10.0, base_frame="base", imu_topic="imu")
    rig = rigs("camera", 0)
    assert rig is not None and rig.pitch_rad == pytest.approx(math.radians(-10))
    rigs = source(base_frame="base")  # nothing has come: tf's is better than none
    rig = rigs("camera", 0)
    assert rig is not None and rig.pitch_rad == pytest.approx(-0.1)
    assert rigs.imu_problem == "no message has come yet" and rigs.problem == ""


def test_between_two_messages_and_a_little_after() -> None:
    track = ImuTrack()
    for i, angle in ((1, 0.2), (0, 0.0)):  # out of order
        track.add_message(message(turned(angle), i * S // 5))
    _, down = track.down_at(S // 10)
    assert np.allclose(down, turned(0.1).T @ [0, 0, -1], atol=1e-4)
    assert np.linalg.norm(down) == pytest.approx(1)
    assert np.allclose(track.down_at(S // 5 + LATE_NS)[1], turned(0.2).T @ [0, 0, -1])


@pytest.mark.parametrize(
    ("messages", "stamp_ns", "words"),
    [
        ([], 0, "no message has come yet"),
        ([message(turned(), S)], 2 * S, r"its newest is 1\.0 s older than the image"),
        ([message(turned(), 3 * S)], 2 * S, r"its oldest is 1\.0 s newer than the image"),
        ([message(turned(), 0), message(turned(), 3 * S)], S, r"it was silent for 3\.0 s"),
        ([message(turned(), orientation_covariance=np.array([-1.0] + [0] * 8))], 0,
         r"no orientation \(orientation_covariance\[0\] is -1\)"),
        ([message(turned(), orientation=SimpleNamespace(x=0.0, y=0.0, z=0.0, w=0.0))], 0,
         r"quaternion of length 0\.00, not 1"),
        ([message(turned(), orientation=SimpleNamespace(x=0.0, y=0.0, z=0.0, w=math.nan))], 0,
         "quaternion of length nan"),
        ([message(turned()), message(turned(), S, orientation_covariance=[-1.0] + [0] * 8)], S,
         "gives no orientation"),
    ],
)  # fmt: skip
def test_what_is_not_believed(messages: list, stamp_ns: int, words: str) -> None:
    track = ImuTrack()
    for each in messages:
        track.add_message(each)
    with pytest.raises(FrameError, match=words):
        track.down_at(stamp_ns)


def test_without_tf_to_the_camera_the_height_alone_is_known_and_why_is_said() -> None:
    rigs = source()
    rigs.imu.add_message(message(turned(), frame="elsewhere"))
    rig = rigs("camera", 0)
    assert rig is not None and (rig.height_m, rig.attitude_known) == (0.4, False)
    assert "tf does not connect 'camera' and 'elsewhere'" in rigs.imu_problem


def test_it_forgets_what_is_old_and_a_recording_that_begins_again() -> None:
    track = ImuTrack()
    for second in range(40):
        track.add_message(message(turned(), second * S))
    with pytest.raises(FrameError, match="newer than the image"):
        track.down_at(39 * S - 2 * KEPT_NS - S)
    track.add_message(message(turned(0.5), 0))
    assert 39 * S > BACK_NS and np.allclose(track.down_at(0)[1], turned(0.5).T @ [0, 0, -1])
    with pytest.raises(FrameError, match="older than the image"):
        track.down_at(39 * S)
    recording = ImuTrack(kept_ns=None)
    for second in (*range(40), 0):
        recording.add_message(message(turned(), second * S))
    assert recording.down_at(0)[0] == "imu" and recording.down_at(39 * S)[0] == "imu"


def test_an_imu_without_any_height_is_refused_and_in_words() -> None:
    with pytest.raises(ConfigError, match="say nothing without its height"):
        RigOptions(imu_topic="/imu/data")
    told = RigOptions(0.4, imu_topic="/imu/data")
    assert told.words == "height 0.4 m, attitude of /imu/data"
