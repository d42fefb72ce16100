"""The main road's course: from (s, l) along and across the road to the world, and back.

s runs along the centre line in metres (the ego vehicle starts near s = 0), l is metres to the
right of it. Heights follow the centre line; the road has no camber.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.geometry.mesh import yaw_rotation
from depth_seg_ros.virtual_world.plan.parameters import RoadParameters

Float = NDArray[np.floating[Any]]

STEP_M = 1.0
START_M = -70.0
ROW_M = 4.0
"""Length of a road cell; curves have radii above 60 m, so the chord is within 4 cm."""


class RoadAxis:
    """The centre line, sampled every metre."""

    def __init__(self, road: RoadParameters, end_m: float, rng: np.random.Generator) -> None:
        self.s = np.arange(START_M, end_m + STEP_M, STEP_M)
        phase = rng.uniform(0, 2 * np.pi, 4)
        turn = 2 * np.pi / road.turn_wavelength_m
        heading = road.turn_rad * (
            np.sin(turn * self.s + phase[0]) + 0.35 * np.sin(2.3 * turn * self.s + phase[1])
        )
        origin = int(np.argmin(np.abs(self.s)))
        self.heading = heading - heading[origin]
        wave = 2 * np.pi / road.hill_wavelength_m
        height = (
            0.5
            * road.hill_m
            * (np.sin(wave * self.s + phase[2]) + 0.3 * np.sin(2.1 * wave * self.s + phase[3]))
        )
        steps = STEP_M * np.stack([np.sin(self.heading), np.cos(self.heading)], -1)
        plan = np.cumsum(steps, 0)
        plan -= plan[origin]
        self.center = np.stack([plan[:, 0], height - height[origin], plan[:, 1]], -1)

    def rows(self) -> Float:
        """s of all rows the road and the land near it are drawn with; places begin and end at one
        of them."""
        return np.arange(self.s[0], self.end_m, ROW_M)

    @property
    def end_m(self) -> float:
        """The last s."""
        return float(self.s[-1])

    def heading_at(self, s: ArrayLike) -> Float:
        """Heading in radians from north (+z) towards east (+x)."""
        return np.asarray(np.interp(np.asarray(s), self.s, self.heading))

    def height_at(self, s: ArrayLike) -> Float:
        """Height of the road surface."""
        return np.asarray(np.interp(np.asarray(s), self.s, self.center[:, 1]))

    def slope_at(self, s: ArrayLike) -> Float:
        """Rise per metre."""
        return np.asarray(
            (self.height_at(np.asarray(s) + 2) - self.height_at(np.asarray(s) - 2)) / 4
        )

    def at(self, s: ArrayLike, lateral: ArrayLike = 0.0, up: ArrayLike = 0.0) -> Float:
        """World points [..., 3] of broadcast s, lateral and height above the road."""
        s, lateral, up = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (s, lateral, up)))
        heading = self.heading_at(s)
        x = np.interp(s, self.s, self.center[:, 0]) + np.cos(heading) * lateral
        z = np.interp(s, self.s, self.center[:, 2]) - np.sin(heading) * lateral
        return np.stack([x, self.height_at(s) + up, z], -1)

    def rotation(self, s: float, yaw: float = 0.0) -> NDArray[np.float32]:
        """Rotation that turns +z to the road's direction at s (plus ``yaw`` to the right)."""
        return yaw_rotation(float(self.heading_at(s)) + yaw)

    def project(self, x: ArrayLike, z: ArrayLike) -> tuple[Float, Float]:
        """(s, lateral) of world points: of the nearest centre-line sample."""
        px, pz = (np.asarray(a, np.float64).ravel() for a in (x, z))
        coarse = self.center[::4]
        nearest = np.empty(len(px), np.int64)
        for start in range(0, len(px), 4096):
            part = slice(start, start + 4096)
            gap = (px[part, None] - coarse[None, :, 0]) ** 2 + (
                pz[part, None] - coarse[None, :, 2]
            ) ** 2
            nearest[part] = gap.argmin(1) * 4
        dx, dz = px - self.center[nearest, 0], pz - self.center[nearest, 2]
        heading = self.heading[nearest]
        along = dx * np.sin(heading) + dz * np.cos(heading)
        lateral = dx * np.cos(heading) - dz * np.sin(heading)
        shape = np.shape(x)
        return (self.s[nearest] + along).reshape(shape), lateral.reshape(shape)
