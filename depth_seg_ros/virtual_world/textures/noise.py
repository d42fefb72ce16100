"""Seamless noise for textures and terrain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def fbm(
    rng: np.random.Generator,
    size: int = 256,
    *,
    octaves: int = 6,
    persistence: float = 0.6,
    first: int = 1,
    stretch: tuple[int, int] = (1, 1),
) -> Float32:
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
    if cells.shape == (size, size):
        return cells
    columns = _enlarge_rows(np.ascontiguousarray(cells.T), size)
    return _enlarge_rows(np.ascontiguousarray(columns.T), size)


def _enlarge_rows(cells: Float32, size: int) -> Float32:
    """Keys' cubic (a = -0.75) along the first axis."""
    rows = len(cells)
    if rows == size:
        return cells
    at = (np.arange(size) + 0.5) * (rows / size) - 0.5
    first = np.floor(at).astype(np.int64)
    t = (at - first).astype(np.float32)
    total = np.zeros((size, cells.shape[1]), np.float32)
    for tap in (-1, 0, 1, 2):
        d = np.abs(t - tap)
        near = (1.25 * d - 2.25) * d * d + 1
        far = ((-0.75 * d + 3.75) * d - 6) * d + 3
        weight = np.where(d <= 1, near, far).astype(np.float32)
        total += weight[:, None] * cells[(first + tap) % rows]
    return total
