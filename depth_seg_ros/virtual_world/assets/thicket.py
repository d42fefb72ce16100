"""Walls of leaves: the dense edge of a wood or of an overgrown verge, closed and uneven."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.sweep import Float, arc_length, resampled, sideways
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
_REPEAT_M = 1.5
_PROFILE = np.array(
    [(0.55, -0.05), (0.75, 0.16), (0.68, 0.4), (0.55, 0.63), (0.4, 0.82), (0.12, 0.97),
     (-0.25, 1.0), (-0.5, 0.9), (-0.6, 0.5), (-0.55, -0.05)]
)  # fmt: skip
"""Across (+ towards the road) and up, as shares of depth and height."""


def thicket(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    side: int,
    height: float,
    depth: float,
    *,
    step_m: float = 1.0,
) -> None:
    """Shrubs and young trees grown into one, along a path [K, 3] on the ground.

    side: on which the path lies of the road (1: right of its direction). Its height swings
    between half and all of ``height``, its face bulges by up to a quarter of ``depth``.
    """
    spine = np.concatenate([path[:1], resampled(path, step_m), path[-1:]])
    toward = -side * sideways(spine)
    along = arc_length(spine)
    tall = height * (0.5 + 0.5 * _waves(rng, along, (3.0, 14.0)))
    tall *= np.clip(np.minimum(along, along[-1] - along) / 2.5 + 0.35, 0, 1)  # tapers at both ends
    out = depth * _PROFILE[:, 0] + np.zeros((len(spine), 1))
    for column in range(len(_PROFILE)):
        out[:, column] += depth * 0.5 * (_waves(rng, along, (1.2, 5.0)) - 0.5)
    up = _PROFILE[:, 1] * tall[:, None] * (1 + 0.07 * rng.normal(size=out.shape))
    points = spine[:, None] + toward[:, None] * out[..., None]
    points[..., 1] += up
    around = np.concatenate(
        [[0], np.cumsum(np.hypot(*np.diff(_PROFILE * [depth, height], axis=0).T))]
    )
    uv = np.stack(np.broadcast_arrays(along[:, None], around), -1) / _REPEAT_M
    lit = 0.5 + 0.5 * _PROFILE[None, :, 1] + 0.3 * (_waves(rng, along, (2.0, 6.0)) - 0.5)[:, None]
    lit = np.clip(lit + 0.12 * rng.normal(size=out.shape), 0.3, 1.15)[:-1, :-1]
    green = rng.uniform(0.45, 1.15) * rng.uniform([0.8, 0.95, 0.65], [1.3, 1.05, 1.0])
    leaves = palette("hedge_leaves", "vegetation", green)
    order = slice(None) if side > 0 else slice(None, None, -1)
    builder.grid(points[:, order], leaves, uv=uv[:, order], tint=lit[:, order, None] * np.ones(3))


def _waves(rng: Generator, along: Float, lengths: tuple[float, float]) -> Float:
    """Smooth noise in 0..1 along a path, of waves between two lengths."""
    total = np.zeros(len(along))
    for length in np.geomspace(*lengths, 4):
        total += np.sin(2 * np.pi * (along / length + rng.random())) * rng.uniform(0.5, 1)
    return np.asarray(np.clip(0.5 + total / 4.2, 0, 1))
