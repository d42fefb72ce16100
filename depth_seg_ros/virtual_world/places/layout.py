"""The plan of a scene: the main road, its side roads, and what ground is still free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.places.parameters import JunctionParameters, SceneParameters
from depth_seg_ros.virtual_world.street.axis import RoadAxis
from depth_seg_ros.virtual_world.street.section import CrossSection

Float = NDArray[np.floating[Any]]


def smoothstep(x: ArrayLike) -> Float:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(np.asarray(x, np.float64), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


@dataclass(frozen=True)
class Arm:
    """A side road leaving the main road on one side; (u, o) = (along the main road, outwards)."""

    junction: JunctionParameters
    side: int
    edge_m: float  # of the main road on this side
    corner_m: float  # radius of the kerb's corner
    length_m: float
    slope: float
    bend: float  # along-road metres per squared outward metre

    def s_of(self, u: ArrayLike, o: ArrayLike) -> Float:
        """s of a point u along the main road from the arm's centre, o metres out."""
        out = np.maximum(np.asarray(o, np.float64), 0)
        turned = self.junction.skew * out * out / (out + 8) + self.bend * out * out
        return np.asarray(self.junction.s_m + np.asarray(u) + turned)

    def u_of(self, s: ArrayLike, o: ArrayLike) -> Float:
        """The inverse of :meth:`s_of`."""
        return np.asarray(np.asarray(s) - self.s_of(0.0, o))

    def height(self, axis: RoadAxis, s: ArrayLike, o: ArrayLike) -> Float:
        """Height of the arm's surface: the main road's at the mouth, its own slope beyond."""
        out = np.maximum(np.asarray(o, np.float64), 0)
        own = axis.height_at(self.junction.s_m) + self.slope * np.maximum(out - 6, 0)
        blend = smoothstep(out / 14)
        return np.asarray(axis.height_at(s) * (1 - blend) + own * blend)

    def at(self, axis: RoadAxis, u: ArrayLike, o: ArrayLike, up: ArrayLike = 0.0) -> Float:
        """World points of (u, o) at a height above the arm's surface."""
        u, o, up = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (u, o, up)))
        s = self.s_of(u, o)
        point = axis.at(s, self.side * (self.edge_m + o))
        point[..., 1] = self.height(axis, s, o) + up
        return point


@dataclass(frozen=True)
class Bridge:
    """A road over the main road: where, how wide, and how far off the kerbs it lands."""

    s_m: float
    width_m: float
    margin_m: float


class Layout:
    """Axis, section, arms and occupied ground of one scene."""

    def __init__(self, parameters: SceneParameters) -> None:
        self.parameters = parameters
        rng = parameters.rng("layout")
        self.axis = RoadAxis(parameters.road, parameters.length_m + parameters.beyond_m, rng)
        self.section = CrossSection.of(parameters.road)
        self.arms = tuple(
            self._arm(j, side, rng)
            for j in parameters.junctions
            for side, there in ((-1, j.left), (1, j.right))
            if there
        )
        self.occupancy = Occupancy()
        self.kerb_space = KerbSpace()
        self._claim_roads()
        self.bridges = tuple(self._bridges(rng))

    def _bridges(self, rng: np.random.Generator) -> Iterator[Bridge]:
        """The overpasses, moved clear of junctions; their ground and kerbs are taken."""
        for wished in self.parameters.furniture.overpasses:
            width = float(rng.uniform(6, 14))
            for shift in (0, 15, -15, 30, -30, 45, 60):
                s = wished + shift
                if not self.in_junction(s, width / 2 + 8):
                    margin = float(rng.uniform(2.5, 12))
                    reach = 2 * (max(self.section.outer(1), self.section.outer(-1)) + margin) + 60
                    x, _, z = self.axis.at(s)
                    self.occupancy.claim(x, z, float(self.axis.heading_at(s)), reach, width + 5)
                    for side in (-1, 1):
                        self.kerb_space.take(side, s, width + 3)
                    yield Bridge(s, width, margin)
                    break

    def _arm(self, junction: JunctionParameters, side: int, rng: np.random.Generator) -> Arm:
        pavement = self.section.side_width
        return Arm(
            junction,
            side,
            self.section.edge(side),
            corner_m=float(max(rng.uniform(3.5, 8), pavement + 0.4)),
            length_m=float(rng.uniform(70, 130)),
            slope=float(rng.uniform(-0.03, 0.04)),
            bend=float(rng.uniform(-0.002, 0.002)),
        )

    def openings(self, side: int) -> list[tuple[float, float]]:
        """Stretches of s where the kerb of a side gives way to an arm."""
        found = []
        for arm in self.arms:
            if arm.side == side:
                reach = arm.junction.width_m / 2 + arm.corner_m
                found.append((arm.junction.s_m - reach, arm.junction.s_m + reach))
        return sorted(found)

    def in_junction(self, s: float, margin: float = 0.0) -> bool:
        """Whether s lies where any arm joins."""
        return any(
            abs(s - a.junction.s_m) < a.junction.width_m / 2 + a.corner_m + margin
            for a in self.arms
        )

    def _claim_roads(self) -> None:
        axis, section = self.axis, self.section
        s = np.arange(axis.s[0], axis.end_m, 4.0) + 2.0
        middle = (section.outer(1) - section.outer(-1)) / 2
        width = section.outer(1) + section.outer(-1)
        for at in s:
            x, _, z = axis.at(at, middle)
            self.occupancy.claim(x, z, float(axis.heading_at(at)), width, 4.6)
        for arm in self.arms:
            out = np.arange(section.side_width, arm.length_m, 4.0) + 2.0
            for o in out:
                x, _, z = arm.at(axis, 0.0, o)
                ahead = arm.at(axis, 0.0, o + 1.0)
                yaw = float(np.arctan2(ahead[0] - x, ahead[2] - z))
                self.occupancy.claim(x, z, yaw, arm.junction.width_m + 2 * section.side_width, 4.6)


