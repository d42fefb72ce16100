"""Residential streets: hedges, garden walls, garages, driveways with cars, bins at the kerb."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.bins import sacks, waste_container, wheelie_bins
from depth_seg_ros.virtual_world.assets.caravan import make_caravan
from depth_seg_ros.virtual_world.assets.garage import DEPTH_M, make_carport, make_garage
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.trailer import make_trailer
from depth_seg_ros.virtual_world.land.plots import drive_way
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 16.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A narrow street between front gardens, cars parked along it."""
    p = suburb.draw(rng, seed)
    parking = [("kerb", "none")[int(chance(rng, 0.4))] for _ in range(2)]
    return altered(
        p,
        "residential",
        road={
            "lane_width_m": uniform(rng, 2.3, 2.9),
            "cycle_lane_m": 0.0,
            "parking_left": parking[0],
            "parking_right": parking[1],
            "verge_m": uniform(rng, 0.6, 2.0) * chance(rng, 0.25),
            "pavement_m": uniform(rng, 1.1, 2.4),
            "kerb_m": uniform(rng, 0.03, 0.14),
            "centre_line": "none",
            "edge_lines": False,
        },
        around={
            "thicket_share": 0.3,
            "setback_m": (uniform(rng, 1.5, 3.5), uniform(rng, 4, 8)),
            "closed_share": uniform(rng, 0, 0.7),
            "building_mix": (("house", 3.0), ("rowhouse", 2.0), ("block", 0.7)),
            "fences": 1.0,
            "tree_density": uniform(rng, 4, 14),
            "street_tree_m": uniform(rng, 8, 18) if chance(rng, 0.4) else 0.0,
        },
        traffic={
            "parked_share": uniform(rng, 0.4, 0.95),
            "ego_speed_mps": uniform(rng, 4, 9),
            "queue": False,
            "lane_density": uniform(rng, 0.2, 1.2),
            "pedestrian_density": uniform(rng, 0.6, 4.0),
        },
    )


def build(site: Site) -> None:
    """Garages and drives between the houses, and what stands at the kerb."""
    rng = site.rng()
    low, high = site.seen()
    for side in (-1, 1):
        s = low + float(rng.uniform(2, 14))
        while s < high:
            _lot(site, s, side, rng)
            s += float(rng.uniform(9, 26))
        for _ in range(int(rng.poisson((high - low) / 28))):
            _at_the_kerb(site, float(rng.uniform(low, high)), side, rng)


def _lot(site: Site, s: float, side: int, rng: Generator) -> None:
    """A garage, carport or open drive, perhaps with a car before it."""
    layout = site.layout
    doors = int(rng.choice([1, 2, 4], p=[0.6, 0.3, 0.1]))
    width = doors * 3.0 + 0.4
    setback = float(rng.uniform(0.2, 2.0) if rng.random() < 0.35 else rng.uniform(5.2, 8.0))
    middle = layout.section.side_width + setback + DEPTH_M / 2
    if layout.in_junction(s, width):
        return
    if not site.free(s, side, middle - setback / 2, DEPTH_M + setback, width):
        return
    roof = rng.random()
    if roof < 0.75:
        site.put(make_garage(site.palette, rng, doors), s, side, middle - DEPTH_M / 2)
    elif roof < 0.9:
        site.put(make_carport(site.palette, rng), s, side, middle - DEPTH_M / 2)
    layout.drives.append((side, s - width / 2, s + width / 2))
    drive_way(site, s - width / 2 + 0.2, s + width / 2 - 0.2, side, setback + 0.3, rng)
    out = layout.section.side_width + setback - 2.6
    if roof >= 0.75:
        out += 5.4
    if (setback > 5 or roof >= 0.75) and rng.random() < 0.75:
        near = site.near(s, 4)
        if rng.random() < 0.15:
            mesh = (make_trailer if rng.random() < 0.5 else make_caravan)(site.palette, rng)
        else:
            kind = "car" if rng.random() < 0.85 else "van"
            mesh = site.fleet.vehicle(rng, kind, near=near)
        nose = np.pi / 2 if rng.random() < 0.7 else -np.pi / 2
        shift = float(rng.integers(doors)) - (doors - 1) / 2
        mesh = mesh.with_instance(site.fleet.next_instance())
        site.put(mesh, s + 2.9 * shift, side, out, nose + float(rng.normal(0, 0.03)))


def _at_the_kerb(site: Site, s: float, side: int, rng: Generator) -> None:
    """Bins put out, sacks, a planter that narrows the way."""
    if not site.kerb(s, side, 3.0):
        return
    palette = site.palette
    if rng.random() < 0.1:
        make = make_trailer if rng.random() < 0.6 else make_caravan
        trailer = make(palette, rng).with_instance(site.fleet.next_instance())
        if site.layout.section.side_width > 2.3:
            site.put(trailer, s, side, 1.2)
        return
    things = (
        lambda: wheelie_bins(palette, rng, int(rng.integers(1, 5))),
        lambda: waste_container(palette, rng),
        lambda: sacks(palette, rng, int(rng.integers(2, 7))),
        lambda: make_planter(palette, rng),
    )
    mesh = things[int(rng.choice(4, p=[0.6, 0.12, 0.16, 0.12]))]()
    site.put(mesh, s, side, 0.55 + 0.2 * float(rng.random()))
