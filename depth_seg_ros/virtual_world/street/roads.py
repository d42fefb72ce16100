"""Carriageway, kerbs, pavements, side roads and their corners."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.plan.axis import ROW_M
from depth_seg_ros.virtual_world.plan.layout import Arm, Layout
from depth_seg_ros.virtual_world.plan.section import KERB_TOP_M
from depth_seg_ros.virtual_world.textures.palette import ROADS, Palette

Float = NDArray[np.floating[Any]]
UP = (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Zone:
    """A band beside the carriageway: from one (offset from the kerb, height) to another."""

    material: Material
    start: tuple[float, float]
    end: tuple[float, float]


def build_roads(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    """All paved surfaces of the main road and its arms."""
    rng = layout.parameters.rng("roads")
    _carriageway(builder, layout, palette, rng)
    _median(builder, layout, palette)
    zones = side_zones(layout, palette, rng)
    for side in (-1, 1):
        _sides(builder, layout, side, zones)
    for arm in layout.arms:
        _arm(builder, layout, arm, palette, zones, rng)


def road_material(layout: Layout, palette: Palette, rng: np.random.Generator) -> Material:
    """The asphalt (or concrete) of the main road."""
    road = layout.parameters.road
    name = road.surface or ("road_concrete" if road.asphalt == 3 else ROADS[road.asphalt])
    return palette(name, road.surface_class, rng.uniform(0.88, 1.12))


_TRACKS = ((-0.62, 1.0), (-0.22, 0.95), (0.22, 0.985), (0.62, 0.95), (1.0, 1.0))
_FEW_TRACKS = ((-0.55, 1.0), (0.55, 0.96), (1.0, 1.0))
"""Cells across a lane: (right edge as a share of half the lane, brightness)."""


def _columns(layout: Layout) -> tuple[Float, Float]:
    """Lateral edges of the road's cells and a brightness for each cell: wheel tracks, oil."""
    edges, tone = [layout.section.left_edge], []
    marks: list[tuple[float, float]] = []
    for lane in sorted(layout.section.lanes, key=lambda a: a.center_m):
        half = lane.width_m / 2
        shares = _TRACKS if len(layout.section.lanes) < 5 else _FEW_TRACKS
        marks += [(lane.center_m + half * share, value) for share, value in shares]
    for edge, value in marks:
        if edge > edges[-1] + 0.05:
            edges.append(edge)
            tone.append(value)
    if layout.section.right_edge > edges[-1] + 0.05:
        edges.append(layout.section.right_edge)
        tone.append(1.02)
    return np.array(edges), np.array(tone)


def _rows(layout: Layout) -> Float:
    """s of the road's rows in this place; neighbours share the one between them."""
    rows = layout.axis.rows()
    return rows[(rows >= layout.low_m) & (rows <= layout.high_m)]


