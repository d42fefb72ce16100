"""Shapes dressed: each slot gets a look (texture layer, tint, flags, class), and a mesh is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.geometry.shapes import Shape

Layers = Mapping[str, int]
"""Texture layer index by name (the order of ``asset_textures``)."""


@dataclass(frozen=True)
class Look:
    """What a slot is made of. ``tint`` is linear and multiplies the texture; ``tile`` = (u, v,
    width, height) is the part of the layer that the shape's 0..1 covers."""

    layer: str
    class_id: int
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flags: Surface = Surface.PLAIN
    tile: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


def dress(shape: Shape, looks: Mapping[str, Look], layers: Layers) -> Mesh:
    """The mesh of a shape whose slots look like ``looks``; KeyError names a slot without one."""
    table = [looks[name] for name in shape.slots]
    layer = np.array([layers[look.layer] for look in table], np.int32)
    tint = np.array([look.tint for look in table], np.float32)
    flags = np.array([int(look.flags) for look in table], np.int32)
    class_id = np.array([look.class_id for look in table], np.uint8)
    tile = np.array([look.tile for look in table], np.float32)[shape.slot][:, None]
    uv = np.asarray(shape.uv, np.float32) * tile[..., 2:] + tile[..., :2]
    return Mesh(
        np.ascontiguousarray(shape.position, np.float32),
        np.ascontiguousarray(shape.normal, np.float32),
        np.ascontiguousarray(uv),
        layer[shape.slot],
        class_id[shape.slot],
        np.zeros(len(shape), np.uint16),
        flags[shape.slot],
        np.asarray(tint[shape.slot] * shape.shade, np.float32),
    )
