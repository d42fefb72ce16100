"""Bins: wheelie bins at the kerb, large containers, bottle banks, sacks. Lids open towards -x."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
MOVABLE, FIXED = "dynamic", "static"
_COLORS = ((0.03, 0.03, 0.035), (0.02, 0.08, 0.25), (0.42, 0.33, 0.02), (0.03, 0.14, 0.05),
           (0.13, 0.08, 0.04), (0.25, 0.26, 0.27))  # fmt: skip


def _tub(
    builder: MeshBuilder, material: Material, at: tuple[float, float], low: float, high: float,
    foot: tuple[float, float], rim: tuple[float, float],
) -> None:  # fmt: skip
    """A box that widens upwards, open above: half sizes (x, z) at foot and rim."""
    x, z = at
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    a = np.stack([x + corner[:, 0] * foot[0], np.full(4, low), z + corner[:, 1] * foot[1]], -1)
    b = np.stack([x + corner[:, 0] * rim[0], np.full(4, high), z + corner[:, 1] * rim[1]], -1)
    sides = np.stack([np.roll(a, -1, 0), a, b, np.roll(b, -1, 0)], 1)
    builder.quads(sides, material)


def wheelie_bins(palette: Palette, rng: Generator, count: int) -> Mesh:
    """``count`` bins of 120 to 240 litres in an untidy row along z, round the origin."""
    builder = MeshBuilder()
    rubber = palette("plain", MOVABLE, 0.015)
    z = -(count - 1) * 0.34
    for _ in range(count):
        big = rng.random() < 0.5
        high, half = (1.0, 0.29) if big else (0.88, 0.24)
        body = palette(
            "plain", MOVABLE, np.array(_COLORS[int(rng.integers(6))]) * rng.uniform(0.8, 1.3)
        )
        part = MeshBuilder()
        _tub(part, body, (0, 0), 0.06, high, (half * 0.78, half * 0.8), (half * 1.15, half))
        lid = (
            body.tinted(1.15)
            if rng.random() < 0.6
            else palette("plain", MOVABLE, _COLORS[int(rng.integers(6))])
        )
        tilt = float(rng.choice([0.0, 0.0, 0.0, 0.25]))
        c, s = np.cos(tilt), np.sin(tilt)
        turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])
        part.box(
            (0, high + 0.04 + 0.12 * tilt, 0), (half * 2.5, 0.07, half * 2.1), lid, rotation=turn
        )
        part.box((half * 1.25, high - 0.03, 0), (0.05, 0.05, half * 1.6), body)
        for side in (-1, 1):
            rim = [(0.0, -0.03), (0.1, -0.03), (0.1, 0.03), (0.0, 0.03)]
            about_z = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
            part.lathe(
                rim, rubber, sides=8, center=(half * 0.7, 0.1, side * half * 0.75), rotation=about_z
            )
        yaw = float(rng.normal(0, 0.12))
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        builder.add(part.build().transformed(turn, (float(rng.normal(0, 0.06)), 0, z)))
        z += float(rng.uniform(0.62, 0.74))
    return builder.build()


def waste_container(palette: Palette, rng: Generator) -> Mesh:
    """A four-wheeled container of 1100 litres."""
    builder = MeshBuilder()
    metal = rng.random() < 0.4
    body = (
        palette("metal", MOVABLE, 0.5)
        if metal
        else palette("plain", MOVABLE, _COLORS[int(rng.integers(6))])
    )
    _tub(builder, body, (0, 0), 0.2, 1.15, (0.42, 0.58), (0.5, 0.68))
    lid = body.tinted(1.1) if rng.random() < 0.5 else palette("plain", MOVABLE, (0.02, 0.08, 0.25))
    half = np.linspace(0, np.pi, 6)
    arch = np.stack([-0.52 * np.cos(half), 1.15 + 0.24 * np.sin(half)], -1)
    lines = [np.stack([arch[:, 0], arch[:, 1], np.full(6, z)], -1) for z in (-0.7, 0.7)]
    builder.grid(np.stack(lines, 1), lid, up=(0, 1, 0))
    for z in (-0.7, 0.7):
        fan = [[(0, 1.15, z), (*arch[k], z), (*arch[k + 1], z)] for k in range(5)]
        builder.tri(fan, lid, normals=np.broadcast_to((0, 0, np.sign(z)), (5, 3)))
    rubber = palette("plain", MOVABLE, 0.015)
    for x in (-0.35, 0.35):
        for z in (-0.5, 0.5):
            builder.box((x, 0.1, z), (0.16, 0.2, 0.06), rubber)
    return builder.build()


def bottle_bank(palette: Palette, rng: Generator) -> Mesh:
    """An igloo or a steel box for glass, with round openings."""
    builder = MeshBuilder()
    colors = ((0.03, 0.2, 0.08), (0.5, 0.5, 0.48), (0.25, 0.12, 0.03), (0.04, 0.12, 0.35))
    body = palette("plain", FIXED, colors[int(rng.integers(4))])
    dark = palette("plain", FIXED, 0.01)
    if rng.random() < 0.6:
        builder.lathe(
            [(0.72, 0.0), (0.78, 0.5), (0.70, 1.1), (0.42, 1.55), (0.0, 1.7)], body, sides=12
        )
        for yaw in (0.0, np.pi):
            at = np.array([-0.66 * np.cos(yaw), 1.15, 0.66 * np.sin(yaw)])
            builder.ellipsoid(at, (0.06, 0.11, 0.11), dark, sides=8, rings=4)
    else:
        builder.box((0, 0.85, 0), (1.3, 1.7, 1.6), body)
        for z in (-0.4, 0.4):
            builder.ellipsoid((-0.65, 1.3, z), (0.04, 0.11, 0.11), dark, sides=8, rings=4)
    return builder.build()


def sacks(palette: Palette, rng: Generator, count: int) -> Mesh:
    """Rubbish sacks thrown on a heap, round the origin."""
    builder = MeshBuilder()
    tints = ((0.02, 0.02, 0.02), (0.5, 0.4, 0.03), (0.03, 0.1, 0.3), (0.45, 0.45, 0.45))
    for _ in range(count):
        tint = tints[int(rng.choice(4, p=[0.5, 0.2, 0.15, 0.15]))]
        foil = palette("asset paint", MOVABLE, tint, flags=Surface.GLOSSY)
        size = float(rng.uniform(0.22, 0.38))
        x, z = rng.normal(0, 0.25 + 0.1 * count**0.5, 2)
        builder.ellipsoid(
            (x, size * 0.75, z), (size, size * 0.8, size * 0.9), foil, sides=8, rings=5
        )
        builder.cylinder((x, size * 1.4, z), 0.05, 0.14, foil, top_radius=0.09, sides=5)
    return builder.build()


def street_bin(palette: Palette, rng: Generator) -> Mesh:
    """A litter bin: on a post, a cylinder of slats, or a steel box."""
    builder = MeshBuilder()
    steel = palette("metal", FIXED, rng.uniform(0.08, 0.5))
    color = palette("plain", FIXED, np.array(_COLORS[int(rng.integers(6))]) * 1.3)
    kind = int(rng.integers(3))
    if kind == 0:
        builder.cylinder((0, -0.05, 0), 0.035, 1.25, steel, sides=6)
        builder.lathe(
            [(0.0, 0.5), (0.17, 0.5), (0.20, 1.0), (0.17, 1.06)],
            color,
            sides=10,
            center=(-0.2, 0, 0),
        )
    elif kind == 1:
        builder.lathe(
            [(0.26, 0.0), (0.27, 0.8), (0.2, 0.86), (0.0, 0.86)],
            palette("wood", FIXED, 0.5),
            sides=12,
        )
        builder.cylinder((0, 0.78, 0), 0.285, 0.05, steel, sides=12)
    else:
        builder.box((0, 0.55, 0), (0.42, 1.1, 0.5), color)
        builder.box((-0.215, 0.9, 0), (0.02, 0.14, 0.36), palette("plain", FIXED, 0.01), faces="x")
        builder.box((0, 1.13, 0), (0.5, 0.06, 0.58), steel)
    return builder.build()
