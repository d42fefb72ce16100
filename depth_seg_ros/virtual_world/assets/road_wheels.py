"""Wheels for whatever is built of boxes: trailers, caravans, machines, tankers."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.textures.palette import Palette

_ABOUT_X = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def road_wheel(
    builder: MeshBuilder,
    palette: Palette,
    label: str,
    at: tuple[float, float, float],
    radius: float,
    width: float,
    *,
    sides: int = 14,
) -> None:
    """A tyre with a steel rim about the x axis, its middle ``at``."""
    rubber, steel = palette("plain", label, 0.015), palette("metal", label, 0.4)
    half, r = width / 2, radius
    tyre = [
        (0.6 * r, -half),
        (0.92 * r, -half),
        (r, -0.7 * half),
        (r, 0.7 * half),
        (0.92 * r, half),
        (0.6 * r, half),
    ]
    builder.lathe(tyre, rubber, sides=sides, center=at, rotation=_ABOUT_X)
    disc = [(0.0, -0.7 * half), (0.6 * r, -half), (0.6 * r, half), (0.0, 0.7 * half)]
    builder.lathe(disc, steel, sides=10, center=at, rotation=_ABOUT_X)


def axle(
    builder: MeshBuilder,
    palette: Palette,
    label: str,
    z: float,
    radius: float,
    track: float,
    *,
    tyre: float = 0.2,
    sides: int = 14,
) -> None:
    """Two wheels whose outer faces are ``track`` apart."""
    for side in (-1, 1):
        at = (side * (track / 2 - tyre / 2), radius, z)
        road_wheel(builder, palette, label, at, radius, tyre, sides=sides)
