"""The real perception node through its life: transitions, parameters, memory, clear refusals."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from graph_images import feed, flat
from lifecycle_msgs.msg import Transition
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image, PointCloud2


def test_lifecycle_both_ways(graph, perception, camera, eventually):
    perception(state="unconfigured", autostart=False)
    depth = graph.collect(Image, "/depth/image")
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.state() == "inactive"
    assert camera.image.get_subscription_count() == 0, "an inactive node takes no images"
    assert graph.change(Transition.TRANSITION_ACTIVATE)
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    assert graph.change(Transition.TRANSITION_DEACTIVATE)
    eventually(lambda: camera.image.get_subscription_count() == 0, "unsubscribed")
    assert graph.change(Transition.TRANSITION_CLEANUP)
    eventually(lambda: graph.node.count_publishers("/depth/image") == 0, "topics taken back")
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.change(Transition.TRANSITION_ACTIVATE)
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 2 * 10**9)
    assert graph.change(Transition.TRANSITION_ACTIVE_SHUTDOWN)
    assert graph.state() == "finalized"


def test_a_missing_model_is_one_line_and_can_be_cured(graph, perception, tiny_onnx, tmp_path):
    missing = tmp_path / "nothing.onnx"
    process = perception(state="unconfigured", autostart=False, model=missing)
    assert not graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.state() == "unconfigured"
    assert graph.set_parameter("model", str(tiny_onnx)).successful
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    said = graph.stop(process)
    errors = [line for line in said.splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert str(missing) in errors[0]
    assert "Traceback" not in said


def test_an_unreadable_model_fails_to_configure(graph, perception, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"\x08\x01 this is not a network")
    process = perception(state="unconfigured", model=bad)  # autostart fails, the node lives
    said = graph.stop(process)
    assert str(bad) in said
    assert "Traceback" not in said


def test_parameters_that_cannot_change_are_refused_with_the_reason(graph, perception, eventually):
    perception()
    eventually(lambda: graph.state() == "active", "active")
    result = graph.set_parameter("model", "depth_mancini")
    assert not result.successful
    assert "clean the node up" in result.reason
    result = graph.set_parameter("engine.precision", "int8")
    assert not result.successful
    result = graph.set_parameter("labels.min_confidence", 1.5)
    assert not result.successful
    assert "1.5" in result.reason
    assert graph.set_parameter("max_rate_hz", 5.0).successful


def test_a_bad_parameter_at_start_is_one_line(graph):
    process = graph.start("perception_node", image_transport="theora")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "image_transport is 'theora'; known: raw, compressed" in said
    assert "Traceback" not in said


def test_a_thousand_frames_leave_the_memory_where_it_was(graph, perception, camera, eventually):
    process = perception()
    received = {
        topic: graph.collect(kind, topic, qos_profile_sensor_data)
        for topic, kind in (
            ("/depth/image", Image), ("/labels/image", Image), ("/labels/confidence", Image),
            ("/points", PointCloud2), ("/overlay/image", Image),
        )
    }  # fmt: skip
    depth = received["/depth/image"]
    camera.wait_matched()
    # Lock step: every image is answered before the next, so none is dropped.
    seen, resident_kb = 0, {}
    for number in range(1100):
        camera.shoot(flat(150 if number % 2 else 50), number * 10**8)
        end = 0
        while not depth and end < 400:
            time.sleep(0.005)
            end += 1
        seen += len(depth)
        for messages in received.values():
            messages.clear()
        if number in (99, 1099):
            resident_kb[number] = _resident_kb(process.pid)
    assert seen >= 1000
    assert resident_kb[1099] - resident_kb[99] < 8_000, resident_kb


def test_cleanup_frees_the_engine_again_and_again(
    graph, perception, camera, eventually, tiny_onnx, tmp_path
):
    process = perception(
        state="unconfigured", autostart=False, model=heavy(tiny_onnx, tmp_path / "heavy.onnx")
    )
    depth = graph.collect(Image, "/depth/image")
    loaded_kb, freed_kb = [], []
    for cycle in range(5):
        assert graph.change(Transition.TRANSITION_CONFIGURE)
        assert graph.change(Transition.TRANSITION_ACTIVATE)
        camera.wait_matched()
        feed(camera, eventually, depth, flat(150), (cycle + 1) * 10**9)
        loaded_kb.append(_resident_kb(process.pid))
        assert graph.change(Transition.TRANSITION_DEACTIVATE)
        eventually(lambda: camera.image.get_subscription_count() == 0, "unsubscribed")
        assert graph.change(Transition.TRANSITION_CLEANUP)
        freed_kb.append(_resident_kb(process.pid))
    weights_kb = HEAVY * 4 // 1024
    assert min(a - b for a, b in zip(loaded_kb, freed_kb, strict=True)) > 0.8 * weights_kb
    assert freed_kb[-1] - freed_kb[0] < 0.2 * weights_kb, (loaded_kb, freed_kb)


HEAVY = 12_000_000
"""Weights of :func:`heavy`: 48 MB, which the allocator gives back when they are freed."""


def heavy(model, path):
    """The same network carrying weights that no optimiser can fold away."""
    onnx = pytest.importorskip("onnx")
    proto = onnx.load(model)
    graph, make = proto.graph, onnx.helper.make_node
    for node in graph.node:
        if node.op_type == "Add":
            node.output[0] = "plain_depth"
    graph.initializer.extend(
        onnx.numpy_helper.from_array(array, name)
        for name, array in (
            ("weights", np.random.default_rng(0).random(HEAVY, np.float32)),
            ("nothing", np.array(0, np.float32)),
        )
    )
    graph.node.extend(
        [
            make("ReduceMax", ["plain_depth"], ["deepest"], keepdims=0),
            make("Cast", ["deepest"], ["which"], to=onnx.TensorProto.INT64),
            make("Gather", ["weights", "which"], ["weight"]),
            make("Mul", ["weight", "nothing"], ["zeroed"]),
            make("Add", ["plain_depth", "zeroed"], ["depth"]),
        ]
    )
    onnx.save(proto, path)
    return path


def _resident_kb(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
