"""Traffic signs, direction boards and advertisements (own designs in the European manner)."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank, mix
from depth_seg_ros.virtual_world.textures.drawing import FONTS, WORDS, atlas, rectangle, write
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary

Generator = np.random.Generator

RED = (0.70, 0.05, 0.06)
BLUE = (0.05, 0.20, 0.60)
WHITE = (0.92, 0.92, 0.91)
BLACK = (0.05, 0.05, 0.05)
YELLOW = (0.93, 0.76, 0.05)
GREEN = (0.03, 0.38, 0.22)


def add(library: TextureLibrary, bank: NoiseBank, rng: Generator) -> None:
    """signs_0: round, signs_1: triangles and squares, boards: direction signs, adverts: posters."""
    half = bank.size // 2
    speed = [f"{v}" for v in rng.choice([30, 50, 60, 70, 80, 100, 120], 2, replace=False)]
    round_signs = [
        _speed(half, speed[0], rng),
        _speed(half, speed[1], rng),
        _no_entry(half),
        _mandatory(half, rng),
    ]
    square = [_warning(half, rng), _give_way(half), _priority(half), _information(half, rng)]
    library.add("signs_0", atlas([_worn(s, bank, rng) for s in round_signs]))
    library.add("signs_1", atlas([_worn(s, bank, rng) for s in square]))
    library.add("boards", atlas([_board(half, rng) for _ in range(4)]))
    library.add("adverts", atlas([_advert(half, rng) for _ in range(4)]))
    library.add("chevrons", _chevrons(bank.size))


def _canvas(n: int, color: tuple[float, float, float] = WHITE) -> Float:
    image = np.zeros((n, n, 4), np.float32)
    image[..., :3] = color
    return image


def _disc(image: Float, radius: float, color: tuple[float, ...]) -> None:
    n = image.shape[0]
    channels = np.ascontiguousarray(image[..., :3])
    cv2.circle(channels, (n // 2, n // 2), int(radius * n), color, -1, cv2.LINE_AA)
    image[..., :3] = channels


def _round(n: int, color: tuple[float, float, float]) -> Float:
    image = _canvas(n, color)
    y, x = np.mgrid[0:n, 0:n]
    image[..., 3] = np.hypot(x - n / 2 + 0.5, y - n / 2 + 0.5) < n * 0.485
    return image


def _speed(n: int, text: str, rng: Generator) -> Float:
    image = _round(n, RED)
    _disc(image, 0.38, WHITE)
    write(image, text, (0.5, 0.5), 0.24 * len(text), BLACK, rng)
    return image


def _no_entry(n: int) -> Float:
    image = _round(n, RED)
    rectangle(image, (0.14, 0.42, 0.86, 0.58), WHITE)
    return image


def _mandatory(n: int, rng: Generator) -> Float:
    image = _round(n, BLUE)
    channels = np.ascontiguousarray(image[..., :3])
    angle = rng.choice([0, np.pi / 2, -np.pi / 2, np.pi * 0.75])
    reach = np.array([np.sin(angle), -np.cos(angle)]) * n * 0.3
    start, end = n / 2 - reach, n / 2 + reach
    cv2.arrowedLine(
        channels,
        tuple(start.astype(int).tolist()),
        tuple(end.astype(int).tolist()),
        WHITE,
        max(2, n // 14),
        cv2.LINE_AA,
        0,
        0.4,
    )
    image[..., :3] = channels
    return image


def _triangle(n: int, up: bool) -> Float:
    image = _canvas(n)
    tip, base = (0.02, 0.90) if up else (0.98, 0.10)
    outer = np.array([[0.5, tip], [0.98, base], [0.02, base]]) * n
    middle = outer.mean(0)
    channels = np.ascontiguousarray(image[..., :3])
    alpha = np.zeros((n, n), np.float32)
    cv2.fillPoly(channels, [outer.astype(np.int32)], RED, cv2.LINE_AA)
    cv2.fillPoly(
        channels, [((outer - middle) * 0.66 + middle).astype(np.int32)], WHITE, cv2.LINE_AA
    )
    cv2.fillPoly(alpha, [outer.astype(np.int32)], 1.0)
    image[..., :3], image[..., 3] = channels, alpha
    return image


def _warning(n: int, rng: Generator) -> Float:
    image = _triangle(n, up=True)
    kind = rng.integers(3)
    if kind == 0:
        rectangle(image, (0.47, 0.40, 0.53, 0.64), BLACK)
        rectangle(image, (0.47, 0.68, 0.53, 0.74), BLACK)
    elif kind == 1:
        rectangle(image, (0.47, 0.40, 0.53, 0.75), BLACK)
        rectangle(image, (0.36, 0.54, 0.64, 0.60), BLACK)
    else:
        channels = np.ascontiguousarray(image[..., :3])
        points = np.array([[0.4, 0.75], [0.45, 0.62], [0.55, 0.56], [0.52, 0.42]]) * n
        cv2.polylines(channels, [points.astype(np.int32)], False, BLACK, n // 18, cv2.LINE_AA)
        image[..., :3] = channels
    return image


def _give_way(n: int) -> Float:
    return _triangle(n, up=False)


def _priority(n: int) -> Float:
    image = _canvas(n)
    y, x = np.mgrid[0:n, 0:n]
    rim = np.abs(x - n / 2) + np.abs(y - n / 2)
    image[rim < n * 0.34, :3] = YELLOW
    image[(rim > n * 0.34) & (rim < n * 0.36), :3] = BLACK
    image[..., 3] = rim < n * 0.49
    return image


def _information(n: int, rng: Generator) -> Float:
    image = _canvas(n, BLUE)
    image[..., 3] = 1
    kind = rng.integers(3)
    if kind == 0:
        write(image, "P", (0.5, 0.5), 0.42, WHITE, rng)
    elif kind == 1:  # crossing
        channels = np.ascontiguousarray(image[..., :3])
        corners = (np.array([[0.5, 0.12], [0.9, 0.86], [0.1, 0.86]]) * n).astype(np.int32)
        cv2.fillPoly(channels, [corners], WHITE, cv2.LINE_AA)
        image[..., :3] = channels
        for x in (0.3, 0.42, 0.54, 0.66):
            rectangle(image, (x, 0.74, x + 0.06, 0.82), BLACK)
        rectangle(image, (0.46, 0.42, 0.53, 0.68), BLACK)
    else:
        rectangle(image, (0.44, 0.2, 0.56, 0.85), WHITE)
        rectangle(image, (0.2, 0.2, 0.8, 0.32), RED)
    return image


def _board(n: int, rng: Generator) -> Float:
    back = (BLUE, GREEN, YELLOW, WHITE)[rng.integers(4)]
    ink = WHITE if back in (BLUE, GREEN) else BLACK
    image = _canvas(n, ink)
    image[..., 3] = 1
    rectangle(image, (0.02, 0.02, 0.98, 0.98), back)
    for y in (0.2, 0.45, 0.7)[: int(rng.integers(2, 4))]:
        name = "".join(rng.choice(list("ABDEGHKLMNORSTU"), int(rng.integers(5, 9))))
        write(image, name, (0.42, y), rng.uniform(0.4, 0.58), ink, rng)
        write(image, str(rng.integers(1, 60)), (0.86, y), 0.13, ink, rng)
    return image


def _advert(n: int, rng: Generator) -> Float:
    """A poster: two colours, a shape, a word."""
    top, bottom = rng.uniform(0.05, 0.95, (2, 3))
    ramp = np.linspace(0, 1, n, dtype=np.float32)[:, None] * np.ones((1, n), np.float32)
    channels = np.ascontiguousarray(mix(np.broadcast_to(top, (n, n, 3)), bottom, ramp), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        center = tuple(rng.integers(0, n, 2).tolist())
        axes = tuple(rng.integers(n // 12, n // 3, 2).tolist())
        cv2.ellipse(
            channels,
            center,
            axes,
            float(rng.uniform(0, 180)),
            0,
            360,
            rng.uniform(0, 1, 3).tolist(),
            -1,
            cv2.LINE_AA,
        )
    image = np.dstack([channels, np.ones((n, n), np.float32)])
    write(
        image,
        str(rng.choice(WORDS)),
        (0.5, rng.uniform(0.2, 0.8)),
        rng.uniform(0.4, 0.85),
        rng.uniform(0.6, 1, 3) if rng.random() < 0.6 else BLACK,
        rng,
    )
    rectangle(image, (0, 0, 1, 0.02), WHITE)
    return image


def _chevrons(n: int) -> Float:
    """Red and white slanting bars, for barriers and bends."""
    y, x = np.mgrid[0:n, 0:n] / n
    bars = ((x + np.abs(y - 0.5)) * 4) % 1 < 0.5
    image = np.where(bars[..., None], np.asarray(RED), np.asarray(WHITE))
    return np.asarray(image, np.float32)


def _worn(image: Float, bank: NoiseBank, rng: Generator) -> Float:
    """Faded colours and dust."""
    n = image.shape[0]
    dirt = np.clip(bank.draw("rough")[:n, :n] - 0.5, 0, 1) * rng.uniform(0, 0.7)
    image[..., :3] = mix(image[..., :3], [0.5, 0.48, 0.45], dirt + rng.uniform(0, 0.15))
    return image


__all__ = ["FONTS", "add"]
