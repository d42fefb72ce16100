"""Outdoor seating: tables, chairs, benches, beer-garden sets, with the guests who sit there."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.awning import make_parasol
from depth_seg_ros.virtual_world.assets.figures import make_figure
from depth_seg_ros.virtual_world.assets.furnished import Furnished
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, yaw_rotation
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "static"


def make_chair(palette: Palette, material: Material) -> Mesh:
    """A chair whose sitter faces +z; the seat is 0.44 m high, a figure of kind "sitting" fits."""
    builder = MeshBuilder()
    builder.box((0, 0.42, -0.2), (0.42, 0.04, 0.42), material)
    builder.box((0, 0.70, -0.42), (0.42, 0.34, 0.03), material)
    legs = [(x, 0.21, z) for x in (-0.18, 0.18) for z in (-0.38, -0.02)]
    builder.boxes(legs, (0.03, 0.42, 0.03), material.tinted(0.7), faces="xXzZ")
    builder.boxes(
        [(-0.19, 0.6, -0.42), (0.19, 0.6, -0.42)], (0.03, 0.4, 0.03), material.tinted(0.7)
    )
    return builder.build()


def make_table(palette: Palette, rng: Generator, material: Material) -> Mesh:
    """A bistro table, round or square."""
    builder = MeshBuilder()
    half = float(rng.uniform(0.3, 0.45))
    if rng.random() < 0.5:
        builder.lathe([(0.0, 0.71), (half, 0.71), (half, 0.74), (0.0, 0.74)], material, sides=14)
    else:
        builder.box((0, 0.725, 0), (2 * half, 0.03, 2 * half), material)
    steel = palette("metal", LABEL, 0.15)
    builder.cylinder((0, 0, 0), 0.03, 0.71, steel, sides=6)
    builder.lathe([(0.24, 0.0), (0.22, 0.03), (0.0, 0.05)], steel, sides=10)
    return builder.build()


def table_set(
    palette: Palette,
    rng: Generator,
    *,
    seats: int | None = None,
    guests: float = 0.5,
    parasol: bool = False,
) -> Furnished:
    """A table at the origin with two to four chairs round it; each is taken with the chance
    ``guests``, and every guest is a thing of its own."""
    count = int(rng.integers(2, 5)) if seats is None else seats
    wood = rng.random() < 0.4
    color = rng.uniform(0.02, 0.5, 3) * rng.uniform(0.3, 1.0)
    material = palette("wood", LABEL, 0.5) if wood else palette("plain", LABEL, color)
    builder, people = MeshBuilder(), []
    builder.add(make_table(palette, rng, material))
    chair = make_chair(palette, material)
    start = rng.uniform(0, 2 * np.pi)
    for k in range(count):
        angle = start + 2 * np.pi * k / count + rng.normal(0, 0.1)
        out = float(rng.uniform(0.45, 0.62))
        place = np.array([np.sin(angle) * out, 0, np.cos(angle) * out])
        turn = yaw_rotation(float(angle + np.pi))
        builder.add(chair.transformed(turn, place))
        if rng.random() < guests:
            people.append(make_figure(palette, rng, "sitting").transformed(turn, place))
    if parasol:
        builder.add(make_parasol(palette, rng).transformed(np.eye(3), (0.9, 0, 0.3)))
    return Furnished(builder.build(), tuple(people))


def make_bench(palette: Palette, rng: Generator, *, guests: float = 0.4) -> Furnished:
    """A bench 1.8 m long along x, its sitters facing +z."""
    builder = MeshBuilder()
    wood = palette("wood", LABEL, rng.uniform(0.35, 0.8))
    iron = palette("metal", LABEL, rng.uniform(0.03, 0.3))
    builder.boxes([(0, 0.42, z) for z in (-0.1, -0.24, -0.38)], (1.8, 0.035, 0.12), wood)
    builder.boxes([(0, 0.62, -0.45), (0, 0.78, -0.48)], (1.8, 0.12, 0.03), wood)
    builder.boxes([(x, 0.21, -0.22) for x in (-0.7, 0.7)], (0.06, 0.42, 0.42), iron)
    builder.boxes([(x, 0.62, -0.46) for x in (-0.7, 0.7)], (0.05, 0.45, 0.05), iron)
    people = [
        make_figure(palette, rng, "sitting").transformed(
            yaw_rotation(float(rng.normal(0, 0.15))), (x, 0, 0)
        )
        for x in (-0.55, 0.0, 0.55)
        if rng.random() < guests
    ]
    return Furnished(builder.build(), tuple(people))


def beer_set(palette: Palette, rng: Generator, *, guests: float = 0.4) -> Furnished:
    """A long table with a bench on either side, 2.2 m along x."""
    builder, people = MeshBuilder(), []
    wood = palette("wood", LABEL, (0.62, 0.42, 0.2))
    builder.box((0, 0.75, 0), (2.2, 0.04, 0.5), wood)
    for z in (-0.62, 0.62):
        builder.box((0, 0.43, z), (2.2, 0.04, 0.26), wood)
    steel = palette("metal", LABEL, 0.12)
    for x in (-0.8, 0.8):
        builder.boxes([(x, 0.37, 0), (x, 0.21, -0.62), (x, 0.21, 0.62)],
                      [(0.05, 0.74, 0.4), (0.05, 0.42, 0.2), (0.05, 0.42, 0.2)], steel)  # fmt: skip
    for side in (-1, 1):
        for x in (-0.75, 0.0, 0.75):
            if rng.random() < guests:
                turn = yaw_rotation(0.0 if side < 0 else np.pi)
                people.append(
                    make_figure(palette, rng, "sitting").transformed(turn, (x, 0, side * 0.42))
                )
    return Furnished(builder.build(), tuple(people))
