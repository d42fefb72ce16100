"""Runs of trams and trains along their tracks: who, where, how fast, and where they wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from depth_seg_ros.virtual_world.assets.railcar import RailCar
from depth_seg_ros.virtual_world.geometry.sweep import Float, arc_length

_SPEEDS_UP, _BRAKES = 0.9, 1.1
"""Metres per squared second."""
_CLEAR_M = 4.0
"""Between a waiting end and the end of its track."""


class Stop(NamedTuple):
    """Where the leading end waits: for ``dwell_s`` once it is there, and until ``until_s``."""

    at_m: float
    dwell_s: float
    until_s: float = 0.0


@dataclass(frozen=True)
class Run:
    """Cars in file along a path [K, 3] of the rails' top, from its first point to its last."""

    cars: tuple[RailCar, ...]
    path: Float
    front_m: float  # of the leading end at the start, along the path
    speed_mps: float
    stops: tuple[Stop, ...] = ()
    lights: tuple[tuple[float, float], ...] = ()  # where it waits at red, s of the junction

    @property
    def length_m(self) -> float:
        """Of all cars, coupled."""
        return sum(car.length_m for car in self.cars)

    def at_red(self, until_s: Mapping[float, float]) -> Run:
        """The run that waits where its lights are red (s of the junction -> until when)."""
        red = (Stop(at, 0.0, until_s.get(junction, 0.0)) for at, junction in self.lights)
        return replace(self, stops=(*self.stops, *(stop for stop in red if stop.until_s > 0)))

    def travelled(self, times: Float) -> Float:
        """Metres of the leading end along the path [N] at evenly spaced times."""
        at, waited = self.front_m, 0.0
        stops = sorted((s for s in self.stops if s.at_m >= at), reverse=True)
        step = float(times[1] - times[0]) if len(times) > 1 else 0.0
        speed = min(self.speed_mps, _braking(stops[-1].at_m - at) if stops else np.inf)
        found = np.empty(len(times))
        for k, t in enumerate(times):
            found[k] = at
            if stops and stops[-1].at_m - at < 0.5:
                waited += step
                if waited > stops[-1].dwell_s and t >= stops[-1].until_s:
                    stops.pop()
                    waited = 0.0
            limit = _braking(stops[-1].at_m - at) if stops else self.speed_mps
            speed = min(speed + _SPEEDS_UP * step, self.speed_mps, limit)
            at += speed * step
        return found


def _braking(ahead_m: float) -> float:
    """The speed from which one still stops within a distance."""
    return float(np.sqrt(2 * _BRAKES * max(ahead_m - 0.3, 0.0)))


def fitted(run: Run, rng: np.random.Generator, *, comes_in: bool, goes_out: bool) -> Run | None:
    """The run with a start that keeps all cars on the track: it begins anywhere, ends before the
    track does. ``comes_in`` and ``goes_out``: the track's beginning and end are out of sight, so
    that cars may come from there and go there. None where the track is too short."""
    end = float(arc_length(run.path)[-1])
    low = 0.0 if comes_in else run.length_m + _CLEAR_M
    high = end - 2 * _CLEAR_M
    if high <= low:
        return None
    ends = () if goes_out else (Stop(end - _CLEAR_M, np.inf),)
    front = float(rng.uniform(low, high))
    return replace(run, front_m=front, stops=(*run.stops, *ends))