class Occupancy:
    """Oriented rectangles on the ground that are taken."""

    def __init__(self) -> None:
        self._center: list[tuple[float, float]] = []
        self._axes: list[tuple[float, float, float, float]] = []

    def free(self, x: float, z: float, yaw: float, width: float, depth: float) -> bool:
        """Whether a rectangle (width across, depth along ``yaw``) touches no claimed one."""
        if not self._center:
            return True
        center = np.array(self._center)
        axes = np.array(self._axes)
        mine = (np.sin(yaw), np.cos(yaw), width / 2, depth / 2)
        dx, dz = center[:, 0] - x, center[:, 1] - z
        sin, cos, half_w, half_d = axes.T
        apart = np.zeros(len(center), bool)
        cross = np.abs(np.sin(yaw) * cos - np.cos(yaw) * sin)
        inner = np.abs(np.sin(yaw) * sin + np.cos(yaw) * cos)
        for ax, az, reach, other in (
            (mine[0], mine[1], mine[3], half_d * inner + half_w * cross),
            (mine[1], -mine[0], mine[2], half_w * inner + half_d * cross),
            (sin, cos, half_d, mine[3] * inner + mine[2] * cross),
            (cos, -sin, half_w, mine[2] * inner + mine[3] * cross),
        ):
            apart |= np.abs(dx * ax + dz * az) > reach + other
        return bool(apart.all())

    def free_places(self, x: Float, z: Float, width: float) -> NDArray[np.bool_]:
        """Whether squares [N] of a width, standing north, touch no claimed rectangle."""
        if not self._center:
            return np.ones(len(x), bool)
        center, axes = np.array(self._center), np.array(self._axes)
        dx, dz = center[:, 0] - x[:, None], center[:, 1] - z[:, None]
        sin, cos, half_w, half_d = axes.T
        reach = (np.abs(sin) + np.abs(cos)) * width / 2  # of the square along either axis
        apart = (np.abs(dx * sin + dz * cos) > half_d + reach) | (
            np.abs(dx * cos - dz * sin) > half_w + reach
        )
        apart |= (np.abs(dz) > half_d * np.abs(cos) + half_w * np.abs(sin) + width / 2) | (
            np.abs(dx) > half_d * np.abs(sin) + half_w * np.abs(cos) + width / 2
        )
        return np.asarray(apart.all(1))

    def claim(self, x: float, z: float, yaw: float, width: float, depth: float) -> None:
        """Take a rectangle whatever is there."""
        self._center.append((float(x), float(z)))
        self._axes.append((float(np.sin(yaw)), float(np.cos(yaw)), width / 2, depth / 2))

    def take(self, x: float, z: float, yaw: float, width: float, depth: float) -> bool:
        """Claim the rectangle if it is free; whether it was."""
        if not self.free(x, z, yaw, width, depth):
            return False
        self.claim(x, z, yaw, width, depth)
        return True


class KerbSpace:
    """Stretches of the kerb side of the pavements that are taken by posts, trees and shelters."""

    def __init__(self) -> None:
        self._taken: list[tuple[int, float, float]] = []

    def take(self, side: int, s: float, length: float) -> bool:
        """Claim ``length`` metres round s on a side if they are free; whether they were."""
        if not self.free(side, s, length):
            return False
        self._taken.append((side, s, length))
        return True

    def free(self, side: int, s: float, length: float) -> bool:
        """Whether nothing has claimed any of ``length`` metres round s."""
        return not any(
            other_side == side and abs(other - s) < (extent + length) / 2
            for other_side, other, extent in self._taken
        )
