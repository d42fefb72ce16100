"""The first image waits a moment for its calibration.

Where both are on their way, a middleware may hand over the image first; depth would be that of the
training camera, once, at the start of every drive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

PATIENCE_S = 0.5


class FirstImage:
    """Hands images on; until a calibration has come, the newest one waits, for a moment in all.

    expected: asked at the first image, whether anybody publishes a calibration.
    """

    def __init__(
        self, node: Node, hand_on: Callable[[Any], None], expected: Callable[[], bool]
    ) -> None:
        self._node, self._hand_on, self._expected = node, hand_on, expected
        self._held: Any = None
        self._timer: Any = None
        self._over = False

    def take(self, image: Any) -> None:
        """An image has come."""
        if self._over or not self._expected():
            self._hand_on(image)
            return
        self._held = image
        if self._timer is None:
            steady = Clock(clock_type=ClockType.STEADY_TIME)
            self._timer = self._node.create_timer(PATIENCE_S, self.release, clock=steady)

    def release(self) -> None:
        """The calibration is there, or it was waited for long enough."""
        held, self._held = self._held, None
        self.close()
        if held is not None:
            self._hand_on(held)

    def close(self) -> None:
        """Wait no more, now and later."""
        self._over = True
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
