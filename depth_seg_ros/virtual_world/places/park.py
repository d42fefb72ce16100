"""Parks and riverside paths: gravel or asphalt between lawns, benches, hedges, water, people."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.assets.rock import make_boulder
from depth_seg_ros.virtual_world.assets.seating import make_bench, table_set
from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.plots import plant
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way
from depth_seg_ros.virtual_world.street import linear

WEIGHT = 6.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A path for walkers and cyclists."""
    p = quiet_way(rng, seed, "park", width_m=uniform(rng, 1.8, 4.0),
                  speed_mps=uniform(rng, 1.2, 4.5))  # fmt: skip
    surface = str(rng.choice(["gravel", "", "paving_0", "paving_2", "earth"]))
    return altered(
        p,
        "park",
        road={
            "surface": surface,
            "surface_class": "sidewalk" if surface != "earth" else "terrain",
            "turn_rad": uniform(rng, 0.1, 0.4),
            "turn_wavelength_m": uniform(rng, 70, 160),
            "kerb_m": 0.012 if chance(rng, 0.3) else 0.0,
        },
        around={
            "thicket_share": 0.4,
            "tree_density": uniform(rng, 6, 22),
            "bush_density": uniform(rng, 3, 14),
            "street_tree_m": uniform(rng, 7, 14) if chance(rng, 0.45) else 0.0,
            "setback_m": (25.0, 60.0),
            "building_share": 0.3,
            "building_mix": (("house", 1.0), ("block", 1.0)),
            "ground": ("lawn", "meadow")[int(chance(rng, 0.3))],
        },
        furniture={"lamp_m": uniform(rng, 18, 35) * chance(rng, 0.7), "lamp_height_m": 3.6},
        traffic={"pedestrian_density": uniform(rng, 2, 10)},
    )


def build(site: Site) -> None:
    """Benches and hedges along the path; perhaps water on one side."""
    rng, palette = site.rng(), site.palette
    low, high = site.seen()
    edge = site.layout.section.side_width
    wet = (1, -1)[int(rng.integers(2))] if rng.random() < 0.5 else 0
    if wet:
        _river(site, wet, rng)
    for side in (-1, 1):
        for _ in range(int(rng.poisson((high - low) / 14))):
            s, kind = float(rng.uniform(low, high)), rng.random()
            if kind < 0.45:
                if site.free(s, side, edge + 0.7, 1.2, 2.2):
                    bench = make_bench(palette, rng).mesh(site.fleet.next_instance)
                    site.put(bench, s, side, edge + 0.5, -np.pi / 2)
            elif kind < 0.6:
                if site.free(s, side, edge + 2.2, 3.2, 3.2):
                    table = table_set(palette, rng, parasol=bool(rng.random() < 0.3))
                    site.put(table.mesh(site.fleet.next_instance), s, side, edge + 2.2)
            elif kind < 0.75:
                if site.free(s, side, edge + 1.4, 1.4, 1.4):
                    thing = make_planter if rng.random() < 0.5 else make_boulder
                    site.put(thing(palette, rng), s, side, edge + 1.4)
            elif side != wet:
                away = site.layout.section.outer(side) + float(rng.uniform(0.5, 3))
                end = min(s + float(rng.uniform(6, 30)), high)
                boundary(site, s, end, side, away, rng, "clipped")
        count = int((high - low) / 9)
        along = rng.uniform(low, high, count)
        plant(site, "any", along, side, 1.0 + rng.exponential(4.0, count), rng)


def _river(site: Site, side: int, rng: Generator) -> None:
    """Water beside the path, down a bank, behind a railing now and then."""
    layout = site.layout
    near = layout.section.outer(side) + float(rng.uniform(1.5, 4))
    bank = str(rng.choice(["rubble", "grass_1", "concrete"]))
    water(site, side, near, float(rng.uniform(10, 40)), float(rng.uniform(0.6, 2.0)), bank)
    if rng.random() < 0.6:
        rows = layout.axis.rows()
        rows = rows[(rows >= layout.low_m) & (rows <= layout.high_m)]
        path = layout.axis.at(rows, side * (near - 0.5))
        path[:, 1] = site.ground.height(path[:, 0], path[:, 2])
        linear.fence(site.builder, site.palette, "railing", path, 1.1, rng.uniform(0.1, 0.6))


def water(site: Site, side: int, near: float, wide: float, deep: float, texture: str) -> None:
    """A sheet of water from ``near`` metres off the centre line, between banks."""
    layout = site.layout
    rows = layout.axis.rows()
    rows = rows[(rows >= layout.low_m) & (rows <= layout.high_m)]
    level = float(layout.axis.height_at(rows).min()) - deep
    for at in rows:
        x, _, z = layout.axis.at(at, side * (near + wide / 2))
        layout.occupancy.claim(x, z, float(layout.axis.heading_at(at)), wide + 2, 4.4)
    out = near + np.array([0.0, 2.0, wide, wide + 2.0])
    points = layout.axis.at(rows[:, None], side * out[None])
    land = site.ground.height(points[..., 0], points[..., 2]) + 0.06
    points[..., 1] = land
    bank = site.palette(texture, "terrain")
    sheet = site.palette("plain", "ground", (0.05, 0.08, 0.08), flags=Surface.GLOSSY | Surface.ROAD)
    top = points[:, 1:3].copy()
    top[..., 1] = np.maximum(land[:, 1:3], level) + 0.05
    site.builder.grid(top, sheet, uv=top[..., [0, 2]] / 4, up=(0, 1, 0))
    for k in (0, 2):
        rim = points[:, [k, k + 1]].copy()
        rim[:, 1 if k == 0 else 0, 1] = top[:, 0 if k == 0 else 1, 1]
        site.builder.grid(rim, bank, uv=rim[..., [0, 2]] / bank.repeat_m, up=(0, 1, 0))
