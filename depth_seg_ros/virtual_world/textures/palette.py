"""Materials by name: a texture layer, a Cityscapes class, a tint."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.geometry.mesh import Material, Surface
from depth_seg_ros.virtual_world.textures.loose import LOOSE, loose_sheet, pick_variant
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary
from depth_seg_ros.virtual_world.textures.wardrobe import ASSET_PREFIX

_FLAGS = {
    "railing": Surface.ALPHA_TEST | Surface.DOUBLE_SIDED,
    "picket": Surface.ALPHA_TEST | Surface.DOUBLE_SIDED,
    "chain_link": Surface.ALPHA_TEST | Surface.DOUBLE_SIDED,
    "marking": Surface.ALPHA_TEST | Surface.ROAD,
    "manhole": Surface.ALPHA_TEST | Surface.ROAD,
    "metal": Surface.GLOSSY,
    "glass_wall": Surface.WINDOW_MASK,
    "windows_0": Surface.WINDOW_MASK,
    "windows_1": Surface.WINDOW_MASK,
    "windows_2": Surface.WINDOW_MASK,
    "doors": Surface.WINDOW_MASK,
    "shops_0": Surface.WINDOW_MASK,
    "shops_1": Surface.WINDOW_MASK,
    "signs_0": Surface.ALPHA_TEST,
    "signs_1": Surface.ALPHA_TEST,
}
_REPEAT_M = {
    "asphalt_0": 5.0,
    "asphalt_1": 5.0,
    "asphalt_2": 5.0,
    "asphalt_patch": 4.0,
    "road_concrete": 5.0,
    "cobbles": 2.9,
    "paving_0": 3.2,
    "paving_1": 3.6,
    "paving_2": 4.0,
    "kerb": 4.0,
    "gravel": 3.0,
    "grass_0": 3.0,
    "grass_1": 3.5,
    "field_0": 7.0,
    "soil": 4.0,
    "marking": 2.0,
    "plain": 2.0,
    "brick_0": 2.4,
    "brick_1": 2.4,
    "brick_2": 2.4,
    "plaster_0": 5.0,
    "plaster_1": 5.0,
    "plaster_2": 5.0,
    "stone": 3.2,
    "rubble": 3.0,
    "panel": 3.6,
    "concrete": 4.0,
    "wood": 2.0,
    "corrugated": 3.0,
    "metal": 2.0,
    "glass_wall": 6.0,
    "roof_tile_0": 5.0,
    "roof_tile_1": 5.0,
    "roof_flat": 6.0,
    "garage": 2.4,
    "railing": 1.6,
    "picket": 1.3,
    "chain_link": 0.9,
    "chevrons": 1.0,
}
ROADS = ("asphalt_0", "asphalt_1", "asphalt_2", "asphalt_patch", "road_concrete", "cobbles")


_UNWASHED = {"plain", "marking", "signs_0", "signs_1", "boards", "adverts", "chevrons"}


class Palette:
    """Makes Materials out of the layers of a library."""

    def __init__(self, library: TextureLibrary, rng: np.random.Generator | None = None) -> None:
        """``rng`` draws the scene's wash: every layer a little lighter or darker, warmer or
        colder than it was painted. Without one, colours stay as painted."""
        self.library = library
        self.layers = {
            name.removeprefix(ASSET_PREFIX): library.layer(name)
            for name in library.names
            if name.startswith(ASSET_PREFIX)
        }
        """Index of every asset layer by the assets' own name."""
        self._wash: dict[str, NDArray[np.float64]] = {}
        self.odd: dict[str, str] = {}
        """What known walls wear instead of their own material, by its name."""
        self._loose_seed = 0
        if rng is not None:
            washes = rng.uniform(0.86, 1.14, (len(library), 1)) * rng.uniform(
                0.96, 1.04, (len(library), 3)
            )
            self._wash = {
                name: wash
                for name, wash in zip(library.names, washes, strict=True)
                if name not in _UNWASHED
            }
            self._loose_seed = int(rng.integers(1 << 31))

    def layer(self, texture: str) -> int:
        """Index of a layer, which is drawn now if it is a loose one that nobody has asked for yet
        (KeyError for an unknown name)."""
        if texture not in self.library and texture in LOOSE:
            variant = pick_variant(self._loose_seed, texture)
            self.library.add_sheet(loose_sheet(texture, variant, self.library.size))
        return self.library.layer(texture)

    def __call__(
        self, texture: str, class_name: str, tint: ArrayLike = 1.0, *, flags: Surface | None = None
    ) -> Material:
        """A material; ``tint`` is one number or three, ``flags`` override the texture's own."""
        if class_name in ("building", "wall"):
            texture = self.odd.get(texture, texture)
        color = np.broadcast_to(np.asarray(tint, np.float64), 3) * self._wash.get(texture, 1.0)
        loose = LOOSE.get(texture)
        own = _FLAGS.get(texture, Surface.PLAIN) if loose is None else loose.flags
        surface = own if flags is None else flags
        if class_name == "road":
            surface |= Surface.ROAD
        return Material(
            self.layer(texture),
            CITYSCAPES.id(class_name),
            (float(color[0]), float(color[1]), float(color[2])),
            surface,
            _REPEAT_M.get(texture, 1.0) if loose is None else loose.repeat_m,
        )
