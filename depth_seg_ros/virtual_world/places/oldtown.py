"""Narrow old towns: cobbles, walls to the kerb, awnings, tables outside, bollards, bicycles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.awning import (
    goods_rack,
    make_awning,
    make_parasol,
    sandwich_board,
)
from depth_seg_ros.virtual_world.assets.cyclist import make_bicycle
from depth_seg_ros.virtual_world.assets.motorcycle import make_motorcycle
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.seating import table_set
from depth_seg_ros.virtual_world.assets.small_posts import bollard_of
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import city
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 12.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """One lane, or two narrow ones, between closed fronts."""
    p = city.draw(rng, seed)
    one_way = chance(rng, 0.7)
    return altered(
        p,
        "oldtown",
        road={
            "lanes_forward": 1,
            "lanes_backward": 0 if one_way else 1,
            "lane_width_m": uniform(rng, 2.9, 3.8) if one_way else uniform(rng, 2.4, 2.8),
            "median_m": 0.0,
            "cycle_lane_m": 0.0,
            "parking_left": "none",
            "parking_right": "kerb" if chance(rng, 0.3) else "none",
            "kerb_m": uniform(rng, 0.01, 0.1),
            "verge_m": 0.0,
            "pavement_m": uniform(rng, 0.7, 2.6),
            "turn_rad": uniform(rng, 0.05, 0.35),
            "turn_wavelength_m": uniform(rng, 130, 220),
            "hill_m": uniform(rng, 0, 4),
            "centre_line": "none",
            "edge_lines": False,
            "surface": str(rng.choice(["setts", "cobbles", ""])),
            "paving_texture": str(rng.choice(["setts", "paving_0", "paving_1", "cobbles"])),
        },
        around={
            "setback_m": (0.0, 0.15),
            "gap_m": (1.5, 4.0),
            "closed_share": 0.94,
            "storeys": (2, 4),
            "building_share": 1.0,
            "building_mix": (("townhouse", 3.0), ("shophouse", 2.0), ("rowhouse", 0.5)),
            "arcades": uniform(rng, 0.5, 1.0) * chance(rng, 0.3),
            "street_tree_m": 0.0,
        },
        furniture={"lamp_height_m": uniform(rng, 3.5, 5), "overpasses": (), "clutter": 2.0},
        traffic={
            "ego_lane": 0,
            "ego_speed_mps": uniform(rng, 3, 7),
            "queue": False,
            "lane_density": uniform(rng, 0.1, 0.8),
            "heavy_share": 0.02,
            "pedestrian_density": uniform(rng, 4, 16),
        },
        junctions=tuple(replace(j, width_m=uniform(rng, 3.8, 5.2)) for j in p.junctions[:2]),
    )


def build(site: Site) -> None:
    """What shops and cafés put before their fronts."""
    rng = site.rng()
    low, high = site.seen()
    for side in (-1, 1):
        _bollards(site, side, rng)
        for _ in range(int(rng.poisson((high - low) / 9))):
            _before_the_front(site, float(rng.uniform(low, high)), side, rng)


def _before_the_front(site: Site, s: float, side: int, rng: Generator) -> None:
    room, palette = site.layout.section.side_width, site.palette
    kind = rng.random()
    if kind < 0.3:
        if site.layout.holds(s, 3) and not site.layout.in_junction(s, 3):
            site.put(make_awning(palette, rng, float(rng.uniform(2.5, 5))), s, side, room + 0.1)
    elif kind < 0.55 and room > 1.7:
        if site.kerb(s, side, 2.6):
            parasol = rng.random() < 0.4
            table = table_set(palette, rng, guests=0.45, parasol=parasol and room > 2.2)
            site.put(table.mesh(site.fleet.next_instance), s, side, room / 2)
    elif kind < 0.62 and room > 2.4:
        if site.kerb(s, side, 3.0):
            site.put(make_parasol(palette, rng), s, side, room / 2 + 0.2)
    elif site.kerb(s, side, 2.0):
        mesh = (
            lambda: make_bicycle(rng, palette.layers).with_instance(site.fleet.next_instance()),
            lambda: make_planter(palette, rng, length=1.2),
            lambda: sandwich_board(palette, rng),
            lambda: goods_rack(palette, rng, 1.6),
            lambda: make_motorcycle(palette, rng).with_instance(site.fleet.next_instance()),
        )[int(rng.choice(5, p=[0.4, 0.15, 0.15, 0.15, 0.15]))]()
        site.put(mesh, s, side, max(room - 0.45, 0.35), float(rng.normal(0, 0.08)))


def _bollards(site: Site, side: int, rng: Generator) -> None:
    """A row along a stretch of the kerb."""
    low, high = site.seen()
    if high - low < 20 or rng.random() < 0.3:
        return
    start = float(rng.uniform(low, high - 15))
    seed, pitch = int(rng.integers(1 << 30)), float(rng.uniform(1.4, 2.6))
    mesh = bollard_of(site.palette, np.random.default_rng(seed))
    for s in np.arange(start, min(start + rng.uniform(12, 45), high), pitch):
        if site.kerb(float(s), side, 0.5):
            site.put(mesh, float(s), side, 0.28)
