"""What people push, pull, carry and lead: prams, suitcases, bags, umbrellas, dogs, wheelchairs.

Frame: as of the person who holds it (feet at the origin, facing +z, right hand at +x). What
touches the ground is of class dynamic; what is carried belongs to the person.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "dynamic"
ABOUT_X = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""Turns a lathe's axis from y to x, for wheels."""


def disc_wheel(
    builder: MeshBuilder,
    material: Material,
    at: tuple[float, float, float],
    radius: float,
    width: float,
    *,
    sides: int = 10,
) -> None:
    """A solid wheel about the x axis round ``at``."""
    profile = [(0.0, -width / 2), (radius, -width / 2), (radius, width / 2), (0.0, width / 2)]
    builder.lathe(profile, material, sides=sides, center=at, rotation=ABOUT_X)


def pram(palette: Palette, rng: Generator) -> Mesh:
    """A pram or buggy ahead of the person: tub, hood, four wheels, a bar to push."""
    builder = MeshBuilder()
    cloth = palette("asset cloth", LABEL, rng.uniform(0.03, 0.35, 3))
    metal = palette("metal", LABEL, rng.uniform(0.1, 0.6))
    rubber = palette("plain", LABEL, 0.02)
    z = 0.85
    radius = float(rng.uniform(0.10, 0.17))
    for x in (-0.24, 0.24):
        for end in (-0.32, 0.34):
            disc_wheel(builder, rubber, (x, radius, z + end), radius, 0.05)
        builder.tube([(x, radius, z - 0.32), (x, 0.62, z + 0.2)], 0.015, metal, sides=4)
        builder.tube([(x, radius, z + 0.34), (x, 0.7, z - 0.25)], 0.015, metal, sides=4)
        builder.tube([(x, 0.7, z - 0.25), (x, 1.0, z - 0.5)], 0.015, metal, sides=4)
    builder.tube([(-0.24, 1.0, z - 0.5), (0.24, 1.0, z - 0.5)], 0.02, rubber, sides=5)
    builder.ellipsoid((0, 0.66, z), (0.21, 0.17, 0.42), cloth, sides=8, rings=5)
    builder.ellipsoid((0, 0.84, z + 0.16), (0.22, 0.24, 0.26), cloth.tinted(0.8), sides=8, rings=5)
    return builder.build()


def suitcase(palette: Palette, rng: Generator) -> Mesh:
    """A wheeled case, pulled behind the right hand."""
    builder = MeshBuilder()
    shell = palette("asset paint", LABEL, rng.uniform(0.01, 0.4, 3), flags=Surface.GLOSSY)
    tall = float(rng.uniform(0.5, 0.72))
    lean = 0.5
    turn = np.array(
        [[1, 0, 0], [0, np.cos(lean), np.sin(lean)], [0, -np.sin(lean), np.cos(lean)]]
    ).T
    foot = np.array([0.24, 0.04, -0.75])
    middle = foot + turn @ np.array([0, tall / 2, 0])
    builder.box(middle, (tall * 0.66, tall, 0.26), shell, rotation=turn)
    for k in (-0.22, 0.0, 0.22):  # ribs
        at = middle + turn @ np.array([k * tall, 0, 0])
        builder.box(at, (0.03, tall * 0.94, 0.275), shell.tinted(0.7), rotation=turn)
    top = foot + turn @ np.array([0, tall, 0])
    builder.tube([top, (0.22, 0.80, -0.22)], 0.012, palette("metal", LABEL, 0.4), sides=4)
    return builder.build()


def shopping_bag(palette: Palette, rng: Generator, side: float = 1.0) -> Mesh:
    """A bag that hangs from a hand."""
    builder = MeshBuilder()
    cloth = palette("asset cloth", "person", rng.uniform(0.05, 0.8, 3))
    tall = float(rng.uniform(0.26, 0.4))
    x = side * 0.27
    builder.box((x, 0.76 - tall / 2, 0.03), (0.12, tall, 0.32), cloth)
    return builder.build()


def umbrella(palette: Palette, rng: Generator, height: float) -> Mesh:
    """An open umbrella over somebody ``height`` tall, its stick in the right hand."""
    builder = MeshBuilder()
    cloth = palette(
        "asset cloth", "person", rng.uniform(0.01, 0.5, 3) ** 1.5, flags=Surface.DOUBLE_SIDED
    )
    wide, top = float(rng.uniform(0.46, 0.62)), height + float(rng.uniform(0.18, 0.3))
    middle = np.array([0.1, top, 0.12])
    builder.lathe(
        [(wide, -0.24), (wide * 0.72, -0.10), (wide * 0.3, -0.015), (0.0, 0.0)],
        cloth,
        sides=8,
        center=middle,
    )
    stick = palette("metal", "person", 0.2)
    builder.tube([middle + vec(0, 0.06, 0), vec(0.2, height * 0.66, 0.26)], 0.010, stick, sides=4)
    return builder.build()


