"""People near the camera: three to fourteen metres ahead of it at some moment of the drive.

Where traffic alone decides, people are a few pixels wide. In a share of scenes somebody stands,
waits, walks or rolls along the edge of the way just where the ego vehicle comes past; who rides
may also keep to the edge of the road.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.traffic.simulation import Traffic

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

SHARE = 0.6
"""Of the places that have such people."""
AHEAD_M = (3.5, 14.0)
CLEAR_M = 1.1
"""From the middle of the ego lane to anybody."""
KINDS = {
    "stand": 0.24, "walk": 0.32, "group": 0.1, "scooter": 0.07, "cyclist": 0.21, "motorcycle": 0.06,
}  # fmt: skip
RIDERS = ("scooter", "cyclist", "motorcycle")
_PACE_MPS = {
    "stand": 0.0, "walk": 1.3, "group": 0.0, "scooter": 3.5, "cyclist": 4.0, "motorcycle": 6.0,
}  # fmt: skip
ON_ROAD_M = 0.5
"""How far inside the kerb somebody rides where nobody parks: cars pass by."""


@dataclass(frozen=True)
class Encounter:
    """Somebody's way over the traffic's times: s [N], metres outside the kerb, pace along s."""

    kind: str
    s: Float
    side: int
    out_m: float
    pace_mps: float


def draw_encounters(layout: Layout, traffic: Traffic, rng: Generator) -> list[Encounter]:
    """Who is met in a place."""
    if layout.parameters.setting == "motorway" or rng.random() > SHARE:
        return []
    found = []
    for _ in range(2 + int(rng.poisson(5))):
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        t = float(rng.uniform(0, traffic.times[-1]))
        there = float(np.interp(t, traffic.times, traffic.ego_s)) + float(rng.uniform(*AHEAD_M))
        side = 1 if rng.random() < 0.62 else -1
        out = _out(layout, traffic, side, kind in RIDERS, rng)
        with_traffic = 0.8 if kind in RIDERS and side > 0 else 0.5
        sign = 1 if rng.random() < with_traffic else -1
        pace = sign * _PACE_MPS[kind] * float(rng.uniform(0.75, 1.2))
        s = there + pace * (traffic.times - t)
        if out is not None and _stays(layout, side, s, kind, out):
            found.append(Encounter(kind, s, side, out, pace))
    return found


def _out(layout: Layout, traffic: Traffic, side: int, rides: bool, rng: Generator) -> float | None:
    """Metres outside the kerb where somebody may be: the pavement, or the verge of a way; who
    rides may be inside it."""
    section = layout.section
    clear = side * traffic.ego_lane.center_m + CLEAR_M - section.edge(side)
    room = section.side_width
    low, high = (0.3, room - 0.25) if room > 1.0 else (0.3, 1.8)
    if layout.parameters.traffic.closed:
        low = -0.3
    if rides and not any(strip.center_m * side > 0 for strip in section.parking):
        low, high = -ON_ROAD_M, min(high, 0.8)
    low = max(low, clear)
    return float(rng.uniform(low, max(high, low + 0.3)))


def _stays(layout: Layout, side: int, s: Float, kind: str, out: float) -> bool:
    """Whether the way lies in the place, off the side roads and off what stands."""
    low, high = float(s.min()) - 1, float(s.max()) + 1
    if not (layout.holds(low) and layout.holds(high)):
        return False
    if any(a < high and b > low for a, b in layout.openings(side)):
        return False
    if kind in ("stand", "group") and layout.section.side_width > 1.0:
        return layout.kerb_space.free(side, (low + high) / 2, 1.4)
    return True
