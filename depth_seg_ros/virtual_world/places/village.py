"""Villages: houses and barns at the road's edge, walls, farm machines, a pond, few pavements."""

from __future__ import annotations

from depth_seg_ros.virtual_world.assets.bins import wheelie_bins
from depth_seg_ros.virtual_world.assets.forest import log_pile
from depth_seg_ros.virtual_world.assets.garden_wall import gate
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.seating import make_bench
from depth_seg_ros.virtual_world.assets.trailer import make_trailer
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 6.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A winding through road that narrows between old walls."""
    p = suburb.draw(rng, seed)
    return altered(
        p,
        "village",
        road={
            "lane_width_m": uniform(rng, 2.3, 3.1), "cycle_lane_m": 0.0,
            "parking_left": "none", "parking_right": "kerb" if chance(rng, 0.2) else "none",
            "kerb_m": uniform(rng, 0.02, 0.12), "pavement_m": uniform(rng, 0.4, 1.5),
            "verge_m": uniform(rng, 0.5, 2.5) * chance(rng, 0.3),
            "turn_rad": uniform(rng, 0.15, 0.5), "turn_wavelength_m": uniform(rng, 140, 240),
            "hill_m": uniform(rng, 0, 6), "centre_line": "none", "edge_lines": False,
        },
        around={
            "thicket_share": 0.35,
            "setback_m": (0.1, uniform(rng, 1, 6)), "gap_m": (3.0, 20.0),
            "closed_share": uniform(rng, 0, 0.4), "storeys": (1, 2),
            "building_share": uniform(rng, 0.5, 0.9),
            "building_mix": (("house", 3.0), ("barn", 1.6), ("townhouse", 0.6), ("shed", 0.3)),
            "tree_density": uniform(rng, 4, 12), "fences": 0.8, "hill_m": uniform(rng, 2, 12),
            "ground": ("lawn", "meadow")[int(rng.integers(2))],
        },
        furniture={"overpasses": (), "power_line": chance(rng, 0.6)},
        traffic={"ego_speed_mps": uniform(rng, 6, 12), "queue": False,
                 "lane_density": uniform(rng, 0.1, 0.8)},
        junctions=tuple(p.junctions[:2]),
    )  # fmt: skip


def build(site: Site) -> None:
    """Walls with gates, trailers, wood piles, benches."""
    rng, palette = site.rng(), site.palette
    low, high = site.seen()
    edge = site.layout.section.side_width
    for side in (-1, 1):
        for s0, s1 in site.clear_stretches(side, 2.0):
            if rng.random() < 0.6 and s1 - s0 > 20:
                start = float(rng.uniform(s0, s1 - 12))
                end = min(start + float(rng.uniform(10, 35)), s1)
                away = site.layout.section.outer(side) + float(rng.uniform(0.1, 1.0))
                wall = str(rng.choice(["garden wall", "wall", "clipped"]))
                boundary(site, start, end, side, away, rng, wall, float(rng.uniform(0.8, 2.4)))
        for _ in range(int(rng.poisson((high - low) / 22))):
            s, out = float(rng.uniform(low, high)), edge + float(rng.uniform(1.4, 6))
            thing = (
                lambda: log_pile(palette, rng),
                lambda: make_trailer(palette, rng).with_instance(site.fleet.next_instance()),
                lambda: make_planter(palette, rng),
                lambda: wheelie_bins(palette, rng, 2),
                lambda: make_bench(palette, rng).mesh(site.fleet.next_instance),
                lambda: gate(palette, rng, 3.2, 1.4),
            )[int(rng.integers(6))]()
            if site.free(s, side, out, 2.6, 4.5):
                site.put(thing, s, side, out)
