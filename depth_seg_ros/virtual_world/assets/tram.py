"""Trams: low-floor sets of three to five short modules, and old two-axle-bogie cars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.railcar import LABEL, Livery, RailBody, RailCar, add_body
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
_PAINTS = ((0.42, 0.02, 0.02), (0.62, 0.45, 0.03), (0.05, 0.28, 0.12), (0.04, 0.14, 0.42),
           (0.70, 0.70, 0.68), (0.48, 0.30, 0.05), (0.25, 0.26, 0.28))  # fmt: skip


def tram_livery(rng: Generator) -> Livery:
    """An operator's colours."""
    body = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.85, 1.15)
    white, dark = (0.68, 0.68, 0.66), (0.03, 0.03, 0.035)
    color = (float(body[0]), float(body[1]), float(body[2]))
    if rng.random() < 0.45:
        return Livery(white, dark, color, white)
    return Livery(color, dark if rng.random() < 0.5 else white, (0.08,) * 3, (0.3, 0.3, 0.31))


def make_tram(
    palette: Palette, rng: Generator, *, modules: int | None = None
) -> tuple[RailCar, ...]:
    """The modules of a tram, 13 to 42 m together, the first one leading; rails' top at y = 0."""
    count = int(rng.choice([1, 3, 3, 5])) if modules is None else modules
    livery = tram_livery(rng)
    old = count == 1
    base = RailBody(
        length=float(rng.uniform(13, 15)) if old else float(rng.uniform(6.2, 8.5)),
        width=2.3 if old else 2.45,
        height=float(rng.uniform(3.15, 3.45)),
        floor=0.30 if not old else 0.42,
        windows=(1.15, 2.45) if not old else (1.35, 2.35),
        rake=float(rng.uniform(0.15, 0.9)),
        round=float(rng.uniform(2.4, 4.0)),
    )
    nose = 0.9 if old else float(rng.uniform(0.9, 1.6))
    gap = 0.35
    screen, cars = int(rng.integers(8)), []
    for k in range(count):
        doors = (-0.36, 0.36) if old else ((-0.22, 0.22) if k % 2 == 0 else (0.0,))
        body = replace(
            base,
            front=nose if k == 0 else 0.0,
            back=nose if k == count - 1 else 0.0,
            doors=tuple(share * base.length for share in doors),
        )
        part = MeshBuilder()
        add_body(part, palette, body, livery)
        _roof(part, palette, rng, body, k == count // 2)
        for sign, ends in ((1.0, k == 0), (-1.0, k == count - 1)):
            if ends:
                _display(part, palette, base, screen, sign)
        cars.append(RailCar(part.build(), base.length + gap))
    return tuple(cars)


def _roof(
    builder: MeshBuilder, palette: Palette, rng: Generator, body: RailBody, collector: bool
) -> None:
    """Boxes of equipment, and on one module the pantograph up to the wire."""
    grey = palette("asset paint", LABEL, rng.uniform(0.15, 0.45))
    length = body.length * float(rng.uniform(0.3, 0.6))
    builder.box((0, body.height + 0.12, 0), (1.5, 0.26, length), grey)
    if collector:
        metal = palette("metal", LABEL, 0.2)
        y = body.height + 0.25
        wire = 5.45
        for x in (-0.5, 0.5):
            builder.tube(
                [(x, y, 1.0), (x * 0.8, (y + wire) / 2, -0.3), (x, wire, 0.5)],
                0.025,
                metal,
                sides=4,
            )
        builder.tube([(-0.75, wire, 0.5), (0.75, wire, 0.5)], 0.03, metal, sides=4)


def _display(
    builder: MeshBuilder, palette: Palette, body: RailBody, screen: int, sign: float
) -> None:
    """The line's number and destination over the screen of one end (+1 the front)."""
    shown = palette("asset signs_dynamic", LABEL, 0.5, flags=Surface.EMISSIVE)
    row = screen / 8
    uv = [(0.02, row + 0.01), (0.98, row + 0.01), (0.98, row + 0.115), (0.02, row + 0.115)]
    y = body.windows[1] + 0.06
    lift = ((y - 1.0) / (body.height - 1.0)) ** 1.3 * body.rake
    z = sign * (body.length / 2 - lift + 0.03)
    corners = [
        (0.5 * sign, y, z),
        (-0.5 * sign, y, z),
        (-0.5 * sign, y + 0.22, z),
        (0.5 * sign, y + 0.22, z),
    ]
    builder.quads([corners], shown, uv=uv, normals=(0.0, 0.0, sign))
