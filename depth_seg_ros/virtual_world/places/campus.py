"""Campuses and office parks: paths between lawns, glass, tiles, stairs, full bicycle stands."""

from __future__ import annotations

from depth_seg_ros.virtual_world.assets.bicycle_stand import make_bicycle_stand
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.seating import make_bench
from depth_seg_ros.virtual_world.assets.small_posts import bollard_of, near_post
from depth_seg_ros.virtual_world.assets.stairs import make_ramp, make_stairs
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 7.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A paved way, wide enough for a delivery van."""
    p = quiet_way(rng, seed, "campus", width_m=uniform(rng, 2.6, 4.5),
                  speed_mps=uniform(rng, 1.5, 5))  # fmt: skip
    paved = chance(rng, 0.7)
    return altered(
        p,
        "campus",
        road={
            "kerb_m": 0.012 if chance(rng, 0.6) else uniform(rng, 0.03, 0.12),
            "pavement_m": uniform(rng, 1.2, 4),
            "surface": str(rng.choice(["paving_0", "paving_1", "paving_2"])) if paved else "",
            "surface_class": "sidewalk" if paved else "road",
        },
        around={
            "thicket_share": 0.25,
            "setback_m": (uniform(rng, 1, 5), uniform(rng, 6, 22)),
            "gap_m": (4.0, 16.0),
            "storeys": (2, int(rng.integers(4, 8))),
            "building_share": 0.9,
            "building_mix": (("office", 3.0), ("block", 1.5), ("shed", 0.3)),
            "street_tree_m": uniform(rng, 7, 14) if chance(rng, 0.5) else 0.0,
            "tree_density": uniform(rng, 3, 9),
            "ground": ("lawn", "paving")[int(chance(rng, 0.35))],
        },
        furniture={"lamp_m": uniform(rng, 16, 30), "clutter": 3.0},
        traffic={"pedestrian_density": uniform(rng, 4, 16)},
        setting="town",
    )


def build(site: Site) -> None:
    """What stands along the way and before the doors."""
    rng, palette = site.rng(), site.palette
    low, high = site.seen()
    instance = site.fleet.next_instance
    for side in (-1, 1):
        room = site.layout.section.side_width
        for _ in range(int(rng.poisson((high - low) / 11))):
            s, kind = float(rng.uniform(low, high)), rng.random()
            if kind < 0.35:
                count = int(rng.integers(4, 12))
                if site.free(s, side, room + 1.3, 2.2, count * 0.75):
                    stand = make_bicycle_stand(palette, rng, count, roof=bool(rng.random() < 0.3))
                    site.put(stand.mesh(instance), s, side, room + 1.3, 1.5708)
            elif kind < 0.5:
                if site.free(s, side, room + 0.7, 1.2, 2.2):
                    site.put(make_bench(palette, rng).mesh(instance), s, side, room + 0.5, -1.5708)
            elif kind < 0.65:
                if site.free(s, side, room + 1.0, 1.4, 3.0):
                    site.put(make_planter(palette, rng), s, side, room + 1.0)
            elif kind < 0.75:
                rise = float(rng.uniform(0.6, 1.8))
                if site.free(s, side, room + 2.4, 4.4, 5.0):
                    make = make_stairs if rng.random() < 0.7 else make_ramp
                    site.put(make(palette, rng, rise, 3.6), s, side, room + 0.4)
            elif kind < 0.85:
                length = float(rng.uniform(5, 18))
                away = site.layout.section.outer(side) + 0.4
                if site.layout.holds(s, length):
                    boundary(site, s, s + length, side, away, rng, "clipped")
            elif site.kerb(s, side, 1.0):
                post = near_post(palette, rng) if rng.random() < 0.5 else bollard_of(palette, rng)
                site.put(post, s, side, 0.5)
