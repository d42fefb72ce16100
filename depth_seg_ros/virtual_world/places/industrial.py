"""Industrial yards and warehouses: gates, containers, pallets, forklifts, trailers, sheet metal."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.container import (
    container_stack,
    make_drum,
    make_pallet,
    make_skip,
)
from depth_seg_ros.virtual_world.assets.garden_wall import gate
from depth_seg_ros.virtual_world.assets.machines import make_forklift, make_loader
from depth_seg_ros.virtual_world.assets.trailer import make_trailer
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 7.0
JOINS = ("street",)
SURFACES = ("road_concrete", "asphalt_0", "asphalt_2", "gravel", "paving_2")


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A wide, worn road between yards."""
    p = suburb.draw(rng, seed)
    return altered(
        p,
        "industrial",
        road={
            "lane_width_m": uniform(rng, 3.0, 3.75), "cycle_lane_m": 0.0,
            "verge_m": uniform(rng, 0.5, 2) if chance(rng, 0.3) else 0.0,
            "pavement_m": uniform(rng, 0.8, 2.2), "wear": uniform(rng, 0.5, 1.0),
            "asphalt": int(rng.integers(4)), "turn_rad": uniform(rng, 0, 0.15),
            "hill_m": uniform(rng, 0, 1.0), "centre_line": ("none", "dashed")[int(rng.integers(2))],
        },
        around={
            "thicket_share": 0.4,
            "setback_m": (8.0, 30.0), "gap_m": (4.0, 25.0), "closed_share": 0.1,
            "storeys": (1, 3), "building_share": 0.75,
            "building_mix": (("shed", 4.0), ("office", 0.6), ("barn", 0.4)),
            "street_tree_m": 0.0, "tree_density": uniform(rng, 0, 3), "fences": 0.0,
            "hill_m": 0.6, "ground_texture": str(rng.choice(["", "gravel"])),
        },
        furniture={"power_line": chance(rng, 0.5), "overpasses": (), "clutter": 0.5},
        traffic={"heavy_share": uniform(rng, 0.2, 0.6), "parked_share": uniform(rng, 0.2, 0.7),
                 "pedestrian_density": uniform(rng, 0.2, 1.5)},
        junctions=tuple(p.junctions[:1]),
    )  # fmt: skip


def build(site: Site) -> None:
    """Yards behind fences on both sides."""
    rng = site.rng()
    for side in (-1, 1):
        for s0, s1 in site.clear_stretches(side, 2.0):
            s = s0
            while s < s1 - 14:
                length = min(float(rng.uniform(22, 60)), s1 - s)
                if rng.random() < 0.75:
                    yard(site, s, s + length, side, rng, float(rng.uniform(9, 25)))
                s += length + float(rng.uniform(1, 8))


def yard(
    site: Site, s0: float, s1: float, side: int, rng: Generator, deep: float, stacks: float = 0.2
) -> None:
    """A paved yard full of goods behind a fence with a gate; ``stacks``: share of containers."""
    palette, layout = site.palette, site.layout
    surface = palette(str(rng.choice(SURFACES)), "ground", rng.uniform(0.8, 1.05))
    s0, s1 = site.pave(s0, s1, side, deep, surface)
    middle = float(rng.uniform(s0 + 4, max(s1 - 4, s0 + 4.1)))
    layout.drives.append((side, middle - 3, middle + 3))
    edge, away = layout.section.side_width, layout.section.outer(side) + 0.3
    kind = str(rng.choice(["chain_link", "railing", "wall", "planks", "open"]))
    if kind != "open":
        height = float(rng.uniform(1.2, 2.4))
        boundary(site, s0 + 0.3, s1 - 0.3, side, away, rng, kind, height)
        if rng.random() < 0.6:
            site.put(gate(palette, rng, 5.4, 1.8), middle, side, edge + 0.3)
    taken: list[tuple[float, float, float]] = []
    for _ in range(int((s1 - s0) * deep / 28)):
        s, out = float(rng.uniform(s0 + 3, s1 - 3)), edge + float(rng.uniform(2.2, deep - 1.5))
        mesh, numbered = _thing(site, rng, stacks)
        low, high = mesh.bounds()
        reach = float(max(np.abs(low[[0, 2]]).max(), np.abs(high[[0, 2]]).max()))
        if out - edge < min(reach, 3.0) or abs(s - middle) < reach + 2:
            continue
        if any(np.hypot(s - a, out - b) < reach + r for a, b, r in taken):
            continue
        taken.append((s, out, reach))
        if numbered:
            mesh = mesh.with_instance(site.fleet.next_instance())
        turn = float(rng.choice([0, np.pi / 2, np.pi])) + float(rng.normal(0, 0.06))
        site.put(mesh, s, side, out, turn)


def _thing(site: Site, rng: Generator, stacks: float) -> tuple[Mesh, bool]:
    """Anything that stands in a yard, and whether it is an instance."""
    palette = site.palette
    if rng.random() < stacks:
        return container_stack(
            palette, rng, int(rng.integers(1, 4)), int(rng.integers(1, 4))
        ), False
    kind = int(rng.choice(7, p=[0.3, 0.12, 0.1, 0.14, 0.12, 0.04, 0.18]))
    if kind < 3:
        return (make_pallet, make_drum, make_skip)[kind](palette, rng), False
    if kind < 6:
        return (make_forklift, make_trailer, make_loader)[kind - 3](palette, rng), True
    body = str(rng.choice(["van", "truck", "semi", "car"], p=[0.3, 0.3, 0.2, 0.2]))
    return site.fleet.vehicle(rng, body, near=True), True
