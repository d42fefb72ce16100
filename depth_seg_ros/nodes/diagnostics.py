"""Publishes :class:`depth_seg_ros.perception.health.Status` lines through diagnostic_updater."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from diagnostic_updater import Updater
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from depth_seg_ros.perception.health import Status


class Diagnostics:
    """Asks each source for its status once a period (parameter ``diagnostic_updater.period``).

    The period is real time: with ``use_sim_time`` and no clock, the node must still be able to say
    that nothing arrives.
    """

    def __init__(self, node: Node, sources: Mapping[str, Callable[[], Status]]) -> None:
        self._updater = Updater(node)
        # Names must differ between the cameras of one robot: use the namespace too.
        self._updater.node_name = node.get_fully_qualified_name()
        self._updater.setHardwareID("none")
        for name, source in sources.items():
            self._updater.add(name, _task(source))
        node.destroy_timer(self._updater.timer)
        self.clock = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(self._updater.period, self._updater.update, clock=self.clock)

    def set_hardware(self, name: str) -> None:
        """The device that the statuses are about."""
        self._updater.setHardwareID(name)


def _task(source: Callable[[], Status]) -> Callable[[Any], Any]:
    def run(wrapper: Any) -> Any:
        status = source()
        wrapper.summary(bytes([status.level]), status.message)
        for key, value in status.values.items():
            wrapper.add(key, value)
        return wrapper

    return run
