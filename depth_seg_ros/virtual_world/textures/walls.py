"""Wall and roof coverings, metal, wood; `plain` for whatever only has a tint."""

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

BRICK_COLORS = np.array(
    [
        [0.55, 0.29, 0.22],
        [0.62, 0.40, 0.28],
        [0.68, 0.57, 0.42],
        [0.40, 0.24, 0.21],
        [0.58, 0.52, 0.46],
        [0.70, 0.66, 0.60],
    ]
)
ROOF_COLORS = np.array(
    [
        [0.52, 0.25, 0.18],
        [0.44, 0.22, 0.18],
        [0.30, 0.27, 0.27],
        [0.24, 0.24, 0.26],
        [0.38, 0.28, 0.22],
    ]
)


def add(library: TextureLibrary, bank: NoiseBank, rng: Generator) -> None:
    """All wall layers. Plaster, panels and wood are pale: the building's tint colours them."""
    library.add("plain", paint([1, 1, 1], 0.9 + 0.12 * bank.draw("rough")))
    for i, color in enumerate(rng.permutation(BRICK_COLORS)[:3]):
        library.add(f"brick_{i}", _brick(bank, rng, color))
    for i in range(3):
        library.add(f"plaster_{i}", _plaster(bank, rng, roughness=0.5 * i))
    library.add("stone", _stone(bank, rng))
    library.add("rubble", _rubble(bank, rng))
    library.add("panel", _panel(bank, rng))
    library.add("concrete", _concrete(bank, rng))
    library.add("wood", _planks(bank, rng))
    library.add("corrugated", _corrugated(bank))
    library.add("metal", _metal(bank, rng))
    library.add("glass_wall", _curtain_wall(bank, rng))
    for i, color in enumerate(rng.permutation(ROOF_COLORS)[:2]):
        library.add(f"roof_tile_{i}", _roof_tiles(bank, rng, color))
    library.add(
        "roof_flat",
        paint(
            np.array([0.42, 0.41, 0.40]) * rng.uniform(0.7, 1.2),
            0.7 + 0.3 * bank.draw("grain") + 0.2 * bank.draw("clouds"),
        ),
    )


def _weather(image: Float, bank: NoiseBank, rng: Generator, amount: float) -> Float:
    """Rain streaks and darker blotches."""
    streak = np.clip(bank.draw("streaks") - 0.5, 0, 1) * amount * 1.2
    blotch = np.clip(bank.draw("clouds") - 0.5, 0, 1) * amount * 0.8
    dirt = np.array([0.30, 0.28, 0.24]) * rng.uniform(0.8, 1.2)
    return mix(image, dirt, np.clip(streak + blotch, 0, 0.7))


def _brick(bank: NoiseBank, rng: Generator, color: Float) -> Float:
    rows, columns = 32, 10  # 2.4 m a repeat: courses of 75 mm, bricks of 240 mm
    index, joint, _ = bricks(bank.size, rows, columns, (0.15, 0.05))
    spread = rng.uniform(0.08, 0.3)
    tone = rng.uniform(1 - spread, 1 + spread * 0.7, rows * columns)[index].astype(np.float32)
    burnt = rng.random(rows * columns)[index] < rng.uniform(0, 0.12)
    image = paint(color * rng.uniform(0.85, 1.1), tone * (0.85 + 0.3 * bank.draw("grain")))
    image[burnt] *= 0.65
    mortar = np.array([0.62, 0.60, 0.56]) * rng.uniform(0.6, 1.1)
    image[joint] = image[joint] * 0.3 + mortar * 0.65
    return _weather(image, bank, rng, rng.uniform(0.1, 0.6))


def _plaster(bank: NoiseBank, rng: Generator, roughness: float) -> Float:
    bright = 0.88 + 0.08 * bank.draw("rough") + roughness * 0.12 * (bank.draw("grain") - 0.5)
    image = paint([0.93, 0.92, 0.90], bright + 0.06 * bank.draw("clouds"))
    if roughness > 0.4:
        image[bank.cracks(0.0015)] *= 0.85
    return _weather(image, bank, rng, rng.uniform(0.05, 0.55))


def _stone(bank: NoiseBank, rng: Generator) -> Float:
    rows, columns = 8, 4
    index, joint, _ = bricks(bank.size, rows, columns, (0.04, 0.02))
    tone = rng.uniform(0.88, 1.08, rows * columns)[index].astype(np.float32)
    image = paint(
        np.array([0.72, 0.67, 0.57]) * rng.uniform(0.8, 1.1),
        tone * (0.82 + 0.22 * bank.draw("rough") + 0.1 * bank.draw("grain")),
    )
    image[joint] *= 0.6
    return _weather(image, bank, rng, rng.uniform(0.2, 0.8))


