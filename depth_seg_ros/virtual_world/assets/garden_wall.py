"""Walls and fences between garden and pavement: piers, copings, railings, gates, solid boards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    beside,
    boxes_along,
    raised,
    resampled,
    sweep,
)
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator


class WallKind(NamedTuple):
    """What a wall is built of: texture, range of its tint, whether it has piers."""

    texture: str
    tint: tuple[float, float]
    piers: bool


WALLS = {
    "brick": WallKind("brick_0", (0.8, 1.1), True),
    "plaster": WallKind("plaster_1", (0.6, 1.05), True),
    "rubble": WallKind("rubble", (0.85, 1.1), False),
    "concrete": WallKind("concrete", (0.8, 1.15), False),
    "stone": WallKind("stone", (0.8, 1.1), True),
    "tiles": WallKind("tiles", (0.8, 1.0), False),
    "mural": WallKind("mural", (0.7, 1.0), False),
    "sheet_metal": WallKind("sheet_metal", (0.2, 0.8), False),
    "bamboo": WallKind("bamboo", (0.8, 1.1), False),
    "boards": WallKind("wood", (0.35, 0.9), False),
}
"""Materials by name; the last three are of class fence."""
_FENCES = ("sheet_metal", "bamboo", "boards")


def garden_wall(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    height: float,
    *,
    kind: str | None = None,
    railing_m: float = 0.0,
) -> None:
    """A wall of a kind (one of WALLS; None draws one) along a path, its foot half a metre in the
    ground. railing_m: height of the railing on top; 0: none."""
    names = list(WALLS)
    name = names[int(rng.integers(len(names)))] if kind is None else kind
    spec = WALLS[name]
    label = "fence" if name in _FENCES else "wall"
    hue = rng.uniform(0.94, 1.06, 3) if name not in ("mural", "bamboo") else np.ones(3)
    material = palette(spec.texture, label, hue * rng.uniform(*spec.tint))
    half = 0.03 if name in _FENCES else float(rng.uniform(0.1, 0.18))
    box = [(half, -0.5), (half, height), (-half, height), (-half, -0.5)]
    sweep(builder, material, path, box[::-1], caps=True)
    if name not in _FENCES:
        rim = half + 0.035
        coping = palette("concrete" if rng.random() < 0.6 else "roof_tile_0", label, 0.95)
        lid = [(-rim, height), (-rim, height + 0.06), (rim, height + 0.06), (rim, height)]
        sweep(builder, coping, path, lid, caps=True)
    else:
        _posts(builder, palette, path, height, label)
    if spec.piers and rng.random() < 0.6:
        _piers(builder, material, palette, path, height, half, label)
    if railing_m:
        _railing(builder, palette, rng, path, height + 0.06, railing_m)


def _piers(
    builder: MeshBuilder,
    material: Material,
    palette: Palette,
    path: Float,
    height: float,
    half: float,
    label: str,
) -> None:
    feet = resampled(path, 3.2)
    wide = 2 * half + 0.14
    boxes_along(
        builder, material, raised(feet, height / 2), (wide, height + 0.3, wide), faces="xXzZ"
    )
    cap = palette("concrete", label, 0.9)
    boxes_along(builder, cap, raised(feet, height + 0.19), (wide + 0.08, 0.09, wide + 0.08))


def _posts(builder: MeshBuilder, palette: Palette, path: Float, height: float, label: str) -> None:
    steel = palette("metal", label, 0.35)
    feet = resampled(path, 2.0)
    boxes_along(builder, steel, raised(feet, height / 2), (0.1, height + 0.06, 0.06), faces="xXYzZ")


def _railing(
    builder: MeshBuilder, palette: Palette, rng: Generator, path: Float, low: float, tall: float
) -> None:
    """Upright bars (a see-through sheet) with a rail."""
    tint = rng.uniform(0.02, 0.3)
    bars = palette("railing", "fence", tint)
    sheet = np.stack([raised(path, low), raised(path, low + tall)], 1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(along[:, None] / bars.repeat_m, np.array([0.0, 1.0])), -1)
    builder.grid(sheet, bars, uv=uv)
    rail = palette("metal", "fence", tint)
    for y in (low + 0.06, low + tall):
        line = beside(path, 0.0, y)
        sweep(builder, rail, line, [(-0.02, -0.02), (-0.02, 0.02), (0.02, 0.02), (0.02, -0.02)])


def gate(palette: Palette, rng: Generator, width: float, height: float) -> Mesh:
    """A two-winged gate between piers across z, its middle at the origin: bars or boards."""
    builder = MeshBuilder()
    pier = palette("stone" if rng.random() < 0.5 else "plaster_0", "wall", rng.uniform(0.7, 1.0))
    for side in (-1, 1):
        z = side * (width / 2 + 0.2)
        builder.box(
            (0, height * 0.55 - 0.1, z), (0.42, height * 1.1 + 0.2, 0.4), pier, faces="xXzZ"
        )
        builder.box((0, height * 1.1 + 0.05, z), (0.5, 0.1, 0.48), pier.tinted(0.9))
    tint = rng.uniform(0.02, 0.35, 3) * rng.uniform(0.5, 1.0)
    frame = palette("metal", "fence", tint)
    bars = rng.random() < 0.6
    for side in (-1, 1):
        middle = side * width / 4
        if bars:
            sheet = palette("railing", "fence", tint)
            corners = [
                (0, 0.08, middle - width / 4),
                (0, 0.08, middle + width / 4),
                (0, height, middle + width / 4),
                (0, height, middle - width / 4),
            ]
            repeats = width / 2 / sheet.repeat_m
            builder.quads([corners], sheet, uv=[(0, 0), (repeats, 0), (repeats, 1), (0, 1)])
        else:
            boards = palette("wood", "fence", tint + 0.1)
            builder.box((0, height / 2, middle), (0.05, height - 0.1, width / 2 - 0.04), boards)
        for y in (0.1, height):
            builder.box((0, y, middle), (0.06, 0.06, width / 2 - 0.02), frame)
    return builder.build()
