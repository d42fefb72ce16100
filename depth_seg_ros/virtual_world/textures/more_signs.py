"""More traffic signs: parking, crossings, temporary yellow ones, American shapes, name plates.

Each layer is an atlas of 2 x 2 like ``signs``; own designs after the shapes and colours in use.
"""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank
from depth_seg_ros.virtual_world.textures.drawing import atlas, rectangle, write
from depth_seg_ros.virtual_world.textures.layer import LooseLayer
from depth_seg_ros.virtual_world.textures.signs import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    YELLOW,
    _canvas,
    _disc,
    _round,
    _triangle,
    _worn,
)

Generator = np.random.Generator
ORANGE = (0.85, 0.38, 0.03)
BROWN = (0.36, 0.20, 0.10)


def _polygon(image: Float, points: list[tuple[float, float]], color: tuple[float, ...]) -> None:
    """Fill a polygon given in shares of the picture, y down."""
    n = image.shape[0]
    channels = np.ascontiguousarray(image[..., :3])
    corners = (np.asarray(points) * n).astype(np.int32)
    cv2.fillPoly(channels, [corners], color, cv2.LINE_AA)
    image[..., :3] = channels


def _cut(image: Float, points: list[tuple[float, float]]) -> Float:
    """The picture with everything outside a polygon see-through."""
    n = image.shape[0]
    mask = np.zeros((n, n), np.float32)
    cv2.fillPoly(mask, [(np.asarray(points) * n).astype(np.int32)], 1.0)
    image[..., 3] = mask
    return image


def _plate(n: int, color: tuple[float, float, float], ink: tuple[float, float, float]) -> Float:
    """A full square with a thin border."""
    image = _canvas(n, ink)
    image[..., 3] = 1
    rectangle(image, (0.03, 0.03, 0.97, 0.97), color)
    return image


def _no_parking(n: int, rng: Generator) -> Float:
    image = _round(n, RED)
    _disc(image, 0.38, BLUE)
    lines = [[(0.18, 0.24), (0.24, 0.18), (0.82, 0.76), (0.76, 0.82)]]
    if rng.random() < 0.5:
        lines.append([(0.76, 0.18), (0.82, 0.24), (0.24, 0.82), (0.18, 0.76)])
    for line in lines:
        _polygon(image, line, RED)
    return image


def _crossing(n: int) -> Float:
    """Somebody who walks over stripes, in a triangle on blue."""
    image = _plate(n, BLUE, WHITE)
    _polygon(image, [(0.5, 0.1), (0.92, 0.88), (0.08, 0.88)], WHITE)
    for x in (0.28, 0.44, 0.6):
        rectangle(image, (x, 0.76, x + 0.09, 0.85), BLACK)
    _polygon(image, [(0.46, 0.38), (0.54, 0.38), (0.60, 0.72), (0.52, 0.72), (0.5, 0.6),
                     (0.42, 0.74), (0.36, 0.72)], BLACK)  # fmt: skip
    rectangle(image, (0.46, 0.28, 0.54, 0.36), BLACK)
    return image