def dog(palette: Palette, rng: Generator, phase: float | None) -> Mesh:
    """A dog on a lead ahead of the person, trotting in step with ``phase`` or standing."""
    builder = MeshBuilder()
    fur = np.array([[0.10, 0.07, 0.05], [0.30, 0.20, 0.11], [0.02, 0.02, 0.02], [0.6, 0.56, 0.5]])
    coat = palette("asset hair", LABEL, fur[int(rng.integers(4))] * rng.uniform(0.8, 1.2))
    tall = float(rng.uniform(0.28, 0.62))
    x, z, turn = 0.45, 0.75, 0.0 if phase is None else 2 * np.pi * phase
    long, thick = 0.62 * tall, 0.26 * tall
    body = np.array([x, tall * 0.78, z])
    builder.ellipsoid(body, (thick * 0.8, thick * 1.0, long), coat, sides=7, rings=5)
    for k, (side, end) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1))):
        swing = 0.45 * np.sin(turn + np.pi * ((k + k // 2) % 2)) * tall * (phase is not None)
        hip = body + vec(side * thick * 0.5, -0.1 * tall, end * long * 0.7)
        foot = np.array([hip[0], 0.02, hip[2] + swing * 0.5])
        builder.tube([hip, foot], (0.10 * tall, 0.06 * tall), coat, sides=5)
    neck = body + vec(0, 0.05 * tall, long * 0.85)
    head = neck + vec(0, 0.28 * tall, 0.22 * tall)
    builder.tube([neck, head], (0.17 * tall, 0.12 * tall), coat, sides=5)
    builder.ellipsoid(head, (0.11 * tall, 0.12 * tall, 0.16 * tall), coat, sides=6, rings=4)
    builder.ellipsoid(
        head + vec(0, -0.03 * tall, 0.17 * tall),
        (0.06 * tall, 0.06 * tall, 0.12 * tall),
        coat.tinted(0.6),
        sides=5,
        rings=3,
    )
    tail = body + vec(0, 0.05 * tall, -long * 0.9)
    builder.tube(
        [tail, tail + vec(0, 0.25 * tall, -0.2 * tall)], (0.05 * tall, 0.02 * tall), coat, sides=4
    )
    lead = palette("plain", LABEL, 0.05)
    builder.tube([neck + vec(0, 0.15 * tall, 0), vec(0.22, 0.78, 0.1)], 0.008, lead, sides=3)
    return builder.build()


def walking_stick(palette: Palette, height: float) -> Mesh:
    """A stick from the right hand to the ground."""
    builder = MeshBuilder()
    wood = palette("wood", "person", 0.3)
    builder.tube([vec(0.2, 0.47 * height, 0.24), vec(0.24, 0.0, 0.34)], 0.013, wood, sides=5)
    return builder.build()


def wheelchair(palette: Palette, rng: Generator) -> Mesh:
    """A wheelchair under somebody who sits 0.42 m above the ground."""
    builder = MeshBuilder()
    metal, rubber = palette("metal", LABEL, 0.3), palette("plain", LABEL, 0.02)
    cloth = palette("asset cloth", LABEL, rng.uniform(0.01, 0.1, 3))
    spokes = palette("asset spokes", LABEL, 0.5, flags=Surface.ALPHA_TEST | Surface.DOUBLE_SIDED)
    for x in (-0.3, 0.3):
        angle = np.linspace(0, 2 * np.pi, 17)
        ring = np.stack([0 * angle + x, 0.3 + 0.29 * np.cos(angle), 0.29 * np.sin(angle)], -1)
        builder.tube(ring, 0.018, rubber, sides=4)
        corners = [(x, 0.02, -0.28), (x, 0.02, 0.28), (x, 0.58, 0.28), (x, 0.58, -0.28)]
        builder.quads([corners], spokes, uv=[(0, 0), (1, 0), (1, 1), (0, 1)])
        disc_wheel(builder, rubber, (x * 0.85, 0.09, 0.45), 0.09, 0.03, sides=8)
        builder.tube([(x * 0.85, 0.12, 0.45), (x * 0.85, 0.4, 0.2)], 0.014, metal, sides=4)
        builder.tube([(x * 0.85, 0.4, -0.2), (x * 0.85, 0.95, -0.28)], 0.014, metal, sides=4)
    builder.box((0, 0.40, 0.0), (0.46, 0.05, 0.44), cloth)
    builder.box((0, 0.66, -0.25), (0.46, 0.46, 0.04), cloth)
    builder.box((0, 0.06, 0.52), (0.36, 0.02, 0.16), metal)
    return builder.build()
