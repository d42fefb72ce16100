"""Lamps, traffic lights, signs, bollards, power poles: one mesh each, in its own frame.

Frame: the foot at the origin, y up, +z the direction of the traffic that the object serves and
+x to that traffic's right; signs and lights therefore face -z. ``reach_m`` is towards -x, over the
road, for an object on the right-hand side.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.buildings.facade import Plane, picture
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator


def lamp(palette: Palette, rng: Generator, height: float, design: int, reach_m: float) -> Mesh:
    """A street lamp: 0 curved arm, 1 straight arm, 2 lantern on the post, 3 double arm."""
    builder = MeshBuilder()
    gray = rng.uniform(0.12, 0.5)
    metal = palette("metal", "pole", gray)
    builder.cylinder((0, -0.3, 0), 0.09, 1.3, metal, top_radius=0.085, sides=8)
    builder.cylinder((0, 1.0, 0), 0.065, height - 1.0, metal, top_radius=0.04, sides=8)
    glow = palette("plain", "pole", (0.85, 0.84, 0.78), flags=Surface.LAMP)
    if design == 2:
        builder.lathe(
            [
                (0.0, height - 0.1),
                (0.10, height - 0.05),
                (0.19, height + 0.32),
                (0.16, height + 0.36),
            ],
            glow,
            sides=8,
        )
        builder.lathe(
            [(0.24, height + 0.34), (0.05, height + 0.5), (0.0, height + 0.55)],
            metal.tinted(0.7),
            sides=8,
        )
        return builder.build()
    for direction in (-1.0, 1.0) if design == 3 else (-1.0,):
        t = np.linspace(0, 1, 5 if design == 0 else 2)
        rise = 0.7 * np.sin(t * np.pi / 2) if design == 0 else 0.15 * t
        path = np.stack([direction * reach_m * t, height - 0.1 + rise, 0 * t], -1)
        builder.tube(path, 0.035, metal, sides=5)
        head = path[-1] + [direction * 0.25, 0.02, 0]
        builder.box(head, (0.7, 0.12, 0.26), metal.tinted(1.1))
        builder.box(head - [0, 0.07, 0], (0.5, 0.03, 0.2), glow)
    return builder.build()


_CASES = (0.03, 0.03, 0.03, (0.02, 0.08, 0.05), (0.45, 0.33, 0.02), 0.18)
"""Colours that the cases of traffic lights are painted with."""


def traffic_light(palette: Palette, rng: Generator, state: int, reach_m: float) -> Mesh:
    """Heads on a post and, with a reach, one over the road. state 0 red, 1 amber, 2 green."""
    builder = MeshBuilder()
    metal = palette("metal", "pole", rng.uniform(0.15, 0.45))
    tone = _CASES[int(rng.integers(len(_CASES)))]
    boarded, scale = bool(rng.random() < 0.6), float(rng.uniform(0.85, 1.2))
    low = float(rng.uniform(2.45, 2.9))
    striped = rng.random() < 0.2
    top = 6.0 if reach_m else low + 0.85
    builder.cylinder((0, -0.2, 0), 0.07, top, metal, sides=8)
    if striped:
        builder.cylinder((0, 0.0, 0), 0.073, 2.2, palette("yellow_black", "pole"), sides=8)
    case = palette("plain", "traffic light", tone)
    _head(builder, palette, case, (-0.0, low, -0.16), state, scale, boarded=boarded)
    if reach_m:
        builder.tube([(0, 5.7, 0), (-reach_m, 5.85, 0)], 0.055, metal, sides=6)
        for x in (-reach_m + 0.3, -reach_m * 0.45)[: 1 + int(reach_m > 4 and rng.random() < 0.5)]:
            _head(builder, palette, case, (x, 5.35, -0.12), state, scale * 1.1, boarded=boarded)
    if rng.random() < 0.25:  # a small repeater for those who wait beside it
        _head(builder, palette, case, (-0.0, 1.55, -0.13), state, 0.42, boarded=False)
    if rng.random() < 0.6:  # pedestrians' lights, across
        _head(builder, palette, case, (-0.16, 2.2, 0.0), 2 - state, 0.62, turned=True, lenses=2)
    if rng.random() < 0.4:  # the box with the button
        builder.box(
            (-0.1, 1.05, 0), (0.08, 0.26, 0.14), palette("plain", "pole", (0.55, 0.4, 0.02))
        )
    return builder.build()


def _head(
    builder: MeshBuilder,
    palette: Palette,
    case: Material,
    at: tuple[float, float, float],
    state: int,
    scale: float,
    *,
    turned: bool = False,
    boarded: bool = True,
    lenses: int = 3,
) -> None:
    """Two or three lenses in a case, facing -z (or -x)."""
    part = MeshBuilder()
    tall = 0.92 if lenses == 3 else 0.62
    part.box((0, 0, 0), (0.30 * scale, tall * scale, 0.20 * scale), case)
    if boarded:
        board = palette("plain", "traffic light", 0.03)
        part.box((0, 0, 0.11 * scale), (0.42 * scale, (tall + 0.13) * scale, 0.02), board)
    colors = [(1.0, 0.06, 0.03), (1.0, 0.55, 0.04), (0.05, 0.95, 0.35)]
    shown = range(3) if lenses == 3 else (0, 2)
    for row, i in enumerate(shown):
        lit = i == state
        lens = palette(
            "plain",
            "traffic light",
            np.array(colors[i]) * (1.0 if lit else 0.07),
            flags=Surface.EMISSIVE if lit else Surface.PLAIN,
        )
        y = ((lenses - 1) * 0.145 - 0.29 * row) * scale
        part.lathe(
            [(0.1 * scale, 0.0), (0.08 * scale, 0.03), (0.0, 0.035)],
            lens,
            sides=10,
            center=(0, y, -0.105 * scale),
            rotation=[[1, 0, 0], [0, 0, 1], [0, -1, 0]],
        )
        part.box((0, y + 0.115 * scale, -0.17 * scale), (0.22 * scale, 0.02, 0.16 * scale), case)
    turn = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]]) if turned else np.eye(3)
    builder.add(part.build().transformed(turn, at))


def sign(
    palette: Palette, rng: Generator, layer: str, cells: list[int], size: float, height: float
) -> Mesh:
    """One or two plates on a post, facing -z; grey backs."""
    builder = MeshBuilder()
    metal = palette("metal", "pole", rng.uniform(0.35, 0.7))
    top = height + size * len(cells) * 1.05
    builder.cylinder((0, -0.2, 0), 0.035, top + 0.25, metal, sides=6)
    front = palette(layer, "traffic sign")
    back = palette(layer, "traffic sign", (0.35, 0.35, 0.36))
    for i, cell in enumerate(cells):
        low = height + i * size * 1.05
        _plate(builder, front, back, (-size / 2, low, size / 2, low + size), cell, -0.05)
    return builder.build()


def _plate(
    builder: MeshBuilder,
    front: Material,
    back: Material,
    box: tuple[float, float, float, float],
    cell: int,
    z: float,
) -> None:
    facing = Plane(np.array([0, 0, z]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))
    away = Plane(np.array([0, 0, z]), np.array([-1.0, 0, 0]), np.array([0, 0, 1.0]))
    picture(builder, facing, [box], front, cell)
    picture(builder, away, [box], back, cell, 0.01)


def board(
    palette: Palette,
    rng: Generator,
    width: float,
    height: float,
    clearance: float,
    layer: str = "boards",
    class_name: str = "traffic sign",
) -> Mesh:
    """A large board (direction sign or poster) on two posts, facing -z."""
    builder = MeshBuilder()
    metal = palette("metal", "pole", rng.uniform(0.3, 0.6))
    for x in (-width * 0.32, width * 0.32):
        builder.cylinder((x, -0.3, 0.06), 0.06, clearance + height + 0.3, metal, sides=6)
    front = palette(layer, class_name)
    facing = Plane(
        np.array([-width / 2, clearance, -0.04]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
    )
    picture(builder, facing, [(0, 0, width, height)], front, rng.integers(4))
    builder.box(
        (0, clearance + height / 2, 0.0),
        (width, height, 0.06),
        palette("metal", class_name, 0.4),
        faces="xXyYZ",
    )
    return builder.build()


def bollard(palette: Palette, rng: Generator) -> Mesh:
    """A waist-high post of steel, stone or striped plastic."""
    builder = MeshBuilder()
    tone = (0.05, 0.4, 0.75)[rng.integers(3)]
    material = palette("plain", "pole", tone)
    radius, height = rng.uniform(0.05, 0.1), rng.uniform(0.75, 1.0)
    builder.cylinder((0, -0.1, 0), radius, height, material, sides=8, cap=True)
    builder.cylinder(
        (0, height * 0.72, 0), radius * 1.03, 0.08, material.tinted(0.3 / tone), sides=8
    )
    return builder.build()


def delineator(palette: Palette) -> Mesh:
    """The white roadside post with a black band of country roads."""
    builder = MeshBuilder()
    white = palette("plain", "pole", 0.85)
    builder.box((0, 0.4, 0), (0.12, 1.0, 0.1), white, faces="xXYzZ")
    builder.box((0, 0.72, 0), (0.125, 0.24, 0.105), palette("plain", "pole", 0.03), faces="xXzZ")
    return builder.build()


def power_pole(palette: Palette, rng: Generator) -> Mesh:
    """A wooden pole with a cross beam and insulators."""
    builder = MeshBuilder()
    wood = palette("wood", "pole", (0.30, 0.24, 0.19))
    builder.cylinder((0, -0.5, 0), 0.15, 9.0, wood, top_radius=0.1, sides=7)
    builder.box((0, 8.1, 0), (1.9, 0.12, 0.1), wood)
    for x in (-0.85, 0.0, 0.85):
        builder.cylinder((x, 8.15, 0), 0.05, 0.2, palette("plain", "pole", 0.3), sides=5)
    return builder.build()


def gantry(palette: Palette, rng: Generator, left: float, right: float) -> Mesh:
    """A sign bridge over the road from x = left to x = right, boards facing -z."""
    builder = MeshBuilder()
    metal = palette("metal", "pole", rng.uniform(0.35, 0.6))
    low = rng.uniform(5.4, 6.0)
    for x in (left, right):
        builder.box((x, (low + 1.4) / 2 - 0.3, 0), (0.35, low + 2.0, 0.35), metal)
    middle, width = (left + right) / 2, right - left
    for y in (low, low + 1.2):
        builder.box((middle, y, 0), (width, 0.16, 0.16), metal)
    count = int(width / 1.5)
    posts = np.linspace(left, right, count + 1)
    centers = np.stack([posts, np.full(count + 1, low + 0.6), np.zeros(count + 1)], -1)
    builder.boxes(centers, (0.08, 1.2, 0.08), metal)
    board_width = rng.uniform(3.0, 4.2)
    places = np.arange(
        max(left + board_width, 0.5 * board_width), right - board_width * 0.6, board_width + 0.5
    )
    for place in places.tolist():
        x = float(place)
        plane = Plane(
            np.array([x - board_width / 2, low - 0.3, -0.25]),
            np.array([1.0, 0, 0]),
            np.array([0, 0, -1.0]),
        )
        picture(
            builder,
            plane,
            [(0, 0, board_width, 2.6)],
            palette("boards", "traffic sign"),
            rng.integers(4),
        )
        builder.box(
            (x, low + 1.0, -0.18),
            (board_width, 2.6, 0.08),
            palette("metal", "traffic sign", 0.4),
            faces="xXyYZ",
        )
    return builder.build()