def _bicycle(n: int, rng: Generator) -> Float:
    image = _round(n, BLUE) if rng.random() < 0.6 else _plate(n, WHITE, RED)
    channels = np.ascontiguousarray(image[..., :3])
    ink = WHITE if image[n // 2, n // 8, 2] > 0.4 and image[n // 2, n // 8, 0] < 0.3 else BLACK
    for x in (0.32, 0.68):
        cv2.circle(channels, (int(x * n), int(0.6 * n)), int(0.14 * n), ink, max(n // 40, 1))
    for a, b in (((0.32, 0.6), (0.45, 0.4)), ((0.45, 0.4), (0.62, 0.4)), ((0.62, 0.4), (0.68, 0.6)),
                 ((0.45, 0.4), (0.52, 0.6)), ((0.52, 0.6), (0.62, 0.4))):  # fmt: skip
        start, end = (int(a[0] * n), int(a[1] * n)), (int(b[0] * n), int(b[1] * n))
        cv2.line(channels, start, end, ink, max(n // 32, 1), cv2.LINE_AA)
    image[..., :3] = channels
    return image


def _works(n: int) -> Float:
    image = _triangle(n, up=True)
    _polygon(image, [(0.40, 0.78), (0.5, 0.52), (0.56, 0.56), (0.5, 0.78)], BLACK)
    _polygon(image, [(0.54, 0.8), (0.66, 0.66), (0.74, 0.8)], BLACK)
    return image


def _chevron(n: int) -> Float:
    """One plate of a bend's edge."""
    image = _plate(n, RED, RED)
    for x in (0.08, 0.40, 0.72):
        _polygon(image, [(x, 0.06), (x + 0.12, 0.06), (x + 0.26, 0.5), (x + 0.12, 0.94), (x, 0.94),
                         (x + 0.14, 0.5)], WHITE)  # fmt: skip
    return image


def _text(n: int, color: tuple[float, float, float], ink: tuple[float, float, float],
          lines: list[str], rng: Generator) -> Float:  # fmt: skip
    image = _plate(n, color, ink)
    for k, line in enumerate(lines):
        y = (k + 0.5) / len(lines)
        write(image, line, (0.5, y), min(0.12 * len(line) + 0.1, 0.86), ink, rng)
    return image


def _stop(n: int, rng: Generator) -> Float:
    corner = np.arange(8) * np.pi / 4 + np.pi / 8
    octagon = [(0.5 + 0.49 * np.cos(a), 0.5 + 0.49 * np.sin(a)) for a in corner.tolist()]
    inner = [(0.5 + 0.45 * np.cos(a), 0.5 + 0.45 * np.sin(a)) for a in corner.tolist()]
    image = _canvas(n)
    _polygon(image, inner, RED)
    write(image, "STOP", (0.5, 0.5), 0.72, WHITE, rng)
    return _cut(image, octagon)


def _diamond(n: int, rng: Generator) -> Float:
    """An American warning sign."""
    color = YELLOW if rng.random() < 0.7 else ORANGE
    image = _canvas(n, BLACK)
    _polygon(image, [(0.5, 0.05), (0.95, 0.5), (0.5, 0.95), (0.05, 0.5)], color)
    if rng.random() < 0.5:
        _polygon(image, [(0.47, 0.72), (0.47, 0.42), (0.40, 0.42), (0.5, 0.26), (0.6, 0.42),
                         (0.53, 0.42), (0.53, 0.72)], BLACK)  # fmt: skip
    else:
        rectangle(image, (0.42, 0.3, 0.58, 0.44), BLACK)
        rectangle(image, (0.46, 0.46, 0.54, 0.7), BLACK)
    return _cut(image, [(0.5, 0.01), (0.99, 0.5), (0.5, 0.99), (0.01, 0.5)])


def _word(rng: Generator, low: int, high: int) -> str:
    return "".join(rng.choice(list("ABDEGHKLMNORSTUIE"), int(rng.integers(low, high))))


def _signs_2(bank: NoiseBank, rng: Generator) -> Float:
    n = bank.size // 2
    cells = [_no_parking(n, rng), _crossing(n), _bicycle(n, rng), _works(n)]
    return atlas([_worn(c, bank, rng) for c in cells])


def _signs_3(bank: NoiseBank, rng: Generator) -> Float:
    n = bank.size // 2
    zone = _text(n, WHITE, BLACK, [str(rng.choice([20, 30])), "ZONE"], rng)
    cells = [
        _chevron(n),
        zone,
        _text(n, WHITE, BLACK, [_word(rng, 3, 6), f"{rng.integers(6, 19)} h"], rng),
        _text(n, YELLOW, BLACK, [_word(rng, 4, 8), _word(rng, 4, 8)], rng),
    ]
    return atlas([_worn(c, bank, rng) for c in cells])


def _signs_4(bank: NoiseBank, rng: Generator) -> Float:
    """Stop, a diamond, an American limit, one way."""
    n = bank.size // 2
    limit = _text(n, WHITE, BLACK, ["SPEED", "LIMIT", str(rng.choice([25, 35, 45, 55]))], rng)
    one_way = _plate(n, BLACK, WHITE)
    _polygon(one_way, [(0.08, 0.42), (0.62, 0.42), (0.62, 0.28), (0.94, 0.5), (0.62, 0.72),
                       (0.62, 0.58), (0.08, 0.58)], WHITE)  # fmt: skip
    cells = [_stop(n, rng), _diamond(n, rng), limit, one_way]
    return atlas([_worn(c, bank, rng) for c in cells])


def _plates(bank: NoiseBank, rng: Generator) -> Float:
    """Names of streets, paths and sights; each cell is stretched over a long plate."""
    n = bank.size // 2
    pairs = [(BLUE, WHITE), (WHITE, BLACK), (GREEN, WHITE), (BROWN, WHITE), (YELLOW, BLACK)]
    cells = []
    for k in rng.permutation(len(pairs))[:4].tolist():
        color, ink = pairs[k]
        cells.append(_text(n, color, ink, [_word(rng, 5, 9)], rng))
    return atlas([_worn(c, bank, rng) for c in cells])


LAYERS = {
    "signs_2": LooseLayer(_signs_2, 1.0, Surface.ALPHA_TEST),
    "signs_3": LooseLayer(_signs_3, 1.0),
    "signs_4": LooseLayer(_signs_4, 1.0, Surface.ALPHA_TEST),
    "plates": LooseLayer(_plates, 1.0),
}
