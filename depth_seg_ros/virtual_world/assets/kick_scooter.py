"""Electric kick scooters, lying about, standing, or ridden by somebody upright.

The machine is of class motorcycle (as Cityscapes counts mopeds and scooters), whoever stands on it
is a rider.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.assets.person import (
    MODELS,
    RIDER_ID,
    Pose,
    draw_build,
    person_shape,
)
from depth_seg_ros.virtual_world.assets.props import disc_wheel
from depth_seg_ros.virtual_world.assets.rider import reach
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.dress import dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.shapes import vec
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "motorcycle"
_GRIP = np.array([0.24, 1.08, 0.34])
_DECK_Y = 0.15
_PAINTS = ((0.02, 0.02, 0.022), (0.05, 0.35, 0.12), (0.55, 0.08, 0.02), (0.45, 0.45, 0.46))


def make_kick_scooter(
    palette: Palette, rng: Generator, *, rider: bool = False, fallen: bool = False
) -> Mesh:
    """A kick scooter facing +z; ``fallen`` lies on its side."""
    builder = MeshBuilder()
    color = palette("plain", LABEL, _PAINTS[int(rng.integers(4))])
    rubber = palette("plain", LABEL, 0.015)
    for z in (-0.43, 0.48):
        disc_wheel(builder, rubber, (0, 0.11, z), 0.11, 0.05, sides=12)
    builder.box((0, _DECK_Y, 0), (0.16, 0.05, 0.66), color)
    builder.tube([(0, _DECK_Y, 0.3), (0, 0.26, 0.45)], 0.03, color, sides=5)
    builder.tube([(0, 0.2, 0.48), (0, 1.06, 0.36)], 0.024, color, sides=6)
    builder.tube([_GRIP * [-1, 1, 1], _GRIP], 0.016, rubber, sides=5)
    builder.box((0, 1.02, 0.40), (0.06, 0.06, 0.05), palette("plain", LABEL, 0.8))
    machine = builder.build()
    if fallen and not rider:
        flat = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
        lying = machine.transformed(flat, (0.5, 0, 0))
        return lying.transformed(np.eye(3), (0, -lying.bounds()[0][1], 0))
    return Mesh.concatenate([machine, _rider(palette, rng)]).mended() if rider else machine


def _rider(palette: Palette, rng: Generator) -> Mesh:
    """Upright, one foot behind the other, hands on the bar."""
    build = draw_build(np.random.default_rng([int(rng.integers(MODELS)), 69]), False)
    build = replace(build, skirt=False)
    h = build.height
    hips = vec(0, _DECK_Y + 0.025 + 0.03 * h + 0.475 * h, -0.06)
    lean = 0.10
    shoulder = hips + (build.shoulder_y - build.hip_y) * vec(0, np.cos(lean), np.sin(lean))
    arm = reach(shoulder, _GRIP * [0, 1, 1], 0.165 * h, 0.150 * h, forward=False)
    pose = Pose((0.28, -0.16), (0.12, 0.10), (arm[0],) * 2, (-arm[1],) * 2, lean)
    shape = person_shape(build, pose, False)
    low = float(shape.position[..., 1].min())
    shape = shape.moved(np.eye(3), (0, _DECK_Y + 0.025 - low, -0.06))
    narrow = replace(shape, position=shape.position * np.array([0.92, 1, 1], np.float32))
    return dress(narrow, clothes(rng, RIDER_ID), palette.layers)
