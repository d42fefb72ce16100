"""Streets with tram tracks: in the lanes, or on a bed of their own in the middle or beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.catenary import catenary
from depth_seg_ros.virtual_world.assets.platform import name_board, ticket_machine
from depth_seg_ros.virtual_world.assets.tracks import (
    RAIL_TOP_M,
    ballast_track,
    grass_track,
    street_track,
)
from depth_seg_ros.virtual_world.assets.tram import make_tram
from depth_seg_ros.virtual_world.geometry.sweep import Float
from depth_seg_ros.virtual_world.land.runs import Run, Stop, fitted
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.places import city
from depth_seg_ros.virtual_world.plan.drawing import Generator, chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import altered
from depth_seg_ros.virtual_world.street import small

WEIGHT = 8.0
JOINS = ("street",)

BED_M = 7.4
"""Width of the bed of two tracks between the directions."""
_APART_M = 1.62
"""From the bed's middle to a track's, with the masts between."""


_TOP_M = {"street": 0.02, "grass": 0.22, "ballast": RAIL_TOP_M - 0.12}
"""Height of the rails' top above the road."""


def draw(rng: Generator, seed: int) -> PlaceParameters:
    """A city street; with a bed between the directions its arms end at the bed."""
    p = city.draw(rng, seed)
    own_bed = chance(rng, 0.6)
    junctions = tuple(j for j in p.junctions[:1]) if own_bed else p.junctions
    return altered(
        p,
        "tram",
        road={
            "median_m": BED_M if own_bed else 0.0,
            "lanes_backward": p.road.lanes_forward,
            "lane_width_m": max(p.road.lane_width_m, 3.0),
            "turn_rad": min(p.road.turn_rad, 0.1),
        },
        around={
            "setback_m": (0.0, uniform(rng, 0.5, 8)),
            "median_plants": False,
            "thicket_share": 0.5,
        },
        furniture={"median_wall": False, "overpasses": ()},
        junctions=junctions,
    )


def build(site: Site) -> None:
    """Tracks along the whole place, wires above, stops and trams."""
    layout, rng = site.layout, site.rng()
    median = layout.section.median
    s = np.arange(layout.low_m, layout.high_m + (0.0 if layout.last else 0.1), 4.0)
    if median is not None and median.width_m > 6.5:
        laterals, own_bed = (-_APART_M - 0.2, _APART_M + 0.2), True
    else:
        lanes = [min(abs(a.center_m) for a in layout.section.lanes)]
        laterals, own_bed = (-lanes[0], lanes[0]), False
    style = str(rng.choice(["grass", "ballast", "street"])) if own_bed else "street"
    lifted = layout.parameters.road.kerb_m + 0.02 if own_bed and style == "street" else 0.0
    for lateral in laterals:
        _track(site, layout.axis.at(s, lateral, lifted), style, rng)
    for lateral in laterals:
        sign = 1 if lateral > 0 else -1
        out = abs(lateral) if own_bed else layout.section.edge(sign) + 0.5 - abs(lateral)
        side = -sign if own_bed else sign
        catenary(
            site.builder, site.palette, rng, layout.axis.at(s, lateral),
            side=side, out_m=out, tram=True,
        )  # fmt: skip
    if own_bed:
        halt = _stop(site, rng)
        for lateral in laterals:
            if rng.random() < 0.7:
                _tram(site, layout.axis.at(s, lateral, lifted + _TOP_M[style]), s, halt, rng)


def _track(site: Site, path: Float, style: str, rng: Generator) -> None:
    if style == "street":
        street_track(site.builder, site.palette, path, slab=bool(rng.random() < 0.4))
    elif style == "grass":
        grass_track(site.builder, site.palette, path + np.array([0.0, 0.1, 0.0]))
    else:
        ballast_track(site.builder, site.palette, path - np.array([0.0, 0.12, 0.0]), rng=rng)


def _stop(site: Site, rng: Generator) -> float | None:
    """A shelter on the pavement beside the bed; returns where."""
    layout = site.layout
    low, high = site.seen(25)
    if high - low < 10:
        return None
    s = float(rng.uniform(max(low, min(10.0, high - 1)), high))
    if layout.in_junction(s, 20.0):
        return None
    side = (1, -1)[int(rng.integers(2))]
    if site.kerb(s, side, 8.0):
        site.put(small.bus_shelter(site.palette, rng), s, side, 1.35)
        site.put(ticket_machine(site.palette, rng), s + 3.2, side, 1.2)
        site.put(name_board(site.palette, rng), s - 3.0, side, 0.9)
    return s


def _tram(site: Site, path: Float, s: Float, halt: float | None, rng: Generator) -> None:
    """A tram along its track, keeping to the right; it halts at the stop, and does not pass a
    junction while others have green there."""
    layout = site.layout
    ahead = float(layout.axis.project(path[:1, 0], path[:1, 2])[1][0]) > 0
    cars = make_tram(site.palette, rng, modules=int(rng.integers(1, 5)))
    run = Run(cars, path if ahead else path[::-1], 0.0, float(rng.uniform(4, 11)))

    def on_track(at: float) -> float:
        return float(at - s[0] if ahead else s[-1] - at)

    stops = (
        [] if halt is None else [Stop(on_track(halt) + run.length_m / 2, float(rng.uniform(4, 12)))]
    )
    lights = tuple(
        (on_track(a.junction.s_m) - a.junction.width_m / 2 - a.corner_m - 3, a.junction.s_m)
        for a in layout.arms
    )
    run = replace(run, stops=tuple(stops), lights=lights)
    first, last = (layout.first, layout.last) if ahead else (layout.last, layout.first)
    fitting = fitted(run, rng, comes_in=first, goes_out=last)
    if fitting is not None:
        site.runs.append(fitting)
