"""Texture layers packed into one array of mip maps.

Texels are stored as the square root of linear light (8 bits, decoded by a multiplication) plus
alpha; filtering happens on the stored values. Alpha keeps the share of texels >= 0.5 over all
levels, so that far foliage does not thin out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError


class MipMaps(NamedTuple):
    """texels u4 [N], bytes red green blue alpha, levels one after another; first i8 [L, levels]:
    where each begins.

    alpha u1 [N] repeats the fourth channel alone: alpha tests touch a quarter of the memory.
    """

    texels: NDArray[np.uint32]
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
    starts = np.cumsum([0] + [(size >> level) ** 2 for level in range(levels)])
    per_layer = int(starts[-1])
    texels = np.empty((len(layers) * per_layer, 4), np.uint8)
    for index, layer in enumerate(layers):
        _write_levels(layer, texels[index * per_layer : (index + 1) * per_layer])
    first = np.arange(len(layers))[:, None] * per_layer + starts[None, :-1]
    packed = texels.view("<u4")[:, 0]
    return MipMaps(packed, np.ascontiguousarray(texels[:, 3]), first, size)


def joined(parts: Sequence[MipMaps]) -> MipMaps:
    """The layers of all parts, in order; all of one size."""
    offsets = np.cumsum([0] + [len(part.texels) for part in parts[:-1]])
    return MipMaps(
        np.concatenate([part.texels for part in parts]),
        np.concatenate([part.alpha for part in parts]),
        np.concatenate([part.first + o for part, o in zip(parts, offsets, strict=True)]),
        parts[0].size,
    )


_DECODE = np.where(
    np.arange(256) <= 10.31475,
    np.arange(256) / 255 / 12.92,
    ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4,
).astype(np.float32)
"""sRGB byte -> linear light."""


def _write_levels(layer: NDArray[np.uint8], texels: NDArray[np.uint8]) -> None:
    """All levels of a layer, from n x n down to one texel, into u1 [.., 4]."""
    image = np.empty(layer.shape, np.float32)
    image[..., :3] = cv2.LUT(np.ascontiguousarray(layer[..., :3]), _DECODE)
    image[..., 3] = layer[..., 3] * np.float32(1 / 255)
    holes = bool((layer[..., 3] < 128).any())
    coverage = float((image[..., 3] >= 0.5).mean())
    size, start = layer.shape[0], 0
    while True:
        stored = np.sqrt(image)
        stored[..., 3] = image[..., 3]
        if start and holes and 0.02 < coverage < 0.98:
            threshold = max(_quantile(image[..., 3], 1 - coverage), 1e-3)
            stored[..., 3] = np.minimum(image[..., 3] * np.float32(0.5 / threshold), 1)
        texels[start : start + size * size].reshape(size, size, 4)[:] = stored * np.float32(
            255
        ) + np.float32(0.5)
        start, size = start + size * size, size // 2
        if not size:
            return
        image = np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA))
        image = image.reshape(size, size, 4)


def _quantile(values: NDArray[np.float32], share: float) -> float:
    """The value below which ``share`` of all lie."""
    flat = values.ravel()
    rank = min(int(share * flat.size), flat.size - 1)
    return float(np.partition(flat, rank)[rank])