def _rubble(bank: NoiseBank, rng: Generator) -> Float:
    """Natural stones of all shapes: nearest of random sites, dark where two are equally near."""
    size, count = bank.size, 90
    sites = rng.random((count, 2)).astype(np.float32)
    axis = tile_coordinates(size // 2)[0][:, :1]  # worked out at half the size
    nearest: Float = np.full((size // 2, size // 2), 81.0, np.float32)
    second: Float = nearest.copy()
    owner = np.zeros(nearest.shape, np.uint8)
    for k, (sv, su) in enumerate(sites):
        dv, du = np.abs(axis - sv), np.abs(axis.T - su)
        distance = (np.minimum(dv, 1 - dv) * 1.5) ** 2 + np.minimum(du, 1 - du) ** 2
        owner[distance < nearest] = k
        second = np.minimum(second, np.maximum(nearest, distance))
        nearest = np.minimum(nearest, distance)
    gap = cv2.resize(np.sqrt(second) - np.sqrt(nearest), (size, size))
    owner = np.asarray(cv2.resize(owner, (size, size), interpolation=cv2.INTER_NEAREST))
    tone = rng.uniform(0.7, 1.15, count)[owner].astype(np.float32)
    image = paint(
        np.array([0.50, 0.47, 0.42]) * rng.uniform(0.85, 1.15),
        tone * (0.75 + 0.35 * bank.draw("rough")),
    )
    return np.asarray(image * (0.4 + 0.6 * np.clip(gap * 45, 0, 1))[..., None], np.float32)


def _panel(bank: NoiseBank, rng: Generator) -> Float:
    v, u = tile_coordinates(bank.size)
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    image = paint([0.82, 0.82, 0.81], 0.88 + 0.14 * bank.draw("rough"))
    joint = ((v * rows) % 1 < 0.012 * rows) | ((u * columns) % 1 < 0.012 * columns)
    image[joint] *= 0.5
    return _weather(image, bank, rng, rng.uniform(0.1, 0.5))


def _concrete(bank: NoiseBank, rng: Generator) -> Float:
    v, u = tile_coordinates(bank.size)
    image = paint(
        np.array([0.62, 0.61, 0.58]) * rng.uniform(0.85, 1.1), 0.82 + 0.22 * bank.draw("rough")
    )
    seam = ((v * 2) % 1 < 0.01) | ((u * 3) % 1 < 0.01)
    image[seam] *= 0.8
    hole = np.hypot((u * 3) % 1 - 0.5, ((v * 2) % 1 - 0.5) * 1.5) < 0.025
    image[hole] *= 0.4
    return _weather(image, bank, rng, rng.uniform(0.4, 1.0))


def _planks(bank: NoiseBank, rng: Generator) -> Float:
    size, count = bank.size, 10
    v, _ = tile_coordinates(size)
    plank = np.floor(v * count).astype(np.int64)
    tone = rng.uniform(0.85, 1.1, count)[plank].astype(np.float32)
    grain = bank.draw("streaks").T
    image = paint([0.80, 0.76, 0.70], tone * (0.72 + 0.4 * grain))
    image[(v * count) % 1 < 0.09] *= 0.45
    return image


def _corrugated(bank: NoiseBank) -> Float:
    _, u = tile_coordinates(bank.size)
    wave = 0.72 + 0.28 * np.sin(2 * np.pi * u * 12)
    return paint([0.95, 0.95, 0.95], wave * (0.88 + 0.16 * bank.draw("streaks")))


def _metal(bank: NoiseBank, rng: Generator) -> Float:
    """Galvanised or painted metal with a little rust."""
    image = paint([0.86, 0.87, 0.88], 0.84 + 0.2 * bank.draw("rough"))
    rust = np.clip(bank.draw("rough") - 0.78, 0, 1) * rng.uniform(0, 4)
    return mix(image, [0.42, 0.26, 0.16], np.clip(rust, 0, 0.8))


def _curtain_wall(bank: NoiseBank, rng: Generator) -> Float:
    """Office glazing between thin mullions; alpha 0 = glass."""
    size = bank.size
    v, u = tile_coordinates(size)
    columns, rows = 4, 2
    pane = np.floor(v * rows).astype(np.int64) * columns + np.floor(u * columns).astype(np.int64)
    tone = rng.uniform(0.6, 1.3, columns * rows)[pane].astype(np.float32)
    image = paint(np.array([0.10, 0.13, 0.15]), tone * (0.8 + 0.3 * bank.draw("clouds")))
    frame = ((u * columns) % 1 < 0.05) | ((v * rows) % 1 < 0.04)
    spandrel = (v * rows) % 1 > 0.78
    image[spandrel] = np.array([0.34, 0.36, 0.38]) * rng.uniform(0.5, 1.4)
    image[frame] = rng.uniform(0.2, 0.75)
    return np.dstack([image, (frame | spandrel).astype(np.float32)])


def _roof_tiles(bank: NoiseBank, rng: Generator, color: Float) -> Float:
    rows, columns = 16, 20
    index, _, course = bricks(bank.size, rows, columns, (0.1, 0.1), 0.0)
    _, u = tile_coordinates(bank.size)
    wave = 0.75 + 0.25 * np.cos(2 * np.pi * (u * columns % 1))
    tone = rng.uniform(0.75, 1.15, rows * columns)[index].astype(np.float32)
    image = paint(
        color * rng.uniform(0.85, 1.15),
        tone * wave * (0.75 + 0.4 * (1 - course)) * (0.9 + 0.35 * bank.draw("grain")),
    )
    moss = np.clip(bank.draw("rough") - 0.6, 0, 1) * rng.uniform(0, 2)
    image = mix(image, [0.26, 0.27, 0.17], np.clip(moss, 0, 0.7))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.6), np.float32)
