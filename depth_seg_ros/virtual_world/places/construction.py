"""Construction sites: half the street fenced off, barriers, cones, machines, heaps, scaffolds."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.container import (
    make_container,
    make_drum,
    make_pallet,
    make_skip,
)
from depth_seg_ros.virtual_world.assets.machines import make_excavator, make_loader, make_roller
from depth_seg_ros.virtual_world.assets.roadworks import (
    barrier_run,
    make_barrier_board,
    make_beacon,
    make_cone,
    make_scaffold,
    make_toilet,
    pile,
    site_fence,
    trench,
)
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import city, suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 5.0
JOINS = ("street",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A street whose parking lanes and verges are dug up."""
    p = (city if chance(rng, 0.6) else suburb).draw(rng, seed)
    return altered(
        p,
        "construction",
        road={
            "parking_right": "kerb", "parking_left": "kerb" if chance(rng, 0.5) else "none",
            "cycle_lane_m": 0.0, "wear": uniform(rng, 0.6, 1.0),
        },
        around={"setback_m": (uniform(rng, 2, 6), uniform(rng, 8, 16)),
                "building_share": uniform(rng, 0.4, 0.8)},
        traffic={"parked_share": 0.0, "ego_speed_mps": uniform(rng, 3, 8), "queue": False},
        junctions=tuple(p.junctions[:1]),
    )  # fmt: skip


def build(site: Site) -> None:
    """One or two works, each on a side."""
    rng = site.rng()
    for side in (1, -1):
        for s0, s1 in site.clear_stretches(side, 4.0):
            s = s0 + float(rng.uniform(0, 10))
            while s < s1 - 16:
                length = min(float(rng.uniform(18, 55)), s1 - s)
                (_roadside, _plot)[int(rng.integers(2))](site, s, s + length, side, rng)
                s += length + float(rng.uniform(6, 30))


def _roadside(site: Site, s0: float, s1: float, side: int, rng: Generator) -> None:
    """A trench along the pavement behind barriers; cones lead past it."""
    layout, palette, builder = site.layout, site.palette, site.builder
    parking = [a for a in layout.section.parking if (a.center_m > 0) == (side > 0)]
    into = parking[0].width_m - 0.3 if parking else 0.0
    if into:
        for s in np.arange(s0 - 6, s0, 1.5):
            out = -into * (s - s0 + 6) / 6
            site.put(make_beacon(palette, rng), float(s), side, float(out))
        path = site.path(s0, s1, side, -into)
        kind = rng.random()
        if kind < 0.5:
            barrier_run(builder, palette, path, plastic=bool(kind < 0.3))
        else:
            pitch = float(rng.uniform(1.6, 3.5))
            make = make_cone if kind < 0.75 else make_barrier_board
            yaw = 0.0 if make is make_cone else np.pi / 2
            for s in np.arange(s0, s1, pitch):
                site.put(make(palette, rng), float(s), side, -into, yaw)
    middle = max(layout.section.side_width * 0.5, 0.9)
    for at in np.arange(s0, s1, 1.0):
        layout.kerb_space.take(side, float(at), 1.0)
    trench(builder, palette, site.path(s0 + 2, s1 - 2, side, middle), 0.8, 1.2, side)
    if layout.section.side_width > 1.8 or not layout.parameters.road.kerb_m:
        fence = site.path(s0, s1, side, layout.section.side_width + 0.1)
        if rng.random() < 0.5:
            site_fence(builder, palette, rng, fence)
    _machine(site, float(rng.uniform(s0 + 4, s1 - 4)), side, middle + 2.6, rng)


def _plot(site: Site, s0: float, s1: float, side: int, rng: Generator) -> None:
    """A building plot behind a fence: earth, machines, containers, a scaffold."""
    palette, layout = site.palette, site.layout
    deep = float(rng.uniform(10, 22))
    s0, s1 = site.pave(s0, s1, side, deep, palette("earth", "terrain"))
    edge = layout.section.side_width
    site_fence(site.builder, palette, rng, site.path(s0, s1, side, edge + 0.4))
    for _ in range(int((s1 - s0) * deep / 45)):
        s, out = float(rng.uniform(s0 + 3, s1 - 3)), edge + float(rng.uniform(2.5, deep - 2))
        thing = (
            lambda: make_container(palette, rng, long=False),
            lambda: make_pallet(palette, rng),
            lambda: make_skip(palette, rng),
            lambda: make_drum(palette, rng),
            lambda: pile(palette, rng, float(rng.uniform(1, 3))),
            lambda: make_toilet(palette, rng),
        )[int(rng.integers(6))]()
        site.put(thing, s, side, out, float(rng.uniform(-0.3, 0.3)))
    _machine(site, float(rng.uniform(s0 + 5, s1 - 5)), side, edge + deep / 2, rng)
    if rng.random() < 0.5:
        length = float(rng.uniform(6, 14))
        scaffold = make_scaffold(palette, rng, length, int(rng.integers(2, 5)))
        site.put(scaffold, (s0 + s1) / 2, side, edge + deep - 0.4)


def _machine(site: Site, s: float, side: int, out: float, rng: Generator) -> None:
    """An excavator, loader or roller, turned anyhow."""
    make = (make_excavator, make_loader, make_roller)[int(rng.choice(3, p=[0.6, 0.2, 0.2]))]
    mesh: Mesh = make(site.palette, rng)
    numbered = mesh.with_instance(site.fleet.next_instance())
    site.put(numbered, s, side, out, float(rng.normal(0, 0.4)))
