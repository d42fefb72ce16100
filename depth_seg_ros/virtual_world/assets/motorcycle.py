"""Motorcycles: town scooters, naked machines, tourers; parked or with a rider.

Frame: wheels on the ground, middle of the wheelbase at the origin, facing +z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.assets.paints import car_paint
from depth_seg_ros.virtual_world.assets.person import MODELS, RIDER_ID, draw_build
from depth_seg_ros.virtual_world.assets.rider import Seat, seated
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.dress import Look, dress
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import Float, vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "motorcycle"


@dataclass(frozen=True)
class _Model:
    """Sizes in metres."""

    axle_z: float
    wheel_r: float
    tyre: float  # half width
    saddle: tuple[float, float]  # y, z of the rider's place
    grip: tuple[float, float, float]
    pegs: tuple[float, float]  # y, z
    lean: float


_MODELS = {
    "scooter": _Model(0.64, 0.22, 0.055, (0.76, -0.25), (0.31, 0.98, 0.36), (0.27, 0.18), 0.02),
    "naked": _Model(0.71, 0.31, 0.07, (0.80, -0.22), (0.36, 1.02, 0.36), (0.34, -0.14), 0.30),
    "tourer": _Model(0.76, 0.31, 0.08, (0.80, -0.20), (0.38, 1.08, 0.32), (0.34, 0.05), 0.10),
}
MOTORCYCLES = tuple(_MODELS)


def make_motorcycle(
    palette: Palette, rng: Generator, kind: str | None = None, *, rider: bool = False
) -> Mesh:
    """A motorcycle of a kind (one of MOTORCYCLES; None draws one), leaning on its stand when it is
    parked. Raises VirtualWorldError on an unknown kind."""
    chosen = MOTORCYCLES[int(rng.choice(3, p=[0.45, 0.35, 0.2]))] if kind is None else kind
    if chosen not in _MODELS:
        raise VirtualWorldError(f"no motorcycle is named {kind!r}; known: {', '.join(MOTORCYCLES)}")
    model = _MODELS[chosen]
    builder = MeshBuilder()
    paint = palette("asset paint", LABEL, car_paint(rng), flags=Surface.GLOSSY)
    _running_gear(builder, palette, model)
    {"scooter": _scooter, "naked": _naked, "tourer": _tourer}[chosen](builder, palette, paint, rng)
    machine = builder.build()
    if rider:
        return Mesh.concatenate([machine, _rider(palette, rng, model)]).mended()
    return machine.transformed(_roll(float(rng.uniform(0.10, 0.17))), (0, 0.0, 0))


def _roll(angle: float) -> Float:
    """Lean to the left, about +z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def _running_gear(builder: MeshBuilder, palette: Palette, model: _Model) -> None:
    """Wheels, fork, mirrors, lamps, exhaust, handlebar."""
    rubber, metal = palette("plain", LABEL, 0.015), palette("metal", LABEL, 0.35)
    about_x = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    r, t = model.wheel_r, model.tyre
    for z in (-model.axle_z, model.axle_z):
        tyre = [(0.68 * r, -t), (0.93 * r, -t), (r, -0.4 * t), (r, 0.4 * t), (0.93 * r, t),
                (0.68 * r, t)]  # fmt: skip
        builder.lathe(tyre, rubber, sides=16, center=(0, r, z), rotation=about_x)
        hub = [(0.0, -0.6 * t), (0.68 * r, -0.5 * t), (0.68 * r, 0.5 * t), (0.0, 0.6 * t)]
        builder.lathe(hub, metal.tinted(0.5), sides=12, center=(0, r, z), rotation=about_x)
    grip = np.array(model.grip)
    head = np.array([0.0, grip[1] - 0.1, grip[2] + 0.06])
    for x in (-t - 0.03, t + 0.03):
        builder.tube([vec(x, r, model.axle_z), head + vec(x, -0.05, 0)], 0.025, metal, sides=6)
    builder.tube([grip * [-1, 1, 1], head + vec(0, 0.06, 0.0), grip], 0.016, rubber, sides=5)
    for side in (-1, 1):
        mirror = grip * [side, 1, 1] + vec(side * 0.02, 0.2, 0.06)
        builder.tube([grip * [side * 0.8, 1, 1], mirror], 0.008, rubber, sides=4)
        builder.ellipsoid(mirror, (0.07, 0.045, 0.02), rubber, sides=6, rings=4)
    lamp = palette("plain", LABEL, 0.85, flags=Surface.GLOSSY)
    builder.ellipsoid(head + vec(0, -0.06, 0.13), (0.10, 0.10, 0.06), lamp, sides=8, rings=5)
    tail = palette("plain", LABEL, (0.3, 0.01, 0.01), flags=Surface.GLOSSY)
    builder.box((0, model.saddle[0] - 0.06, -model.axle_z - 0.16), (0.16, 0.07, 0.04), tail)
    builder.box((0, 0.52, -model.axle_z - 0.22), (0.18, 0.16, 0.01), palette("plain", LABEL, 0.8))
    pipe = [(0.17, 0.3, 0.1), (0.18, 0.28, -0.3), (0.19, 0.36, -model.axle_z - 0.12)]
    builder.tube(pipe, (0.03, 0.045, 0.05), palette("metal", LABEL, 0.45), sides=6)


