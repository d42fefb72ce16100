"""Texture sheets in a few variants, drawn once a process and combined anew for every scene.

Drawing all layers costs as much as building the rest of a scene. So each room's sheet exists in
``VARIANTS`` variants that depend on nothing but their number: a scene picks one of each room (more
than a million combinations), and colours them by its own wash (``palette``) and the tints of its
things. Which sheets a process has at hand changes nothing but its speed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depth_seg_ros.virtual_world.assets.textures import ROOMS as ASSET_ROOMS
from depth_seg_ros.virtual_world.textures import ROOMS as LAYOUT_ROOMS
from depth_seg_ros.virtual_world.textures.bank import NoiseBank
from depth_seg_ros.virtual_world.textures.texture_set import LayerSheet, TextureLibrary

VARIANTS = 6
ASSET_PREFIX = "asset "
"""Keeps the names of the assets' layers apart from the layout's."""


def dress_scene(library: TextureLibrary, rng: np.random.Generator) -> None:
    """Add one variant of every room's sheet to ``library``; ``rng`` picks."""
    for room in (*LAYOUT_ROOMS, *ASSET_ROOMS):
        library.add_sheet(_sheet(room, int(rng.integers(VARIANTS)), library.size))


@lru_cache(maxsize=VARIANTS * (len(LAYOUT_ROOMS) + len(ASSET_ROOMS)))
def _sheet(room: str, variant: int, size: int) -> LayerSheet:
    rng = np.random.default_rng([variant, *room.encode()])
    if room in LAYOUT_ROOMS:
        own = TextureLibrary(size)
        LAYOUT_ROOMS[room].add(own, NoiseBank(rng, size), rng)
        return own.build().sheets[0]
    layers = ASSET_ROOMS[room](rng, size)
    return LayerSheet(tuple(ASSET_PREFIX + name for name in layers), np.stack([*layers.values()]))
