"""Pedestrian zones: paved from wall to wall, full of people, no lanes."""

from __future__ import annotations

from depth_seg_ros.virtual_world.assets.bicycle_stand import make_bicycle_stand
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.seating import make_bench, table_set
from depth_seg_ros.virtual_world.assets.small_posts import bollard_of, near_post
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places.oldtown import build as shop_fronts
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 8.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A shopping street; the way is kept clear, the sides are not."""
    p = quiet_way(rng, seed, "pedestrian", width_m=uniform(rng, 3, 5),
                  speed_mps=uniform(rng, 1.5, 4))  # fmt: skip
    paving = str(rng.choice(["paving_0", "paving_1", "paving_2", "setts", "cobbles"]))
    edge = str(rng.choice(["paving_0", "paving_2", "setts"]))
    return altered(
        p,
        "pedestrian",
        road={
            "kerb_m": 0.012,
            "pavement_m": uniform(rng, 2.5, 5),
            "surface": paving,
            "surface_class": "sidewalk",
            "paving_texture": paving if chance(rng, 0.5) else edge,
        },
        around={
            "setback_m": (0.0, uniform(rng, 0.2, 2)),
            "gap_m": (2.0, 6.0),
            "closed_share": uniform(rng, 0.75, 0.97),
            "storeys": (2, int(rng.integers(3, 6))),
            "building_share": 0.97,
            "building_mix": (("shophouse", 3.0), ("townhouse", 1.5), ("office", 0.7)),
            "street_tree_m": uniform(rng, 8, 16) if chance(rng, 0.5) else 0.0,
            "tree_density": 1.0,
            "bush_density": 0.5,
            "ground": "paving",
        },
        furniture={"lamp_m": uniform(rng, 14, 26), "lamp_sides": 2, "clutter": 4.0},
        traffic={"pedestrian_density": uniform(rng, 8, 26), "cyclists": 0},
        setting="town",
    )


def build(site: Site) -> None:
    """Shops' things, benches, planters, bicycle stands, groups."""
    shop_fronts(site)
    rng, palette = site.rng(), site.palette
    low, high = site.seen()
    instance = site.fleet.next_instance
    for side in (-1, 1):
        for _ in range(int(rng.poisson((high - low) / 12))):
            s, room = float(rng.uniform(low, high)), site.layout.section.side_width
            kind, roll = rng.random(), 2.6
            if kind < 0.25 and site.kerb(s, side, roll):
                site.put(make_planter(palette, rng), s, side, 0.8)
            elif kind < 0.45 and site.kerb(s, side, roll):
                site.put(make_bench(palette, rng).mesh(instance), s, side, 0.9, -1.5708)
            elif kind < 0.65 and site.kerb(s, side, 4.0):
                stand = make_bicycle_stand(palette, rng, int(rng.integers(3, 7)))
                site.put(stand.mesh(instance), s, side, min(1.3, room / 2), 1.5708)
            elif kind < 0.8 and site.kerb(s, side, roll):
                site.put(table_set(palette, rng, parasol=True).mesh(instance), s, side, room / 2)
            elif site.kerb(s, side, 1.2):
                post = near_post(palette, rng) if rng.random() < 0.6 else bollard_of(palette, rng)
                site.put(post, s, side, 0.5)
