"""Harbours: quays with container stacks, cranes, water behind bollards, tracks in the ground."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.tracks import street_track
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import industrial
from depth_seg_ros.virtual_world.places.industrial import yard
from depth_seg_ros.virtual_world.places.park import water
from depth_seg_ros.virtual_world.plan.drawing import Generator, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 3.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A road along the quay."""
    p = industrial.draw(rng, seed)
    return altered(
        p,
        "harbour",
        road={"hill_m": 0.0, "turn_rad": uniform(rng, 0, 0.1), "verge_m": 0.0},
        around={"ground_texture": "road_concrete", "ground_class": "ground", "hill_m": 0.0,
                "tree_density": 0.2, "bush_density": 0.2},
        junctions=(),
    )  # fmt: skip


def build(site: Site) -> None:
    """Water on one side, stacks on the other, a crane over both."""
    rng, layout = site.rng(), site.layout
    side = 1 if rng.random() < 0.5 else -1
    quay = layout.section.outer(side) + float(rng.uniform(5, 14))
    water(site, side, quay, 60.0, float(rng.uniform(1.2, 2.5)), "concrete")
    low, high = site.seen()
    for s in np.arange(low, high, 14.0).tolist():
        out = quay - layout.section.edge(side) - 0.7
        site.put(_bollard(site), s, side, out)
    rows = layout.axis.rows()
    rows = rows[(rows > low) & (rows < high)]
    path = layout.axis.at(rows, side * (quay - 2.6))
    path[:, 1] = site.ground.height(path[:, 0], path[:, 2]) + 0.03
    street_track(site.builder, site.palette, path)
    for _ in range(int(rng.integers(1, 4))):
        site.put(crane(site, rng), float(rng.uniform(low, high)), side, out - 1.5)
    for s0, s1 in site.clear_stretches(-side, 2.0):
        s = s0
        while s < s1 - 14:
            length = min(float(rng.uniform(25, 60)), s1 - s)
            yard(site, s, s + length, -side, rng, float(rng.uniform(14, 25)), 0.65)
            s += length + float(rng.uniform(2, 6))


def _bollard(site: Site) -> Mesh:
    """A mooring bollard."""
    builder = MeshBuilder()
    iron = site.palette("plain", "pole", 0.03)
    profile = [(0.28, 0.0), (0.2, 0.1), (0.18, 0.35), (0.32, 0.45), (0.25, 0.55), (0.0, 0.58)]
    builder.lathe(profile, iron, sides=10)
    return builder.build()


def crane(site: Site, rng: Generator) -> Mesh:
    """A portal crane: four legs, a cab, a jib towards the water (+x)."""
    builder = MeshBuilder()
    steel = site.palette("metal", "static", rng.uniform(0.1, 0.6, 3) * [1.2, 0.9, 0.5])
    high, half = float(rng.uniform(9, 14)), 2.6
    for x in (-half, half):
        for z in (-3.0, 3.0):
            builder.box((x, high / 2, z), (0.6, high, 0.6), steel)
    builder.box((0, high, 0), (2 * half + 1, 1.0, 7.0), steel)
    builder.box((0, high + 2, 0), (3.5, 3.0, 4.5), steel.tinted(0.8))
    tip = (float(rng.uniform(10, 18)), high + float(rng.uniform(8, 16)), 0.0)
    for z in (-0.8, 0.8):
        builder.tube([(1.0, high + 2, z), tip], 0.2, steel, sides=4)
    builder.tube([tip, (tip[0], 2.5, 0.0)], 0.05, site.palette("plain", "static", 0.05), sides=3)
    return builder.build()
