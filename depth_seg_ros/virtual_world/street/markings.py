"""Paint on the road: lane lines, stop lines, zebra crossings, arrows, parking bays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.plan.layout import Arm, Layout
from depth_seg_ros.virtual_world.plan.section import PARKING_BAY_M
from depth_seg_ros.virtual_world.street.roads import bands, strip
from depth_seg_ros.virtual_world.textures.palette import Palette

PAINT_M = 0.007
"""Height of paint above the road, so that the two do not fight for the same pixels."""


def build_markings(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    """All paint of the main road and the arms' give-way lines."""
    rng = layout.parameters.rng("markings")
    paint = palette("marking", "road", rng.uniform(0.8, 1.05))
    _lengthwise(builder, layout, paint, rng)
    _parking(builder, layout, paint)
    for arm in layout.arms:
        _arm_mouth(builder, layout, arm, paint)
    for junction in layout.parameters.junctions:
        if junction.main_stops:
            _main_stop(builder, layout, junction.s_m, paint)
        if junction.zebra:
            for sign in (-1, 1):
                zebra(builder, layout, crossing_s(layout, junction.s_m, sign), paint)
    if layout.section.lanes and layout.parameters.road.lanes_forward > 1:
        _arrows(builder, layout, paint, rng)


def junction_reach(layout: Layout, s: float) -> float:
    """Metres from a junction's middle to where the kerbs are straight again."""
    arms = [a for a in layout.arms if a.junction.s_m == s]
    return max(a.junction.width_m / 2 + a.corner_m for a in arms)


def crossing_s(layout: Layout, junction_s: float, sign: int) -> float:
    """s of the middle of the zebra before (-1) or after (+1) a junction."""
    return junction_s + sign * (junction_reach(layout, junction_s) + 1.9)


def stop_line_s(layout: Layout, junction_s: float, direction: int) -> float:
    """s at which main-road traffic of a direction stops for a junction."""
    return junction_s - direction * (junction_reach(layout, junction_s) + 4.6)


def _blocked(layout: Layout) -> list[tuple[float, float]]:
    """Stretches without lengthwise paint: junctions with arms on both sides or signals."""
    found = []
    for junction in layout.parameters.junctions:
        reach = junction_reach(layout, junction.s_m) + (4.2 if junction.zebra else 0.0)
        found.append((junction.s_m - reach, junction.s_m + reach))
    return found


def _lengthwise(
    builder: MeshBuilder, layout: Layout, paint: Material, rng: np.random.Generator
) -> None:
    road, section = layout.parameters.road, layout.section
    dash, gap = road.dash_m
    wide = 0.15 if layout.parameters.setting == "motorway" else 0.12
    for direction in (1, -1):
        lanes = sorted((a.center_m for a in section.lanes if a.direction == direction), key=abs)
        for inner, outer in pairwise(lanes):
            _line(builder, layout, paint, (inner + outer) / 2, wide, dash, gap)
        for cycle in section.cycle:
            if cycle.center_m * direction > 0:
                edge = cycle.low_m if direction > 0 else cycle.high_m
                _line(builder, layout, paint, edge, 0.12, dash, 0.0)
    if road.centre_line != "none" and road.lanes_backward and not section.median:
        if road.centre_line == "dashed":
            _line(builder, layout, paint, 0.0, wide, dash, gap)
        else:
            for offset in (-0.12, 0.12) if road.centre_line == "double" else (0.0,):
                _line(builder, layout, paint, offset, wide, dash, 0.0)
    if road.edge_lines:
        outer_lane = {
            d: max((abs(a.center_m) for a in section.lanes if a.direction == d), default=0.0)
            + road.lane_width_m / 2
            for d in (1, -1)
        }
        for direction, reach in outer_lane.items():
            if reach > road.lane_width_m:
                _line(builder, layout, paint, direction * (reach + 0.03), wide, dash, 0.0)
            elif reach > road.lane_width_m / 2:
                _line(builder, layout, paint, direction * (reach - 0.12), wide, dash, 0.0)
        if section.median:
            for direction in (1, -1):
                _line(
                    builder,
                    layout,
                    paint,
                    direction * (section.median.high_m + 0.25),
                    wide,
                    dash,
                    0.0,
                )


def _line(
    builder: MeshBuilder,
    layout: Layout,
    paint: Material,
    lateral: float,
    width: float,
    dash: float,
    gap: float,
) -> None:
    """A line along the whole road, dashed if ``gap`` is not 0, broken at junctions."""
    start, end = layout.start(), layout.end(5)
    blocked = _blocked(layout)
    step = dash + gap if gap else 12.0
    length = dash if gap else 12.0
    found: list[tuple[float, float]] = []
    for s in np.arange(start, end - step, step).tolist():
        pieces = [(s, s + length)]
        for low, high in blocked:
            pieces = [
                p
                for a, b in pieces
                for p in ((a, min(b, low)), (max(a, high), b))
                if p[1] - p[0] > 0.2
            ]
        found += pieces
    bands(builder, layout, paint, found, lateral - width / 2, lateral + width / 2, PAINT_M)