def _carriageway(
    builder: MeshBuilder, layout: Layout, palette: Palette, rng: np.random.Generator
) -> None:
    material = road_material(layout, palette, rng)
    edges, tone = _columns(layout)
    rows = _rows(layout)
    wear = layout.parameters.road.wear
    slab = np.repeat(rng.normal(1.0, 0.03 * wear, len(rows) // 6 + 1), 6)[: len(rows) - 1]
    track = 1 + (tone - 1) * (0.3 + 1.3 * wear)
    tint = (slab[:, None] * track[None])[..., None] * np.ones(3)
    points = layout.axis.at(rows[:, None], edges[None])
    uv = np.stack(np.broadcast_arrays(edges[None], rows[:, None]), -1) / material.repeat_m
    builder.grid(points, material, uv=uv, up=UP, tint=tint)
    _bays(builder, layout, palette)
    road = layout.parameters.road
    if not road.surface and road.surface_class == "road":
        _repairs(builder, layout, palette, rng)


def _bays(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    """Another surface on parking lanes, where it is one that labels tell from the road."""
    road, rows = layout.parameters.road, _rows(layout)
    if road.parking_class:
        material = palette(f"paving_{road.paving}", road.parking_class)
        for bay in layout.section.parking:
            strip(builder, layout, material, rows[0], rows[-1], bay.low_m, bay.high_m, 0.003)


def _repairs(
    builder: MeshBuilder, layout: Layout, palette: Palette, rng: np.random.Generator
) -> None:
    """Patches and manholes."""
    rows, wear = _rows(layout), layout.parameters.road.wear
    share = len(rows) / len(layout.axis.rows())
    patch = palette("asphalt_patch", "road", rng.uniform(0.9, 1.3))
    for _ in range(int(rng.poisson(22 * wear * share))):
        lane = layout.section.lanes[rng.integers(len(layout.section.lanes))]
        s = rng.uniform(rows[0], rows[-1] - (20 if layout.last else 9))
        length, width = rng.uniform(1.0, 9.0), rng.uniform(0.5, lane.width_m * 0.9)
        low = lane.center_m - lane.width_m / 2 + rng.uniform(0, lane.width_m - width)
        strip(builder, layout, patch, s, s + length, low, low + width, 0.003)
    for _ in range(int(rng.integers(3, 10))):
        lane = layout.section.lanes[rng.integers(len(layout.section.lanes))]
        start, end = max(0.0, rows[0]), rows[-1] - (60 if layout.last else 1)
        s, middle = rng.uniform(start, end), lane.center_m + rng.uniform(-0.8, 0.8)
        strip(
            builder,
            layout,
            palette("manhole", "road", rng.uniform(0.7, 1.2)),
            s,
            s + 0.7,
            middle - 0.35,
            middle + 0.35,
            0.005,
            uv=((0, 0), (1, 1)),
        )


def strip(
    builder: MeshBuilder,
    layout: Layout,
    material: Material,
    s0: float,
    s1: float,
    low: float,
    high: float,
    up: float,
    uv: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> None:
    """A band along the main road from s0 to s1 between two laterals, ``up`` metres above it."""
    edges = np.arange(np.ceil(s0 / ROW_M) * ROW_M, s1, ROW_M)
    s = np.unique(np.concatenate([[s0], edges, [s1]]))
    lateral = np.array([low, high])
    points = layout.axis.at(s[:, None], lateral[None])
    # Between the road's own rows its surface is a chord, not the curve: lie on the chord.
    points[..., 1] = road_height(layout, s)[:, None] + up
    if uv is None:
        coordinates = np.stack(np.broadcast_arrays(lateral[None], s[:, None]), -1)
        builder.grid(points, material, uv=coordinates / material.repeat_m, up=UP)
    else:
        (u0, v0), (u1, v1) = uv
        share = (s - s0) / (s1 - s0)
        coordinates = np.stack(
            np.broadcast_arrays(np.array([u0, u1])[None], (v0 + (v1 - v0) * share)[:, None]), -1
        )
        builder.grid(points, material, uv=coordinates, up=UP)


def bands(
    builder: MeshBuilder,
    layout: Layout,
    material: Material,
    stretches: list[tuple[float, float]],
    low: float,
    high: float,
    up: float,
) -> None:
    """Many bands between the same two laterals, as :func:`strip` makes one."""
    pieces: list[tuple[float, float]] = []
    for s0, s1 in stretches:
        cuts = np.arange(np.floor(s0 / ROW_M) + 1, np.ceil(s1 / ROW_M)) * ROW_M
        pieces += pairwise([s0, *cuts.tolist(), s1])
    if not pieces:
        return
    s = np.array(pieces)[:, [0, 0, 1, 1]]
    lateral = np.array([low, high, high, low])
    points = layout.axis.at(s, lateral)
    points[..., 1] = road_height(layout, s) + up
    uv = np.stack(np.broadcast_arrays(lateral, s), -1) / material.repeat_m
    builder.quads(points, material, uv=uv, normals=np.array([0.0, 1.0, 0.0]))


def road_height(layout: Layout, s: Float) -> Float:
    """Height of the drawn road: linear between its rows."""
    rows = layout.axis.rows()
    return np.asarray(np.interp(s, rows, layout.axis.height_at(rows)))


def _median(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    """A kerbed island (town) or a green strip (highway) between the directions."""
    median = layout.section.median
    if median is None:
        return
    road = layout.parameters.road
    top = road.kerb_m if road.kerb_m else 0.03
    planted = median.width_m > 1.8
    name = "grass_0" if planted else "paving_2"
    core = palette(name, "terrain" if planted else "sidewalk")
    kerb = palette("kerb", "sidewalk") if road.kerb_m else palette("gravel", "terrain")
    for s0, s1 in _gaps(
        layout, [(a - 2, b + 2) for a, b in layout.openings(-1) + layout.openings(1)]
    ):
        rows = np.unique(np.concatenate([[s0], np.arange(np.ceil(s0 / 4) * 4, s1, 4.0), [s1]]))
        low, high = median.low_m, median.high_m
        profile = (
            (kerb, low, 0.0, low + 0.02, top),
            (kerb, low + 0.02, top, low + 0.17, top),
            (core, low + 0.17, top, high - 0.17, top),
            (kerb, high - 0.17, top, high - 0.02, top),
            (kerb, high - 0.02, top, high, 0.0),
        )
        for material, l0, h0, l1, h1 in profile:
            points = layout.axis.at(rows[:, None], np.array([[l0, l1]]), np.array([[h0, h1]]))
            points[..., 1] += (road_height(layout, rows) - layout.axis.height_at(rows))[:, None]
            uv = (
                np.stack(
                    np.broadcast_arrays(np.array([l0, l1 + abs(h1 - h0)])[None], rows[:, None]), -1
                )
                / material.repeat_m
            )
            builder.grid(points, material, uv=uv, up=UP)
        for end in (s0, s1):
            corners = layout.axis.at(
                end, np.array([low, high, high, low]), np.array([0.0, 0.0, top, top])
            )
            face = corners if end == s0 else corners[::-1]
            builder.quads(face[None], kerb)


def _gaps(layout: Layout, closed: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What is left of the road's length outside the given stretches."""
    start, found = layout.low_m, []
    for low, high in sorted(closed):
        if low > start + 0.5:
            found.append((start, low))
        start = max(start, high)
    if _rows(layout)[-1] > start + 0.5:
        found.append((start, float(_rows(layout)[-1])))
    return found


def side_zones(layout: Layout, palette: Palette, rng: np.random.Generator) -> tuple[Zone, ...]:
    """The bands from the kerb line outwards, on the main road and its arms."""
    road = layout.parameters.road
    if not road.kerb_m:
        return (
            Zone(palette("gravel", "terrain", rng.uniform(0.7, 1.0)), (0.0, 0.0), (0.6, -0.03)),
        )
    k = road.kerb_m
    kerb = palette("kerb", "sidewalk", rng.uniform(0.85, 1.1))
    zones = [Zone(kerb, (0.0, 0.0), (0.02, k)), Zone(kerb, (0.02, k), (KERB_TOP_M, k))]
    inner = KERB_TOP_M
    if road.verge_m:
        zones.append(Zone(palette("grass_0", "terrain"), (inner, k), (inner + road.verge_m, k)))
        inner += road.verge_m
    outer = inner + road.pavement_m
    name = road.paving_texture or f"paving_{road.paving}"
    paving = palette(name, "sidewalk", rng.uniform(0.88, 1.1))
    zones.append(Zone(paving, (inner, k), (outer, k + 0.015 * road.pavement_m)))
    return tuple(zones)


def _sides(builder: MeshBuilder, layout: Layout, side: int, zones: tuple[Zone, ...]) -> None:
    for s0, s1 in _gaps(layout, layout.openings(side)):
        rows = layout.axis.rows()
        rows = np.concatenate([[s0], rows[(rows > s0 + 0.01) & (rows < s1 - 0.01)], [s1]])
        base = road_height(layout, rows)
        for zone in zones:
            offsets = np.array([zone.start[0], zone.end[0]])
            ups = np.array([zone.start[1], zone.end[1]])
            points = layout.axis.at(
                rows[:, None], side * (layout.section.edge(side) + offsets)[None]
            )
            points[..., 1] = base[:, None] + ups[None]
            builder.grid(points, zone.material, uv=_zone_uv(zone, rows), up=UP)


def _zone_uv(zone: Zone, along: Float) -> Float:
    across = np.array([0.0, np.hypot(zone.end[0] - zone.start[0], zone.end[1] - zone.start[1])])
    if zone.material.repeat_m == 4.0:  # kerb stones: the joints run across
        return np.stack(np.broadcast_arrays(along[:, None], across[None]), -1) / 4.0
    return np.stack(np.broadcast_arrays(across[None], along[:, None]), -1) / zone.material.repeat_m


def _arm(
    builder: MeshBuilder,
    layout: Layout,
    arm: Arm,
    palette: Palette,
    zones: tuple[Zone, ...],
    rng: np.random.Generator,
) -> None:
    """One side road: mouth, carriageway, kerbs and pavements round both corners."""
    axis, r = layout.axis, arm.corner_m
    half = arm.junction.width_m / 2
    road = layout.parameters.road
    same = road.surface if road.surface_class == "road" else ""
    asphalt = palette(same or ROADS[rng.integers(3)], "road", rng.uniform(0.9, 1.1))
    turn = np.linspace(0, np.pi / 2, 7)
    mouth_o = r - r * np.cos(turn)  # 0 at the main road .. r where the arm is straight
    mouth_half = half + r - r * np.sin(turn)
    straight = np.concatenate([[r], np.arange(r + 6, arm.length_m, 6.0)])
    out = np.concatenate([[-0.3], mouth_o, straight[1:]])
    width = np.concatenate([[half + r], mouth_half, np.full(len(straight) - 1, half)])
    across = np.linspace(-1, 1, 7)
    u = width[:, None] * across[None]
    points = arm.at(axis, u, out[:, None], 0.002)
    uv = np.stack(np.broadcast_arrays(u, out[:, None]), -1) / asphalt.repeat_m
    builder.grid(points, asphalt, uv=uv, up=UP)
    for sign in (-1, 1):
        # The kerb line: from the main road round the corner and out along the arm.
        base_u = sign * np.concatenate(
            [half + r - r * np.sin(turn), np.full(len(straight) - 1, half)]
        )
        base_o = np.concatenate([r - r * np.cos(turn), straight[1:]])
        out_u = sign * np.concatenate([np.sin(turn), np.ones(len(straight) - 1)])
        out_o = np.concatenate([np.cos(turn), np.zeros(len(straight) - 1)])
        along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(base_u), np.diff(base_o)))])
        for zone in zones:
            offset = np.array([zone.start[0], zone.end[0]])
            ups = np.array([zone.start[1], zone.end[1]])
            points = arm.at(
                axis,
                base_u[:, None] + out_u[:, None] * offset[None],
                base_o[:, None] + out_o[:, None] * offset[None],
                ups[None],
            )
            builder.grid(points, zone.material, uv=_zone_uv(zone, along), up=UP)
