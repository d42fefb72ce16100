"""The body of a rail vehicle: a rounded box of panels and windows with a nose at either end.

Stations run from the front to the back, rows from the sill up to the roof's middle; the right half
is made and mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, Surface
from depth_seg_ros.virtual_world.geometry.primitives import grid_normals
from depth_seg_ros.virtual_world.geometry.sweep import Float
from depth_seg_ros.virtual_world.textures.palette import Palette

LABEL = "train"
_GLASS = Surface.GLASS | Surface.GLOSSY
BAY_M = 1.45
_LEFT = np.array([-1.0, 1.0, 1.0])


class RailCar(NamedTuple):
    """One car with its middle at the origin, facing +z, and its length over the couplers."""

    mesh: Mesh
    length_m: float


def coupled(train: tuple[RailCar, ...]) -> Mesh:
    """The cars in a straight line, the train's middle at the origin."""
    total = sum(car.length_m for car in train)
    front, placed = total / 2, []
    for car in train:
        placed.append(car.mesh.transformed(np.eye(3), (0, 0, front - car.length_m / 2)))
        front -= car.length_m
    return Mesh.concatenate(placed)


@dataclass(frozen=True)
class Livery:
    """What a body is painted with."""

    body: tuple[float, float, float]
    band: tuple[float, float, float]  # along the windows
    skirt: tuple[float, float, float]
    roof: tuple[float, float, float]


@dataclass(frozen=True)
class RailBody:
    """Sizes in metres; y from the rails' top."""

    length: float
    width: float
    height: float
    floor: float  # lower edge of the body
    windows: tuple[float, float]  # y of the side windows
    front: float = 0.0  # depth of the nose ahead; 0 = a flat end with a gangway
    back: float = 0.0
    rake: float = 0.4  # how far the roof lies behind the nose's tip
    round: float = 3.0  # exponent of the nose's outline
    doors: tuple[float, ...] = ()  # z of the doors
    glazed: bool = True


def add_body(builder: MeshBuilder, palette: Palette, body: RailBody, livery: Livery) -> None:
    """The shell of a vehicle, its middle at the origin, facing +z."""
    points, straight = _shell(body)
    normals = grid_normals(points)
    paint = _materials(palette, livery)
    rows = _bands(body)
    for mirror in (1.0, -1.0):
        side = np.array([mirror, 1.0, 1.0])
        for r, band in enumerate(rows):
            for first, last, end in _pieces(len(points), straight):
                part = points[first : last + 1, r : r + 2] * side
                normal = normals[first : last + 1, r : r + 2] * side
                name = _covering(body, band, end)
                builder.grid(part, paint[name], uv=_uv(part, name, band, body), normals=normal)
    _doors(builder, palette, body)
    _under(builder, palette, body)
    for z, depth in ((body.length / 2, body.front), (-body.length / 2, body.back)):
        _end(builder, palette, body, z, depth)


def _shell(body: RailBody) -> tuple[Float, tuple[int, int]]:
    """Points [S, R, 3] of the right half, and the first and last station of the straight side."""
    half, low, high = body.width / 2, *body.windows
    top = body.height
    outline = [(half * 0.93, body.floor), (half, body.floor + 0.2), (half, low - 0.02),
               (half * 0.995, low), (half * 0.965, high), (half * 0.94, high + 0.15),
               (half * 0.80, top - 0.16), (half * 0.45, top - 0.02), (0.0, top)]  # fmt: skip
    rows = np.array(outline)
    lift = np.clip((rows[:, 1] - 1.0) / (top - 1.0), 0, 1) ** 1.3
    stations, flat = [], []
    for sign, depth in ((1.0, body.front), (-1.0, body.back)):
        angles = np.linspace(0, np.pi / 2, 8) if depth else np.array([np.pi / 2])
        block = []
        for t in angles:
            share = np.sin(t) ** (2 / body.round)
            along = depth * (1 - np.cos(t) ** (2 / body.round)) if depth else 0.0
            z = body.length / 2 - along - lift * body.rake * (depth > 0) * np.cos(t) ** 0.5
            block.append(np.stack([rows[:, 0] * share, rows[:, 1], sign * z], -1))
        stations.append(block if sign > 0 else block[::-1])
        flat.append(len(block))
    points = np.array([*stations[0], *stations[1]])
    return points, (flat[0] - 1, flat[0])


def _bands(body: RailBody) -> list[str]:
    return ["skirt", "body", "body", "window", "band", "roof", "roof", "roof"]


