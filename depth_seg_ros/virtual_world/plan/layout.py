"""The plan of a stretch of the drive: the main road, its side roads, what ground is still free.

A drive follows one axis through one place or several; each place has a Layout of its own between
``low_m`` and ``high_m`` on it. Lanes go on from place to place, what lies beyond them changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.virtual_world.plan.axis import RoadAxis
from depth_seg_ros.virtual_world.plan.occupancy import KerbSpace, Occupancy
from depth_seg_ros.virtual_world.plan.parameters import JunctionParameters, PlaceParameters
from depth_seg_ros.virtual_world.plan.section import CrossSection

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
    """Axis, section, arms and occupied ground of one place on the drive."""

    def __init__(
        self,
        parameters: PlaceParameters,
        before: Layout | None = None,
        low_m: float | None = None,
        high_m: float | None = None,
    ) -> None:
        """``before``: the layout of the first place, whose axis this one goes on along. Without
        ``low_m`` or ``high_m`` the place begins or ends where the axis does."""
        self.parameters = parameters
        rng = parameters.rng("layout")
        if before is None:
            end_m = parameters.length_m + parameters.beyond_m
            self.axis = RoadAxis(parameters.road, end_m, rng)
            self.occupancy, self.kerb_space = Occupancy(), KerbSpace()
        else:
            self.axis = before.axis
            self.occupancy, self.kerb_space = before.occupancy, before.kerb_space
        self.first, self.last = low_m is None, high_m is None
        self.low_m = float(self.axis.s[0]) if low_m is None else low_m
        self.high_m = self.axis.end_m if high_m is None else high_m
        self.section = CrossSection.of(parameters.road)
        self.drives: list[tuple[int, float, float]] = []
        """Where walls and hedges along a side leave a way in: (side, s, s)."""
        self.arms = tuple(
            self._arm(j, side, rng)
            for j in parameters.junctions
            for side, there in ((-1, j.left), (1, j.right))
            if there
        )
        self._claim_roads()
        self.bridges = tuple(self._bridges(rng))

    def start(self, margin_m: float = 0.0) -> float:
        """Where the place begins; the margin keeps off the end of the world only."""
        return self.low_m + (margin_m if self.first else 0.0)

    def end(self, margin_m: float = 0.0) -> float:
        """Where the place ends; the margin keeps off the end of the world only."""
        return self.high_m - (margin_m if self.last else 0.0)

    def holds(self, s: float, margin_m: float = 0.0) -> bool:
        """Whether s lies in this place, ``margin_m`` off its neighbours."""
        low = self.low_m if self.first else self.low_m + margin_m
        high = self.high_m if self.last else self.high_m - margin_m
        return low <= s <= high

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

    def between_drives(self, side: int, s0: float, s1: float) -> list[tuple[float, float]]:
        """What the drives of a side leave of s0 .. s1."""
        pieces = [(s0, s1)]
        for own, low, high in self.drives:
            if own == side:
                pieces = [
                    p
                    for a, b in pieces
                    for p in ((a, min(b, low)), (max(a, high), b))
                    if p[1] - p[0] > 0.8
                ]
        return pieces

    def in_junction(self, s: float, margin: float = 0.0) -> bool:
        """Whether s lies where any arm joins."""
        return any(
            abs(s - a.junction.s_m) < a.junction.width_m / 2 + a.corner_m + margin
            for a in self.arms
        )

    def _claim_roads(self) -> None:
        axis, section = self.axis, self.section
        s = np.arange(self.low_m, self.high_m, 4.0) + 2.0
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
