"""All texture layers that the assets need, by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.heavy_textures import heavy_layers
from depth_seg_ros.virtual_world.assets.livery_textures import livery_layers
from depth_seg_ros.virtual_world.assets.people_textures import people_layers
from depth_seg_ros.virtual_world.assets.plant_textures import plant_layers
from depth_seg_ros.virtual_world.assets.vehicle_textures import vehicle_layers

ROOMS = {
    "vehicles": vehicle_layers,
    "heavy": heavy_layers,
    "plants": plant_layers,
    "people": people_layers,
    "liveries": livery_layers,
}
"""What draws layers ``(rng, n) -> {name: uint8 [n, n, 4]}``, by name."""


def asset_textures(seed: int, n: int = 256) -> dict[str, NDArray[np.uint8]]:
    """Ordered layers name -> uint8 [n, n, 4] (sRGB + alpha, row 0 at v = 0), the same for a seed.

    Put them in the scene's TextureSet and pass the resulting index of each name to the ``make_``
    functions as ``layers``.
    """
    rng = np.random.default_rng([seed, 4711])
    layers: dict[str, NDArray[np.uint8]] = {}
    for draw in ROOMS.values():
        layers |= draw(rng, n)
    return layers
