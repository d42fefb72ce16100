"""What closes a plot off towards the road: hedges, walls, fences of every kind."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.garden_wall import garden_wall
from depth_seg_ros.virtual_world.assets.hedge import clipped_hedge
from depth_seg_ros.virtual_world.assets.undergrowth import make_hedge
from depth_seg_ros.virtual_world.geometry.mesh import yaw_rotation
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.street import linear

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

KINDS = {
    "hedge": 0.18, "clipped": 0.18, "garden wall": 0.18, "wall": 0.08, "picket": 0.09,
    "railing": 0.09, "chain_link": 0.06, "planks": 0.05, "railed wall": 0.09,
}  # fmt: skip
"""What there is, and its share."""
_RAILED = ("brick", "rubble", "concrete", "stone")


def boundary(
    site: Site,
    s0: float,
    s1: float,
    side: int,
    away: float,
    rng: Generator,
    kind: str | None = None,
    height: float | None = None,
) -> None:
    """A hedge, wall or fence (one of KINDS; None draws one) from s0 to s1, ``away`` metres from
    the centre line, open where drives lead in."""
    layout = site.layout
    chosen = str(rng.choice(list(KINDS), p=list(KINDS.values()))) if kind is None else kind
    tall = float(rng.uniform(0.7, 1.6)) if height is None else height
    for low, high in layout.between_drives(side, s0, s1):
        if high - low < 0.8:
            continue
        s = np.linspace(low, high, max(2, int((high - low) / 3) + 2))
        path = layout.axis.at(s, side * away)
        moves = np.linalg.norm(np.diff(path, axis=0), axis=1) > 0.01
        path = path[np.concatenate([[True], moves])]  # beyond the axis all is its end
        if len(path) < 2:
            continue
        path[:, 1] = site.ground.height(path[:, 0], path[:, 2])
        far = not site.near((low + high) / 2, away - layout.section.outer(side))
        short = high - low < 6 and chosen in ("garden wall", "railed wall")  # no room for piers
        _build(site, "wall" if short else chosen, path, tall, far, rng)


def _build(site: Site, kind: str, path: Float, height: float, far: bool, rng: Generator) -> None:
    builder, palette = site.builder, site.palette
    if kind == "hedge":
        _wild_hedge(site, path, height, far, rng)
    elif kind == "clipped":
        tall, wide = height * float(rng.uniform(0.8, 1.5)), float(rng.uniform(0.4, 1.0))
        clipped_hedge(builder, palette, rng, path, tall, wide, step_m=2.5 if far else 0.8)
    elif kind == "garden wall":
        railing_m = float(rng.uniform(0.5, 0.9)) if rng.random() < 0.3 else 0.0
        garden_wall(builder, palette, rng, path, height, railing_m=railing_m)
    elif kind == "railed wall":  # of parks and churchyards: a low wall, bars as high as a man
        low, made_of = float(rng.uniform(0.2, 0.9)), str(rng.choice(_RAILED))
        bars = float(rng.uniform(1.0, 1.9))
        garden_wall(builder, palette, rng, path, low, kind=made_of, railing_m=bars)
    elif kind == "wall":
        texture = str(rng.choice(["brick_0", "brick_1", "rubble", "plaster_1", "concrete"]))
        stone = palette(texture, "wall", rng.uniform(0.75, 1.05))
        linear.wall(builder, stone, path, height, 0.25, palette("concrete", "wall", 0.95))
    elif kind == "planks":
        boards = palette("wood", "fence", rng.uniform(0.3, 0.8))
        linear.wall(builder, boards, path, height + 0.4, 0.06)
    else:
        tint = rng.uniform(0.08, 0.9) * np.ones(3)
        linear.fence(builder, palette, kind, path, min(height, 1.3), tint)


def _wild_hedge(site: Site, path: Float, height: float, far: bool, rng: Generator) -> None:
    for a, b in pairwise(path):
        step = b - a
        yaw = float(np.arctan2(step[0], step[2]))
        length = float(np.hypot(step[0], step[2])) + 0.1
        layers = site.palette.layers
        mesh = make_hedge(rng, length, layers, height=height, width=0.7, far=far)
        site.builder.add(mesh.transformed(yaw_rotation(yaw), (a + b) / 2 - [0, 0.05, 0]))
