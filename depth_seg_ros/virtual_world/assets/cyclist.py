"""Cyclists: a bicycle (class bicycle) and the person who rides it (class rider)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.assets.paints import car_paint
from depth_seg_ros.virtual_world.assets.person import MODELS, RIDER_ID, Build
from depth_seg_ros.virtual_world.assets.rider import Seat, seated
from depth_seg_ros.virtual_world.geometry.dress import Layers, Look, dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import Float, Shape, ShapeBuilder, vec

BICYCLE_ID = CITYSCAPES.id("bicycle")
WHEEL_R = 0.34
_FRONT = np.array([0.0, WHEEL_R, 0.52])
_REAR = np.array([0.0, WHEEL_R, -0.52])
_CRANK = np.array([0.0, 0.28, -0.08])
_SADDLE = np.array([0.0, 0.96, -0.24])
_HEAD_LOW, _HEAD_HIGH = np.array([0.0, 0.66, 0.40]), np.array([0.0, 0.90, 0.33])
_GRIP = np.array([0.27, 1.02, 0.24])
CRANK_M = 0.17
RIDING = Seat(_SADDLE, _GRIP, lean=0.42, ankle=vec(0, 0.09, -0.02))


def make_cyclist(
    rng: np.random.Generator, phase: float, layers: Layers, *, far: bool = False
) -> Mesh:
    """A bicycle with its rider at a phase 0..1 of the pedals, wheels on the ground, facing +z.

    The same ``rng`` state gives the same cyclist at every phase.
    """
    looks = clothes(rng, RIDER_ID)
    helmet = rng.random() < 0.55
    looks["hair"] = (
        Look("paint", RIDER_ID, car_paint(rng), Surface.GLOSSY) if helmet else looks["hair"]
    )
    shape = _cycling(int(rng.integers(MODELS)), phase, far)
    return dress(shape, looks | _bicycle_looks(rng), layers)


@lru_cache(maxsize=512)
def _cycling(model: int, phase: float, far: bool) -> Shape:
    """Model cyclist at a phase of the pedals; the second half of a turn mirrors the first."""
    if phase >= 0.5:
        return _cycling(model, phase - 0.5, far).mirrored()
    rng = np.random.default_rng([model, 66])
    height = float(np.clip(rng.normal(1.73, 0.07), 1.58, 1.88))
    build = Build(height, float(rng.uniform(0.92, 1.15)), False, bool(rng.random() < 0.3), "short")
    b = ShapeBuilder()
    b.add(bicycle_shape(phase, far))
    b.add(seated(build, RIDING, pedals(phase), far))
    return b.build()


def make_bicycle(rng: np.random.Generator, layers: Layers, *, far: bool = False) -> Mesh:
    """A parked bicycle without its rider."""
    return dress(bicycle_shape(0.1, far), _bicycle_looks(rng), layers)


def _bicycle_looks(rng: np.random.Generator) -> dict[str, Look]:
    return {
        "frame": Look("paint", BICYCLE_ID, car_paint(rng), Surface.GLOSSY),
        "metal": Look("paint", BICYCLE_ID, (0.35, 0.35, 0.36), Surface.GLOSSY),
        "rubber": Look("paint", BICYCLE_ID, (0.012, 0.012, 0.012)),
        "spokes": Look("spokes", BICYCLE_ID, (1, 1, 1), Surface.ALPHA_TEST | Surface.DOUBLE_SIDED),
    }


def pedals(phase: float) -> tuple[Float, Float]:
    """Right and left pedal."""
    a = -2 * np.pi * phase
    arm = CRANK_M * np.array([0, np.cos(a), -np.sin(a)])
    return _CRANK + arm + vec(0.12, 0, 0), _CRANK - arm - vec(0.12, 0, 0)


def bicycle_shape(phase: float, far: bool) -> Shape:
    """Frame, wheels, handlebar, saddle and cranks."""
    b = ShapeBuilder()
    sides = 3 if far else 5
    r = 0.022 if far else 0.017
    seat_low = _CRANK + 0.72 * (_SADDLE - _CRANK)
    for path in ((_CRANK, _SADDLE), (_CRANK, _HEAD_LOW), (seat_low, _HEAD_HIGH)):
        b.tube(path, r, "frame", sides=sides)
    b.tube([_FRONT, _HEAD_LOW, _HEAD_HIGH + vec(0, 0.06, -0.02)], r, "frame", sides=sides)
    b.tube([_CRANK, _REAR], r * 0.7, "frame", sides=sides)
    b.tube([_REAR, seat_low], r * 0.7, "frame", sides=sides)
    stem = _HEAD_HIGH + vec(0, 0.10, -0.02)
    b.tube([_GRIP * [-1, 1, 1], stem, _GRIP], 0.014, "metal", sides=sides)
    b.box(_SADDLE + vec(0, 0.02, 0.02), (0.13, 0.05, 0.26), "rubber")
    for pedal in pedals(phase):
        foot = pedal * [1, 1, 1]
        b.box(foot, (0.09, 0.02, 0.10), "rubber")
        b.tube(
            [
                _CRANK * [0, 1, 1] + vec(np.sign(foot[0]) * 0.06, 0, 0),
                foot * [0, 1, 1] + [np.sign(foot[0]) * 0.06, 0, 0],
            ],
            0.012,
            "metal",
            sides=3,
        )
    for hub in (_FRONT, _REAR):
        _wheel(b, hub, far)
    if not far:
        b.box(_REAR + vec(0, WHEEL_R + 0.09, -0.02), (0.11, 0.02, 0.34), "metal")
    return b.build()


def _wheel(b: ShapeBuilder, hub: Float, far: bool) -> None:
    """A thin tyre and a see-through disc of spokes."""
    n = 10 if far else 20
    a = np.linspace(0, 2 * np.pi, n + 1)
    ring = np.stack([0 * a, np.cos(a), np.sin(a)], -1)
    section = [(-0.014, 0.955), (0.0, 1.0), (0.014, 0.955), (0.0, 0.93), (-0.014, 0.955)]
    section = [(-0.02, 0.92), (0.02, 1.0), (-0.02, 0.92)] if far else section
    points = hub + np.stack([WHEEL_R * k * ring + vec(x, 0, 0) for x, k in section])
    b.grid(points[::-1], "rubber")
    half = WHEEL_R * 0.96
    corners = hub + half * np.array([(0, -1, -1), (0, -1, 1), (0, 1, 1), (0, 1, -1)])
    b.quads(corners, "spokes", uv=[(0, 0), (1, 0), (1, 1), (0, 1)])
