"""Courtyards and back lanes: walls all round, bins, bicycles, garages, cars, fire stairs."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.bicycle_stand import make_bicycle_stand
from depth_seg_ros.virtual_world.assets.bins import (
    bottle_bank,
    sacks,
    waste_container,
    wheelie_bins,
)
from depth_seg_ros.virtual_world.assets.container import make_pallet, make_skip
from depth_seg_ros.virtual_world.assets.garage import DEPTH_M, make_garage
from depth_seg_ros.virtual_world.assets.motorcycle import make_motorcycle
from depth_seg_ros.virtual_world.assets.planter import make_planter
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered, quiet_way

WEIGHT = 5.0
JOINS = ("path",)


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A lane between back fronts."""
    p = quiet_way(rng, seed, "courtyard", width_m=uniform(rng, 2.8, 4.5),
                  speed_mps=uniform(rng, 1.2, 3.5))  # fmt: skip
    surface = str(rng.choice(["cobbles", "setts", "paving_2", "gravel", "", "road_concrete"]))
    return altered(
        p,
        "courtyard",
        road={"kerb_m": 0.012, "pavement_m": uniform(rng, 1.6, 6), "surface": surface,
              "surface_class": "ground", "paving_texture": surface,
              "turn_rad": uniform(rng, 0, 0.12)},
        around={
            "setback_m": (0.0, 0.3), "gap_m": (1.0, 4.0), "closed_share": 0.95,
            "storeys": (2, int(rng.integers(3, 6))), "building_share": 0.9,
            "building_mix": (("block", 2.0), ("rowhouse", 1.0), ("townhouse", 1.0), ("shed", 0.7)),
            "tree_density": 0.6, "bush_density": 0.4, "ground": "paving",
        },
        furniture={"lamp_m": uniform(rng, 20, 40), "clutter": 1.0},
        traffic={"pedestrian_density": uniform(rng, 1, 5)},
        setting="town",
    )  # fmt: skip


def build(site: Site) -> None:
    """Garages between the houses; whatever leans on the walls."""
    rng = site.rng()
    low, high = site.seen()
    room = site.layout.section.side_width
    for side in (-1, 1):
        for _ in range(int(rng.poisson((high - low) / 30))):
            doors = int(rng.integers(1, 6))
            s, width = float(rng.uniform(low, high)), doors * 3.1 + 0.3
            if site.free(s, side, room + 0.2 + DEPTH_M / 2, DEPTH_M, width):
                site.put(make_garage(site.palette, rng, doors), s, side, room + 0.2)
        for _ in range(int(rng.poisson((high - low) / 7))):
            s, (mesh, long) = float(rng.uniform(low, high)), _thing(site, rng)
            reach = float(mesh.bounds()[1][0] - mesh.bounds()[0][0]) / 2
            if reach + 0.2 < room and site.kerb(s, side, long):
                site.put(mesh, s, side, max(room - reach - 0.2, reach))


def _thing(site: Site, rng: Generator) -> tuple[Mesh, float]:
    """Something, and its length along the wall."""
    palette, instance = site.palette, site.fleet.next_instance
    kind = int(rng.choice(9, p=[0.2, 0.12, 0.06, 0.1, 0.1, 0.06, 0.1, 0.1, 0.16]))
    if kind == 8:
        car = site.fleet.vehicle(rng, "car" if rng.random() < 0.8 else "van", near=True)
        turned = np.pi if rng.random() < 0.5 else 0.0
        turn = np.array([[np.cos(turned), 0, 0], [0, 1, 0], [0, 0, np.cos(turned)]])
        return car.with_instance(instance()).transformed(turn, (0, 0, 0)), 5.8
    made = (
        lambda: wheelie_bins(palette, rng, int(rng.integers(2, 6))),
        lambda: waste_container(palette, rng),
        lambda: bottle_bank(palette, rng),
        lambda: sacks(palette, rng, int(rng.integers(2, 8))),
        lambda: make_pallet(palette, rng),
        lambda: make_skip(palette, rng),
        lambda: make_motorcycle(palette, rng).with_instance(instance()),
        lambda: (
            make_bicycle_stand(palette, rng, 4).mesh(instance)
            if rng.random() < 0.6
            else make_planter(palette, rng)
        ),
    )[kind]()
    low, high = made.bounds()
    return made, float(high[2] - low[2]) + 0.6
