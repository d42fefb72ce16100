"""A perception that is told its camera's height: the rig reaches network and correction, and the
diagnostics say what became of it."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace

import pytest

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.perception import health
from depth_seg_ros.perception.perception import Perception
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Ground


@pytest.fixture
def predictor(tiny_onnx):
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as opened:
        yield opened


def transforms(height_m: float) -> SimpleNamespace:
    """base -> cam, a camera that looks ahead, as a TFMessage of /tf_static."""
    header = SimpleNamespace(stamp=SimpleNamespace(sec=0, nanosec=0), frame_id="base")
    pose = SimpleNamespace(
        translation=SimpleNamespace(x=0.0, y=0.0, z=height_m),
        rotation=SimpleNamespace(x=-0.5, y=0.5, z=-0.5, w=0.5),
    )
    stamped = SimpleNamespace(header=header, child_frame_id="cam", transform=pose)
    return SimpleNamespace(transforms=[stamped])


def calibrated(perception: Perception) -> None:
    matrix = [20.0, 0, 15.5, 0, 20.0, 9.5, 0, 0, 1]
    info = SimpleNamespace(
        height=20, width=32, distortion_model="plumb_bob", d=[], k=matrix, r=[1.0, 0, 0] * 3,
        p=[20.0, 0, 15.5, 0, 0, 20.0, 9.5, 0, 0, 0, 1, 0], binning_x=0, binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0, do_rectify=False),
    )  # fmt: skip
    perception.set_camera(info)


def run(perception: Perception, image) -> health.Status:
    with perception:
        calibrated(perception)
        perception.offer(image(5, 200), 5, 1.0)
        end = time.monotonic() + 30
        while perception.report().processed < 1:
            assert time.monotonic() < end, "waited too long"
            time.sleep(0.005)
        return perception.statuses()["ground"]


def test_nothing_is_said_nothing_is_done(predictor, transport, log, image) -> None:
    status = run(Perception(predictor, Settings(), transport, log), image)
    assert status.level == health.OK and "no camera height" in status.message
    assert not Perception(predictor, Settings(), transport, log).wants_transforms


def test_height_from_tf_reaches_the_ground(predictor, transport, log, image) -> None:
    settings = Settings(rig=RigOptions(base_frame="base"))
    perception = Perception(predictor, settings, transport, log)
    assert perception.wants_transforms
    perception.set_transforms(transforms(0.4), True)
    status = run(perception, image)
    # The tiny network sees one depth everywhere and calls it road: a wall, not ground.
    assert status.values["camera height [m]"] == "0.40" and status.values["factor"] == "1.000"
    assert status.level == health.WARN and "lie in one plane" in status.message
    assert topics.GROUND.name in {name for name, _, _ in transport.published}


def test_an_imu_that_does_not_tell_is_said(predictor, transport, log, image) -> None:
    settings = Settings(rig=RigOptions(0.4, imu_topic="/imu/data"))
    perception = Perception(predictor, settings, transport, log)
    assert perception.wants_transforms
    stamp = SimpleNamespace(sec=0, nanosec=0)
    perception.set_imu(
        SimpleNamespace(
            header=SimpleNamespace(stamp=stamp, frame_id="imu"),
            orientation=SimpleNamespace(x=0.0, y=0.0, z=0.0, w=1.0),
            orientation_covariance=[-1.0] + [0.0] * 8,
        )
    )
    status = run(perception, image)
    assert status.level == health.WARN and "gives no orientation" in status.values["IMU"]
    assert status.message.startswith("the IMU on /imu/data is not used: it gives no orientation")


def test_tf_that_does_not_connect_is_said(predictor, transport, log, image) -> None:
    settings = Settings(rig=RigOptions(base_frame="odom"))
    perception = Perception(predictor, settings, transport, log)
    perception.set_transforms(transforms(0.4), True)
    status = run(perception, image)
    assert status.level == health.WARN
    assert "height is not known: tf does not connect 'odom' and 'cam'" in status.message


def test_the_statuses_of_the_ground() -> None:
    rig = RigOptions(0.4)
    ahead = (0.0, math.cos(0.1), math.sin(0.1))
    fine = health.ground_status(rig, Ground(0.4, ahead, 0.25, 0.9), "")
    assert fine.level == health.OK and fine.message == "depth x 0.25 by the ground"
    assert fine.values["pitch [deg]"] == "-5.7" and fine.values["inliers [%]"] == "90"
    fits = health.ground_status(rig, Ground(0.4, ahead, reason="it fits", fits=True), "")
    assert (fits.level, fits.message) == (health.OK, "it fits")
    lost = health.ground_status(rig, Ground(0.4, ahead, 0.25, 0.9, "no ground in view"), "")
    assert (lost.level, lost.message) == (health.WARN, "no ground in view")
    assert fine.values["cars and people too large [times]"] == "none seen"
    wrong = Ground(2.0, ahead, reason="cars look 4 times too large", contradicted=True, sizes=4.0)
    refused = health.ground_status(RigOptions(2.0), wrong, "")
    assert refused.level == health.ERROR
    assert refused.message == "cars look 4 times too large: depth is the network's own"
    assert refused.values["cars and people too large [times]"] == "4.00"
    tf = health.ground_status(rig, Ground(0.4, ahead, 0.25, 0.9), "tf is old")
    assert tf.level == health.WARN and "tf is old" in tf.message
    assert health.ground_status(rig, None, "").message == "no frame yet"


def test_a_contradicted_height_is_logged_once_and_so_is_its_end(
    predictor, transport, log, image, monkeypatch
) -> None:
    perception = Perception(predictor, Settings(rig=RigOptions(2.0)), transport, log)
    wrong = Ground(2.0, (0.0, 1.0, 0.0), reason="cars look 4 times too large", contradicted=True)
    with perception:
        for ground in (None, wrong, wrong, Ground(2.0, (0.0, 1.0, 0.0))):
            monkeypatch.setattr(perception._ground, "last", ground)
            perception.check()
    assert [line for line in log.errors if "cars look" in line] == [
        "cars look 4 times too large: depth is the network's own until it is mended"
    ]
    assert sum("contradicts the camera's height any more" in line for line in log.infos) == 1


def test_a_confidence_that_the_network_lacks_is_said(predictor, transport, log) -> None:
    settings = Settings(outputs=OutputOptions(min_depth_confidence=0.5))
    with Perception(predictor, settings, transport, log):
        pass
    assert any("does not say how sure it is" in line for line in log.warnings)
