"""Forest trails: a trodden path of earth and leaves between trunks, roots and ferns."""

from __future__ import annotations

from depth_seg_ros.virtual_world.assets.rock import make_boulder
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places.forest import wood
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 4.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A path that winds and climbs."""
    p = quiet_way(rng, seed, "trail", width_m=uniform(rng, 1.6, 3.0),
                  speed_mps=uniform(rng, 1.2, 3.5))  # fmt: skip
    return altered(
        p,
        "trail",
        road={
            "surface": str(rng.choice(["earth", "leaf_litter", "gravel", "soil"])),
            "surface_class": "terrain",
            "turn_rad": uniform(rng, 0.2, 0.5),
            "turn_wavelength_m": uniform(rng, 60, 120),
            "hill_m": uniform(rng, 0, 5),
            "hill_wavelength_m": uniform(rng, 80, 160),
        },
        around={
            "forest_share": 1.0,
            "ground_texture": str(rng.choice(["leaf_litter", ""])),
            "ground": "meadow",
            "embankment_m": uniform(rng, -1.5, 3) * chance(rng, 0.6),
            "tree_density": 0.0,
        },
        traffic={"pedestrian_density": 1.0, "cyclists": 0},
    )


def build(site: Site) -> None:
    """The wood, and boulders in it."""
    rng = site.rng()
    wood(site, rng, per_m=0.8, first_m=1.1)
    low, high = site.seen()
    for side in (-1, 1):
        for _ in range(int(rng.poisson((high - low) / 30))):
            s, out = float(rng.uniform(low, high)), 0.8 + float(rng.exponential(3))
            size = min(float(rng.uniform(0.3, 1.6)), 1.2 * out)
            if site.free(s, side, out + size / 2, size, size):
                site.put(make_boulder(site.palette, rng, size), s, side, out + size / 2)
