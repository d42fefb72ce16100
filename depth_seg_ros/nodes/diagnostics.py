"""Publishes :class:`depth_seg_ros.perception.health.Status` lines on ``/diagnostics``.

As diagnostic_updater does, names and period included; that package is not wherever rclpy is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from depth_seg_ros.messages.topics import DIAGNOSTICS
from depth_seg_ros.nodes.qos import profile
from depth_seg_ros.perception.health import Status
from depth_seg_ros.perception.wording import status_name


class Diagnostics:
    """Asks for the statuses once a period.

    The period is real time: with ``use_sim_time`` and no clock, the node must still be able to say
    that nothing arrives.
    """

    def __init__(
        self, node: Node, period_s: float, statuses: Callable[[], Mapping[str, Status]]
    ) -> None:
        self._node, self._statuses = node, statuses
        self.hardware = "none"
        """The device that the statuses are about."""
        self._publisher = node.create_publisher(
            DiagnosticArray, DIAGNOSTICS.name, profile(DIAGNOSTICS)
        )
        self.clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(period_s, self.publish, clock=self.clock)

    def change_period(self, period_s: float) -> None:
        """Publish at another period from now on."""
        self._timer.timer_period_ns = round(period_s * 1e9)

    def publish(self) -> None:
        """One message with all statuses."""
        # Names must differ between the cameras of one robot: use the namespace too.
        node = self._node.get_fully_qualified_name()
        message = DiagnosticArray(
            status=[self._status(status_name(node, n), s) for n, s in self._statuses().items()]
        )
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _status(self, name: str, status: Status) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=bytes([status.level]),
            name=name,
            message=status.message,
            hardware_id=self.hardware,
            values=[KeyValue(key=k, value=v) for k, v in status.values.items()],
        )
