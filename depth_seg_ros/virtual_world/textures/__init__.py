"""Procedural textures of roads, ground, walls, openings and signs (vegetation: assets)."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.textures import ground, openings, signs, walls
from depth_seg_ros.virtual_world.textures.bank import NoiseBank
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary

ROOMS = {"ground": ground, "walls": walls, "openings": openings, "signs": signs}
"""What draws layers, by name; each has ``add(library, bank, rng)``."""


def add_layout_textures(library: TextureLibrary, rng: np.random.Generator) -> None:
    """Draw every layer the layout needs into ``library``; all variation comes from ``rng``."""
    bank = NoiseBank(rng, library.size)
    for room in ROOMS.values():
        room.add(library, bank, rng)
