"""Car parks: an aisle between bays, rows behind rows, islands with trees, trolleys, barriers."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.caravan import make_caravan, make_motor_home
from depth_seg_ros.virtual_world.assets.motorcycle import make_motorcycle
from depth_seg_ros.virtual_world.assets.small_posts import near_post
from depth_seg_ros.virtual_world.assets.trailer import make_trailer
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, season, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 6.0
JOINS = ("street",)
BAY_M = 2.5
DEEP_M = 16.4
"""Of a row of bays, its aisle and the next row, beyond the island."""


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A slow way between cars parked nose in."""
    p = suburb.draw(rng, seed)
    shops = chance(rng, 0.6)
    return altered(
        p,
        "carpark",
        road={
            "lane_width_m": uniform(rng, 2.6, 3.2), "cycle_lane_m": 0.0, "shoulder_m": 0.1,
            "parking_left": "bays", "parking_right": "bays", "kerb_m": uniform(rng, 0.05, 0.14),
            "verge_m": uniform(rng, 0.8, 2.0) if chance(rng, 0.6) else 0.0,
            "pavement_m": uniform(rng, 0.5, 1.6), "turn_rad": uniform(rng, 0, 0.1),
            "hill_m": uniform(rng, 0, 0.6), "centre_line": "none", "edge_lines": False,
            "parking_class": "parking",
        },
        around={
            "thicket_share": 0.4,
            "setback_m": (DEEP_M + 2, DEEP_M + 14), "closed_share": 0.2, "building_share": 0.8,
            "building_mix": (("shed", 2.0), ("shophouse", 0.5), ("office", 1.0))
            if shops else (("block", 2.0), ("office", 1.0)),
            "street_tree_m": uniform(rng, 7, 16) if chance(rng, 0.6) else 0.0,
            "tree_density": 1.5, "hill_m": 0.5, "fences": 0.0, "season_tint": season(rng),
        },
        furniture={"overpasses": (), "power_line": False, "lamp_m": uniform(rng, 22, 36),
                   "sign_m": 60.0, "bus_stop": False},
        traffic={
            "parked_share": uniform(rng, 0.25, 0.95), "ego_speed_mps": uniform(rng, 2, 5),
            "queue": False, "lane_density": uniform(rng, 0.1, 0.6), "heavy_share": 0.0,
            "pedestrian_density": uniform(rng, 2, 8),
        },
        junctions=(),
    )  # fmt: skip


def build(site: Site) -> None:
    """The rows behind the first ones."""
    rng = site.rng()
    for side in (-1, 1):
        if rng.random() < 0.8:
            _lot(site, side, rng)


def _lot(site: Site, side: int, rng: Generator) -> None:
    low, high = site.seen()
    if high - low < 20:
        return
    layout, palette = site.layout, site.palette
    texture = str(rng.choice(["asphalt_0", "asphalt_1", "asphalt_2", "paving_2", "gravel"]))
    low, high = site.pave(low, high, side, DEEP_M, palette(texture, "parking"))
    share = layout.parameters.traffic.parked_share
    paint = palette("marking", "parking", 0.9)
    first = layout.section.side_width
    for row, nose in ((2.6, -1), (DEEP_M - 2.6, 1)):
        for s in np.arange(low + 1.5, high - 1.5, BAY_M).tolist():
            if texture != "gravel":
                _line(site, s - BAY_M / 2, side, first + row, paint)
            if rng.random() < share * 0.9:
                _parked(site, s, side, first + row, nose, rng)
    for _ in range(int(rng.integers(0, 4))):
        s = float(rng.uniform(low, high))
        if site.kerb(s, side, 1.2):
            site.put(near_post(palette, rng), s, side, 0.5)


def _line(site: Site, s: float, side: int, out: float, paint: Material) -> None:
    low, high = out - 2.4, out + 2.4
    ends = ((s, low), (s, high), (s + 0.1, high), (s + 0.1, low))
    corners = np.array([site.foot(at, side, o) for at, o in ends]) + np.array([0.0, 0.06, 0.0])
    site.builder.quads(corners[None], paint, normals=np.array([0.0, 1.0, 0.0]))


def _parked(site: Site, s: float, side: int, out: float, nose: int, rng: Generator) -> None:
    kind = rng.random()
    if kind < 0.9:
        near = site.near(s, out - 6) and out < 9 and bool(rng.random() < 0.3)
        mesh = site.fleet.vehicle(rng, "car" if kind < 0.8 else "van", near=near)
    elif kind < 0.93:
        mesh = make_trailer(site.palette, rng)
    elif kind < 0.96:
        mesh = make_motorcycle(site.palette, rng)
    else:
        maker = make_caravan if kind < 0.98 else make_motor_home
        mesh = maker(site.palette, rng)
    way = nose if rng.random() < 0.8 else -nose
    numbered = mesh.with_instance(site.fleet.next_instance())
    site.put(numbered, s, side, out, way * np.pi / 2 + float(rng.normal(0, 0.03)))
