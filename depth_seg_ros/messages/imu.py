"""Which way is down, as an IMU says it over time: sensor_msgs/Imu.

Convention (REP-145): ``orientation`` turns points of the IMU's frame into a world whose z points
up. Its yaw says nothing about the ground and is left out. Covariance -1 says that the IMU has no
orientation.
"""

from __future__ import annotations

import bisect
import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.payloads import unchecked_stamp_ns
from depth_seg_ros.messages.tf_tree import KEPT_NS, LATE_NS
from depth_seg_ros.messages.transforms import rotation_matrix

Vector = npt.NDArray[np.float64]

UNIT = 0.1
"""So far from 1 the length of a quaternion may be."""
BACK_NS = 1_000_000_000
"""So far back in time is another run of the same recording."""


class ImuTrack:
    """Filled by one thread, asked by another."""

    def __init__(self, kept_ns: int | None = KEPT_NS) -> None:
        """kept_ns: how far back it is remembered; None: for ever (a recording)."""
        self._kept_ns = kept_ns
        self._stamps: list[int] = []
        self._downs: list[Vector] = []
        self._frame = ""
        self._problem = "no message has come yet"
        self._lock = threading.Lock()

    def add_message(self, message: Any) -> None:
        """Take a sensor_msgs/Imu; one without an orientation is remembered as the reason why."""
        q, stamp_ns = message.orientation, unchecked_stamp_ns(message.header.stamp)
        length = math.sqrt(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w)
        with self._lock:
            if message.orientation_covariance[0] == -1:
                self._problem = (
                    "it gives no orientation (orientation_covariance[0] is -1); let a filter such "
                    "as imu_filter_madgwick make one"
                )
            elif not abs(length - 1) <= UNIT:  # NaN too
                self._problem = f"its orientation is a quaternion of length {length:.2f}, not 1"
            else:
                self._problem = ""
                down = -rotation_matrix(q.x, q.y, q.z, q.w)[2]
                self._add(message.header.frame_id.lstrip("/"), stamp_ns, down)

    def _add(self, frame: str, stamp_ns: int, down: Vector) -> None:
        back = self._stamps and self._kept_ns is not None and stamp_ns < self._stamps[-1] - BACK_NS
        if frame != self._frame or back:
            self._stamps, self._downs, self._frame = [], [], frame
        place = bisect.bisect_right(self._stamps, stamp_ns)
        self._stamps.insert(place, stamp_ns)
        self._downs.insert(place, down)
        if self._kept_ns is not None and stamp_ns - self._stamps[0] > 2 * self._kept_ns:
            first = bisect.bisect_left(self._stamps, stamp_ns - self._kept_ns)
            del self._stamps[:first], self._downs[:first]

    def down_at(self, stamp_ns: int) -> tuple[str, Vector]:
        """(the IMU's frame, unit vector down in it) at a time; FrameError saying why not."""
        with self._lock:
            if not self._stamps:
                raise FrameError(self._problem)
            place = bisect.bisect_left(self._stamps, stamp_ns)
            if place == len(self._stamps):
                late_ns = stamp_ns - self._stamps[-1]
                if late_ns > LATE_NS:
                    why = (
                        self._problem or f"its newest is {late_ns / 1e9:.1f} s older than the image"
                    )
                    raise FrameError(why)
                return self._frame, self._downs[-1]
            if self._stamps[place] == stamp_ns:
                return self._frame, self._downs[place]
            if place == 0:
                early_s = (self._stamps[0] - stamp_ns) / 1e9
                raise FrameError(f"its oldest is {early_s:.1f} s newer than the image")
            before, after = self._stamps[place - 1], self._stamps[place]
            if after - before > 2 * LATE_NS:
                raise FrameError(f"it was silent for {(after - before) / 1e9:.1f} s at the image")
            share = (stamp_ns - before) / (after - before)
            mixed = (1 - share) * self._downs[place - 1] + share * self._downs[place]
            return self._frame, mixed / np.linalg.norm(mixed)
