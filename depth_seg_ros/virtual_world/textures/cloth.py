"""Awning stripes, tarpaulin, netting: what is stretched over frames."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank, paint, tile_coordinates
from depth_seg_ros.virtual_world.textures.layer import LooseLayer

Generator = np.random.Generator

_CLOTH_COLORS = np.array([[0.70, 0.10, 0.10], [0.12, 0.35, 0.22], [0.10, 0.22, 0.50],
                          [0.85, 0.60, 0.12], [0.30, 0.30, 0.32], [0.55, 0.30, 0.15]])  # fmt: skip


def _awning(bank: NoiseBank, rng: Generator) -> Float:
    """Stripes along v, two colours (or hardly two)."""
    _, u = tile_coordinates(bank.size)
    pale = np.array([0.92, 0.90, 0.85])
    color = _CLOTH_COLORS[int(rng.integers(len(_CLOTH_COLORS)))] * rng.uniform(0.85, 1.1)
    plain = rng.random() < 0.3
    stripe = (u * 4) % 1 < 0.5
    image = np.where(stripe[..., None] | plain, color, pale).astype(np.float32)
    return np.asarray(image * (0.84 + 0.18 * bank.draw("clouds"))[..., None], np.float32)


def _tarpaulin(bank: NoiseBank, rng: Generator) -> Float:
    """Creased sheet with eyelets; pale, the tint colours it."""
    v, u = tile_coordinates(bank.size)
    crease = np.abs(bank.draw("veins") - 0.5)
    image = paint([0.93, 0.93, 0.93], 0.72 + 0.5 * crease + 0.14 * bank.draw("clouds"))
    seam = (np.abs(u - 0.5) < 0.006) | (v < 0.01)
    image[seam] *= 0.7
    eyelet = np.hypot((u * 4) % 1 - 0.5, (v % 1 - 0.04) * 4) < 0.05
    image[eyelet] = [0.6, 0.6, 0.58]
    return image


def _netting(bank: NoiseBank, rng: Generator) -> Float:
    """Scaffold net, a weave too tight to see through from a street."""
    v, u = tile_coordinates(bank.size)
    weave = 0.8 + 0.2 * np.maximum(np.abs(np.sin(np.pi * u * 32)), np.abs(np.sin(np.pi * v * 32)))
    color = np.array([[0.30, 0.50, 0.42], [0.75, 0.75, 0.72], [0.25, 0.40, 0.60]])
    return paint(color[int(rng.integers(3))], weave * (0.7 + 0.5 * bank.draw("clouds")))


LAYERS = {
    "awning": LooseLayer(_awning, 1.6, Surface.DOUBLE_SIDED),
    "tarpaulin": LooseLayer(_tarpaulin, 2.5, Surface.DOUBLE_SIDED),
    "netting": LooseLayer(_netting, 2.0, Surface.DOUBLE_SIDED),
}
