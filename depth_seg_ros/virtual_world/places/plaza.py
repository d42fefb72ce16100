"""Open squares and markets: wide paving, stalls, fountains, trees in grids, groups of people."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.awning import make_parasol
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.seating import make_bench, table_set
from depth_seg_ros.virtual_world.assets.small_posts import bollard_of, near_post
from depth_seg_ros.virtual_world.assets.stall import make_stall
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 5.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A way across a square; the square is its pavement."""
    p = quiet_way(rng, seed, "plaza", width_m=uniform(rng, 2.5, 5),
                  speed_mps=uniform(rng, 1.2, 3.5))  # fmt: skip
    paving = str(rng.choice(["paving_0", "paving_1", "paving_2", "setts", "cobbles"]))
    return altered(
        p,
        "plaza",
        road={"kerb_m": 0.012, "pavement_m": uniform(rng, 7, 14), "surface": paving,
              "surface_class": "sidewalk", "paving_texture": paving,
              "turn_rad": uniform(rng, 0, 0.15), "hill_m": uniform(rng, 0, 0.8)},
        around={
            "setback_m": (0.0, 0.4), "gap_m": (3.0, 9.0), "closed_share": 0.85,
            "storeys": (2, int(rng.integers(3, 6))), "building_share": 0.95,
            "building_mix": (("townhouse", 2.0), ("shophouse", 2.0), ("office", 0.7)),
            "arcades": uniform(rng, 0.5, 1.0) * chance(rng, 0.45),
            "street_tree_m": uniform(rng, 6, 10) if chance(rng, 0.4) else 0.0,
            "tree_density": 0.3, "bush_density": 0.0, "ground": "paving",
        },
        furniture={"lamp_m": uniform(rng, 18, 30), "lamp_sides": 2, "clutter": 2.0},
        traffic={"pedestrian_density": uniform(rng, 10, 30), "cyclists": 0},
        setting="town",
    )  # fmt: skip


def build(site: Site) -> None:
    """A market, or what squares hold on other days."""
    rng = site.rng()
    market = rng.random() < 0.55
    low, high = site.seen()
    for side in (-1, 1):
        room = site.layout.section.side_width
        for out in np.arange(2.2, room - 1.5, 5.0 if market else 6.5).tolist():
            s = low + float(rng.uniform(0, 5))
            while s < min(high, site.layout.parameters.length_m + 35) - 3:
                if rng.random() < (0.6 if market else 0.3):
                    mesh = _thing(site, market, rng)
                    site.put(mesh, s, side, out + float(rng.uniform(-0.4, 0.4)),
                             float(rng.normal(0, 0.1)))  # fmt: skip
                    site.layout.kerb_space.take(side, s, 4.5)
                s += float(rng.uniform(5.2, 8.5))


def _thing(site: Site, market: bool, rng: Generator) -> Mesh:
    palette, instance = site.palette, site.fleet.next_instance
    if market and rng.random() < 0.75:
        return make_stall(palette, rng).mesh(instance)
    return (
        lambda: make_bench(palette, rng).mesh(instance),
        lambda: table_set(palette, rng, parasol=True).mesh(instance),
        lambda: make_planter(palette, rng),
        lambda: make_parasol(palette, rng),
        lambda: near_post(palette, rng),
        lambda: bollard_of(palette, rng),
        lambda: fountain(site, rng),
    )[int(rng.integers(7))]()


def fountain(site: Site, rng: Generator) -> Mesh:
    """A round basin with a column."""
    builder = MeshBuilder()
    stone = site.palette("stone", "static", rng.uniform(0.7, 1.0))
    radius, rim = float(rng.uniform(1.0, 2.0)), float(rng.uniform(0.4, 0.7))
    profile = [(radius, 0.0), (radius, rim), (radius - 0.2, rim), (radius - 0.2, rim - 0.15)]
    builder.lathe(profile, stone, sides=14)
    water = site.palette("plain", "static", (0.06, 0.09, 0.1), flags=Surface.GLOSSY)
    builder.cylinder((0, 0, 0), radius - 0.2, rim - 0.15, water, sides=14, cap=True)
    tall = float(rng.uniform(1.2, 3.2))
    builder.lathe([(0.35, 0), (0.2, tall * 0.6), (0.3, tall), (0.0, tall + 0.3)], stone, sides=10)
    return builder.build()
