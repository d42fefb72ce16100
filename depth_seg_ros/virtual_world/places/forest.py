"""Forest roads: trunks close to the way, undergrowth, leaf litter, deep shade."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.forest import (
    log_pile,
    make_forest_tree,
    make_log,
    make_stump,
    undergrowth,
)
from depth_seg_ros.virtual_world.geometry.mesh import Float, Mesh
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import country
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 6.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A narrow country road through a wood."""
    p = country.draw(rng, seed)
    return altered(
        p,
        "forest",
        road={"lane_width_m": uniform(rng, 2.3, 3.2), "shoulder_m": uniform(rng, 0.1, 0.4),
              "edge_lines": chance(rng, 0.3)},
        around={
            "building_share": 0.0, "forest_share": 1.0, "street_tree_m": 0.0,
            "embankment_m": uniform(rng, -1.5, 3.0) * chance(rng, 0.6),
            "ground_texture": str(rng.choice(["leaf_litter", "leaf_litter", ""])),
            "fences": 0.0, "ground": "meadow",
        },
        furniture={"power_line": False, "billboards": 0, "overpasses": ()},
        junctions=(),
    )  # fmt: skip


def build(site: Site) -> None:
    """Trunks from the ditch on, and what lies between them."""
    wood(site, site.rng(), per_m=0.55, first_m=1.4)


def wood(site: Site, rng: Generator, *, per_m: float, first_m: float) -> None:
    """A wood on both sides, its first trunks ``first_m`` beyond the verge."""
    palette, low, high = site.palette, *site.seen()
    trunks = [(make_forest_tree(palette, rng), make_forest_tree(palette, rng, near=False))
              for _ in range(7)]  # fmt: skip
    shrubs = [undergrowth(palette, rng, float(rng.uniform(0.7, 1.6))) for _ in range(5)]
    litter = [make_log(palette, rng), make_stump(palette, rng), log_pile(palette, rng)]
    edge = site.layout.section.side_width
    for side in (-1, 1):
        count = int((high - low) * per_m)
        s = rng.uniform(low, high, count)
        out = edge + first_m + rng.exponential(6.5, count)
        feet = _feet(site, s, side, out)
        for k in range(len(trunks)):
            for detail in (0, 1):
                pick = (np.arange(count) % len(trunks) == k) & ((out > edge + 6) == bool(detail))
                _set(site, trunks[k][detail], feet[pick], rng)
        count = int((high - low) * 0.35)
        s, out = rng.uniform(low, high, count), edge + first_m + 1.0 + rng.exponential(3, count)
        feet = _feet(site, s, side, out)
        for k, shrub in enumerate(shrubs):
            _set(site, shrub, feet[k :: len(shrubs)], rng)
        for _ in range(int(rng.poisson((high - low) / 25))):
            thing = litter[int(rng.choice(3, p=[0.45, 0.45, 0.1]))]
            at, away = float(rng.uniform(low, high)), edge + first_m + float(rng.uniform(1, 6))
            if site.free(at, side, away, 2.0, 3.0):
                site.put(thing, at, side, away, float(rng.uniform(-0.7, 0.7)))


def _feet(site: Site, s: Float, side: int, out: Float) -> Float:
    axis, edge = site.layout.axis, site.layout.section.edge(side)
    feet = axis.at(s, side * (edge + out))
    feet[:, 1] = site.ground.height(feet[:, 0], feet[:, 2]) - 0.08
    return feet


def _set(site: Site, mesh: Mesh, feet: Float, rng: Generator) -> None:
    if len(feet):
        count = len(feet)
        scale = rng.uniform(0.75, 1.25, count)
        tint = rng.uniform(0.85, 1.12, (count, 1)) * np.ones(3)
        site.builder.add(mesh.copies(rng.uniform(0, 6.28, count), feet, scale, tint))
