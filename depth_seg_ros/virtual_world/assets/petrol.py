"""Petrol stations: canopy, pumps on their islands, price board, shop, air point, car wash.

The forecourt's middle is at the origin; cars drive through along z, the shop stands towards +x.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
_BRANDS = (
    ((0.5, 0.03, 0.02), (0.75, 0.75, 0.73)),
    ((0.02, 0.1, 0.38), (0.72, 0.72, 0.72)),
    ((0.65, 0.48, 0.02), (0.45, 0.03, 0.02)),
    ((0.03, 0.3, 0.1), (0.6, 0.55, 0.05)),
    ((0.04, 0.22, 0.42), (0.75, 0.75, 0.75)),
    ((0.6, 0.2, 0.01), (0.7, 0.7, 0.68)),
)


def brand(rng: Generator) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The two colours of a chain."""
    return _BRANDS[int(rng.integers(len(_BRANDS)))]


def make_pump(palette: Palette, colors: tuple[tuple[float, float, float], ...]) -> Mesh:
    """A pump with displays towards both sides (x), hoses and nozzles."""
    builder = MeshBuilder()
    case = palette("asset paint", "static", colors[0], flags=Surface.GLOSSY)
    pale = palette("asset paint", "static", colors[1], flags=Surface.GLOSSY)
    dark = palette("plain", "static", 0.02)
    builder.box((0, 0.75, 0), (0.5, 1.5, 0.95), pale)
    builder.box((0, 1.7, 0), (0.55, 0.42, 1.0), case)
    screen = palette("plain", "static", (0.35, 0.4, 0.36), flags=Surface.EMISSIVE)
    for side in (-1, 1):
        builder.box((side * 0.255, 1.25, 0), (0.01, 0.28, 0.5), screen.tinted(0.2), faces="xX")
        for k, z in enumerate((-0.35, 0.35)):
            x = side * 0.29
            builder.box((x, 0.95, z), (0.08, 0.3, 0.1), dark)
            hose = [
                (x, 1.0, z),
                (side * 0.42, 0.35, z),
                (side * 0.4, 0.3, z * 0.8),
                (side * 0.27, 1.55, z * 0.6),
            ]
            tint = ((0.02, 0.2, 0.05), (0.02, 0.02, 0.02))[k]
            builder.tube(hose, 0.022, palette("plain", "static", tint), sides=5)
    return builder.build()


def make_forecourt(palette: Palette, rng: Generator, *, islands: int = 2, pumps: int = 2) -> Mesh:
    """Canopy on posts over ``islands`` islands (across x, 6 m apart) with pumps along z."""
    builder = MeshBuilder()
    colors = brand(rng)
    wide, long = islands * 6.2 + 2.5, pumps * 4.0 + 4.0
    low, thick = float(rng.uniform(4.6, 5.4)), float(rng.uniform(0.7, 1.1))
    band = palette("asset paint", "building", colors[0], flags=Surface.GLOSSY)
    builder.box((0, low + thick / 2, 0), (wide, thick, long), band, faces="xXzZ")
    stripe = palette("asset paint", "building", colors[1])
    builder.box(
        (0, low + thick * 0.3, 0), (wide + 0.04, thick * 0.22, long + 0.04), stripe, faces="xXzZ"
    )
    builder.box(
        (0, low + 0.02, 0), (wide, 0.04, long), palette("panel", "building", 0.85), faces="y"
    )
    builder.box(
        (0, low + thick, 0), (wide, 0.04, long), palette("roof_flat", "building"), faces="Y"
    )
    lamp = palette("plain", "building", 0.9, flags=Surface.EMISSIVE)
    spots = [(x, low - 0.01, z) for x in np.linspace(-wide / 3, wide / 3, islands + 1)
             for z in np.linspace(-long / 3, long / 3, pumps + 1)]  # fmt: skip
    builder.boxes(spots, (0.5, 0.02, 0.5), lamp.tinted(0.5), faces="y")
    kerb = palette("concrete", "sidewalk", 0.9)
    pump = make_pump(palette, colors)
    for k in range(islands):
        x = (k - (islands - 1) / 2) * 6.2
        builder.box((x, 0.07, 0), (1.2, 0.22, pumps * 4.0 + 0.5), kerb, faces="xXYzZ")
        for z in np.linspace(-(pumps - 1) * 2.0, (pumps - 1) * 2.0, pumps).tolist():
            builder.add(pump.transformed(np.eye(3), (x, 0.18, z)))
        for z in (-pumps * 2.0, pumps * 2.0):
            builder.box(
                (x, low / 2, z), (0.35, low, 0.35), palette("metal", "pole", 0.7), faces="xXzZ"
            )
            builder.cylinder(
                (x, 0.18, z * 1.08),
                0.09,
                0.8,
                palette("plain", "pole", (0.65, 0.5, 0.03)),
                sides=8,
                cap=True,
            )
    return builder.build()


