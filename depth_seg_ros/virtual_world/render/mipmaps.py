"""Texture layers packed into one array of mip maps.

Texels are stored as the square root of linear light (8 bits, decoded by a multiplication) plus
alpha; filtering happens on the stored values. Alpha keeps the share of texels >= 0.5 over all
levels, so that far foliage does not thin out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError


class MipMaps(NamedTuple):
    """texels u1 [N, 4]: levels one after another; first i8 [L, levels]: where each begins.

    alpha u1 [N] repeats the fourth channel alone: alpha tests touch a quarter of the memory.
    """

    texels: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    first: NDArray[np.int64]
    size: int


def pack_textures(layers: NDArray[np.uint8]) -> MipMaps:
    """Mip maps of sRGB + alpha layers u1 [L, n, n, 4], n a power of two."""
    shape = layers.shape
    if layers.ndim != 4 or shape[1] != shape[2] or shape[3] != 4 or shape[1] & (shape[1] - 1):
        raise VirtualWorldError(
            f"textures have shape {list(shape)}; they must be [L, n, n, 4], n a power of two"
        )
    size = int(shape[1])
    levels = size.bit_length()
    per_layer = sum((size >> level) ** 2 for level in range(levels))
    texels = np.empty((len(layers) * per_layer, 4), np.uint8)
    first = np.zeros((len(layers), levels), np.int64)
    position = 0
    for index, layer in enumerate(layers):
        for level, image in enumerate(_levels(layer)):
            first[index, level] = position
            texels[position : position + image.shape[0] * image.shape[1]] = image.reshape(-1, 4)
            position += image.shape[0] * image.shape[1]
    return MipMaps(texels, np.ascontiguousarray(texels[:, 3]), first, size)


_DECODE = np.where(
    np.arange(256) <= 10.31475,
    np.arange(256) / 255 / 12.92,
    ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4,
).astype(np.float32)
"""sRGB byte -> linear light."""


def _levels(layer: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """u1 [s, s, 4] for s = n, n/2 .. 1."""
    image = np.concatenate([_DECODE[layer[..., :3]], layer[..., 3:] / np.float32(255)], -1)
    holes = bool((layer[..., 3] < 128).any())
    coverage = float((image[..., 3] >= 0.5).mean())
    levels: list[NDArray[np.uint8]] = []
    while True:
        stored = image.copy()
        stored[..., :3] = np.sqrt(image[..., :3])
        if levels and holes and 0.02 < coverage < 0.98:
            threshold = max(float(np.quantile(image[..., 3], 1 - coverage)), 1e-3)
            stored[..., 3] = np.minimum(image[..., 3] * (0.5 / threshold), 1)
        levels.append((stored * 255 + 0.5).astype(np.uint8))
        s = image.shape[0]
        if s == 1:
            return levels
        image = image.reshape(s // 2, 2, s // 2, 2, 4).mean((1, 3))
