"""Caravans and motor homes: rounded white boxes on wheels, parked in drives and on sites."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.road_wheels import axle
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import Float, vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "caravan"


def make_caravan(palette: Palette, rng: Generator, *, covered: bool | None = None) -> Mesh:
    """A caravan facing +z on its drawbar, 4.5 to 7 m long; some under a tarpaulin."""
    builder = MeshBuilder()
    length, width = float(rng.uniform(3.9, 6.2)), float(rng.uniform(2.1, 2.4))
    height = float(rng.uniform(2.45, 2.65))
    hidden = rng.random() < 0.15 if covered is None else covered
    outline = _outline(length, height, float(rng.uniform(0.25, 0.8)))
    if hidden:
        grey = rng.uniform(0.3, 0.65) * np.array([0.95, 1.0, 0.98])
        shell = palette("tarpaulin", LABEL, grey, flags=Surface.PLAIN)
    else:
        shell = palette("asset paint", LABEL, rng.uniform(0.55, 0.78), flags=Surface.GLOSSY)
    _box_of(builder, outline, width, shell)
    if not hidden:
        _windows(builder, palette, rng, length, width)
        stripe = palette("asset paint", LABEL, rng.uniform(0.02, 0.4, 3), flags=Surface.GLOSSY)
        for side in (-1, 1):
            builder.box((side * (width / 2 + 0.004), 1.05, 0), (0.01, 0.16, length * 0.86), stripe)
    for z in (-0.2, 0.55) if length > 5.4 else (-0.1,):
        axle(builder, palette, LABEL, z, 0.32, width - 0.1)
    steel = palette("metal", LABEL, 0.4)
    front = length / 2
    for x in (-0.5, 0.5):
        builder.tube([(x, 0.45, front), (0, 0.48, front + 1.15)], 0.04, steel, sides=5)
    builder.cylinder((0.12, 0, front + 0.95), 0.03, 0.75, steel, sides=6)
    builder.box((0, 0.75, front + 0.3), (0.9, 0.4, 0.35), shell.tinted(0.95))
    return builder.build()


def _outline(length: float, height: float, slant: float) -> Float:
    """Side view [K, 2] of (z, y), convex."""
    half, r = length / 2, 0.22
    return np.array([
        (-half + 0.1, 0.42), (half - 0.1, 0.42), (half, 0.7), (half - 0.15 * slant, 1.3),
        (half - slant * 0.7, height - r), (half - slant - 0.1, height), (-half + 0.35, height),
        (-half + 0.05, height - r), (-half, 0.7),
    ])  # fmt: skip


def _box_of(builder: MeshBuilder, outline: Float, width: float, shell: Material) -> None:
    """A side view extruded across, closed at both sides."""
    half = width / 2
    rim = np.concatenate([outline, outline[:1]])
    strip = np.stack(
        [np.stack([0 * rim[:, 0] + x, rim[:, 1], rim[:, 0]], -1) for x in (-half, half)], 1
    )
    middle = np.array([0.0, outline[:, 1].mean(), outline[:, 0].mean()])
    out = strip.mean(1, keepdims=True) * [0, 1, 1] - middle
    flat = np.diff(rim, axis=0)
    for k in range(len(outline)):
        dz, dy = flat[k]
        normal = np.array([0.0, dz, -dy])
        normal *= np.sign(normal @ (out[k, 0] + out[k + 1, 0])) or 1.0
        quad = [strip[k, 0], strip[k, 1], strip[k + 1, 1], strip[k + 1, 0]]
        builder.quads([quad], shell, normals=normal)
    for x, n in ((-half, -1.0), (half, 1.0)):
        points = np.stack([0 * outline[:, 0] + x, outline[:, 1], outline[:, 0]], -1)
        centre = points.mean(0)
        fan = np.stack([np.broadcast_to(centre, points.shape), points, np.roll(points, -1, 0)], 1)
        builder.tri(fan, shell, normals=np.broadcast_to((n, 0, 0), (len(fan), 3)))


def _windows(
    builder: MeshBuilder, palette: Palette, rng: Generator, length: float, width: float
) -> None:
    glass = palette("plain", LABEL, 0.06, flags=Surface.GLASS | Surface.GLOSSY)
    half = width / 2 + 0.012
    spots = np.linspace(-length * 0.3, length * 0.3, 3)
    for side in (-1, 1):
        for z in spots[rng.random(3) < 0.8].tolist():
            builder.box((side * half, 1.65, z), (0.02, 0.55, float(rng.uniform(0.6, 1.0))), glass)
    builder.box((0, 1.6, length / 2 - 0.12), (width * 0.72, 0.55, 0.1), glass)
    door = palette("asset paint", LABEL, 0.5)
    builder.box((half, 1.25, -length * 0.12), (0.02, 1.6, 0.62), door)


def make_motor_home(palette: Palette, rng: Generator) -> Mesh:
    """A motor home: a van's cab before a caravan's body with an alcove."""
    builder = MeshBuilder()
    white = palette("asset paint", LABEL, rng.uniform(0.6, 0.78), flags=Surface.GLOSSY)
    length, width, height = float(rng.uniform(5.9, 7.2)), 2.25, float(rng.uniform(2.8, 3.1))
    half = length / 2
    body = np.array([(-half, 0.55), (half - 1.9, 0.55), (half - 1.9, 1.95), (half - 0.9, 2.1),
                     (half - 0.75, 2.5), (half - 1.1, height), (-half + 0.1, height)])  # fmt: skip
    _box_of(builder, body, width, white)
    cab = np.array([(half - 2.0, 0.45), (half - 0.1, 0.45), (half, 0.75), (half - 0.15, 1.05),
                    (half - 1.0, 1.25), (half - 1.75, 2.05), (half - 2.0, 2.05)])  # fmt: skip
    _box_of(builder, cab, width * 0.88, white)
    glass = palette("plain", LABEL, 0.05, flags=Surface.GLASS | Surface.GLOSSY)
    screen = [
        (-0.85, 1.3, half - 1.02),
        (0.85, 1.3, half - 1.02),
        (0.8, 2.0, half - 1.66),
        (-0.8, 2.0, half - 1.66),
    ]
    builder.quads([np.array(screen) + vec(0, 0.03, 0.03)], glass, normals=(0, 0.65, 0.75))
    for side in (-1, 1):
        x = side * (width * 0.44 + 0.012)
        builder.box((x, 1.55, half - 1.6), (0.02, 0.5, 0.6), glass)
    _windows_of_home(builder, palette, rng, half, width, glass)
    axle(builder, palette, LABEL, half - 0.95, 0.34, width * 0.88)
    axle(builder, palette, LABEL, -half + 1.7, 0.34, width * 0.92)
    return builder.build()


def _windows_of_home(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    half: float,
    width: float,
    glass: Material,
) -> None:
    for side in (-1, 1):
        x = side * (width / 2 + 0.012)
        for z in (-half * 0.6, 0.0):
            builder.box((x, 1.9, z), (0.02, 0.5, float(rng.uniform(0.6, 1.0))), glass)
    stripe = palette("asset paint", LABEL, rng.uniform(0.02, 0.4, 3))
    for side in (-1, 1):
        builder.box((side * (width / 2 + 0.006), 1.2, -0.9), (0.012, 0.18, 2 * half - 2.2), stripe)
    lamp = palette("plain", LABEL, (0.4, 0.02, 0.02), flags=Surface.GLOSSY)
    for side in (-1, 1):
        builder.box((side * 0.95, 0.9, -half - 0.01), (0.16, 0.4, 0.04), lamp)
