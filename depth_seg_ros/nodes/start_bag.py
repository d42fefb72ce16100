"""Starts a paused bag player once the node is active and everybody has found everybody.

A fixed delay is too short for the machine that first builds an engine, and too long for all others;
a message that is played before its subscriber is there is lost.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rclpy.node import Node
from rosbag2_interfaces.srv import Resume

from depth_seg_ros.errors import LiveError
from depth_seg_ros.nodes.qos import from_rclpy
from depth_seg_ros.perception.reliability import AUTO, ask_reliable
from depth_seg_ros.system.command import command_parser, ranged, run

_SETTLE_S = 1.0
"""The graph knows of an endpoint a moment before data reach it."""

_FOLLOW_S = 5.0
"""The node looks once a second what the camera offers."""


class Starter(Node):  # type: ignore[misc]
    """Waits for its conditions one by one; LiveError names the one that did not come."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__("start_bag")
        self._end = time.monotonic() + timeout_s

    def wait_active(self, node: str) -> None:
        """The lifecycle node is active; an inactive one that is not on its way is an error."""
        client = self.create_client(GetState, f"{node}/get_state")
        self._wait(client.service_is_ready, f"{node} to appear")
        state = self._call(client, GetState.Request()).current_state
        # Autostart happens before the node answers: what it says now is what it is.
        if state.id != State.PRIMARY_STATE_ACTIVE:
            raise LiveError(f"{node} is {state.label}, not active; its log says why")

    def wait_recorded(self, topic: str) -> None:
        """Somebody subscribes to an output; nothing to wait for where nobody offers it."""
        if self.count_publishers(topic):
            self._wait(lambda: self.count_subscribers(topic) > 0, f"a recorder of {topic}")

    def resume(self, player: str, image: str) -> None:
        """Let the player go, once its images are announced."""
        client = self.create_client(Resume, f"{player}/resume")
        self._wait(client.service_is_ready, f"{player} to appear")
        self._wait(lambda: self.count_publishers(image) > 0, f"a publisher of {image}")
        self._wait(lambda: self.count_subscribers(image) > 0, f"a subscriber to {image}")
        self._wait_settled(image)
        time.sleep(_SETTLE_S)
        self._call(client, Resume.Request())

    def _wait_settled(self, image: str) -> None:
        """Until the node asks for what the player offers; at most a few of its looks at the graph,
        since it may have been told otherwise."""
        end = time.monotonic() + _FOLLOW_S
        while time.monotonic() < end:
            offers = self.get_publishers_info_by_topic(image)
            asked = self.get_subscriptions_info_by_topic(image)
            wanted = ask_reliable(AUTO, [from_rclpy(e.qos_profile).reliable for e in offers])
            if any(from_rclpy(e.qos_profile).reliable == wanted for e in asked):
                return
            rclpy.spin_once(self, timeout_sec=0.1)

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        while not condition():
            if time.monotonic() > self._end:
                raise LiveError(f"waited in vain for {what}")
            rclpy.spin_once(self, timeout_sec=0.1)

    def _call(self, client: Any, request: Any) -> Any:
        future = client.call_async(request)
        self._wait(future.done, f"the answer of {client.srv_name}")
        return future.result()


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("start_bag", __doc__)
    parser.add_argument("--node", default="/perception", help="lifecycle node that takes images")
    parser.add_argument("--player", default="/rosbag2_player")
    parser.add_argument("--image", required=True, help="image topic of the bag")
    parser.add_argument("--recorded", nargs="*", default=(), metavar="TOPIC")
    parser.add_argument("--timeout", type=ranged("timeout_s"), default=900.0, metavar="S")
    return parser


def main(args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros start_bag``."""
    rclpy.init(args=args)
    words = rclpy.utilities.remove_ros_args(list(args) if args is not None else sys.argv)[1:]
    try:
        arguments = _parser().parse_args(words)
        return run(lambda: _start(arguments), arguments)
    finally:
        rclpy.try_shutdown()


def _start(options: argparse.Namespace) -> None:
    starter = Starter(options.timeout)
    try:
        starter.wait_active(options.node)
        for topic in options.recorded:
            starter.wait_recorded(topic)
        starter.resume(options.player, options.image)
        print(f"{options.node} is active and recorded: the bag plays")
    finally:
        starter.destroy_node()


if __name__ == "__main__":
    sys.exit(main())
