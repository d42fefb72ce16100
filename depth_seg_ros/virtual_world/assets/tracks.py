"""Railway and tram tracks along a path: ballast and sleepers, grass track, rails in the road.

A path is the track's middle on the ground, [K, 3], a point every metre or two. Cityscapes calls
rail track what cars cannot drive on; rails set into a road are road.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Surface
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    beside,
    boxes_along,
    headings,
    resampled,
    sweep,
)
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "rail track"
GAUGE_M = 1.435
RAIL_TOP_M = 0.56
"""Height of the rails' top above the path of a ballasted track."""
_RAIL = ((-0.075, 0.0), (-0.07, 0.03), (-0.012, 0.05), (-0.036, 0.13), (-0.036, 0.17),
         (0.036, 0.17), (0.036, 0.13), (0.012, 0.05), (0.07, 0.03), (0.075, 0.0))  # fmt: skip


def _rails(builder: MeshBuilder, palette: Palette, path: Float, foot_m: float) -> None:
    """Two rails with rusty sides and bright tops, standing ``foot_m`` above the path."""
    rust = palette("metal", LABEL, (0.20, 0.13, 0.09), flags=Surface.PLAIN)
    bright = palette("metal", LABEL, 0.75)
    for side in (-1, 1):
        line = beside(path, side * (GAUGE_M / 2 + 0.036), foot_m)
        sweep(builder, rust, line, _RAIL[:5])
        sweep(builder, bright, line, _RAIL[4:6])
        sweep(builder, rust, line, _RAIL[5:])


def ballast_track(
    builder: MeshBuilder,
    palette: Palette,
    path: Float,
    *,
    rng: Generator,
    old: bool = False,
) -> None:
    """Rails on sleepers in a bed of broken stone, 4.2 m wide at its foot, reaching half a metre
    into the ground; ``old`` beds are rusty and lower."""
    bed = palette("rust_bed" if old else "ballast", LABEL)
    top = 0.30
    profile = [(-2.1, -0.3), (-1.55, top), (1.55, top), (2.1, -0.3)]
    sweep(builder, bed, path, profile)
    concrete = rng.random() < 0.65
    sleeper = (
        palette("concrete", LABEL, 0.9) if concrete else palette("wood", LABEL, (0.22, 0.17, 0.13))
    )
    places = resampled(path, 0.62)
    places[:, 1] += top + 0.01
    boxes_along(builder, sleeper, places, (2.55, 0.16, 0.26), faces="xXYzZ")
    _rails(builder, palette, path, top + 0.09)


def grass_track(builder: MeshBuilder, palette: Palette, path: Float) -> None:
    """Tram rails in lawn, flush with it: a strip 2.7 m wide between low concrete edges."""
    grass = palette("grass_0", LABEL)
    sweep(builder, grass, path, [(-1.35, 0.06), (1.35, 0.06)])
    edge = palette("concrete", LABEL)
    for x in (-1.35, 1.35):
        box = [(x - 0.08, -0.2), (x - 0.08, 0.09), (x + 0.08, 0.09), (x + 0.08, -0.2)]
        sweep(builder, edge, path, box)
    _rails(builder, palette, path, -0.05)


def street_track(
    builder: MeshBuilder, palette: Palette, path: Float, *, slab: bool = False, up_m: float = 0.012
) -> None:
    """Grooved rails flush with a road, on a bed of concrete if ``slab``; of class road."""
    if slab:
        bed = palette("road_concrete", "road", 0.95)
        sweep(builder, bed, path, [(-1.3, up_m * 0.6), (1.3, up_m * 0.6)])
    steel = palette("metal", "road", 0.62)
    groove = palette("plain", "road", 0.04)
    for side in (-1, 1):
        middle = side * (GAUGE_M / 2 + 0.03)
        sweep(builder, steel, path, [(middle - 0.035, up_m), (middle + 0.035, up_m)])
        inner = middle - side * 0.06
        sweep(builder, groove, path, [(inner - 0.025, up_m), (inner + 0.025, up_m)])


def crossing_deck(
    builder: MeshBuilder, palette: Palette, path: Float, width_m: float = 3.2
) -> None:
    """Panels of a level crossing between and beside the rails, flush with their tops: drivable,
    so road. The path is that of the track across the road."""
    deck = palette("planking", "road")
    top = RAIL_TOP_M - 0.01
    gap = GAUGE_M / 2
    for low, high in (
        (-width_m / 2, -gap - 0.1),
        (-gap + 0.08, gap - 0.08),
        (gap + 0.1, width_m / 2),
    ):
        sweep(builder, deck, path, [(low, top), (high, top)])


def buffer_stop(builder: MeshBuilder, palette: Palette, at: Float, yaw: float) -> None:
    """The end of a track: a red beam on rails bent upwards, facing back along ``yaw``."""
    c, s = np.cos(yaw), np.sin(yaw)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    red = palette("red_white", "static")
    steel = palette("metal", "static", 0.15)
    builder.box(at + turn @ [0, 1.5, 0], (2.3, 0.4, 0.3), red, rotation=turn)
    for x in (-0.75, 0.75):
        top = at + turn @ [x, 1.5, 0.1]
        for foot in ((x, 0.4, 1.6), (x, 0.4, 0.1)):
            builder.tube([at + turn @ foot, top], 0.06, steel, sides=5)


def heading_at(path: Float, share: float) -> float:
    """Yaw of a path at a share 0..1 of its points."""
    yaw = headings(path)
    return float(np.interp(share * (len(yaw) - 1), np.arange(len(yaw)), np.unwrap(yaw)))


def bed_material(palette: Palette) -> Material:
    """Ballast for the wide areas between several tracks."""
    return palette("ballast", LABEL)
