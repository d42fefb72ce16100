"""Under a lifecycle manager as Nav2 has it: its requests in its order, and the bond it holds."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import GetState
from sensor_msgs.msg import Image

from depth_seg_ros.nodes.optional import has

GREY = np.full((40, 64, 3), 100, np.uint8)
STARTUP = (
    (Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE),
    (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),
)
PAUSE = ((Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_INACTIVE),)
RESUME = ((Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),)
RESET = (*PAUSE, (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_UNCONFIGURED))
SHUTDOWN = (*RESET, (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, State.PRIMARY_STATE_FINALIZED))


def manage(graph, steps) -> None:
    """What the manager does for each step: the transition by its id, then the state's."""
    for transition, expected in steps:
        assert graph.change(transition), f"transition {transition}"
        answer = graph.call(GetState, "/perception/get_state", GetState.Request())
        assert answer.current_state.id == expected


def test_the_manager_s_requests_in_its_order(graph, perception, camera, eventually):
    process = perception(state="unconfigured", autostart=False, bond_heartbeat_period=0.0)
    depth = graph.collect(Image, "/depth/image")

    def sees() -> None:
        depth.clear()
        camera.wait_matched()

        def step():
            camera.shoot(GREY, time.time_ns())
            return depth

        eventually(step, "depth")

    manage(graph, STARTUP)
    sees()
    manage(graph, PAUSE)
    eventually(lambda: camera.image.get_subscription_count() == 0, "unsubscribed")
    manage(graph, RESUME)
    sees()
    manage(graph, RESET)
    manage(graph, STARTUP)
    sees()
    manage(graph, SHUTDOWN)
    graph.stop(process)
    assert process.returncode == 0


def test_a_manager_that_asks_before_the_node_can_is_told_so(graph, perception, tmp_path):
    perception(state="unconfigured", autostart=False, model=tmp_path / "nothing.onnx")
    assert not graph.change(Transition.TRANSITION_CONFIGURE)
    assert not graph.change(Transition.TRANSITION_ACTIVATE)
    assert graph.state() == "unconfigured"


@pytest.fixture
def heartbeats(graph):
    """bond/Status messages, as they come."""
    status = pytest.importorskip("bond.msg", reason="bond is not installed (not on PyPI)").Status
    return graph.collect(status, "/bond")


def test_the_bond_begins_with_activation_and_ends_with_it(
    graph, perception, heartbeats, eventually
):
    process = perception(state="unconfigured", autostart=False, bond_heartbeat_period=0.05)
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    assert not heartbeats
    manage(graph, RESUME)
    eventually(lambda: len(heartbeats) > 10, "heartbeats")
    manage(graph, PAUSE)
    eventually(lambda: not heartbeats[-1].active, "the node's word that it ends")
    assert all(m.active and m.id == "perception" for m in heartbeats[:-1])
    (first,) = {m.instance_id for m in heartbeats}
    count = len(heartbeats)
    time.sleep(0.5)
    assert len(heartbeats) == count, "silent while inactive"
    manage(graph, RESUME)
    eventually(lambda: len(heartbeats) > count + 10, "heartbeats again")
    assert heartbeats[-1].active
    assert heartbeats[-1].instance_id != first, "a bond that has ended does not come back"
    said = graph.stop(process)  # what it cannot say any more is heard as silence
    assert process.returncode == 0
    assert "Traceback" not in said


@pytest.mark.parametrize("settings", [{"autostart": True}, {"bond_heartbeat_period": 0.0}])
def test_no_bond_where_none_is_wanted(graph, perception, eventually, settings):
    by_itself = settings.get("autostart", False)
    process = perception(
        state="active" if by_itself else "unconfigured", **({"autostart": False} | settings)
    )
    if not by_itself:
        manage(graph, STARTUP)
    eventually(lambda: graph.node.count_publishers("/depth/image") == 1, "its topics")
    assert graph.node.count_publishers("/bond") == 0
    assert "bond is not installed" not in graph.stop(process)


@pytest.mark.skipif(has("bond"), reason="bond is installed here")
def test_a_missing_bond_is_said_with_its_cure(graph, perception):
    process = perception(state="unconfigured", autostart=False)
    manage(graph, STARTUP)
    assert "bond is not installed: " in (said := graph.stop(process))
    assert "bond_timeout" in said