def make_price_board(palette: Palette, rng: Generator) -> Mesh:
    """The tall board at the road with the prices of the day, readable along z."""
    builder = MeshBuilder()
    colors, high = brand(rng), float(rng.uniform(5, 8))
    body = palette("asset paint", "static", colors[0], flags=Surface.GLOSSY)
    builder.box((0, high / 2, 0), (1.8, high, 0.4), body)
    builder.box((0, high - 0.9, 0), (1.4, 1.2, 0.44), palette("asset paint", "static", colors[1]))
    digits = palette("asset signs_dynamic", "static", 0.7, flags=Surface.EMISSIVE)
    for k in range(4):
        y, row = high - 2.1 - 0.62 * k, int(rng.integers(8)) / 8
        uv = [(0.1, row + 0.01), (0.6, row + 0.01), (0.6, row + 0.115), (0.1, row + 0.115)]
        for side in (-1.0, 1.0):
            x = 0.75 * side * -1
            face = [
                (-x, y, side * 0.215),
                (x, y, side * 0.215),
                (x, y + 0.42, side * 0.215),
                (-x, y + 0.42, side * 0.215),
            ]
            builder.quads([face], digits, uv=uv, normals=(0, 0, side))
    return builder.build()


def make_station_shop(palette: Palette, rng: Generator) -> Mesh:
    """The shop: a flat box, glass towards -x, its front's middle at the origin."""
    builder = MeshBuilder()
    width, deep, high = (
        float(rng.uniform(10, 18)),
        float(rng.uniform(7, 11)),
        float(rng.uniform(3.4, 4.2)),
    )
    colors = brand(rng)
    wall = palette("panel", "building", rng.uniform(0.7, 1.0))
    builder.box((deep / 2, high / 2, 0), (deep, high, width), wall, faces="XzZ")
    glass = palette("glass_facade", "building")
    front = [
        (0, 0, width / 2),
        (0, 0, -width / 2),
        (0, high - 0.8, -width / 2),
        (0, high - 0.8, width / 2),
    ]
    u = width / glass.repeat_m
    builder.quads([front], glass, uv=[(0, 0), (u, 0), (u, 0.45), (0, 0.45)], normals=(-1, 0, 0))
    band = palette("asset paint", "building", colors[0], flags=Surface.GLOSSY)
    builder.box((deep / 2, high - 0.35, 0), (deep + 0.5, 0.9, width + 0.5), band)
    return builder.build()


def make_air_point(palette: Palette, rng: Generator) -> Mesh:
    """Air, water and a vacuum cleaner."""
    builder = MeshBuilder()
    red = palette("asset paint", "static", brand(rng)[0])
    builder.box((0, 0.6, 0), (0.4, 1.2, 0.4), red)
    builder.cylinder((0, 0, 0.9), 0.28, 1.5, palette("metal", "static", 0.5), sides=10, cap=True)
    hose = [(0, 1.0, 1.1), (0.3, 0.5, 1.4), (0.35, 0.1, 1.1), (0.2, 0.9, 0.9)]
    builder.tube(hose, 0.03, palette("plain", "static", 0.03), sides=5)
    return builder.build()