def _pieces(count: int, straight: tuple[int, int]) -> list[tuple[int, int, str]]:
    """(first, last station, which part) of the nose, the side and the tail."""
    first, last = straight
    pieces = [(0, first, "front"), (first, last, "side"), (last, count - 1, "back")]
    return [p for p in pieces if p[1] > p[0]]


def _covering(body: RailBody, band: str, end: str) -> str:
    if band == "window":
        if not body.glazed and end == "side":
            return "body"
        return "windows" if end == "side" else "screen"
    return band


def _materials(palette: Palette, livery: Livery) -> dict[str, Material]:
    def gloss(color: tuple[float, float, float]) -> Material:
        return palette("asset paint", LABEL, color, flags=Surface.GLOSSY)

    return {
        "skirt": palette("asset paint", LABEL, livery.skirt),
        "body": gloss(livery.body),
        "band": gloss(livery.band),
        "roof": palette("asset paint", LABEL, livery.roof),
        "windows": palette("asset bus_glass", LABEL, flags=_GLASS),
        "screen": palette("asset car_glass", LABEL, flags=_GLASS),
    }


def _uv(points: Float, name: str, band: str, body: RailBody) -> Float:
    """Windows repeat by bays; screens show the pane; paint repeats every 2 m."""
    along = points[..., 2]
    if name == "windows":
        v = np.broadcast_to(np.array([0.0, 1.0]), along.shape)
        return np.stack([along / BAY_M, v], -1)
    if name == "screen":
        v = np.broadcast_to(np.array([0.05, 0.45]), along.shape)
        return np.stack([0.25 + 0.2 * points[..., 0] / body.width, v], -1)
    return np.stack([along / 2.0, points[..., 1] / 2.0], -1)


def _doors(builder: MeshBuilder, palette: Palette, body: RailBody) -> None:
    """Double doors on both sides, from just above the sill to above the windows."""
    door = palette("asset bus_door", LABEL, flags=_GLASS)
    half = body.width / 2 + 0.012
    low, high = body.floor + 0.12, body.windows[1] + 0.08
    for z in body.doors:
        for side in (-1.0, 1.0):
            rows = ((half, low, 0.65), (half, low, -0.65), (half * 0.97, high, -0.65),
                    (half * 0.97, high, 0.65))  # fmt: skip
            corners = np.array(rows) + np.array([0, 0, z])
            uv = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
            normal = (side, 0.03, 0.0)
            builder.quads([corners * [side, 1, 1]], door, uv=uv, normals=normal)


def _under(builder: MeshBuilder, palette: Palette, body: RailBody) -> None:
    """The dark bogies and boxes below the floor."""
    dark = palette("asset paint", LABEL, 0.012)
    wheel = palette("metal", LABEL, 0.16)
    deep = body.floor - 0.12
    builder.box((0, 0.12 + deep / 2, 0), (body.width * 0.8, deep, body.length * 0.45), dark)
    builder.box((0, body.floor + 0.02, 0), (body.width * 0.9, 0.05, body.length - 0.6), dark)
    reach = body.length / 2 - max(body.front, body.back, 0.3) - 1.6
    about_x = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for z in (-reach, reach):
        builder.box((0, 0.42, z), (2.0, 0.3, 2.6), dark)
        for axle in (-0.95, 0.95):
            for x in (-0.78, 0.78):
                rim = [(0.0, -0.06), (0.42, -0.06), (0.42, 0.06), (0.0, 0.06)]
                builder.lathe(rim, wheel, sides=12, center=(x, 0.42, z + axle), rotation=about_x)


def _end(builder: MeshBuilder, palette: Palette, body: RailBody, z: float, depth: float) -> None:
    """Lamps on a nose; a gangway on a flat end."""
    sign = 1.0 if z > 0 else -1.0
    if depth:
        colors = (0.85, 0.85, 0.82) if sign > 0 else (0.45, 0.02, 0.02)
        lamp = palette("plain", LABEL, colors, flags=Surface.GLOSSY)
        for x in (-0.62, 0.62):
            share = (2 * abs(x) / body.width) ** body.round
            back = depth * (1 - (1 - share) ** (1 / body.round))
            at = (x, max(body.windows[0] - 0.35, 0.7), z - sign * (back - 0.02))
            builder.ellipsoid(at, (0.15, 0.10, 0.08), lamp, sides=8, rings=4)
        return
    panel = palette("asset paint", LABEL, 0.05)
    middle = (body.height + body.floor) / 2
    builder.box((0, middle, z), (body.width * 0.9, body.height - body.floor - 0.3, 0.04), panel)
    bellows = (body.width * 0.72, body.height - body.floor - 0.55, 0.7)
    builder.box((0, middle - 0.05, z), bellows, palette("asset paint", LABEL, 0.02))
