"""What painted textures share: rectangles, letters, atlases of several pictures."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.textures.bank import Float

Generator = np.random.Generator

ATLAS = 2
"""Cells a side in the atlases of windows, doors, shops and signs."""
WORDS = (
    "BAKERY", "CAFE", "BOOKS", "OPTIK", "PIZZA", "BAR", "HAIR", "BANK", "FLORA", "KIOSK", "TOYS",
    "MODE", "PHARMA", "RADIO", "TEA", "SHOES", "WINE", "VELO", "FOTO", "MARKET",
)  # fmt: skip
"""On signs over shops, on posters and vans."""
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
)


def write(
    image: Float,
    text: str,
    center: tuple[float, float],
    width: float,
    color: object,
    rng: Generator,
) -> None:
    """Text centred at (x, y) and ``width`` wide, in shares of the picture; y is down."""
    n = image.shape[0]
    font = FONTS[rng.integers(len(FONTS))]
    (w, h), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = width * n / max(w, 1)
    mask = np.zeros((n, n), np.uint8)
    origin = (int(center[0] * n - w * scale / 2), int(center[1] * n + h * scale / 2))
    cv2.putText(mask, text, origin, font, scale, 255, max(1, round(2.2 * scale)), cv2.LINE_AA)
    rows = slice(
        max(int(origin[1] - 1.4 * h * scale) - 4, 0), max(int(origin[1] + 0.6 * h * scale) + 4, 0)
    )
    weight = mask[rows, :, None] / np.float32(255)
    part = image[rows, :, :3]
    image[rows, :, :3] = part * (1 - weight) + np.asarray(color, np.float32) * weight


def atlas(cells: list[Float]) -> Float:
    """Four half-size pictures (top row first) in one layer, bottom row first."""
    rows = [np.hstack(cells[i : i + ATLAS]) for i in range(0, ATLAS * ATLAS, ATLAS)]
    return np.asarray(np.vstack(rows)[::-1], np.float32)


def rectangle(image: Float, box: tuple[float, float, float, float], color: object) -> None:
    """Fill (x0, y0, x1, y1), in shares of the picture with y down, with a colour [4] or [3]."""
    n = image.shape[0]
    x0, y0, x1, y1 = (round(c * n) for c in box)
    value = np.asarray(color, np.float32)
    image[max(y0, 0) : y1, max(x0, 0) : x1, : len(value)] = value