def _scooter(builder: MeshBuilder, palette: Palette, paint: Material, rng: Generator) -> None:
    """Leg shield, footboard, round rear body, long saddle, perhaps a top case."""
    rubber = palette("plain", LABEL, 0.02)
    shield = np.array(
        [(0.04, 0.26, 0.30), (0.20, 0.45, 0.44), (0.19, 0.75, 0.46), (0.10, 0.92, 0.42)]
    )
    grid = np.stack([shield * [-1, 1, 1], shield * [0, 1, 1] + vec(0, 0, 0.08), shield], 1)
    builder.grid(grid, replace(paint, flags=paint.flags | Surface.DOUBLE_SIDED))
    builder.box((0, 0.25, 0.14), (0.36, 0.06, 0.52), rubber)
    builder.ellipsoid((0, 0.50, -0.42), (0.20, 0.24, 0.46), paint, sides=10, rings=6)
    builder.ellipsoid((0, 0.74, -0.36), (0.15, 0.07, 0.42), rubber, sides=8, rings=4)
    builder.ellipsoid((0, 0.36, 0.64), (0.09, 0.14, 0.22), paint, sides=8, rings=5)
    if rng.random() < 0.4:
        builder.box((0, 0.98, -0.82), (0.42, 0.3, 0.38), rubber.tinted(1.5))


def _naked(builder: MeshBuilder, palette: Palette, paint: Material, rng: Generator) -> None:
    """Engine in a frame, tank, saddle, mudguards."""
    rubber, metal = palette("plain", LABEL, 0.02), palette("metal", LABEL, 0.22)
    builder.box((0, 0.42, 0.06), (0.34, 0.32, 0.44), metal)
    builder.boxes([(0, 0.60, 0.14), (0, 0.55, -0.1)], (0.28, 0.14, 0.3), metal.tinted(0.7))
    for x in (-0.14, 0.14):
        builder.tube([(x, 0.34, -0.7), (x, 0.5, -0.2), (x * 0.6, 0.88, 0.3)], 0.03, metal, sides=5)
    builder.ellipsoid((0, 0.86, 0.12), (0.17, 0.15, 0.32), paint, sides=10, rings=6)
    builder.ellipsoid((0, 0.80, -0.36), (0.14, 0.06, 0.36), rubber, sides=8, rings=4)
    builder.ellipsoid((0, 0.82, -0.72), (0.10, 0.07, 0.22), paint, sides=8, rings=4)
    builder.ellipsoid((0, 0.58, 0.72), (0.08, 0.07, 0.24), paint, sides=8, rings=4)


def _tourer(builder: MeshBuilder, palette: Palette, paint: Material, rng: Generator) -> None:
    """Fairing with a screen, boxes at the sides, a case behind."""
    _naked(builder, palette, paint, rng)
    glass = palette("plain", LABEL, 0.3, flags=Surface.GLASS | Surface.DOUBLE_SIDED)
    builder.ellipsoid((0, 0.84, 0.56), (0.30, 0.28, 0.24), paint, sides=10, rings=6)
    low, high = (
        np.array([(-0.2, 1.02, 0.62), (0.2, 1.02, 0.62)]),
        np.array([(-0.14, 1.4, 0.40), (0.14, 1.4, 0.40)]),
    )
    builder.quads([[low[0], low[1], high[1], high[0]]], glass)
    for x in (-0.34, 0.34):
        builder.box((x, 0.58, -0.62), (0.2, 0.36, 0.5), paint)
    builder.box((0, 1.0, -0.86), (0.5, 0.32, 0.4), palette("plain", LABEL, 0.03))


def _rider(palette: Palette, rng: Generator, model: _Model) -> Mesh:
    """Somebody in a jacket and a helmet; both feet on the pegs."""
    own = np.random.default_rng([int(rng.integers(MODELS)), 68])
    build = replace(draw_build(own, False), hair="helmet", skirt=False)
    seat = Seat(vec(0, *model.saddle), np.array(model.grip), model.lean, vec(0, 0.09, -0.03))
    feet = vec(0.17, *model.pegs), vec(-0.17, *model.pegs)
    dark = float(rng.uniform(0.01, 0.06))
    looks = clothes(rng, RIDER_ID)
    if rng.random() < 0.6:
        looks["top"] = replace(looks["top"], tint=(dark, dark, dark))
    looks["sleeve"] = replace(looks["sleeve"], layer="cloth", tint=looks["top"].tint)
    looks |= {
        "helmet": Look("paint", RIDER_ID, car_paint(rng), Surface.GLOSSY),
        "visor": Look("paint", RIDER_ID, (0.02, 0.02, 0.025), Surface.GLOSSY),
    }
    return dress(seated(build, seat, feet, False), looks, palette.layers)
