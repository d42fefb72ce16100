"""Who drives where: lanes of car-following vehicles, the ego vehicle among them.

The Intelligent Driver Model (Treiber, Hennecke and Helbing, Physical Review E 62, 2000) keeps the
gaps, so nothing ever touches the ego vehicle. Positions are q = direction * s, so every lane moves
towards larger q; a vehicle's q is that of its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.course import Course
from depth_seg_ros.virtual_world.land.fleet import LENGTH_M
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.plan.section import Lane
from depth_seg_ros.virtual_world.street.markings import stop_line_s

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

STEP_S = 0.1
EGO_FRONT_M = 1.8
"""From the camera to the ego vehicle's front bumper."""
EGO_REAR_M = 2.6
SLOW_MPS, SLOWING_M = 5.0, 18.0
"""Speed of a turn, and how long before it the ego vehicle slows down."""
QUEUE_END_M = 130.0
"""s beyond which a queue thins out: farther vehicles are a few pixels that cost as much."""
MOTORCYCLES = 0.04
"""Share of the traffic."""
HEAVY = ("truck", "semi", "bus")


@dataclass(frozen=True)
class Signal:
    """The main road's red phase at one junction: red until ``release_s``."""

    junction_s: float
    release_s: float


@dataclass(frozen=True)
class Vehicle:
    """One moving vehicle: kind, lane and its middle's q at every time step."""

    kind: str
    lane: Lane
    q: Float  # [N]
    speed: Float  # [N] m/s
    lateral_m: float  # right of the lane's centre as seen along its direction


@dataclass(frozen=True)
class Traffic:
    """The simulated main road; times are k * STEP_S."""

    times: Float  # [N] seconds
    ego_s: Float  # [N] of the camera
    ego_lane: Lane
    vehicles: tuple[Vehicle, ...]
    signals: tuple[Signal, ...]


def simulate(course: Course, slow_m: tuple[float, float] | None = None) -> Traffic:
    """Draw the vehicles of every lane and drive them for the scene's duration; between the two s
    of ``slow_m`` the ego vehicle drives as slowly as one that turns off."""
    parameters, layout = course.parameters, course.layouts[0]
    rng = parameters.rng("traffic")
    times = np.arange(0, parameters.duration_s + STEP_S, STEP_S)
    signals = _signals(course, rng)
    ego_lane = layout.section.forward()[parameters.traffic.ego_lane]
    vehicles: list[Vehicle] = []
    ego_s = np.zeros_like(times)
    for lane in layout.section.lanes:
        is_ego = lane is ego_lane
        kinds, q, speed, wish = _draw_lane(layout, lane, rng, ego=is_ego)
        lines = [
            (lane.direction * _line(course, g.junction_s, lane.direction), g.release_s)
            for g in signals
        ]
        path, speeds = _follow(
            times, kinds, q, speed, wish, lines, crawl=parameters.traffic.queue, rng=rng,
            slow_m=slow_m,
        )  # fmt: skip
        for k, kind in enumerate(kinds):
            if kind == "ego":
                ego_s = path[:, k] - (EGO_FRONT_M - EGO_REAR_M) / 2
                continue
            offset = lane.width_m / 2 - 0.7 if kind == "cyclist" else float(rng.normal(0, 0.12))
            vehicles.append(Vehicle(kind, lane, path[:, k], speeds[:, k], offset))
    return Traffic(times, ego_s, ego_lane, tuple(vehicles), signals)


def _line(course: Course, junction_s: float, direction: int) -> float:
    """s of the stop line before a junction, in whichever place that is."""
    return stop_line_s(course.at(junction_s), junction_s, direction)


def _signals(course: Course, rng: Generator) -> tuple[Signal, ...]:
    """Which lights are red at the start, and until when."""
    found = []
    for junction in (j for layout in course.layouts for j in layout.parameters.junctions):
        if junction.main_stops:
            red = rng.random() < 0.4 and _line(course, junction.s_m, 1) > 8
            found.append(Signal(junction.s_m, float(rng.uniform(7, 16)) if red else 0.0))
    return tuple(found)


