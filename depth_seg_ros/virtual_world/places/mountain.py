"""Mountain roads: rock on one side, a drop behind a rail on the other, bends, boulders."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.rock import make_boulder, retaining_wall, rock_face
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import country
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered
from depth_seg_ros.virtual_world.street import linear

WEIGHT = 4.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A climbing, bending two-lane road along a slope."""
    p = country.draw(rng, seed)
    up = 1 if chance(rng, 0.5) else -1
    drop = uniform(rng, -1.2, -0.5)
    return altered(
        p,
        "mountain",
        road={
            "lane_width_m": uniform(rng, 2.6, 3.3), "turn_rad": uniform(rng, 0.35, 0.75),
            "turn_wavelength_m": uniform(rng, 200, 300), "hill_m": uniform(rng, 3, 10),
            "shoulder_m": uniform(rng, 0.1, 0.5),
        },
        around={
            "thicket_share": 0.4,
            "embankment_m": uniform(rng, 6, 16),
            "banks": (drop, 1.0) if up > 0 else (1.0, drop),
            "building_share": 0.05, "forest_share": uniform(rng, 0, 0.5),
            "street_tree_m": 0.0, "fences": 0.0, "hill_m": uniform(rng, 8, 26),
            "ground": "meadow",
        },
        furniture={"rail_left": 0.9 if up > 0 else 0.0, "rail_right": 0.9 if up < 0 else 0.0,
                   "overpasses": (), "power_line": False, "billboards": 0, "bollard_share": 0.5},
        junctions=(),
    )  # fmt: skip


def build(site: Site) -> None:
    """Rock faces, walls and netted slopes on the mountain's side; boulders below them."""
    rng, layout = site.rng(), site.layout
    side = 1 if layout.parameters.surroundings.banks[1] > 0 else -1
    low, high = site.seen()
    s = low
    while s < high - 12:
        length = min(float(rng.uniform(18, 70)), high - s)
        out = float(rng.uniform(0.9, 3.0))
        kind = rng.random()
        path = layout.axis.at(np.linspace(s, s + length, max(int(length / 4), 2) + 1),
                              side * (layout.section.edge(side) + out), -0.2)  # fmt: skip
        if kind < 0.7:
            height = rng.uniform(2.5, 12) * np.interp(
                np.linspace(0, 1, len(path)), [0, 0.2, 0.8, 1], [0.35, 1, 1, 0.35]
            )
            rock_face(site.builder, site.palette, rng, path, side, height)
        elif kind < 0.88:
            held = path if side > 0 else path[::-1]
            retaining_wall(site.builder, site.palette, rng, held, float(rng.uniform(1.5, 4.5)))
        if kind < 0.88:
            for at in np.arange(s, s + length, 4.0).tolist():
                x, _, z = layout.axis.at(at, side * (layout.section.edge(side) + out + 5))
                yaw = float(layout.axis.heading_at(at))
                layout.occupancy.claim(x, z, yaw, 10.5, 4.4)
        else:
            for _ in range(int(rng.integers(2, 7))):
                at, away = float(rng.uniform(s, s + length)), float(rng.uniform(1.2, 5))
                size = min(float(rng.uniform(0.4, 2)), away)
                site.put(make_boulder(site.palette, rng, size), at, side, away + size / 2)
        s += length
    for s0, s1 in site.clear_stretches(-side) if rng.random() < 0.3 else []:
        path = layout.axis.at(np.arange(s0, s1, 4.0), -side * (layout.section.edge(-side) + 0.6))
        wall = site.palette(str(rng.choice(["rubble", "concrete", "stone"])), "wall")
        linear.wall(site.builder, wall, path, float(rng.uniform(0.5, 0.9)), 0.35)
