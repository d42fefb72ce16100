"""What is taken: ground by rectangles, kerbs by stretches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating[Any]]


class Occupancy:
    """Oriented rectangles on the ground that are taken."""

    def __init__(self) -> None:
        self._center: list[tuple[float, float]] = []
        self._axes: list[tuple[float, float, float, float]] = []

    def free(self, x: float, z: float, yaw: float, width: float, depth: float) -> bool:
        """Whether a rectangle (width across, depth along ``yaw``) touches no claimed one."""
        if not self._center:
            return True
        center = np.array(self._center)
        axes = np.array(self._axes)
        mine = (np.sin(yaw), np.cos(yaw), width / 2, depth / 2)
        dx, dz = center[:, 0] - x, center[:, 1] - z
        sin, cos, half_w, half_d = axes.T
        apart = np.zeros(len(center), bool)
        cross = np.abs(np.sin(yaw) * cos - np.cos(yaw) * sin)
        inner = np.abs(np.sin(yaw) * sin + np.cos(yaw) * cos)
        for ax, az, reach, other in (
            (mine[0], mine[1], mine[3], half_d * inner + half_w * cross),
            (mine[1], -mine[0], mine[2], half_w * inner + half_d * cross),
            (sin, cos, half_d, mine[3] * inner + mine[2] * cross),
            (cos, -sin, half_w, mine[2] * inner + mine[3] * cross),
        ):
            apart |= np.abs(dx * ax + dz * az) > reach + other
        return bool(apart.all())

    def free_places(self, x: Float, z: Float, width: float) -> NDArray[np.bool_]:
        """Whether squares [N] of a width, standing north, touch no claimed rectangle."""
        if not self._center:
            return np.ones(len(x), bool)
        center, axes = np.array(self._center), np.array(self._axes)
        dx, dz = center[:, 0] - x[:, None], center[:, 1] - z[:, None]
        sin, cos, half_w, half_d = axes.T
        reach = (np.abs(sin) + np.abs(cos)) * width / 2  # of the square along either axis
        apart = (np.abs(dx * sin + dz * cos) > half_d + reach) | (
            np.abs(dx * cos - dz * sin) > half_w + reach
        )
        apart |= (np.abs(dz) > half_d * np.abs(cos) + half_w * np.abs(sin) + width / 2) | (
            np.abs(dx) > half_d * np.abs(sin) + half_w * np.abs(cos) + width / 2
        )
        return np.asarray(apart.all(1))

    def claim(self, x: float, z: float, yaw: float, width: float, depth: float) -> None:
        """Take a rectangle whatever is there."""
        self._center.append((float(x), float(z)))
        self._axes.append((float(np.sin(yaw)), float(np.cos(yaw)), width / 2, depth / 2))

    def take(self, x: float, z: float, yaw: float, width: float, depth: float) -> bool:
        """Claim the rectangle if it is free; whether it was."""
        if not self.free(x, z, yaw, width, depth):
            return False
        self.claim(x, z, yaw, width, depth)
        return True


class KerbSpace:
    """Stretches of the kerb side of the pavements that are taken by posts, trees and shelters."""

    def __init__(self) -> None:
        self._taken: list[tuple[int, float, float]] = []

    def take(self, side: int, s: float, length: float) -> bool:
        """Claim ``length`` metres round s on a side if they are free; whether they were."""
        if not self.free(side, s, length):
            return False
        self._taken.append((side, s, length))
        return True

    def free(self, side: int, s: float, length: float) -> bool:
        """Whether nothing has claimed any of ``length`` metres round s."""
        return not any(
            other_side == side and abs(other - s) < (extent + length) / 2
            for other_side, other, extent in self._taken
        )
