"""Seamless noise for textures and terrain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def fbm(rng: np.random.Generator, size: int = 256, *, octaves: int = 6, persistence: float = 0.6,
        first: int = 1, stretch: tuple[int, int] = (1, 1)) -> Float32:
    """Fractal noise float32 [size, size] in 0..1 that repeats without a seam.

    ``first`` is the coarsest octave (2**first cells a side); ``stretch`` = (rows, columns)
    multiplies the cells per side, so (1, 6) gives vertical streaks.
    """
    total = np.zeros((size, size), np.float32)
    weight = 1.0
    for octave in range(first, first + octaves):
        rows = min(2**octave * stretch[0], size)
        columns = min(2**octave * stretch[1], size)
        total += weight * _enlarge(rng.random((rows, columns), dtype=np.float32), size)
        weight *= persistence
    total -= total.min()
    return np.asarray(total / total.max(), np.float32)


def _enlarge(cells: Float32, size: int) -> Float32:
    """Cubic interpolation of a repeating grid of cells to size x size."""
    pad = 3
    rows, columns = cells.shape
    padded = np.pad(cells, pad, mode="wrap")
    row_scale, column_scale = size / rows, size / columns
    warp = np.array([[1 / column_scale, 0, pad - 0.5 + 0.5 / column_scale],
                     [0, 1 / row_scale, pad - 0.5 + 0.5 / row_scale]], np.float32)
    return np.asarray(cv2.warpAffine(padded, warp, (size, size),
                                     flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP), np.float32)
