"""Windows, doors, shop fronts (2 x 2 atlases), railings and fences (alpha-tested)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank, paint, tile_coordinates
from depth_seg_ros.virtual_world.textures.drawing import atlas, rectangle
from depth_seg_ros.virtual_world.textures.shops import shop_front
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary

Generator = np.random.Generator


def add(library: TextureLibrary, bank: NoiseBank, rng: Generator) -> None:
    """Three atlases of windows, one each of doors and shops, and see-through layers."""
    for i in range(3):
        library.add(f"windows_{i}", atlas([_window(bank, rng) for _ in range(4)]))
    library.add("doors", atlas([_door(bank, rng) for _ in range(4)]))
    for i in range(2):
        library.add(f"shops_{i}", atlas([shop_front(bank.size // 2, rng) for _ in range(4)]))
    library.add("railing", _bars(bank.size, int(rng.integers(10, 18))))
    library.add("picket", _picket(bank, rng))
    library.add("chain_link", _chain_link(bank.size))
    library.add("garage", _garage(bank, rng))


def _window(bank: NoiseBank, rng: Generator) -> Float:
    """A frame, panes that mirror (alpha 0), and sometimes curtains, blinds or a lit room."""
    n = bank.size // 2
    image = np.ones((n, n, 4), np.float32)
    frame = _frame_color(rng)
    image[..., :3] = frame
    border = rng.uniform(0.045, 0.085)
    dark = rng.uniform(0.02, 0.10) * np.array([0.9, 1.0, 1.1])
    shade = np.linspace(1.5, 0.6, n)[:, None, None]
    inner = slice(round(border * n), n - round(border * n))
    image[inner, inner, :3] = (dark * shade)[inner]
    image[inner, inner, 3] = 0
    _dress(image, border, rng)
    bar = rng.uniform(0.012, 0.028)
    for x in ([0.5], [0.34, 0.67], [], [0.5])[rng.integers(4)]:
        rectangle(image, (x - bar, 0, x + bar, 1), (*frame, 1.0))
    for y in ([], [0.3], [0.5], [0.33, 0.66])[rng.integers(4)]:
        rectangle(image, (0, y - bar, 1, y + bar), (*frame, 1.0))
    image[round(border * n) : round(border * n) + 3, inner, :3] *= 0.5  # shadow of the frame
    return image


def _frame_color(rng: Generator) -> NDArray[np.float64]:
    colors = np.array(
        [
            [0.86, 0.86, 0.84],
            [0.80, 0.79, 0.75],
            [0.28, 0.20, 0.14],
            [0.22, 0.23, 0.25],
            [0.45, 0.30, 0.18],
            [0.90, 0.90, 0.89],
        ]
    )
    return np.asarray(colors[rng.integers(len(colors))] * rng.uniform(0.9, 1.05))


def _dress(image: Float, border: float, rng: Generator) -> None:
    """Curtains, a roller blind, net curtains, half-closed shutter or nothing."""
    n = image.shape[0]
    cloth = np.array([0.80, 0.78, 0.72]) * rng.uniform(0.5, 1.1) * rng.uniform(0.88, 1.1, 3)
    kind = rng.integers(6)
    low, high = border, 1 - border
    if kind == 0:
        width = rng.uniform(0.08, 0.24)
        folds = 0.75 + 0.25 * np.sin(np.arange(n) * rng.uniform(0.5, 0.9))
        for x0, x1 in ((low, low + width), (high - width, high)):
            rectangle(image, (x0, low, x1, high), (*cloth, 0.45))
        image[..., :3] *= np.where(image[..., 3:] == 0.45, folds[None, :, None], 1)
    elif kind == 1:
        rectangle(image, (low, low, high, rng.uniform(0.2, 0.8)), (*cloth, 0.6))
    elif kind == 2:
        rectangle(image, (low, low, high, high), (*(cloth * 0.55), 0.35))
    elif kind == 3:
        bottom = rng.uniform(0.25, 0.95)
        rectangle(image, (low, low, high, bottom), (*(cloth * 0.9), 1.0))
        rows = (np.arange(n) % 5 == 0) & (np.arange(n) < bottom * n)
        image[rows, :, :3] *= 0.75


def _door(bank: NoiseBank, rng: Generator) -> Float:
    n = bank.size // 2
    colors = np.array(
        [
            [0.35, 0.22, 0.13],
            [0.16, 0.26, 0.20],
            [0.50, 0.12, 0.10],
            [0.16, 0.22, 0.36],
            [0.75, 0.74, 0.70],
            [0.25, 0.25, 0.26],
        ]
    )
    color = colors[rng.integers(len(colors))] * rng.uniform(0.85, 1.1)
    noise = bank.draw("streaks")[:n, :n]
    image = np.dstack([paint(color, 0.85 + 0.25 * noise), np.ones((n, n), np.float32)])
    frame = _frame_color(rng)
    for box in ((0, 0, 0.07, 1), (0.93, 0, 1, 1), (0, 0, 1, 0.05)):
        rectangle(image, box, frame)
    if rng.random() < 0.5:
        rectangle(image, (0.2, 0.12, 0.8, rng.uniform(0.3, 0.6)), (0.07, 0.08, 0.09, 0.0))
    for y0, y1 in ((0.62, 0.76), (0.8, 0.94)):
        for x0, x1 in ((0.18, 0.46), (0.54, 0.82)):
            rectangle(image, (x0, y0, x1, y1), color * 0.75)
            rectangle(image, (x0 + 0.02, y0 + 0.012, x1 - 0.02, y1 - 0.012), color * 0.95)
    rectangle(image, (0.82, 0.5, 0.88, 0.54), (0.7, 0.65, 0.5))
    return image


def _bars(n: int, count: int) -> Float:
    """Upright bars between two rails."""
    v, u = tile_coordinates(n)
    solid = ((u * count) % 1 < 0.22) | (v > 0.93) | ((v > 0.06) & (v < 0.12))
    image = np.full((n, n, 4), 0.8, np.float32)
    image[..., 3] = solid
    return image


def _picket(bank: NoiseBank, rng: Generator) -> Float:
    n = bank.size
    v, u = tile_coordinates(n)
    count = 10
    phase = (u * count) % 1
    top = 0.9 + 0.1 * (1 - np.abs(phase - 0.4) / 0.4)
    solid = ((phase < 0.8) & (v < top)) | ((v > 0.2) & (v < 0.28)) | ((v > 0.68) & (v < 0.76))
    tone = rng.uniform(0.85, 1.1, count)[np.floor(u * count).astype(np.int64)]
    image = paint([0.85, 0.82, 0.78], tone.astype(np.float32) * (0.7 + 0.4 * bank.draw("streaks")))
    return np.dstack([image, solid.astype(np.float32)])


def _chain_link(n: int) -> Float:
    v, u = tile_coordinates(n)
    cells = 12
    wire = (((u + v) * cells) % 1 < 0.16) | (((u - v) * cells) % 1 < 0.16) | (v > 0.96)
    image = np.full((n, n, 4), 0.55, np.float32)
    image[..., 3] = wire
    return image


def _garage(bank: NoiseBank, rng: Generator) -> Float:
    v, _ = tile_coordinates(bank.size)
    image = paint([0.88, 0.88, 0.87], 0.86 + 0.14 * bank.draw("rough"))
    image[(v * int(rng.integers(4, 14))) % 1 < 0.08] *= 0.65
    return image
