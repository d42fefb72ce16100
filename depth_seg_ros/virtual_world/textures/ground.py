"""Asphalt, paving, grass, soil, road paint."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.textures.bank import (
    Float,
    NoiseBank,
    bricks,
    mix,
    paint,
    tile_coordinates,
)
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary

Generator = np.random.Generator


def add(library: TextureLibrary, bank: NoiseBank, rng: Generator) -> None:
    """All ground layers; names end in a number where there are variants."""
    for i, tone in enumerate(rng.permutation([0.27, 0.36, 0.45])):
        library.add(f"asphalt_{i}", asphalt(bank, rng, float(tone) * rng.uniform(0.9, 1.1)))
    library.add("asphalt_patch", asphalt(bank, rng, rng.uniform(0.2, 0.27), wear=0.15))
    library.add("road_concrete", _concrete(bank, rng))
    library.add("cobbles", _cobbles(bank, rng))
    library.add("paving_0", _slabs(bank, rng, int(rng.integers(5, 10))))
    library.add("paving_1", _paving_bricks(bank, rng))
    library.add("paving_2", asphalt(bank, rng, rng.uniform(0.4, 0.5), wear=0.4))
    library.add("kerb", _kerb(bank, rng))
    library.add("gravel", _gravel(bank, rng))
    library.add("grass_0", grass(bank, rng, dry=rng.uniform(0.0, 0.35)))
    library.add("grass_1", grass(bank, rng, dry=rng.uniform(0.25, 0.9)))
    library.add("field_0", _field(bank, rng))
    library.add("soil", _soil(bank, rng))
    library.add("marking", _marking(bank, rng))
    library.add("manhole", _manhole(bank, rng))


def asphalt(bank: NoiseBank, rng: Generator, tone: float, wear: float | None = None) -> Float:
    """Bitumen with aggregate; old surfaces have cracks, tar seams and stains."""
    wear = float(rng.uniform(0.1, 1.0)) if wear is None else wear
    hue = np.array([1.0, 1.0, 1.01]) * rng.uniform([0.98, 0.98, 0.97], [1.03, 1.01, 1.04])
    grain = bank.draw("grain")
    speckle = (rng.random((bank.size, bank.size), dtype=np.float32) - 0.5) * 0.16
    bright = 0.80 + 0.28 * grain + speckle + 0.22 * (bank.draw("clouds") - 0.5) * (0.3 + wear)
    image = paint(hue * tone, bright)
    stain = np.clip(bank.draw("rough") - 0.66, 0, 1) * 2.2 * wear
    image = image * (1 - stain[..., None])
    if wear > 0.35:
        image[bank.cracks(0.0035 * wear)] *= 0.72
    if wear > 0.6:
        seam = bank.cracks(0.007)
        image[seam] = image[seam] * 0.35 + 0.08
    return np.asarray(image, np.float32)


def _concrete(bank: NoiseBank, rng: Generator) -> Float:
    v, u = tile_coordinates(bank.size)
    bright = 0.82 + 0.18 * bank.draw("rough") + 0.12 * bank.draw("clouds")
    image = paint(np.array([0.56, 0.55, 0.52]) * rng.uniform(0.9, 1.1), bright)
    joint = (v < 0.006) | (np.abs(u - 0.5) < 0.002)
    image[joint] *= 0.55
    image[bank.cracks(0.002)] *= 0.8
    return image


def _cobbles(bank: NoiseBank, rng: Generator) -> Float:
    rows = columns = 24
    index, _, course = bricks(bank.size, rows, columns, (0.1, 0.1))
    _, u = tile_coordinates(bank.size)
    across = (u * columns + 0.5 * (np.floor(tile_coordinates(bank.size)[0] * rows) % 2)) % 1
    edge = np.minimum(np.minimum(course, 1 - course), np.minimum(across, 1 - across))
    dome = np.clip(edge * 6, 0, 1) ** 0.6
    stone = rng.uniform(0.72, 1.15, rows * columns)[index].astype(np.float32)
    tone = paint(np.array([0.45, 0.43, 0.41]) * rng.uniform(0.85, 1.15), stone)
    bright = 0.35 + 0.65 * dome * (0.85 + 0.3 * bank.draw("grain"))
    return np.asarray(tone * bright[..., None])


def _slabs(bank: NoiseBank, rng: Generator, count: int) -> Float:
    index, joint, _ = bricks(bank.size, count, count, (0.035, 0.035), float(rng.choice([0, 0.5])))
    slab = rng.uniform(0.86, 1.08, count * count)[index].astype(np.float32)
    bright = slab * (0.80 + 0.26 * bank.draw("rough")) * (0.9 + 0.2 * bank.draw("clouds"))
    image = paint(np.array([0.57, 0.555, 0.53]) * rng.uniform(0.85, 1.1), bright)
    image[joint] *= rng.uniform(0.5, 0.75)
    return _spots(image, rng, 14, 0.75)


def _paving_bricks(bank: NoiseBank, rng: Generator) -> Float:
    rows, columns = 36, 18
    index, joint, _ = bricks(bank.size, rows, columns, (0.14, 0.07))
    red = rng.random() < 0.5
    color = np.array([0.52, 0.36, 0.31]) if red else np.array([0.52, 0.50, 0.47])
    brick = rng.uniform(0.8, 1.15, rows * columns)[index].astype(np.float32)
    image = paint(color * rng.uniform(0.85, 1.1), brick * (0.82 + 0.25 * bank.draw("rough")))
    image[joint] *= 0.62
    return image


def _kerb(bank: NoiseBank, rng: Generator) -> Float:
    _, u = tile_coordinates(bank.size)
    bright = 0.78 + 0.25 * bank.draw("grain") + 0.15 * bank.draw("clouds")
    image = paint(np.array([0.56, 0.55, 0.53]) * rng.uniform(0.8, 1.1), bright)
    image[(u * 4) % 1 < 0.03] *= 0.55
    return image


def _gravel(bank: NoiseBank, rng: Generator) -> Float:
    bright = 0.55 + 0.7 * bank.draw("grain") + 0.15 * bank.draw("clouds")
    return paint(np.array([0.50, 0.46, 0.40]) * rng.uniform(0.85, 1.15), bright)


def grass(bank: NoiseBank, rng: Generator, dry: float) -> Float:
    """Blades as short strokes over a mottled ground; ``dry`` 0 (lush) .. 1 (straw)."""
    size = bank.size
    fresh = np.array([0.29, 0.39, 0.14]) * rng.uniform([0.85, 0.9, 0.8], [1.1, 1.08, 1.3])
    straw = np.array([0.55, 0.50, 0.30]) * rng.uniform(0.9, 1.05)
    patch = np.clip(bank.draw("rough") * 1.5 - 0.75 + dry, 0, 1) * min(dry * 1.6, 1)
    image = mix(paint(fresh, 0.5 + 0.7 * bank.draw("rough")), straw * 0.8, patch)
    count = 2600
    x, y = rng.integers(0, size, (2, count))
    length, lean = rng.uniform(3, 8, count), rng.normal(0, 2.2, count)
    light = rng.uniform(0.55, 1.5, count)
    canvas = np.ascontiguousarray(image)
    withered = rng.random(count) <= dry * 0.6
    color = np.where(withered[:, None], straw, fresh) * light[:, None]
    for step in np.linspace(0, 1, 9):  # stroke by stroke, point by point; the tile repeats
        row = (y + step * length).astype(np.int64) % size
        column = (x + step * lean).astype(np.int64) % size
        canvas[row, column] = color
    shade = 0.90 + 0.16 * bank.draw("clouds")  # more would show that the texture repeats
    return np.asarray(
        canvas * shade[..., None] * (0.8 + 0.35 * bank.draw("grain"))[..., None], np.float32
    )


def _field(bank: NoiseBank, rng: Generator) -> Float:
    """A crop: rows of green or ripe plants on soil."""
    _, u = tile_coordinates(bank.size)
    kinds = np.array(
        [[0.56, 0.49, 0.27], [0.30, 0.38, 0.15], [0.62, 0.57, 0.20], [0.36, 0.42, 0.20]]
    )
    plant = kinds[rng.integers(len(kinds))] * rng.uniform(0.85, 1.1)
    rows = 0.5 + 0.5 * np.sin(2 * np.pi * (u * 8 + 0.15 * bank.draw("clouds")))
    image = paint(plant, 0.55 + 0.6 * bank.draw("grain"))
    return mix(image, np.array([0.36, 0.29, 0.21]), rows * rng.uniform(0.1, 0.7))


def _soil(bank: NoiseBank, rng: Generator) -> Float:
    bright = 0.5 + 0.55 * bank.draw("rough") + 0.3 * (bank.draw("grain") - 0.5)
    return paint(np.array([0.42, 0.34, 0.26]) * rng.uniform(0.85, 1.15), bright)


def _marking(bank: NoiseBank, rng: Generator) -> Float:
    """White road paint, worn away in spots (alpha holes)."""
    bright = 0.76 + 0.2 * bank.draw("grain") + 0.1 * bank.draw("clouds")
    image = paint(np.array([0.90, 0.90, 0.88]), bright)
    worn = bank.draw("rough") * 0.7 + bank.draw("grain") * 0.3
    alpha = worn < np.quantile(worn, rng.uniform(0.84, 0.995))
    return np.dstack([image, alpha.astype(np.float32)])


def _manhole(bank: NoiseBank, rng: Generator) -> Float:
    v, u = tile_coordinates(bank.size)
    radius = np.hypot(u - 0.5, v - 0.5)
    ribs = ((u * 14) % 1 < 0.5) ^ ((v * 14) % 1 < 0.5)
    bright = 0.7 + 0.35 * ribs + 0.3 * bank.draw("grain")
    image = paint(np.array([0.24, 0.23, 0.22]) * rng.uniform(0.8, 1.3), bright.astype(np.float32))
    image[(radius > 0.40) & (radius < 0.43)] *= 0.4
    return np.dstack([image, (radius < 0.49).astype(np.float32)])


def _spots(image: Float, rng: Generator, count: int, tone: float) -> Float:
    """Chewing gum and drips: small darker discs."""
    size = image.shape[0]
    mask = np.zeros((size, size), np.float32)
    for x, y in rng.integers(0, size, (count, 2)):
        cv2.circle(mask, (int(x), int(y)), int(rng.integers(1, 4)), 1.0, -1, cv2.LINE_AA)
    return np.asarray(image * (1 - (1 - tone) * mask[..., None]), np.float32)
