"""Shop fronts: a lettered sign over display windows with goods behind the glass, and a door."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from depth_seg_ros.virtual_world.textures.bank import Float
from depth_seg_ros.virtual_world.textures.drawing import WORDS, rectangle, write

Generator = np.random.Generator


def shop_front(n: int, rng: Generator) -> Float:
    """A front of n x n pixels; the fourth channel says how little the glass mirrors."""
    image = np.ones((n, n, 4), np.float32)
    image[..., :3] = np.array([0.35, 0.33, 0.31]) * rng.uniform(0.4, 1.8)
    sign = _muted(rng, 0.75)
    rectangle(image, (0.02, 0.03, 0.98, 0.23), sign)
    ink = np.array([0.95, 0.94, 0.9]) if sign.mean() < 0.5 else np.array([0.08, 0.08, 0.1])
    write(image, str(rng.choice(WORDS)), (0.5, 0.13), rng.uniform(0.35, 0.7), ink, rng)
    glow = float(rng.uniform(0.05, 0.3))
    for k in range(12):  # darker towards the back of the ceiling
        tone = glow * (0.45 + 0.05 * k)
        low, high = 0.27 + 0.61 * k / 12, 0.27 + 0.61 * (k + 1) / 12
        rectangle(image, (0.04, low, 0.68, high), (tone, tone * 0.95, tone * 0.86, 0.25))
    _GOODS[int(rng.integers(len(_GOODS)))](image, rng)
    for _ in range(int(rng.integers(0, 5))):  # lamps
        at = (int(rng.uniform(0.08, 0.64) * n), int(rng.uniform(0.29, 0.36) * n))
        cv2.circle(image, at, max(n // 90, 1), (0.95, 0.9, 0.75, 0.5), -1, cv2.LINE_AA)
    rectangle(image, (0.73, 0.27, 0.95, 0.97), (0.08, 0.09, 0.1, 0.0))
    rectangle(image, (0.355, 0.27, 0.37, 0.88), (0.3, 0.3, 0.3, 1.0))
    return image


def _muted(rng: Generator, bright: float) -> Float:
    """A colour as goods and paint have it: mostly grey, seldom loud."""
    grey = rng.uniform(0.04, bright)
    loud = float(rng.choice([0.25, 0.5, 0.9], p=[0.6, 0.3, 0.1]))
    return np.asarray(grey * (1 - loud) + rng.uniform(0.04, bright, 3) * loud, np.float32)


def _shelves(image: Float, rng: Generator) -> None:
    """Small things in rows, of a few sorts a shelf."""
    rows = int(rng.integers(2, 5))
    for k in range(rows):
        foot, room = 0.86 - 0.5 * k / rows, 0.42 / rows
        rectangle(image, (0.05, foot, 0.67, foot + 0.012), (*_muted(rng, 0.4), 0.3))
        x = 0.055
        while x < 0.64:
            color, wide = _muted(rng, 0.6), float(rng.uniform(0.012, 0.04))
            tall = float(rng.uniform(0.4, 0.95)) * room
            for _ in range(int(rng.integers(1, 6))):
                if x + wide < 0.67:
                    rectangle(image, (x, foot - tall, x + wide * 0.9, foot), (*color, 0.3))
                x += wide
            x += float(rng.uniform(0, 0.03))


def _figures(image: Float, rng: Generator) -> None:
    """Clothes on stands."""
    n = image.shape[0]
    for x in np.arange(0.1, 0.64, float(rng.uniform(0.09, 0.16))).tolist():
        wide, top = float(rng.uniform(0.03, 0.05)), float(rng.uniform(0.42, 0.5))
        color, skin = _muted(rng, 0.6), float(rng.uniform(0.15, 0.6))
        hem = float(rng.uniform(0.66, 0.82))
        coat = [(x - wide * 0.7, top), (x + wide * 0.7, top), (x + wide, hem), (x - wide, hem)]
        outline = np.round(np.array(coat) * n).astype(np.int32)
        cv2.fillPoly(image, [outline], (*(float(c) for c in color), 0.3), cv2.LINE_AA)
        head = (round(x * n), round((top - 0.03) * n))
        cv2.circle(image, head, max(round(0.016 * n), 1), (skin, skin, skin, 0.3), -1, cv2.LINE_AA)
        rectangle(image, (x - 0.006, hem, x + 0.006, 0.88), (0.1, 0.1, 0.1, 0.3))


def _poster(image: Float, rng: Generator) -> None:
    """A large picture or a lowered blind, a few things before it."""
    low = float(rng.uniform(0.3, 0.5))
    rectangle(image, (0.07, low, float(rng.uniform(0.34, 0.65)), 0.86), (*_muted(rng, 0.7), 0.4))
    for _ in range(5):
        x, y = float(rng.uniform(0.05, 0.6)), float(rng.uniform(0.68, 0.82))
        rectangle(image, (x, y, x + float(rng.uniform(0.03, 0.07)), 0.88), (*_muted(rng, 0.5), 0.3))


def _room(image: Float, rng: Generator) -> None:
    """Tables and chairs in a dim room."""
    n = image.shape[0]
    for x in np.arange(0.1, 0.62, float(rng.uniform(0.12, 0.2))).tolist():
        tone = float(rng.uniform(0.03, 0.2))
        wood = (tone * 1.3, tone, tone * 0.7, 0.3)
        rectangle(image, (x - 0.045, 0.7, x + 0.045, 0.715), wood)
        rectangle(image, (x - 0.006, 0.7, x + 0.006, 0.87), wood)
        for side in (-0.065, 0.05):
            rectangle(image, (x + side, 0.64, x + side + 0.014, 0.87), wood)
        if rng.random() < 0.5:
            at = (round(x * n), round(0.66 * n))
            cv2.circle(image, at, max(round(0.018 * n), 1), (0.25, 0.18, 0.14, 0.3), -1)


_GOODS: tuple[Callable[[Float, Generator], None], ...] = (_shelves, _figures, _poster, _room)
