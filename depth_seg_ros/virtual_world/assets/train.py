"""Trains: multiple units, locomotives with freight wagons; car by car, so that they may bend.

Rails' top at y = 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets.railcar import LABEL, Livery, RailBody, RailCar, add_body
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
TRAINS = ("regional", "express", "freight")
_PAINTS = ((0.42, 0.015, 0.02), (0.03, 0.10, 0.34), (0.66, 0.66, 0.64), (0.05, 0.22, 0.10),
           (0.60, 0.40, 0.03), (0.30, 0.31, 0.33))  # fmt: skip


def make_train(palette: Palette, rng: Generator, kind: str, cars: int) -> tuple[RailCar, ...]:
    """``cars`` cars of a kind (one of TRAINS), the first one leading. Raises VirtualWorldError on
    an unknown kind."""
    if kind not in TRAINS:
        raise VirtualWorldError(f"no train is named {kind!r}; known: {', '.join(TRAINS)}")
    if kind == "freight":
        return (_locomotive(palette, rng), *(_wagon(palette, rng) for _ in range(cars - 1)))
    paint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.85, 1.1)
    color = (float(paint[0]), float(paint[1]), float(paint[2]))
    white, dark = (0.66, 0.66, 0.65), (0.03, 0.03, 0.035)
    livery = Livery(color, dark, (0.05,) * 3, (0.2, 0.2, 0.21))
    if kind == "express" or rng.random() < 0.3:
        livery = Livery(white, dark, color, (0.55, 0.55, 0.55))
    fast = kind == "express"
    base = RailBody(
        length=float(rng.uniform(24, 26) if fast else rng.uniform(16, 21)),
        width=2.85,
        height=float(rng.uniform(3.8, 4.1)),
        floor=0.85,
        windows=(1.85, 2.85),
        rake=3.0 if fast else float(rng.uniform(0.4, 1.1)),
        round=2.2 if fast else 3.2,
    )
    nose = 3.5 if fast else 1.1
    return tuple(_car(palette, rng, base, livery, k, cars, nose) for k in range(cars))


def _car(
    palette: Palette, rng: Generator, base: RailBody, livery: Livery, k: int, cars: int, nose: float
) -> RailCar:
    body = replace(
        base,
        front=nose if k == 0 else 0.0,
        back=nose if k == cars - 1 else 0.0,
        doors=(-0.28 * base.length, 0.28 * base.length),
    )
    builder = MeshBuilder()
    add_body(builder, palette, body, livery)
    roof = palette("asset paint", LABEL, 0.2)
    builder.box((0, body.height + 0.05, 0), (1.6, 0.25, body.length * 0.5), roof)
    if k == min(1, cars - 1):
        _pantograph(builder, palette, body.height)
    return RailCar(builder.build(), body.length + 0.5)


def _pantograph(builder: MeshBuilder, palette: Palette, height: float) -> None:
    metal = palette("metal", LABEL, 0.2)
    for x in (-0.5, 0.5):
        path = [(x, height + 0.1, 1.4), (x * 0.7, height + 0.7, -0.2), (x, 5.4, 0.8)]
        builder.tube(path, 0.03, metal, sides=4)
    builder.tube([(-0.8, 5.42, 0.8), (0.8, 5.42, 0.8)], 0.03, metal, sides=4)


def _locomotive(palette: Palette, rng: Generator) -> RailCar:
    paint = _PAINTS[int(rng.integers(len(_PAINTS)))]
    livery = Livery(paint, paint, (0.06,) * 3, (0.15, 0.15, 0.16))
    body = RailBody(18.0, 2.9, 4.05, 0.9, (2.0, 2.85), front=0.7, back=0.7, rake=0.5,
                    round=4.5, glazed=False)  # fmt: skip
    builder = MeshBuilder()
    add_body(builder, palette, body, livery)
    grille = palette("asset grilles", LABEL, 0.4)
    for side in (-1.0, 1.0):
        x = side * 1.47
        corners = np.array([(x, 2.2, 4.0), (x, 2.2, -4.0), (x, 2.75, -4.0), (x, 2.75, 4.0)])
        builder.quads([corners], grille, normals=(side, 0, 0), uv=[(0, 0), (6, 0), (6, 1), (0, 1)])
    _pantograph(builder, palette, body.height)
    return RailCar(builder.build(), 19.0)


def _wagon(palette: Palette, rng: Generator) -> RailCar:
    """A flat wagon with containers, a tank, a hopper or a covered van."""
    kind = int(rng.integers(4))
    builder = MeshBuilder()
    length = float(rng.uniform(13, 15))
    dark = palette("asset paint", LABEL, 0.03)
    color = rng.uniform(0.02, 0.35, 3) * rng.uniform(0.4, 1.0)
    builder.box((0, 1.05, 0), (2.6, 0.25, length), dark)
    for z in (-length / 2 + 2.2, length / 2 - 2.2):
        builder.box((0, 0.55, z), (2.0, 0.6, 2.7), dark)
    if kind == 0:
        for z in (-length / 4, length / 4):
            tint = rng.uniform(0.03, 0.5, 3)
            side = palette("container", LABEL, tint)
            builder.box((0, 2.5, z), (2.44, 2.6, length / 2 - 0.3), side)
    elif kind == 1:
        tank = palette("asset paint", LABEL, rng.uniform(0.1, 0.6), flags=Surface.GLOSSY)
        turn = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
        long = length - 1.2
        rim = [
            (0.0, 0.0),
            (1.2, 0.15),
            (1.35, 0.5),
            (1.35, long - 0.5),
            (1.2, long - 0.15),
            (0.0, long),
        ]
        builder.lathe(rim, tank, sides=16, center=(0, 2.6, -long / 2), rotation=turn)
        builder.box((0, 4.0, 0), (0.6, 0.15, 1.2), dark)
    elif kind == 2:
        rust = palette("sheet_metal", LABEL, color + np.array([0.1, 0.05, 0.02]))
        builder.box((0, 2.3, 0), (2.8, 2.3, length - 0.6), rust, faces="xXzZ")
        builder.box(
            (0, 3.3, 0), (2.7, 0.02, length - 0.7), palette("gravel", LABEL, 0.6), faces="Y"
        )
    else:
        van = palette("sheet_metal", LABEL, color)
        builder.box((0, 2.5, 0), (2.8, 2.7, length - 0.3), van)
    return RailCar(builder.build(), length + 1.2)