def _parking(builder: MeshBuilder, layout: Layout, paint: Material) -> None:
    for bay in layout.section.parking:
        side = 1 if bay.center_m > 0 else -1
        deep = abs(bay.width_m - PARKING_BAY_M) < 0.1
        spacing = 2.5 if deep else 6.0
        inner = bay.low_m if side > 0 else bay.high_m
        openings = layout.openings(side)
        lines = [
            (s, s + 0.1)
            for s in np.arange(-20.0, layout.parameters.length_m + 50, spacing).tolist()
            if layout.holds(s, spacing) and not any(a - 1 < s < b + spacing for a, b in openings)
        ]
        low, high = sorted((inner, inner + side * (bay.width_m - 0.1)))
        bands(builder, layout, paint, lines, low, high, PAINT_M)


def _main_stop(builder: MeshBuilder, layout: Layout, s: float, paint: Material) -> None:
    for lane in layout.section.lanes:
        at = stop_line_s(layout, s, lane.direction)
        half = lane.width_m / 2 - 0.05
        strip(
            builder,
            layout,
            paint,
            at - 0.2,
            at + 0.2,
            lane.center_m - half,
            lane.center_m + half,
            PAINT_M,
        )


def zebra(builder: MeshBuilder, layout: Layout, s: float, paint: Material) -> None:
    """Bars across the carriageway at s, 3 m long."""
    section = layout.section
    median = section.median
    for low in np.arange(section.left_edge + 0.35, section.right_edge - 0.5, 1.0):
        if median and median.low_m - 0.5 < low < median.high_m:
            continue
        strip(builder, layout, paint, s - 1.5, s + 1.5, float(low), float(low) + 0.5, PAINT_M)


def _arm_mouth(builder: MeshBuilder, layout: Layout, arm: Arm, paint: Material) -> None:
    """A broken give-way line and a centre line on the arm."""
    half, axis = arm.junction.width_m / 2, layout.axis
    # Traffic leaves the arm towards the main road on its own right-hand side.
    out = arm.corner_m + 0.6
    lane = (0.1, half - 0.2) if arm.side > 0 else (-half + 0.2, -0.1)
    quads = []
    for u in np.arange(lane[0], lane[1] - 0.4, 0.75).tolist():
        quads.append([(u, out), (u + 0.5, out), (u + 0.5, out + 0.4), (u, out + 0.4)])
    marked = min(arm.length_m, 60) if arm.junction.width_m > 5.3 else 0.0
    for o in np.arange(out + 2, marked, 6.0).tolist():
        quads.append([(-0.06, o), (0.06, o), (0.06, o + 3), (-0.06, o + 3)])
    corners = np.array(quads)
    points = arm.at(axis, corners[..., 0], corners[..., 1], PAINT_M + 0.004)
    builder.quads(
        points,
        paint,
        normals=np.broadcast_to([0.0, 1.0, 0.0], (len(points), 3)),
        uv=corners / paint.repeat_m,
    )


def _arrows(
    builder: MeshBuilder, layout: Layout, paint: Material, rng: np.random.Generator
) -> None:
    """Lane arrows before the junctions of wide roads."""
    for junction in layout.parameters.junctions:
        for lane in layout.section.forward():
            for back in (12.0, 32.0):
                s = stop_line_s(layout, junction.s_m, 1) - back
                if s > 0 and not layout.in_junction(s, 6):
                    _arrow(builder, layout, paint, s, lane.center_m, int(rng.integers(3)) - 1)


def _arrow(
    builder: MeshBuilder, layout: Layout, paint: Material, s: float, lateral: float, turn: int
) -> None:
    """A 5 m arrow: straight on (0), left (-1) or right (+1)."""
    shaft = [(-0.09, 0.0), (0.09, 0.0), (0.09, 3.0), (-0.09, 3.0)]
    if turn == 0:
        head = [(-0.4, 3.0), (0.4, 3.0), (0.0, 5.0), (0.0, 5.0)]
    else:
        head = [(0.0, 2.4), (turn * 0.75, 3.3), (turn * 0.75, 3.3), (0.0, 4.2)]
    for shape in (shaft, head):
        corner = np.array(shape)
        points = layout.axis.at(s + corner[:, 1], lateral + corner[:, 0], PAINT_M + 0.004)
        builder.quads(
            points[None], paint, normals=[(0.0, 1.0, 0.0)], uv=corner[None] / paint.repeat_m
        )
