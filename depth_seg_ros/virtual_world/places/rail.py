"""Roads along and across railways: ballast, catenary, trains, platforms, level crossings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.catenary import catenary
from depth_seg_ros.virtual_world.assets.figures import draw_walking
from depth_seg_ros.virtual_world.assets.platform import (
    TRACK_M,
    name_board,
    platform,
    platform_roof,
)
from depth_seg_ros.virtual_world.assets.tracks import RAIL_TOP_M, ballast_track, crossing_deck
from depth_seg_ros.virtual_world.assets.train import TRAINS, make_train
from depth_seg_ros.virtual_world.geometry.mesh import yaw_rotation
from depth_seg_ros.virtual_world.geometry.sweep import Float, arc_length, beside
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.runs import Run, Stop, fitted
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import country, suburb
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered

WEIGHT = 8.0
JOINS = ("street",)
_APART_M = 4.3


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A suburban or country road beside a line."""
    base = suburb if chance(rng, 0.6) else country
    p = base.draw(rng, seed)
    return altered(
        p,
        "rail",
        road={
            "turn_rad": min(p.road.turn_rad, 0.12),
            "hill_m": min(p.road.hill_m, 1.0),
            "turn_wavelength_m": max(p.road.turn_wavelength_m, 240.0),
        },
        around={
            "thicket_share": 0.6,
            "embankment_m": 0.0,
            "hill_m": min(p.surroundings.hill_m, 3.0),
        },
        furniture={"overpasses": (), "power_line": False, "noise_barrier": False},
        junctions=(),
    )


def build(site: Site) -> None:
    """Tracks along one side and, now and then, one across the road."""
    rng = site.rng()
    side = 1 if rng.random() < 0.6 else -1
    if rng.random() < 0.8:
        _along(site, side, rng)
    low, high = site.driven(20)
    if rng.random() < 0.45 and high > low + 10:
        _across(site, float(rng.uniform(low, high)), rng)


def _along(site: Site, side: int, rng: Generator) -> None:
    layout, builder, palette = site.layout, site.builder, site.palette
    tracks = int(rng.choice([1, 2, 3], p=[0.35, 0.5, 0.15]))
    gap = float(rng.uniform(1.2, 8.0))
    middle = layout.section.side_width + gap + 2.3
    reach = tracks * _APART_M + (5.5 if rng.random() < 0.4 else 0.0)
    station = reach > tracks * _APART_M + 1
    s = np.arange(layout.start(2), layout.end(3) + 0.1, 4.0)
    for at in s:
        x, _, z = layout.axis.at(at, side * (layout.section.edge(side) + middle - 2.3 + reach / 2))
        yaw = float(layout.axis.heading_at(at))
        layout.occupancy.claim(x, z, yaw, reach + 0.6, 4.2)
    level = layout.axis.height_at(s) + float(rng.uniform(-0.1, 0.5))
    paths: list[Float] = []
    for k in range(tracks):
        out = side * (layout.section.edge(side) + middle + k * _APART_M)
        path = layout.axis.at(s, out)
        path[:, 1] = level
        ballast_track(builder, palette, path, rng=rng, old=bool(rng.random() < 0.25))
        if rng.random() < 0.8:
            mast = side if k == tracks - 1 else -side
            catenary(builder, palette, rng, path, side=mast, out_m=2.6)
        paths.append(path)
    _shoulders(site, s, side, middle, reach, level)
    kind = str(rng.choice(["chain_link", "railing", "clipped", "wall", "open"]))
    if kind != "open":
        away = layout.section.outer(side) + max(gap - 0.9, 0.3)
        height = float(rng.uniform(1.0, 2.2))
        boundary(site, layout.start(4), layout.end(6), side, away, rng, kind, height)
    halt = _station(site, paths[-1], side, rng) if station else None
    for path in paths:
        if rng.random() < 0.6:
            _train(site, path, halt if path is paths[-1] else None, rng)


