"""The IMU that the settings name reaches a perception over DDS."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("cyclonedds")

from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.dds.transport import DdsTransport
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cdr import serialize_message
from depth_seg_ros.messages.imu import ImuTrack
from depth_seg_ros.messages.names import Names
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.messages.typestore import message_class
from depth_seg_ros.perception.settings import Settings

WAIT_S = 20.0


def imu_cdr(stamp_s: int) -> bytes:
    """A level IMU that has turned to the left."""
    kinds = {n: message_class(f"geometry_msgs/msg/{n}") for n in ("Quaternion", "Vector3")}
    time_class, header_class = (
        message_class(n) for n in ("builtin_interfaces/msg/Time", "std_msgs/msg/Header")
    )
    still = kinds["Vector3"](x=0.0, y=0.0, z=0.0)
    message = message_class(topics.IMU.message)(
        header=header_class(stamp=time_class(sec=stamp_s, nanosec=0), frame_id="imu"),
        orientation=kinds["Quaternion"](x=0.0, y=0.0, z=0.6, w=0.8),
        orientation_covariance=np.zeros(9), angular_velocity=still,
        angular_velocity_covariance=np.zeros(9), linear_acceleration=still,
        linear_acceleration_covariance=np.zeros(9),
    )  # fmt: skip
    return bytes(serialize_message(message, topics.IMU.message))


@pytest.mark.parametrize("asked", [True, False])
def test_the_imu_is_heard_where_it_is_asked_for(ros_environment, asked: bool) -> None:
    rig = RigOptions(0.4, imu_topic="/imu/data" if asked else "")
    track = ImuTrack()
    with (
        Participant(Names("driver"), ros_environment) as driver,
        Participant(Names("perception"), ros_environment) as participant,
    ):
        transport = DdsTransport(participant, (), Settings(rig=rig))
        images = SimpleNamespace(got=0)
        transport.subscribe(lambda *_: setattr(images, "got", 1), print, None, track.add_message)
        imu = driver.publisher("/imu/data", topics.IMU.message, topics.QOS["reliable"])
        camera = driver.publisher("/image", topics.IMAGE.message, topics.QOS["reliable"])
        end = time.monotonic() + WAIT_S
        while camera.subscribers() == 0 or imu.subscribers() < asked:
            assert time.monotonic() < end, "waited too long"
            time.sleep(0.01)
        assert imu.subscribers() == asked
        heard = False
        while asked and not heard:
            assert time.monotonic() < end, "waited too long"
            imu.publish(imu_cdr(7))
            time.sleep(0.01)
            heard = bool(track._stamps)
    if asked:
        frame, down = track.down_at(7_000_000_000)
        assert frame == "imu" and np.allclose(down, [0, 0, -1])