def length_of(kind: str) -> float:
    """Room in metres a kind takes on the road."""
    return EGO_FRONT_M + EGO_REAR_M if kind == "ego" else LENGTH_M[kind]


def _draw_kind(layout: Layout, lane: Lane, rng: Generator) -> str:
    """A kind that fits the lane: wide ones need width, and long ones cut curves."""
    kind = _wished_kind(layout, lane, rng)
    curvature = float(np.abs(np.gradient(layout.axis.heading, layout.axis.s)).max())
    cut = length_of(kind) ** 2 * curvature / 8
    return "van" if kind in HEAVY and (lane.width_m < 2.9 or cut > 0.25) else kind


def _wished_kind(layout: Layout, lane: Lane, rng: Generator) -> str:
    traffic = layout.parameters.traffic
    forward = [a.center_m for a in layout.section.lanes if a.direction == lane.direction]
    outermost = abs(lane.center_m) >= max(abs(c) for c in forward) - 0.1
    heavy = traffic.heavy_share * (1.5 if outermost else 0.5)
    draw = rng.random()
    if draw < heavy:
        town = layout.parameters.setting == "town"
        if rng.random() < (0.55 if town else 0.12):
            return "bus"
        return "semi" if rng.random() < (0.2 if town else 0.6) else "truck"
    if draw < heavy + traffic.van_share:
        return "van"
    return "motorcycle" if draw > 1 - MOTORCYCLES else "car"


def _draw_lane(
    layout: Layout,
    lane: Lane,
    rng: Generator,
    *,
    ego: bool,
) -> tuple[list[str], Float, Float, Float]:
    """Kinds, q of the middles (falling: leaders first), speeds and wished speeds of a lane."""
    parameters = layout.parameters
    traffic = parameters.traffic
    low, high = -38.0, parameters.length_m + min(parameters.beyond_m, 220.0) - 20
    ends = sorted((lane.direction * low, lane.direction * high))
    queue = traffic.queue and (lane.direction > 0 or rng.random() < 0.2)
    density = traffic.lane_density if queue else traffic.lane_density * rng.uniform(0.4, 1.4)
    if traffic.queue and not queue:
        density = rng.uniform(0.8, 2.5)
    limit = max(traffic.ego_speed_mps, 6.0) * (1.0 if ego else rng.uniform(0.9, 1.2))
    kinds: list[str] = []
    middles: list[float] = []

    def fill(start: float, end: float) -> None:
        """Place vehicles from start upwards to end."""
        front = start
        while True:
            kind = _draw_kind(layout, lane, rng)
            packed = queue and lane.direction * front < QUEUE_END_M
            gap = _gap(rng, density if packed else 2.0, packed, limit)
            middle = front + gap + length_of(kind) / 2
            if middle + length_of(kind) / 2 > end:
                return
            kinds.append(kind)
            middles.append(middle)
            front = middle + length_of(kind) / 2

    if ego:
        kinds.append("ego")
        middles.append((EGO_FRONT_M - EGO_REAR_M) / 2)
    if traffic.closed:
        pass
    elif ego:
        first = _draw_kind(layout, lane, rng)
        if rng.random() < 0.93 or queue:
            kinds.append(first)
            middles.append(traffic.first_gap_m + length_of(first) / 2)
            fill(middles[-1] + length_of(first) / 2, ends[1])
        behind = -EGO_REAR_M - _gap(rng, density, queue, limit) - length_of("car") / 2
        kinds.append("car")
        middles.append(behind)
    else:
        fill(ends[0] + float(rng.uniform(0, 12)), ends[1])
        _cyclist(layout, lane, rng, kinds, middles)
    order = sorted(range(len(middles)), key=lambda i: -middles[i])
    kinds = [kinds[i] for i in order]
    q = np.array([middles[i] for i in order])
    wish = limit * rng.uniform(0.88, 1.12, len(kinds))
    for k, kind in enumerate(kinds):
        if kind == "ego":
            wish[k] = 6.0 if traffic.queue else traffic.ego_speed_mps
        if kind == "cyclist":
            wish[k] = rng.uniform(3.5, 6.5)
    speed = np.full(len(kinds), traffic.ego_speed_mps) if queue else wish * rng.uniform(0.8, 1.0)
    return kinds, q, speed, wish


