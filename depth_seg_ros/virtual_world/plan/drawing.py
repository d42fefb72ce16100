"""The dice of the places: draws that several kinds of place share."""

from __future__ import annotations

from typing import Any

import numpy as np

from depth_seg_ros.virtual_world.plan.parameters import JunctionParameters, TrafficParameters

Generator = np.random.Generator


def uniform(rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def chance(rng: Generator, share: float) -> bool:
    return bool(rng.random() < share)


def course_of(
    rng: Generator,
    turn_rad: tuple[float, float],
    turn_m: tuple[float, float],
    *,
    hill_m: tuple[float, float],
    each_m: tuple[float, float],
    asphalts: int,
) -> dict[str, Any]:
    """Of a road: its bends and hills and their wavelengths, and its asphalt."""
    return {
        "turn_rad": uniform(rng, *turn_rad),
        "turn_wavelength_m": uniform(rng, *turn_m),
        "hill_m": uniform(rng, *hill_m),
        "hill_wavelength_m": uniform(rng, *each_m),
        "asphalt": int(rng.integers(asphalts)),
    }


def ditch(rng: Generator) -> float:
    """Depth [m] of the ditches along a road without kerb; two in five have one."""
    return uniform(rng, 0.4, 1.1) if chance(rng, 0.4) else 0.0


def season(rng: Generator) -> tuple[float, float, float]:
    """Leaf colours from spring to early autumn."""
    kinds = ((1.0, 1.0, 1.0), (1.08, 1.06, 0.9), (0.92, 0.96, 0.92), (1.25, 1.0, 0.75))
    base = kinds[rng.choice(4, p=[0.45, 0.25, 0.2, 0.1])]
    jitter = rng.uniform(0.93, 1.07, 3)
    return (base[0] * float(jitter[0]), base[1] * float(jitter[1]), base[2] * float(jitter[2]))


def junctions_at(
    rng: Generator,
    places: list[float],
    *,
    signals: float,
    width: tuple[float, float],
    both: float,
    zebra: float,
) -> tuple[JunctionParameters, ...]:
    found = []
    for s in places:
        crossroads = chance(rng, both)
        right = crossroads or chance(rng, 0.5)
        lit = chance(rng, signals)
        found.append(
            JunctionParameters(
                s_m=s,
                width_m=uniform(rng, *width),
                skew=uniform(rng, -0.25, 0.25),
                left=crossroads or not right,
                right=right,
                signals=lit,
                zebra=chance(rng, zebra),
                main_stops=lit,
            )
        )
    return tuple(found)


def spread(rng: Generator, count: int, low: float, high: float, apart: float) -> list[float]:
    """Up to ``count`` positions at least ``apart`` metres from each other."""
    found: list[float] = []
    for _ in range(count * 4):
        s = uniform(rng, low, high)
        if len(found) < count and all(abs(s - other) >= apart for other in found):
            found.append(s)
    return sorted(found)


def duration_s(length_m: float, traffic: TrafficParameters) -> float:
    """Seconds the ego vehicle takes over its stretch at its wished speed."""
    return min(24.0, length_m / max(traffic.ego_speed_mps, 6.0))


def _heavy_share(usual: float, times: float) -> float:
    """Trucks and buses among the moving; a fifth of the roads are lorry routes, full of them."""
    return min(0.8, usual * times * (3 if times > 1.68 else 1))


def traffic_of(
    rng: Generator,
    *,
    lanes: int,
    queue: bool,
    speed: tuple[float, float],
    density: tuple[float, float],
    heavy: float,
    people: tuple[float, float],
    cyclists: int,
    parked: tuple[float, float],
) -> TrafficParameters:
    return TrafficParameters(
        queue=queue,
        ego_speed_mps=uniform(rng, 0.0, 3.0) if queue else uniform(rng, *speed),
        lane_density=uniform(rng, 7.0, 9.0) if queue else uniform(rng, *density),
        parked_share=uniform(rng, *parked),
        heavy_share=_heavy_share(heavy, uniform(rng, 0.4, 2.0)),
        van_share=uniform(rng, 0.08, 0.2),
        crossing=chance(rng, 0.75),
        pedestrian_density=uniform(rng, *people),
        cyclists=int(rng.integers(0, cyclists + 1)),
        ego_lane=int(rng.integers(lanes)),
        first_gap_m=uniform(rng, 4.0, 8.0) if queue else uniform(rng, 9.0, 40.0),
    )
