"""Trees along the kerb, woods, scattered trees and bushes, grass at the road's edge."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.undergrowth import make_grass
from depth_seg_ros.virtual_world.mesh import yaw_rotation
from depth_seg_ros.virtual_world.plots import Site, place_plant, plant

Generator = np.random.Generator


def build_greenery(site: Site) -> None:
    """Everything that grows outside the plots."""
    rng = site.layout.parameters.rng("greenery")
    for side in (-1, 1):
        _avenue(site, side, rng)
        _woods(site, side, rng)
        _scattered(site, side, rng)
        if not site.layout.parameters.road.kerb_m:
            _roadside_grass(site, side, rng)
    _median_plants(site, rng)


def _avenue(site: Site, side: int, rng: Generator) -> None:
    """A row of trees between kerb and pavement, or on the verge of a country road."""
    layout, road = site.layout, site.layout.parameters.road
    spacing = layout.parameters.surroundings.street_tree_m
    if not spacing:
        return
    kind = str(rng.choice(["street", "round", "tall", "columnar"])) if road.kerb_m else str(
        rng.choice(["round", "tall", "birch"]))
    out = 0.9 if road.kerb_m else 2.6
    for s in np.arange(layout.axis.s[0] + 3, layout.axis.end_m - 10, spacing):
        place = float(s + rng.uniform(-0.8, 0.8))
        if layout.in_junction(place, 4.0) or not layout.kerb_space.take(side, place, 1.2):
            continue
        foot = layout.axis.at(place, side * (layout.section.edge(side) + out))
        foot[1] += road.kerb_m if road.kerb_m else -0.3
        lanes = max(abs(a.center_m) for a in layout.section.lanes) + road.lane_width_m / 2
        room = layout.section.edge(side) + out - lanes
        place_plant(site, kind, foot, rng, near=site.near(place, 0), room_m=room)


def _woods(site: Site, side: int, rng: Generator) -> None:
    """Stretches of forest: dense at the edge, closed behind."""
    layout = site.layout
    share = layout.parameters.surroundings.forest_share
    s = float(layout.axis.s[0])
    while s < layout.axis.end_m - 20:
        length = float(rng.uniform(50, 140))
        if rng.random() < share:
            start = float(rng.uniform(5, 22))
            count = int(length * rng.uniform(0.22, 0.42))
            kind = str(rng.choice(["any", "conifer", "tall", "round", "birch"]))
            for _ in range(count):
                depth = start + float(rng.exponential(9.0))
                species = kind if rng.random() < 0.75 else "any"
                plant(site, species, s + float(rng.uniform(0, length)), side, depth, rng, claim=0.4)
            for _ in range(count // 3):
                plant(site, "bush", s + float(rng.uniform(0, length)), side,
                      start - float(rng.uniform(0, 3)), rng, claim=0.4)
        s += length


def _scattered(site: Site, side: int, rng: Generator) -> None:
    layout, around = site.layout, site.layout.parameters.surroundings
    if around.ground == "paving":
        return
    low, high = float(layout.axis.s[0]), layout.axis.end_m - 5
    share = (high - low) / 100
    for _ in range(int(rng.poisson(around.tree_density * share))):
        plant(site, "any", float(rng.uniform(low, high)), side,
              3.5 + float(rng.exponential(28.0)), rng)
    for _ in range(int(rng.poisson(around.bush_density * share))):
        plant(site, "bush", float(rng.uniform(low, high)), side,
              2.6 + float(rng.exponential(10.0)), rng)


def _roadside_grass(site: Site, side: int, rng: Generator) -> None:
    """Tall grass on the verge near the ego vehicle's stretch."""
    layout = site.layout
    for s in np.arange(0.0, layout.parameters.length_m + 10, 5.0):
        if layout.in_junction(float(s), 3.0):
            continue
        out = layout.section.outer(side) + 1.6
        x, _, z = layout.axis.at(s, side * out)
        mesh = make_grass(rng, site.palette.layers, area=(1.8, 5.0), count=9,
                          height=float(rng.uniform(0.15, 0.4)), meadow=bool(rng.random() < 0.5))
        tint = np.asarray(layout.parameters.surroundings.season_tint)
        foot = (x, float(site.ground.height(x, z)) - 0.03, z)
        turn = yaw_rotation(float(layout.axis.heading_at(s)))
        site.builder.add(mesh.tinted(tint).transformed(turn, foot))


def _median_plants(site: Site, rng: Generator) -> None:
    layout = site.layout
    median = layout.section.median
    if median is None or median.width_m < 2.4 or rng.random() < 0.35:
        return
    if layout.parameters.furniture.median_wall:
        return
    kind = str(rng.choice(["bush", "street", "columnar", "round"]))
    if layout.parameters.style == "highway":
        kind = "bush"
    spacing = float(rng.uniform(3, 6)) if kind == "bush" else float(rng.uniform(9, 16))
    for s in np.arange(layout.axis.s[0] + 2, layout.axis.end_m - 10, spacing):
        under = any(abs(s - b.s_m) < b.width_m / 2 + 3 for b in layout.bridges)
        if under or layout.in_junction(float(s), 5.0):
            continue
        foot = layout.axis.at(s, median.center_m, layout.parameters.road.kerb_m)
        place_plant(site, kind, foot, rng, near=site.near(float(s), 0),
                    room_m=median.width_m / 2)
