"""The texture layers of a world, and the library that collects them by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps, joined, pack_textures

TEXTURE_SIZE = 256
"""Width and height of every layer in texels."""


@dataclass(frozen=True, eq=False)
class LayerSheet:
    """Layers that were drawn together, and their mip maps, worked out once.

    Square, repeating; row 0 is v = 0, so pictures with an up lie bottom row first.
    """

    names: tuple[str, ...]  # [L] unique
    pixels: NDArray[np.uint8]  # [L, n, n, 4] sRGB + alpha, n a power of two

    @cached_property
    def mip_maps(self) -> MipMaps:
        """The layers as the renderer reads them."""
        return pack_textures(self.pixels)


@dataclass(frozen=True)
class TextureSet:
    """All layers of a world, sheet after sheet."""

    sheets: tuple[LayerSheet, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the layers, in order."""
        return tuple(name for sheet in self.sheets for name in sheet.names)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """u1 [L, n, n, 4] sRGB + alpha."""
        return np.concatenate([sheet.pixels for sheet in self.sheets])

    def mip_maps(self) -> MipMaps:
        """All layers as the renderer reads them."""
        return joined([sheet.mip_maps for sheet in self.sheets])

    def __len__(self) -> int:
        return sum(len(sheet.names) for sheet in self.sheets)

    def layer(self, name: str) -> int:
        """Index of a layer; raises VirtualWorldError naming the known ones."""
        names = self.names
        if name not in names:
            known = ", ".join(names)
            raise VirtualWorldError(f"no texture layer is named {name!r}; known: {known}")
        return names.index(name)


class TextureLibrary:
    """Collects layers while a scene is built: ``add`` gives the index a Material needs."""

    def __init__(self, size: int = TEXTURE_SIZE) -> None:
        self.size = size
        self._loose: list[NDArray[np.uint8]] = []
        self._sheets: list[LayerSheet] = []
        self._names: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, image: ArrayLike) -> int:
        """Store a layer [n, n, 3 or 4], uint8 or floats 0..1 (sRGB); returns its index."""
        pixels = np.asarray(image)
        if pixels.dtype != np.uint8:
            pixels = np.clip(pixels * np.float32(255) + np.float32(0.5), 0, 255).astype(np.uint8)
        if pixels.shape not in ((self.size, self.size, 3), (self.size, self.size, 4)):
            raise VirtualWorldError(
                f"texture {name!r} is {pixels.shape}; make it {self.size}x{self.size} with 3 or 4 "
                "channels"
            )
        layer = np.full((self.size, self.size, 4), 255, np.uint8)
        layer[..., : pixels.shape[-1]] = pixels
        self._register(name)
        self._loose.append(layer)
        return self._names[name]

    def add_sheet(self, sheet: LayerSheet) -> None:
        """Store layers that are drawn already."""
        self._collect()
        for name in sheet.names:
            self._register(name)
        self._sheets.append(sheet)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all layers, in the order they were added."""
        return tuple(self._names)

    def layer(self, name: str) -> int:
        """Index of a stored layer (KeyError if it is not there)."""
        return self._names[name]

    def build(self) -> TextureSet:
        """All layers in the order they were added."""
        self._collect()
        return TextureSet(tuple(self._sheets))

    def _register(self, name: str) -> None:
        if name in self._names:
            raise VirtualWorldError(f"texture {name!r} is there already; choose another name")
        self._names[name] = len(self._names)

    def _collect(self) -> None:
        """Make a sheet of the layers that were added one by one."""
        if self._loose:
            names = tuple(self._names)[-len(self._loose) :]
            self._sheets.append(LayerSheet(names, np.stack(self._loose)))
            self._loose = []
