"""Trailers without their towing vehicle: small ones for cars, boats, farm carts, lorry trailers.

Facing +z (the drawbar), class trailer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets.road_wheels import axle
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "trailer"


def _small(palette: Palette, rng: Generator) -> Mesh:
    """An open or covered trailer for a car."""
    builder = MeshBuilder()
    length, width = float(rng.uniform(2.0, 3.2)), float(rng.uniform(1.2, 1.6))
    side = palette("metal", LABEL, rng.uniform(0.4, 0.7))
    wall = float(rng.uniform(0.3, 0.4))
    deck, half = 0.52, length / 2
    builder.box((0, deck, 0), (width, 0.06, length), palette("wood", LABEL, 0.4))
    for x in (-width / 2, width / 2):
        builder.box((x, deck + wall / 2, 0), (0.04, wall, length), side)
    for z in (-half, half):
        builder.box((0, deck + wall / 2, z), (width, wall, 0.04), side)
    cover = rng.random()
    if cover < 0.35:  # a high tarpaulin on bows
        tall = float(rng.uniform(0.7, 1.3))
        sheet = palette("tarpaulin", LABEL, _sheet_tint(rng), flags=Surface.PLAIN)
        builder.box((0, deck + wall + tall / 2, 0), (width, tall, length), sheet)
    elif cover < 0.6:
        sheet = palette("tarpaulin", LABEL, _sheet_tint(rng), flags=Surface.PLAIN)
        builder.box((0, deck + wall + 0.04, 0), (width + 0.06, 0.1, length + 0.06), sheet)
    elif cover < 0.8:  # garden waste
        leaves = palette("hedge_leaves", LABEL, 0.8, flags=Surface.PLAIN)
        builder.ellipsoid(
            (0, deck + wall, 0), (width * 0.45, 0.35, half * 0.85), leaves, sides=9, rings=5
        )
    axle(builder, palette, LABEL, -0.15, 0.28, width + 0.4, tyre=0.16)
    _drawbar(builder, palette, half, 1.1, deck - 0.08)
    lamp = palette("plain", LABEL, (0.4, 0.02, 0.02), flags=Surface.GLOSSY)
    builder.boxes(
        [(x, 0.45, -half - 0.03) for x in (-width * 0.4, width * 0.4)], (0.2, 0.1, 0.04), lamp
    )
    return builder.build()


def _boat(palette: Palette, rng: Generator) -> Mesh:
    """A boat on its trailer."""
    builder = MeshBuilder()
    length, width = float(rng.uniform(4.2, 6.5)), float(rng.uniform(1.7, 2.3))
    hull = palette("asset paint", LABEL, rng.uniform(0.45, 0.75), flags=Surface.GLOSSY)
    z = np.linspace(-length / 2, length / 2, 9)
    bow = np.clip((z + length / 2) / length, 0, 1)
    half = width / 2 * (1 - bow**4) + 0.02
    keel, gunwale = 0.55 + 0.35 * bow**3, 1.35 + 0.2 * bow**2
    right = np.stack([np.stack([0 * z, keel, z], -1), np.stack([half * 0.75, keel + 0.3, z], -1),
                      np.stack([half, gunwale, z], -1)], 1)  # fmt: skip
    for side in (1.0, -1.0):
        grid = right * [side, 1, 1]
        out = np.stack([0 * z, -0.7 + 0 * z, 0 * z], -1)[:, None] + [
            [0, 0, 0],
            [side, 0, 0],
            [side, 0.6, 0],
        ]
        builder.grid(grid, hull, normals=out)
    edge = right[:, 2]
    cover = palette("tarpaulin", LABEL, _sheet_tint(rng), flags=Surface.PLAIN)
    ridge = edge * [0, 1, 1] + [0, 0.3, 0]
    for side in (1.0, -1.0):
        builder.grid(np.stack([edge * [side, 1, 1], ridge], 1), cover, up=(0, 1, 0))
    stern = [edge[0] * [-1, 1, 1], edge[0], right[0, 1], right[0, 0], right[0, 1] * [-1, 1, 1]]
    fan = [[ridge[0], stern[k], stern[(k + 1) % 5]] for k in range(5)]
    builder.tri(fan, hull, normals=np.broadcast_to((0, 0, -1), (5, 3)))
    axle(builder, palette, LABEL, -0.3, 0.3, width, tyre=0.18)
    steel = palette("metal", LABEL, 0.5)
    for x in (-0.5, 0.5):
        builder.tube(
            [(x, 0.45, -length / 2 + 0.3), (x * 0.6, 0.5, length / 2)], 0.045, steel, sides=5
        )
    _drawbar(builder, palette, length / 2 - 0.1, 1.0, 0.5)
    return builder.build()


def _farm(palette: Palette, rng: Generator) -> Mesh:
    """A tipping cart with high steel or wooden sides, perhaps full of hay."""
    builder = MeshBuilder()
    length, width, wall = float(rng.uniform(4.5, 6.5)), 2.4, float(rng.uniform(0.6, 1.3))
    paint = ((0.1, 0.25, 0.06), (0.35, 0.04, 0.02), (0.05, 0.12, 0.3), (0.3, 0.22, 0.14))
    side = palette("sheet_metal", LABEL, paint[int(rng.integers(4))])
    builder.box((0, 1.0, 0), (width, 0.14, length), side)
    builder.box((0, 1.0 + wall / 2, 0), (width, wall, length), side, faces="xXzZ")
    fill = 1.0 + wall * float(rng.uniform(0.5, 0.95))
    hay = (
        palette("field_0", LABEL, (1.2, 1.0, 0.6))
        if rng.random() < 0.5
        else palette("gravel", LABEL)
    )
    builder.box((0, fill, 0), (width * 0.98, 0.02, length * 0.98), hay, faces="Y")
    steel = palette("metal", LABEL, 0.12)
    builder.box((0, 0.75, 0), (0.9, 0.3, length * 0.9), steel)
    for z in (-length * 0.3, length * 0.3) if length > 5.4 else (-0.3,):
        axle(builder, palette, LABEL, z, 0.48, width, tyre=0.35)
    _drawbar(builder, palette, length / 2, 1.6, 0.8)
    return builder.build()


def _lorry(palette: Palette, rng: Generator) -> Mesh:
    """A semi-trailer that stands on its legs: curtains, steel box, reflecting edges."""
    builder = MeshBuilder()
    length, width, top = 13.6, 2.5, float(rng.uniform(3.7, 4.0))
    half = length / 2
    soft = rng.random() < 0.6
    tint = _sheet_tint(rng)
    skin = (
        palette("tarpaulin", LABEL, tint, flags=Surface.PLAIN)
        if soft
        else palette("sheet_metal", LABEL, rng.uniform(0.4, 0.7))
    )
    builder.box((0, (1.15 + top) / 2, 0), (width, top - 1.15, length), skin)
    tape = palette("plain", LABEL, (0.9, 0.35, 0.03))
    for side in (-1, 1):
        builder.box((side * (width / 2 + 0.004), 1.22, 0), (0.008, 0.06, length * 0.97), tape)
    back = palette("metal", LABEL, rng.uniform(0.3, 0.7))
    builder.box((0, (1.15 + top) / 2, -half - 0.02), (width * 0.97, top - 1.25, 0.03), back)
    for x, y, size in ((0, 1.24, (width, 0.06, 0.01)), (0, top - 0.05, (width, 0.06, 0.01))):
        builder.box((x, y, -half - 0.04), size, palette("plain", LABEL, (0.7, 0.03, 0.02)))
    dark = palette("metal", LABEL, 0.08)
    builder.box((0, 0.95, 0), (1.0, 0.35, length * 0.96), dark)
    for z in (-half + 2.0, -half + 3.3, -half + 4.6):
        axle(builder, palette, LABEL, z, 0.5, width - 0.05, tyre=0.35)
    builder.boxes([(x, 0.5, half - 2.6) for x in (-0.8, 0.8)], (0.14, 1.0, 0.14), dark)
    builder.box((0, 0.55, -half + 0.1), (width * 0.95, 0.12, 0.1), palette("red_white", LABEL))
    return builder.build()


def _machine(palette: Palette, rng: Generator) -> Mesh:
    """A compressor, site office on wheels or food cart: a cabin on one axle."""
    builder = MeshBuilder()
    length, width, high = float(rng.uniform(2.2, 4.5)), 2.1, float(rng.uniform(1.3, 2.3))
    tint = np.array(_sheet_tint(rng)) * rng.uniform(0.8, 1.2)
    shell = palette("sheet_metal" if rng.random() < 0.5 else "asset paint", LABEL, tint)
    builder.box((0, 0.55 + high / 2, 0), (width, high, length), shell)
    builder.box(
        (0, 0.6 + high, 0), (width + 0.16, 0.1, length + 0.16), palette("metal", LABEL, 0.5)
    )
    glass = palette("plain", LABEL, 0.06, flags=Surface.GLASS)
    for side in (-1, 1):
        builder.box(
            (side * (width / 2 + 0.01), 0.55 + high * 0.66, 0),
            (0.02, high * 0.35, length * 0.4),
            glass,
        )
    axle(builder, palette, LABEL, 0.0, 0.33, width + 0.1, tyre=0.18)
    _drawbar(builder, palette, length / 2, 1.0, 0.5)
    return builder.build()


def _drawbar(builder: MeshBuilder, palette: Palette, front: float, long: float, y: float) -> None:
    steel = palette("metal", LABEL, 0.45)
    for x in (-0.45, 0.45):
        builder.tube([(x, y, front), (0, y, front + long)], 0.035, steel, sides=5)
    builder.cylinder((0.1, 0, front + long * 0.8), 0.03, y + 0.2, steel, sides=6)


def _sheet_tint(rng: Generator) -> tuple[float, float, float]:
    tints = ((0.5, 0.5, 0.48), (0.04, 0.1, 0.32), (0.32, 0.03, 0.03), (0.05, 0.2, 0.1),
             (0.12, 0.12, 0.13), (0.5, 0.35, 0.05))  # fmt: skip
    return tints[int(rng.integers(len(tints)))]


_KINDS: dict[str, Callable[[Palette, Generator], Mesh]] = {
    "small": _small,
    "boat": _boat,
    "farm": _farm,
    "lorry": _lorry,
    "machine": _machine,
}
TRAILERS = tuple(_KINDS)


def make_trailer(palette: Palette, rng: Generator, kind: str | None = None) -> Mesh:
    """A trailer of a kind (one of TRAILERS; None draws one, mostly small). Raises
    VirtualWorldError on an unknown kind."""
    drawn = TRAILERS[int(rng.choice(5, p=[0.5, 0.12, 0.13, 0.15, 0.1]))] if kind is None else kind
    if drawn not in _KINDS:
        raise VirtualWorldError(f"no trailer is named {kind!r}; known: {', '.join(TRAILERS)}")
    return _KINDS[drawn](palette, rng)