def _shoulders(site: Site, s: Float, side: int, middle: float, reach: float, level: Float) -> None:
    """The formation under the tracks, down to the land on both sides."""
    layout = site.layout
    edge = layout.section.edge(side)
    out = np.array([-2.9, -2.0, reach - 2.4, reach - 1.5]) + middle
    points = layout.axis.at(s[:, None], side * (edge + out)[None])
    points[:, 1:3, 1] = (level - 0.12)[:, None]
    for k in (0, 3):
        points[:, k, 1] = site.ground.height(points[:, k, 0], points[:, k, 2]) - 0.25
    material = site.palette("gravel", "terrain", 0.8)
    uv = points[..., [0, 2]] / material.repeat_m
    site.builder.grid(points, material, uv=uv, up=(0.0, 1.0, 0.0))


def _train(site: Site, path: Float, halt: float | None, rng: Generator) -> None:
    """A train on a track: it runs, calls at the platform (the ``halt``-th metre of the track), or
    stands."""
    layout, ahead = site.layout, bool(rng.random() < 0.5)
    cars = make_train(site.palette, rng, str(rng.choice(TRAINS)), int(rng.integers(2, 6)))
    top = path + np.array([0.0, RAIL_TOP_M, 0.0])
    run = Run(cars, top if ahead else top[::-1], 0.0, float(rng.uniform(6, 24)))
    if halt is not None:
        at = halt if ahead else float(arc_length(path)[-1]) - halt
        run = replace(run, stops=(Stop(at + run.length_m / 2, float(rng.uniform(5, 20))),))
    if rng.random() < 0.25:
        run = replace(run, speed_mps=0.0)
    first, last = (layout.first, layout.last) if ahead else (layout.last, layout.first)
    fitting = fitted(run, rng, comes_in=first, goes_out=last)
    if fitting is not None:
        site.runs.append(fitting)


def _station(site: Site, track: Float, side: int, rng: Generator) -> float | None:
    """A platform beyond the last track, with a roof and people; returns the metre of the track at
    its middle."""
    path = track + np.array([0.0, 0.1, 0.0])
    low, high = site.seen(10)
    s = site.layout.axis.project(path[:, 0], path[:, 2])[0]
    part = path[(s > low) & (s < high)][: int(rng.integers(14, 30))]
    if len(part) < 6:
        return None
    height = float(rng.uniform(0.5, 0.9))
    width = float(rng.uniform(3, 5))
    platform(site.builder, site.palette, part, side, width_m=width, height_m=height)
    for k in rng.integers(1, len(part) - 1, 8):
        out = side * (TRACK_M + float(rng.uniform(1.0, width - 0.5)))
        foot = beside(part, out, height)[k]
        kind = draw_walking(rng)
        person = site.fleet.person(rng, walking=False, far=False, kind=kind)[0]
        mesh = person.with_instance(site.fleet.next_instance())
        site.builder.add(mesh.transformed(yaw_rotation(float(rng.uniform(-3, 3))), foot))
    middle = len(part) // 2
    step = part[middle] - part[middle - 1]
    turn = yaw_rotation(float(np.arctan2(step[0], step[2])) + (0 if side > 0 else np.pi))
    foot = beside(part, side * (TRACK_M + width * 0.6), height)[middle]
    site.builder.add(platform_roof(site.palette, rng, 16.0).transformed(turn, foot))
    foot = beside(part, side * (TRACK_M + width * 0.8), height)[1]
    site.builder.add(name_board(site.palette, rng).transformed(turn, foot))
    return float(arc_length(path)[np.flatnonzero((s > low) & (s < high))[0] + middle])


def _across(site: Site, s: float, rng: Generator) -> None:
    """A level crossing: one track over the road, flush with it."""
    layout = site.layout
    skew = float(rng.uniform(-0.25, 0.25))
    reach = 46.0
    lateral = np.arange(-reach, reach + 0.1, 2.0)
    path = layout.axis.at(s + skew * lateral, lateral)
    path[:, 1] = float(layout.axis.height_at(s)) + 0.004 - RAIL_TOP_M
    for point, across in zip(path, lateral, strict=True):
        if not layout.occupancy.free(point[0], point[2], 0.0, 1.0, 1.0) and abs(across) > 12:
            return
    for point in path[::2]:
        layout.occupancy.claim(point[0], point[2], float(layout.axis.heading_at(s)), 4.4, 5.5)
    for own in (-1, 1):
        layout.kerb_space.take(own, s, 9.0)
    ballast_track(site.builder, site.palette, path, rng=rng)
    on = (lateral > layout.section.left_edge - 1) & (lateral < layout.section.right_edge + 1)
    crossing_deck(site.builder, site.palette, path[on])
