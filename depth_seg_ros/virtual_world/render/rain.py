"""Rain streaks and snowflakes in the air, drawn over the light of a frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def add_rain(light: NDArray[np.float32], amount: float, f_px: float, seed: int) -> None:
    """Brighten radiance f4 [H, W, 3] in place along falling drops, as many as ``amount`` (0 .. 1).

    Streak lengths scale with the focal length, so that any camera sees the same rain.
    """
    height, width = light.shape[:2]
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 0xDA1])
    count = int(900 * amount)
    near = rng.random(count) ** 2  # few drops near the lens, many far
    length = f_px / 725 * (4 + 30 * near)
    start = rng.uniform((-0.1, -0.1), (1.1, 1.0), (count, 2)) * (width, height)
    slant = rng.normal(0.08, 0.04)
    end = start + length[:, None] * np.array([slant, 1.0])
    mask = np.zeros((height, width), np.uint8)
    level = rng.uniform(20, 90, count) * amount
    for a, b, brightness in zip(start * 16, end * 16, level, strict=True):
        p, q = (int(a[0]), int(a[1])), (int(b[0]), int(b[1]))
        cv2.line(mask, p, q, float(brightness), 1, cv2.LINE_AA, 4)
    veil = cv2.GaussianBlur(mask, (3, 3), 0.7).astype(np.float32)[..., None] / 255
    bright = light[: max(height // 3, 1)].mean((0, 1)) * 1.1
    light += (bright - light) * veil


def add_snowfall(light: NDArray[np.float32], amount: float, f_px: float, seed: int) -> None:
    """Brighten radiance f4 [H, W, 3] in place where flakes fall, as many as ``amount`` (0 .. 1):
    many small far ones, few large blurred near ones."""
    height, width = light.shape[:2]
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 0x5D0])
    count = int(1500 * amount)
    near = rng.random(count) ** 3
    radius = f_px / 725 * (0.5 + 5.0 * near)
    place = rng.uniform((0, 0), (width, height), (count, 2))
    level = 110 * (1 - 0.75 * near)
    mask = np.zeros((height, width), np.uint8)
    drift = rng.normal(0, 0.5)
    for (x, y), r, brightness in zip(place * 16, radius * 16, level, strict=True):
        tail = (int(x + drift * r), int(y + 0.7 * r))
        cv2.line(
            mask, (int(x), int(y)), tail, float(brightness), max(round(r / 16), 1), cv2.LINE_AA, 4
        )
    veil = cv2.GaussianBlur(mask, (3, 3), 0.8).astype(np.float32)[..., None] / 255
    bright = light[: max(height // 3, 1)].mean((0, 1)) * 1.15
    light += (bright - light) * veil