def _gap(rng: Generator, density: float, queue: bool, limit: float) -> float:
    if queue:
        return float(rng.uniform(1.3, 4.5))
    mean = max(100.0 / max(density, 0.05) - 5.0, 4.0)
    return float(max(4.0, 0.35 * limit) + rng.exponential(mean))


def _cyclist(
    layout: Layout, lane: Lane, rng: Generator, kinds: list[str], middles: list[float]
) -> None:
    """Perhaps one cyclist at the right of the outermost lane, where there is room."""
    outer = max(abs(a.center_m) for a in layout.section.lanes if a.direction == lane.direction)
    if layout.section.cycle or abs(lane.center_m) < outer - 0.1:
        return
    if layout.parameters.traffic.cyclists and rng.random() < 0.35:
        q = float(rng.uniform(10, layout.parameters.length_m)) * lane.direction
        if all(abs(q - other) > 12 for other in middles):
            kinds.append("cyclist")
            middles.append(q)


def _follow(
    times: Float,
    kinds: list[str],
    q: Float,
    speed: Float,
    wish: Float,
    lines: list[tuple[float, float]],
    *,
    crawl: bool,
    rng: Generator,
    slow_m: tuple[float, float] | None = None,
) -> tuple[Float, Float]:
    """q and speed [N, M] of M vehicles in file (leaders first) over all times."""
    count = len(kinds)
    length = np.array([length_of(k) for k in kinds])
    path, speeds = np.zeros((len(times), count)), np.zeros((len(times), count))
    if not count:
        return path, speeds
    at: Float = np.asarray(q, np.float64)
    v: Float = np.asarray(speed, np.float64)
    phase, period = rng.uniform(0, 2 * np.pi), rng.uniform(9, 18)
    leader_wish = float(v[0])
    for k, t in enumerate(times):
        path[k], speeds[k] = at, v
        gap: Float = np.full(count, 1e4)
        ahead_speed: Float = wish.copy()
        gap[1:] = at[:-1] - at[1:] - (length[:-1] + length[1:]) / 2
        ahead_speed[1:] = v[:-1]
        for line, release in lines:
            if t < release:
                distance = line - (at + length / 2)
                stops = (distance > -0.5) & (distance < gap)
                gap = np.where(stops, np.maximum(distance + 1.2, 0.05), gap)
                ahead_speed = np.where(stops, 0.0, ahead_speed)
        limit = wish
        if slow_m is not None and "ego" in kinds:
            limit = wish.copy()
            ego = kinds.index("ego")
            if slow_m[0] - SLOWING_M < at[ego] < slow_m[1]:
                limit[ego] = min(wish[ego], SLOW_MPS)
        if crawl:  # the head of a queue crawls in waves
            limit = limit.copy()
            limit[0] = max(0.05, leader_wish * (1 + np.sin(2 * np.pi * t / period + phase)))
        v = np.maximum(v + STEP_S * _acceleration(v, limit, gap, ahead_speed), 0)
        room = np.maximum(gap - 0.4, 0) / STEP_S
        v = np.minimum(v, room)
        at = at + STEP_S * v
    return path, speeds


def _acceleration(v: Float, wish: Float, gap: Float, ahead: Float) -> Float:
    """The Intelligent Driver Model: time gap 1.3 s, least gap 1.8 m."""
    hard, soft = 1.6, 2.2
    dynamic = 1.8 + np.maximum(0, 1.3 * v + v * (v - ahead) / (2 * np.sqrt(hard * soft)))
    acceleration = hard * (
        1 - (v / np.maximum(wish, 0.1)) ** 4 - (dynamic / np.maximum(gap, 0.1)) ** 2
    )
    return np.asarray(np.clip(acceleration, -8.0, hard))
