"""The ways a camera's carrier takes: points on the ground over time, whoever carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Way:
    """Where the ground below the camera is, and which way it looks, over time."""

    times: Float  # [N] seconds, rising
    points: Float  # [N, 3] on the surface
    heading: Float  # [N] radians from +z towards +x, without jumps
    s: Float  # [N] metres along the main road, for which place it is

    def at(self, t_s: float) -> tuple[Float, float]:
        """(point [3], heading) at a time; held beyond the ends."""
        point = np.array([np.interp(t_s, self.times, self.points[:, k]) for k in range(3)])
        return point, float(np.interp(t_s, self.times, self.heading))

    def s_at(self, t_s: float) -> float:
        """Metres along the main road at a time."""
        return float(np.interp(t_s, self.times, self.s))


def way_along(line: Float, times: Float, travelled_m: Float, s: Float) -> Way:
    """A way along a line [K, 3] of which ``travelled_m`` [N] metres are behind at each time; it
    looks a few metres ahead."""
    step = np.linalg.norm(np.diff(line[:, [0, 2]], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.clip(travelled_m, 0.0, along[-1])

    def place(metres: Float) -> Float:
        return np.stack([np.interp(metres, along, line[:, k]) for k in range(3)], -1)

    low, high = np.clip(at - 0.8, 0, along[-1] - 1.6), np.clip(at + 0.8, 1.6, along[-1])
    ahead = place(high) - place(low)
    heading = np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2]))
    return Way(times, place(at), heading, s)
