"""Tunnels and underpasses: a tube round a part of the road, dark, with lamps."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.tunnel import hill_over, portal, tunnel, underpass
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import city, country
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 4.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A road that dives under a hill, a railway or another road."""
    p = (city if chance(rng, 0.5) else country).draw(rng, seed)
    return altered(
        p,
        "tunnel",
        road={"parking_left": "none", "parking_right": "none", "verge_m": 0.0,
              "pavement_m": min(p.road.pavement_m, 2.2), "turn_rad": min(p.road.turn_rad, 0.2),
              "hill_m": min(p.road.hill_m, 2.0)},
        around={"thicket_share": 0.4, "street_tree_m": 0.0, "embankment_m": 0.0},
        furniture={"overpasses": (), "power_line": False, "bus_stop": False},
        junctions=(),
    )  # fmt: skip


def build(site: Site) -> None:
    """One tube, long or short, so that the drive sees it from outside and from inside."""
    rng, layout = site.rng(), site.layout
    low, high = site.seen(12)
    short = rng.random() < 0.45
    length = float(rng.uniform(14, 26) if short else rng.uniform(40, 110))
    length = min(length, high - low - 4)
    if length < 10:
        return
    low, high = max(low, 14 if short else -10), min(high - length, site.driven()[1])
    start = float(rng.uniform(low, max(high, low + 1)))
    rows = layout.axis.rows()
    rows = rows[(rows >= start) & (rows <= start + length)]
    if len(rows) < 3:
        return
    middle = (layout.section.outer(1) - layout.section.outer(-1)) / 2
    half = (layout.section.outer(1) + layout.section.outer(-1)) / 2 + float(rng.uniform(0.3, 1.2))
    height = float(rng.uniform(4.6, 6.8)) + max(half - 6, 0) * 0.25
    path = layout.axis.at(rows, middle)
    foot = 16.0
    for at in rows:
        x, _, z = layout.axis.at(at, middle)
        yaw = float(layout.axis.heading_at(at))
        layout.occupancy.claim(x, z, yaw, 2 * (half + foot + 2), 6.0)
        for side in (-1, 1):
            layout.kerb_space.take(side, float(at), 4.0)
    builder, palette = site.builder, site.palette
    if short:
        underpass(builder, palette, rng, path, half, height)
        return
    arched = bool(rng.random() < 0.6)
    tunnel(builder, palette, rng, path, half, height, arched=arched)
    for entrance in (True, False):
        portal(builder, palette, rng, path, half, height, entrance=entrance, arched=arched)
    hill_over(builder, palette, np.asarray(path), half, height, foot=foot)
