"""Petrol stations beside the road: canopy, pumps, shop, price board, cars that fill up."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.petrol import (
    make_air_point,
    make_forecourt,
    make_price_board,
    make_station_shop,
)
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import city, country, suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 3.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """Any road outside the old towns."""
    base = (city, suburb, country)[int(rng.choice(3, p=[0.4, 0.35, 0.25]))]
    p = base.draw(rng, seed)
    return altered(
        p,
        "petrol",
        around={
            "thicket_share": 0.3,
            "embankment_m": 0.0,
            "hill_m": min(p.surroundings.hill_m, 2.0),
        },
        furniture={"overpasses": ()},
        junctions=tuple(p.junctions[:1]),
    )


def build(site: Site) -> None:
    """One station, sometimes one on each side."""
    rng = site.rng()
    first = 1 if rng.random() < 0.65 else -1
    _station(site, first, rng)
    if rng.random() < 0.25:
        _station(site, -first, rng)


def _station(site: Site, side: int, rng: Generator) -> None:
    palette, layout = site.palette, site.layout
    fitting = [(a, b) for a, b in site.clear_stretches(side, 3.0) if b - a > 36 and b > 40]
    if not fitting:
        return
    low, high = fitting[int(rng.integers(len(fitting)))]
    near, far = site.driven()
    low, high = low + 18, high - 18
    middle = float(np.clip(rng.uniform(near, max(far, near + 1)), low, high))
    ground = palette(str(rng.choice(["road_concrete", "asphalt_1", "paving_2"])), "ground")
    s0, s1 = site.pave(middle - 18, middle + 18, side, 24.0, ground)
    layout.drives.append((side, s0, s1))
    edge, pumps = layout.section.side_width, int(rng.integers(1, 4))
    islands = int(rng.integers(1, 3))
    site.put(make_forecourt(palette, rng, islands=islands, pumps=pumps), middle, side, edge + 9.0)
    site.put(make_station_shop(palette, rng), middle, side, edge + 18.0)
    site.put(make_price_board(palette, rng), s0 + 1.5, side, edge + 1.2)
    site.put(make_air_point(palette, rng), s1 - 3, side, edge + 14.0)
    for k in range(islands + 1):
        for at in np.linspace(-6, 6, 3).tolist():
            if rng.random() < 0.5:
                kind = str(rng.choice(["car", "van"], p=[0.85, 0.15]))
                mesh = site.fleet.vehicle(rng, kind, near=True)
                out = edge + 9.0 + (k - islands / 2) * 6.2
                if abs(out - edge) < 1.6:
                    continue
                numbered = mesh.with_instance(site.fleet.next_instance())
                site.put(numbered, middle + at, side, out, np.pi * int(rng.integers(2)))
