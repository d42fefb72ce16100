"""Bicycle stands full of bicycles: the row of wheels and bars that towns and stations have."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.cyclist import make_bicycle
from depth_seg_ros.virtual_world.assets.furnished import Furnished
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, yaw_rotation
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
_PITCH_M = 0.55


def make_bicycle_stand(
    palette: Palette,
    rng: Generator,
    places: int,
    *,
    full: float = 0.8,
    roof: bool = False,
    near: bool = True,
) -> Furnished:
    """``places`` stands in a row along x round the origin, bicycles across (along z), the share
    ``full`` of them taken; with a roof on posts at stations."""
    builder = MeshBuilder()
    steel = palette("metal", "static", rng.uniform(0.25, 0.6))
    x = (np.arange(places) - (places - 1) / 2) * _PITCH_M
    hoop = rng.random() < 0.6
    for at in x.tolist()[:: 2 if hoop else 1]:
        if hoop:
            arc = np.linspace(0, np.pi, 7)
            path = np.stack([0 * arc + at, 0.55 + 0.25 * np.sin(arc), 0.4 * np.cos(arc)], -1)
            ends = np.array([[at, 0, 0.4]]), np.array([[at, 0, -0.4]])
            builder.tube(np.concatenate([ends[0], path, ends[1]]), 0.024, steel, sides=5)
        else:
            for z in (0.42, 0.62):
                builder.tube([(at - 0.03, 0, z), (at - 0.03, 0.4, z)], 0.01, steel, sides=4)
    if not hoop:
        builder.box((0, 0.04, 0.52), (places * _PITCH_M, 0.05, 0.05), steel)
    if roof:
        _roof(builder, palette, places * _PITCH_M + 0.6)
    bicycles = [
        _parked(palette, rng, at, hoop and k % 2 == 1, near)
        for k, at in enumerate(x.tolist())
        if rng.random() < full
    ]
    return Furnished(builder.build(), tuple(bicycles))


def _parked(palette: Palette, rng: Generator, x: float, turned: bool, near: bool) -> Mesh:
    """A bicycle, not quite straight, its handlebar past its neighbour's."""
    mesh = make_bicycle(rng, palette.layers, far=not near)
    lean = float(rng.normal(0.0, 0.06))
    c, s = np.cos(lean), np.sin(lean)
    roll = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
    yaw = (np.pi if turned else 0.0) + float(rng.normal(0, 0.05))
    place = (x + float(rng.normal(0, 0.03)), 0.0, float(rng.normal(0, 0.08)))
    return mesh.transformed(yaw_rotation(yaw) @ roll, place)


def _roof(builder: MeshBuilder, palette: Palette, length: float) -> None:
    steel = palette("metal", "static", 0.3)
    for x in (-length / 2, 0.0, length / 2):
        builder.tube([(x, 0, 1.2), (x, 2.3, 1.1), (x, 2.45, -1.0)], 0.05, steel, sides=6)
    sheet = palette("sheet_metal", "static", 0.7)
    corners = [(-length / 2 - 0.2, 2.38, 1.3), (length / 2 + 0.2, 2.38, 1.3),
               (length / 2 + 0.2, 2.52, -1.2), (-length / 2 - 0.2, 2.52, -1.2)]  # fmt: skip
    builder.quads([corners], sheet)
    builder.quads([corners[::-1]], sheet.tinted(0.7))
