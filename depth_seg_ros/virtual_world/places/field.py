"""Field tracks, vineyards and orchards: wheel ruts between crops, vines, fruit trees in rows."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.pylon import power_line_over
from depth_seg_ros.virtual_world.assets.rows import crop_row, orchard_tree, poly_tunnel, vine_row
from depth_seg_ros.virtual_world.assets.trailer import make_trailer
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 5.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A track of earth, gravel or concrete slabs."""
    p = quiet_way(rng, seed, "field", width_m=uniform(rng, 2.2, 3.4),
                  speed_mps=uniform(rng, 1.5, 6))  # fmt: skip
    surface = str(rng.choice(["earth", "soil", "gravel", "road_concrete", ""]))
    made = surface in ("road_concrete", "", "gravel")
    return altered(
        p,
        "field",
        road={
            "surface": surface,
            "surface_class": "road" if made else "terrain",
            "turn_rad": uniform(rng, 0.02, 0.3),
            "hill_m": uniform(rng, 0, 5),
        },
        around={
            "thicket_share": 0.35,
            "ground": ("field", "meadow")[int(rng.integers(2))],
            "ground_texture": str(rng.choice(["", "", "earth", "soil"])),
            "tree_density": uniform(rng, 0, 4),
            "bush_density": uniform(rng, 0, 5),
            "forest_share": uniform(rng, 0, 0.2),
            "building_share": 0.25,
            "building_mix": (("barn", 2.0), ("house", 1.0), ("shed", 0.5)),
            "setback_m": (15.0, 60.0),
            "hill_m": uniform(rng, 1, 12),
            "street_tree_m": uniform(rng, 8, 16) if chance(rng, 0.25) else 0.0,
        },
        furniture={"power_line": chance(rng, 0.3)},
        traffic={"pedestrian_density": 0.6},
    )


def build(site: Site) -> None:
    """Rows along the track on both sides, each side of its own kind."""
    rng = site.rng()
    kinds = ("vines", "orchard", "crops", "tunnels", "open")
    for side in (-1, 1):
        kind = str(rng.choice(kinds, p=[0.28, 0.27, 0.22, 0.08, 0.15]))
        _rows(site, side, kind, rng)
        low, high = site.seen()
        s = float(rng.uniform(low, high))
        if rng.random() < 0.3 and site.free(s, side, 3.4, 3.0, 6.0):
            trailer = make_trailer(site.palette, rng).with_instance(site.fleet.next_instance())
            site.put(trailer, s, side, 3.4, float(rng.normal(0, 0.3)))
    _high_voltage(site, site.layout.parameters.rng("high voltage"))


def _high_voltage(site: Site, rng: Generator) -> None:
    """Now and then a line of lattice towers goes along, far off."""
    if rng.random() > 0.3:
        return
    layout, side = site.layout, (1, -1)[int(rng.integers(2))]
    s = np.arange(layout.start(0), layout.end(0), float(rng.uniform(75, 110)))
    if len(s) < 2:
        return
    away = side * (layout.section.outer(side) + float(rng.uniform(45, 90)))
    feet = layout.axis.at(s, away)
    feet[:, 1] = site.ground.height(feet[:, 0], feet[:, 2]) - 0.5
    power_line_over(site.builder, site.palette, rng, feet, float(rng.uniform(24, 36)))


def _rows(site: Site, side: int, kind: str, rng: Generator) -> None:
    palette = site.palette
    low, high = site.seen()
    first = float(rng.uniform(1.0, 3.0))
    if kind == "orchard":
        _orchard(site, side, first + 1.0, rng)
    elif kind == "tunnels":
        for s in np.arange(low + 15, high - 15, 32.0).tolist():
            for k in range(2):
                if site.free(s, side, first + 3 + 7 * k, 6.5, 30.0):
                    site.put(poly_tunnel(palette, rng, 28.0), s, side, first + 3 + 7 * k)
    elif kind != "open":
        pitch = float(rng.uniform(1.6, 2.4)) if kind == "vines" else float(rng.uniform(0.7, 1.0))
        height = float(rng.uniform(1.5, 2.1)) if kind == "vines" else float(rng.uniform(0.6, 2.4))
        count = 9 if kind == "vines" else 7
        for k in range(count):
            path = site.path(low, high, side, first + k * pitch)
            if kind == "vines":
                vine_row(site.builder, palette, rng, path, height=height, near=k < 2)
            else:
                crop_row(site.builder, palette, rng, path, height)
        middle = first + count * pitch / 2
        for s in np.arange(low, high, 6.0).tolist():
            site.free(s, side, middle, count * pitch, 5.5)


def _orchard(site: Site, side: int, first: float, rng: Generator) -> None:
    low, high = site.seen()
    blossom = bool(rng.random() < 0.25)
    trees = [orchard_tree(site.palette, rng, blossom=blossom) for _ in range(4)]
    pitch = float(rng.uniform(3.2, 5.5))
    for k in range(5):
        s = np.arange(low, high, pitch) + rng.normal(0, 0.15, len(np.arange(low, high, pitch)))
        feet = site.edge_path(s, side, first + 1.5 + k * pitch * 1.1)
        for n, tree in enumerate(trees):
            mine = feet[n :: len(trees)]
            yaw, scale = rng.uniform(0, 6.28, len(mine)), rng.uniform(0.85, 1.15, len(mine))
            site.builder.add(tree.copies(yaw, mine, scale))
    for at in np.arange(low, high, 6.0).tolist():
        site.free(at, side, first + 1.5 + 2.5 * pitch, 5 * pitch, 5.5)
