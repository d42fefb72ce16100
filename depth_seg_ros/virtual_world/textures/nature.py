"""Leaf litter, rock faces, trodden earth, clipped hedges, reeds."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank, mix, paint
from depth_seg_ros.virtual_world.textures.layer import LooseLayer

Generator = np.random.Generator


def _leaf_litter(bank: NoiseBank, rng: Generator) -> Float:
    """Fallen leaves and twigs over humus."""
    n, count = bank.size, 1500
    soil = paint([0.26, 0.20, 0.15], 0.6 + 0.6 * bank.draw("rough"))
    image = np.ascontiguousarray(soil)
    hues = np.array([[0.50, 0.33, 0.16], [0.42, 0.30, 0.20], [0.58, 0.42, 0.20],
                     [0.38, 0.24, 0.15], [0.60, 0.36, 0.12]])  # fmt: skip
    color = hues[rng.integers(len(hues), size=count)] * rng.uniform(0.6, 1.2, (count, 1))
    place, angle = rng.integers(0, n, (count, 2)), rng.uniform(0, 180, count)
    for k in range(count):
        axes = (int(rng.integers(2, 5)), int(rng.integers(1, 3)))
        center = (int(place[k, 0]), int(place[k, 1]))
        cv2.ellipse(image, center, axes, float(angle[k]), 0, 360, color[k].tolist(), -1)
    for _ in range(26):
        start = rng.uniform(0, n, 2)
        end = start + rng.normal(0, 16, 2)
        cv2.line(image, start.astype(int).tolist(), end.astype(int).tolist(),
                 (0.22, 0.17, 0.13), 1, cv2.LINE_AA)  # fmt: skip
    green = np.clip(bank.draw("rough") - rng.uniform(0.6, 0.8), 0, 1) * 3
    image = mix(image, [0.22, 0.30, 0.12], np.clip(green, 0, 0.8))
    return np.asarray(image * (0.8 + 0.35 * bank.draw("grain"))[..., None], np.float32)


def _rock(bank: NoiseBank, rng: Generator) -> Float:
    """A broken face: bands, cracks, lichen."""
    color = [[0.52, 0.50, 0.47], [0.58, 0.52, 0.44], [0.44, 0.43, 0.43], [0.55, 0.45, 0.37]]
    coarse, fine = bank.draw("rough"), bank.draw("grain")
    facet = np.floor(bank.draw("veins") * 9) / 9
    image = paint(color[int(rng.integers(4))], 0.5 + 0.45 * facet + 0.35 * (coarse - 0.5))
    image *= (0.82 + 0.35 * fine)[..., None]
    for width in (0.004, 0.009):
        image[bank.cracks(width)] *= 0.5
    lichen = np.clip(bank.draw("rough") - 0.68, 0, 1) * rng.uniform(0, 3)
    return mix(image, [0.50, 0.52, 0.36], np.clip(lichen, 0, 0.7))


def _earth(bank: NoiseBank, rng: Generator) -> Float:
    """A field track or dug soil: clods, pebbles, a hint of grass."""
    color = [[0.48, 0.38, 0.28], [0.40, 0.31, 0.23], [0.55, 0.47, 0.36]][int(rng.integers(3))]
    image = paint(color, 0.5 + 0.45 * bank.draw("rough") + 0.6 * (bank.draw("grain") - 0.4))
    stones = bank.draw("grain") > 0.74
    image[stones] = image[stones] * 0.5 + 0.3
    return image


def _hedge_leaves(bank: NoiseBank, rng: Generator) -> Float:
    """A clipped face: thousands of small leaves, dark between them."""
    n, count = bank.size, 3400
    image = np.ascontiguousarray(paint([0.07, 0.10, 0.04], 0.7 + 0.6 * bank.draw("rough")))
    fresh = np.array([[0.26, 0.38, 0.14], [0.20, 0.32, 0.15], [0.33, 0.42, 0.16]])
    base = fresh[int(rng.integers(3))]
    depth = np.sort(rng.uniform(0.35, 1.25, count))  # the outermost are lit
    place, angle = rng.integers(0, n, (count, 2)), rng.uniform(0, 180, count)
    tint = rng.uniform([0.85, 0.93, 0.8], [1.2, 1.05, 1.1], (count, 3))
    for k in range(count):
        axes = (int(rng.integers(2, 5)), int(rng.integers(1, 3)))
        center = (int(place[k, 0]), int(place[k, 1]))
        color = (base * tint[k] * depth[k]).tolist()
        cv2.ellipse(image, center, axes, float(angle[k]), 0, 360, color, -1)
    return np.asarray(image, np.float32)


def _ivy(bank: NoiseBank, rng: Generator) -> Float:
    """Leaves that leave holes: creepers on walls, vines on wires (alpha = leaf)."""
    n, count = bank.size, 420
    image = np.zeros((n, n, 4), np.float32)
    image[..., :3] = [0.20, 0.30, 0.12]
    channels = np.ascontiguousarray(image[..., :3])
    alpha = np.zeros((n, n), np.float32)
    for _ in range(count):
        u, v = rng.uniform(0.06, 0.94, 2)
        center = (int(u * n), int(v * n))
        axes = tuple(np.maximum(rng.uniform((5, 4), (11, 9)) * n / 256, 1).astype(int).tolist())
        angle = float(rng.uniform(0, 180))
        color = np.array([0.28, 0.40, 0.14]) * rng.uniform(0.5, 1.25) * rng.uniform(0.9, 1.1, 3)
        cv2.ellipse(channels, center, axes, angle, 0, 360, color.tolist(), -1, cv2.LINE_AA)
        cv2.ellipse(alpha, center, axes, angle, 0, 360, 1.0, -1)
    return np.dstack([channels, alpha])


LAYERS = {
    "leaf_litter": LooseLayer(_leaf_litter, 2.2),
    "rock": LooseLayer(_rock, 4.0),
    "earth": LooseLayer(_earth, 3.0),
    "hedge_leaves": LooseLayer(_hedge_leaves, 1.1, Surface.FOLIAGE),
    "ivy": LooseLayer(_ivy, 1.0, Surface.FOLIAGE | Surface.ALPHA_TEST | Surface.DOUBLE_SIDED),
}
