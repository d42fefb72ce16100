"""Bins, benches, cabinets, shelters, bicycle stands: static clutter of pavements.

Frame: the foot's middle at the origin, +z along the road, -x towards it.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.bins import street_bin
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.small_posts import near_post
from depth_seg_ros.virtual_world.buildings.facade import Plane, picture
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"


def clutter(palette: Palette, rng: Generator) -> Mesh:
    """Any one of the small things."""
    return _THINGS[int(rng.integers(len(_THINGS)))](palette, rng)


def _bin(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    color = palette("plain", LABEL, rng.uniform(0.05, 0.4, 3) * [0.8, 1, 0.8])
    builder.lathe([(0.18, 0.0), (0.22, 0.75), (0.2, 0.85), (0.0, 0.92)], color, sides=10)
    return builder.build()


def _wheelie_bins(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    colors = ((0.05, 0.05, 0.06), (0.03, 0.12, 0.35), (0.45, 0.36, 0.02), (0.05, 0.2, 0.08))
    for i in range(int(rng.integers(1, 5))):
        body = palette("plain", LABEL, colors[rng.integers(4)])
        z = i * 0.68
        builder.box((0, 0.5, z), (0.6, 0.95, 0.56), body, faces="xXYzZ")
        builder.box((-0.03, 1.01, z), (0.7, 0.08, 0.6), body.tinted(1.2))
    return builder.build()


def _bench(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    wood = palette("wood", LABEL, (0.45, 0.32, 0.2))
    steel = palette("metal", LABEL, 0.15)
    builder.boxes([(-0.12, 0.45, 0), (0.05, 0.45, 0), (0.22, 0.45, 0)], (0.14, 0.04, 1.7), wood)
    builder.boxes([(0.3, 0.62, 0), (0.34, 0.8, 0)], (0.04, 0.14, 1.7), wood)
    builder.boxes([(0.08, 0.22, -0.65), (0.08, 0.22, 0.65)], (0.4, 0.45, 0.06), steel)
    return builder.build()


def _cabinet(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    size = rng.uniform([0.3, 0.9, 0.6], [0.5, 1.5, 1.6])
    body = palette("plain", LABEL, rng.uniform(0.2, 0.5))
    builder.box((0, size[1] / 2, 0), size, body, faces="xXYzZ")
    builder.box((0, size[1] + 0.02, 0), size * [1.1, 0, 1.05] + [0, 0.05, 0], body.tinted(0.8))
    return builder.build()


def _planter(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    builder.box((0, 0.3, 0), (0.9, 0.6, 0.9), palette("concrete", LABEL), faces="xXYzZ")
    builder.box((0, 0.6, 0), (0.8, 0.05, 0.8), palette("soil", LABEL), faces="Y")
    builder.ellipsoid(
        (0, 0.8, 0), (0.4, 0.35, 0.4), palette("grass_0", "vegetation"), sides=8, rings=5
    )
    return builder.build()


def _post_box(palette: Palette, rng: Generator) -> Mesh:
    builder = MeshBuilder()
    color = palette("plain", LABEL, ((0.75, 0.5, 0.01), (0.5, 0.02, 0.02))[rng.integers(2)])
    builder.box((0, 1.05, 0), (0.32, 0.6, 0.4), color)
    builder.box((0, 0.4, 0), (0.1, 0.8, 0.1), palette("metal", LABEL, 0.2))
    return builder.build()


_THINGS = (_bin, street_bin, _wheelie_bins, _bench, _cabinet, _cabinet, _planter, make_planter,
           _post_box, near_post, near_post, near_post)  # fmt: skip
"""What ``clutter`` draws from."""


def bus_shelter(palette: Palette, rng: Generator) -> Mesh:
    """Glass walls, a roof, a bench and a lit advertisement; open towards -x."""
    builder = MeshBuilder()
    steel = palette("metal", LABEL, rng.uniform(0.08, 0.4))
    length = rng.uniform(3.2, 4.6)
    half = length / 2
    posts = [(x, 1.2, z) for x in (-0.6, 0.6) for z in (-half, half)]
    builder.boxes(posts, (0.08, 2.4, 0.08), steel)
    builder.box((-0.1, 2.45, 0), (1.7, 0.1, length + 0.3), steel)
    glass = palette("plain", LABEL, 0.5, flags=Surface.GLASS | Surface.DOUBLE_SIDED)
    builder.box((0.6, 1.3, 0), (0.02, 1.9, length - 0.1), glass, faces="xX")
    builder.box((0.35, 0.48, 0), (0.35, 0.05, length * 0.7), palette("wood", LABEL, 0.5))
    poster = palette("adverts", LABEL)
    for z, normal, right in ((-half - 0.06, -1.0, 1.0), (-half + 0.06, 1.0, -1.0)):
        plane = Plane(
            np.array([-0.6 * right, 0.4, z]), np.array([right, 0, 0]), np.array([0, 0, normal])
        )
        picture(builder, plane, [(0, 0, 1.2, 1.8)], poster, rng.integers(4), 0.012)
    builder.box((0, 1.3, -half), (1.2, 1.85, 0.12), steel)
    return builder.build()
