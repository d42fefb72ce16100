"""Layers that only some scenes need: drawn when a thing first asks for them, and then kept.

The sheets of ``wardrobe`` hold what nearly every scene shows. These come one by one, so that a
scene without rails pays neither time nor memory for ballast. As there, each exists in a few
variants that depend on nothing but their number.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depth_seg_ros.virtual_world.textures import cladding, cloth, more_signs, nature, trackbed
from depth_seg_ros.virtual_world.textures.bank import NoiseBank
from depth_seg_ros.virtual_world.textures.layer import LooseLayer
from depth_seg_ros.virtual_world.textures.texture_set import LayerSheet, TextureLibrary

LOOSE_VARIANTS = 4
LOOSE: dict[str, LooseLayer] = {
    **trackbed.LAYERS,
    **cladding.LAYERS,
    **cloth.LAYERS,
    **nature.LAYERS,
    **more_signs.LAYERS,
}
"""How each loose layer is drawn, by name."""


@lru_cache(maxsize=LOOSE_VARIANTS * 64)
def loose_sheet(name: str, variant: int, size: int) -> LayerSheet:
    """The sheet of one loose layer (KeyError for an unknown name)."""
    rng = np.random.default_rng([variant, 0x100, *name.encode()])
    own = TextureLibrary(size)
    own.add(name, LOOSE[name].draw(NoiseBank(rng, size), rng))
    return own.build().sheets[0]


def pick_variant(seed: int, name: str) -> int:
    """Which variant of a layer a scene with this seed wears."""
    return int(np.random.default_rng([seed, *name.encode()]).integers(LOOSE_VARIANTS))
