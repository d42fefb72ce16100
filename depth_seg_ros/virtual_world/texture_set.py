"""The texture layers of a world, and the library that collects them by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.errors import VirtualWorldError

TEXTURE_SIZE = 256
"""Width and height of every layer in texels."""


@dataclass(frozen=True)
class TextureSet:
    """L square, repeating layers; row 0 is v = 0, so pictures with an up lie bottom row first."""

    pixels: NDArray[np.uint8]  # [L, n, n, 4] sRGB + alpha, n a power of two
    names: tuple[str, ...]  # [L] unique

    def __len__(self) -> int:
        return len(self.pixels)

    def layer(self, name: str) -> int:
        """Index of a layer; raises VirtualWorldError naming the known ones."""
        if name not in self.names:
            known = ", ".join(self.names)
            raise VirtualWorldError(f"no texture layer is named {name!r}; known: {known}")
        return self.names.index(name)


class TextureLibrary:
    """Collects layers while a scene is built: ``add`` gives the index a Material needs."""

    def __init__(self, size: int = TEXTURE_SIZE) -> None:
        self.size = size
        self._layers: list[NDArray[np.uint8]] = []
        self._names: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._layers)

    def add(self, name: str, image: ArrayLike) -> int:
        """Store a layer [n, n, 3 or 4], uint8 or floats 0..1 (sRGB); returns its index."""
        pixels = np.asarray(image)
        if pixels.dtype != np.uint8:
            pixels = (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
        if pixels.shape[-1] == 3:
            pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        if pixels.shape != (self.size, self.size, 4):
            raise VirtualWorldError(
                f"texture {name!r} is {pixels.shape}; make it {self.size}x{self.size} with 3 or 4 "
                "channels")
        if name in self._names:
            raise VirtualWorldError(f"texture {name!r} is there already; choose another name")
        self._names[name] = len(self._layers)
        self._layers.append(np.ascontiguousarray(pixels))
        return self._names[name]

    def layer(self, name: str) -> int:
        """Index of a stored layer (KeyError if it is not there)."""
        return self._names[name]

    def build(self) -> TextureSet:
        """All layers in the order they were added."""
        return TextureSet(np.stack(self._layers), tuple(self._names))
