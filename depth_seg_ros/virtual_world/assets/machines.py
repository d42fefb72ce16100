"""Working machines: forklifts, excavators, wheel loaders, rollers.

Facing +z; class truck, as labellers do for what has a cab and carries no people.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.assets.road_wheels import axle
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface, yaw_rotation
from depth_seg_ros.virtual_world.geometry.shapes import Float
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "truck"
_PAINTS = (
    (0.62, 0.38, 0.01),
    (0.60, 0.16, 0.01),
    (0.45, 0.05, 0.03),
    (0.55, 0.55, 0.5),
    (0.08, 0.22, 0.4),
)


def _cab(builder: MeshBuilder, palette: Palette, low: Float, size: Float) -> None:
    """Glass between posts under a roof; ``low`` is the middle of its floor."""
    glass = palette("plain", LABEL, 0.06, flags=Surface.GLASS | Surface.GLOSSY)
    frame = palette("plain", LABEL, 0.03)
    w, h, d = (float(v) for v in size)
    builder.box(low + np.array([0, h / 2, 0]), (w, h, d), glass, faces="xXzZ")
    for x in (-w / 2, w / 2):
        for z in (-d / 2, d / 2):
            builder.box(low + np.array([x, h / 2, z]), (0.08, h, 0.08), frame)
    builder.box(low + np.array([0, h, 0]), (w + 0.12, 0.1, d + 0.12), frame)


def make_forklift(palette: Palette, rng: Generator, *, load: bool | None = None) -> Mesh:
    """A counterbalance forklift, its fork low or half up, perhaps with a crate."""
    builder = MeshBuilder()
    paint = palette("asset paint", LABEL, _PAINTS[int(rng.integers(5))], flags=Surface.GLOSSY)
    dark, steel = palette("plain", LABEL, 0.03), palette("metal", LABEL, 0.25)
    builder.box((0, 0.62, -0.35), (1.05, 0.7, 1.5), paint)
    builder.box((0, 0.72, -1.0), (1.0, 0.8, 0.55), dark)
    builder.box((0, 1.05, -0.35), (0.5, 0.16, 0.5), dark)
    builder.box((0, 1.35, -0.58), (0.5, 0.5, 0.1), dark)
    for x in (-0.5, 0.5):
        builder.tube([(x, 0.95, 0.35), (x, 2.1, 0.15)], 0.04, dark, sides=4)
        builder.tube([(x, 1.0, -0.95), (x, 2.1, -0.75)], 0.04, dark, sides=4)
    builder.box((0, 2.12, -0.3), (1.1, 0.06, 1.1), dark)
    lift = float(rng.choice([0.1, 0.1, 0.9, 1.7]))
    builder.boxes([(x, 1.1, 0.62) for x in (-0.32, 0.32)], (0.12, 2.1, 0.14), steel)
    builder.box((0, lift + 0.3, 0.74), (0.95, 0.45, 0.06), steel)
    builder.boxes([(x, lift, 1.2) for x in (-0.28, 0.28)], (0.12, 0.05, 1.0), steel)
    if bool(rng.random() < 0.5) if load is None else load:
        builder.box((0, lift + 0.5, 1.3), (1.0, 0.9, 0.9), palette("wood", LABEL, 0.55))
    axle(builder, palette, LABEL, 0.3, 0.33, 1.1, tyre=0.24)
    axle(builder, palette, LABEL, -0.95, 0.26, 1.0, tyre=0.18)
    return builder.build()


def make_excavator(palette: Palette, rng: Generator, *, small: bool | None = None) -> Mesh:
    """A crawler excavator, its arm down, up or digging, the house turned to any side."""
    builder = MeshBuilder()
    mini = rng.random() < 0.4 if small is None else small
    scale = float(rng.uniform(0.42, 0.55)) if mini else 1.0
    paint = palette("asset paint", LABEL, _PAINTS[int(rng.integers(5))], flags=Surface.GLOSSY)
    dark, steel = palette("plain", LABEL, 0.025), palette("metal", LABEL, 0.2)
    for x in (-1.05, 1.05):
        outline = _stadium(1.3, 0.42, 0.47)
        z, y = outline[:, 1], outline[:, 0]
        rims = [np.stack([0 * z + x + side * 0.3, z, y], -1) for side in (-1, 1)]
        strip = np.stack(rims, 1)
        out = strip.mean(1) * [0, 1, 1] - [0, 0.45, 0]
        builder.grid(strip, dark, normals=np.stack([out, out], 1))
        for side in (-1.0, 1.0):
            face = strip[:-1, 0 if side < 0 else 1]
            middle = np.array([x + side * 0.3, 0.45, 0.0])
            fan = np.stack([np.broadcast_to(middle, face.shape), face, np.roll(face, -1, 0)], 1)
            builder.tri(fan, steel, normals=np.broadcast_to((side, 0, 0), (len(fan), 3)))
    builder.cylinder((0, 0.6, 0), 0.7, 0.4, dark, sides=12)
    house = MeshBuilder()
    house.box((0, 1.5, -0.6), (2.5, 0.95, 3.0), paint)
    house.box((0, 1.55, -1.95), (2.4, 1.0, 0.5), dark)
    _cab(house, palette, np.array([-0.75, 1.2, 0.55]), np.array([0.95, 1.65, 1.4]))
    _arm(house, palette, rng)
    turned = house.build().transformed(
        yaw_rotation(float(rng.uniform(-np.pi, np.pi)) * float(rng.random())), (0, 0, 0)
    )
    builder.add(turned)
    return builder.build().transformed(np.eye(3) * scale, (0, 0, 0))


def _stadium(half: float, radius: float, y: float) -> Float:
    """A closed outline [K, 2] of (z, y): two half circles ``2 * half`` apart, joined."""
    turn = np.linspace(np.pi / 2, -np.pi / 2, 6)
    front = np.stack([half + radius * np.cos(turn), y + radius * np.sin(turn)], -1)
    back = np.stack([-half - radius * np.cos(turn), y - radius * np.sin(turn)], -1)
    return np.concatenate([front, back, front[:1]])


def _arm(builder: MeshBuilder, palette: Palette, rng: Generator) -> None:
    """Boom, stick and bucket in the plane x = 0.3."""
    paint = palette("asset paint", LABEL, _PAINTS[0], flags=Surface.GLOSSY)
    steel = palette("metal", LABEL, 0.18)
    base = np.array([0.35, 1.6, 0.9])
    raise_ = float(rng.uniform(0.5, 1.0))
    knee = base + np.array([0, 3.4 * np.sin(raise_), 3.4 * np.cos(raise_)])
    bend = knee + np.array([0, -2.4 * np.cos(0.35), 2.4 * np.sin(float(rng.uniform(-0.2, 0.5)))])
    middle = (base + knee) / 2 + np.array([0, 0.5, 0])
    for a, b, thick in ((base, middle, 0.42), (middle, knee, 0.36), (knee, bend, 0.3)):
        _beam(builder, paint, a, b, thick)
    builder.tube(
        [base + np.array([0, -0.1, 0.5]), middle + np.array([0, -0.2, 0])], 0.09, steel, sides=6
    )
    builder.tube(
        [middle + np.array([0, 0.25, 0]), knee + np.array([0, 0.3, -0.2])], 0.09, steel, sides=6
    )
    builder.box(bend + np.array([0, -0.35, 0.0]), (0.9, 0.75, 0.12), steel)
    for side in (-0.43, 0.43):
        builder.box(bend + np.array([side, -0.35, -0.3]), (0.05, 0.75, 0.6), steel)
    builder.box(bend + np.array([0, -0.7, -0.3]), (0.9, 0.08, 0.65), steel)


def _beam(builder: MeshBuilder, material: Material, a: Float, b: Float, thick: float) -> None:
    """A box from a to b in a plane x = const."""
    d = b - a
    length, tilt = float(np.linalg.norm(d)), float(np.arctan2(d[1], d[2]))
    c, s = np.cos(tilt), np.sin(tilt)
    turn = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    builder.box((a + b) / 2, (0.3, thick, length + 0.2), material, rotation=turn)


def make_loader(palette: Palette, rng: Generator) -> Mesh:
    """A wheel loader with its shovel ahead."""
    builder = MeshBuilder()
    paint = palette("asset paint", LABEL, _PAINTS[int(rng.integers(3))], flags=Surface.GLOSSY)
    steel = palette("metal", LABEL, 0.2)
    builder.box((0, 1.35, -1.5), (1.7, 1.1, 2.2), paint)
    builder.box((0, 1.0, 0.9), (1.1, 0.7, 1.4), paint)
    _cab(builder, palette, np.array([0.0, 1.5, -0.1]), np.array([1.4, 1.6, 1.3]))
    up = float(rng.uniform(0.0, 1.2))
    for x in (-0.5, 0.5):
        _beam(builder, paint, np.array([x, 1.5, 0.8]), np.array([x, 0.6 + up, 2.6]), 0.3)
    bucket = np.array([(0.3, 2.4), (0.05, 3.3), (0.15, 3.3), (1.05, 2.5)]) + np.array([up, 0.0])
    for (y0, z0), (y1, z1) in pairwise(bucket):
        quad = [(-1.3, y0, z0), (1.3, y0, z0), (1.3, y1, z1), (-1.3, y1, z1)]
        builder.quads([quad, quad[::-1]], steel)
    axle(builder, palette, LABEL, 1.1, 0.72, 2.4, tyre=0.55)
    axle(builder, palette, LABEL, -1.6, 0.72, 2.4, tyre=0.55)
    return builder.build()


def make_roller(palette: Palette, rng: Generator) -> Mesh:
    """A road roller with two drums."""
    builder = MeshBuilder()
    paint = palette("asset paint", LABEL, _PAINTS[int(rng.integers(3))], flags=Surface.GLOSSY)
    steel = palette("metal", LABEL, 0.4)
    about_x = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for z in (-1.1, 1.1):
        drum = [(0.0, -0.65), (0.52, -0.65), (0.52, 0.65), (0.0, 0.65)]
        builder.lathe(drum, steel, sides=16, center=(0, 0.52, z), rotation=about_x)
        builder.box((0, 1.05, z), (1.2, 0.2, 1.0), paint)
    builder.box((0, 1.05, 0), (1.1, 0.7, 1.4), paint)
    builder.box((0, 1.5, 0.05), (0.5, 0.2, 0.5), palette("plain", LABEL, 0.02))
    for x in (-0.5, 0.5):
        for z in (-0.55, 0.55):
            builder.tube([(x, 1.3, z), (x, 2.6, z)], 0.03, palette("plain", LABEL, 0.03), sides=4)
    builder.box((0, 2.63, 0), (1.2, 0.06, 1.3), paint)
    return builder.build()
