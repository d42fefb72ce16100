"""A bond with a lifecycle manager (Nav2's): heartbeats that say that the node lives.

The protocol is bond's own: bond/Status on one topic, one id for both ends, an instance id for each;
an end that is silent for longer than the other's patience is taken for dead. Nav2's manager then
takes all its nodes down, and up again when the dead one is back. This end only sends: a node goes
on perceiving without its manager.
"""

from __future__ import annotations

import uuid
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from depth_seg_ros.nodes.qos import profile
from depth_seg_ros.nodes.topics import BOND
from depth_seg_ros.nodes.transport import message_type

_SHORTEST_S = 0.02
_PATIENCE_S = 4.0
"""Told to the other end, which has a patience of its own; the protocol's default."""


class Bond:
    """Sends heartbeats from its making until :meth:`end`; needs the package ``bond``.

    They come from the node's executor: a node that hangs sends none.
    """

    def __init__(self, node: Node, period_s: float) -> None:
        self._node, self._period_s = node, max(period_s, _SHORTEST_S)
        self._status: Any = message_type(BOND)
        self._instance = str(uuid.uuid4())
        self._publisher = node.create_publisher(self._status, BOND.name, profile(BOND))
        # Real time: a simulated clock that stands still is no death.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(self._period_s, lambda: self._send(True), clock=steady)

    def end(self) -> None:
        """Say that it ends here, where anything can be said any more, and be silent."""
        self._node.destroy_timer(self._timer)
        if self._node.context.ok():
            self._send(False)
        self._node.destroy_publisher(self._publisher)

    def _send(self, active: bool) -> None:
        message = self._status(
            id=self._node.get_name(),
            instance_id=self._instance,
            active=active,
            heartbeat_timeout=_PATIENCE_S,
            heartbeat_period=self._period_s,
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)
