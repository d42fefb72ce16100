"""A drive's course: which places it passes through, in what order, from a seed and a mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.plan.axis import ROW_M, START_M, RoadAxis
from depth_seg_ros.virtual_world.plan.jam import jammed
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import length_s

Mix = Mapping[str, float]
"""Weights of places by name."""

LEGS = (0.55, 0.35, 0.1)
"""Shares of drives through one, two and three places."""
LEG_M = 56.0
"""No place on a drive is shorter."""


def parse_mix(text: str | None) -> dict[str, float]:
    """``city`` or ``city,park`` or ``city:2,rail:1`` -> weights; nothing: every place, as its
    module weighs it. VirtualWorldError for unknown places and weights that sum to nothing."""
    if text is None:
        return {name: places.find(name).weight for name in places.names()}
    mix: dict[str, float] = {}
    for part in text.split(","):
        name, colon, number = part.strip().partition(":")
        places.find(name)
        if name in mix:
            raise VirtualWorldError(f"the mix {text!r} names {name} twice; name each place once")
        mix[name] = _weight(number, text) if colon else 1.0
    if not sum(mix.values()) > 0:
        raise VirtualWorldError(f"the mix {text!r} sums to nothing; give a place a weight above 0")
    return mix


def _weight(number: str, text: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < 1e6:
        raise VirtualWorldError(
            f"{number!r} in the mix {text!r} is no weight; give numbers from 0, such as city:2"
        )
    return weight


@dataclass(frozen=True)
class Leg:
    """A stretch of the drive through one place; None: as far as the world goes."""

    parameters: PlaceParameters
    low_m: float | None
    high_m: float | None


def draw_legs(seed: int, mix: Mix | None = None, queues: float = 0.0) -> tuple[Leg, ...]:
    """The places of a seed's drive, in order, from a mix (default: all places); ``queues`` is the
    share of drives that are put into a jam."""
    weights = parse_mix(None) if mix is None else dict(mix)
    dice = np.random.default_rng([seed, 0x91ACE])
    first = _pick(weights, dice)
    head = jammed(places.find(first).draw(np.random.default_rng([seed, 1]), seed), queues)
    joins = places.find(first).joins
    others = {n: w for n, w in weights.items() if joins & places.find(n).joins and w > 0}
    count = int(dice.choice(len(LEGS), p=LEGS)) + 1
    count = min(count, int(head.length_m // LEG_M)) if len(others.keys() - {first}) else 1
    cuts = _cuts(dice, head.length_m, count)
    legs = [Leg(head, None, cuts[0] if cuts else None)]
    for k, low in enumerate(cuts, start=1):
        before = legs[-1].parameters.place
        name = _pick({n: w for n, w in others.items() if n != before}, dice)
        own = int(np.random.SeedSequence([seed, k]).generate_state(1)[0] >> 1)
        drawn = places.find(name).draw(np.random.default_rng([own, 1]), own)
        legs.append(Leg(_joined(drawn, head), low, cuts[k] if k < len(cuts) else None))
    if any(leg.parameters.traffic.closed for leg in legs):
        legs[0] = replace(legs[0], parameters=_quiet(legs))
    return tuple(_kept(leg) for leg in legs)


def _quiet(legs: Sequence[Leg]) -> PlaceParameters:
    """The first place of a drive that leads where no traffic may: nobody else drives."""
    head, traffic = legs[0].parameters, [leg.parameters.traffic for leg in legs]
    slow = min(t.ego_speed_mps for t in traffic if t.closed)
    quiet = replace(head.traffic, closed=True, queue=False, ego_speed_mps=slow)
    quiet_head = replace(head, traffic=quiet)
    return replace(quiet_head, duration_s=length_s(quiet_head))


def _pick(weights: Mix, dice: np.random.Generator) -> str:
    names = sorted(weights)
    if len(names) == 1:
        return names[0]
    shares = np.array([weights[n] for n in names])
    return names[int(dice.choice(len(names), p=shares / shares.sum()))]


def _cuts(dice: np.random.Generator, length_m: float, count: int) -> list[float]:
    """Where one place ends and the next begins: on the road's rows, inside the drive."""
    share = (np.arange(1, count) + dice.uniform(-0.2, 0.2, count - 1)) / count
    rows = np.round((share * length_m - START_M) / ROW_M)
    return [float(START_M + ROW_M * row) for row in rows]


def _joined(drawn: PlaceParameters, head: PlaceParameters) -> PlaceParameters:
    """A later place on the first one's way: its lanes go on, and it is the same season."""
    way = head.road
    road = replace(
        drawn.road,
        lanes_forward=way.lanes_forward,
        lanes_backward=way.lanes_backward,
        lane_width_m=way.lane_width_m,
        median_m=way.median_m,
        cycle_lane_m=way.cycle_lane_m,
    )
    around = replace(drawn.surroundings, season_tint=head.surroundings.season_tint)
    return replace(
        drawn,
        length_m=head.length_m,
        beyond_m=head.beyond_m,
        duration_s=head.duration_s,
        road=road,
        surroundings=around,
    )


def _kept(leg: Leg) -> Leg:
    """Without the junctions, bridges and gantries that would reach into a neighbour."""
    p = leg.parameters

    def inside(s: float, margin: float) -> bool:
        low = -np.inf if leg.low_m is None else leg.low_m + margin
        high = np.inf if leg.high_m is None else leg.high_m - margin
        return bool(low <= s <= high)

    furniture = replace(
        p.furniture,
        overpasses=tuple(s for s in p.furniture.overpasses if inside(s, 24)),
        gantries=tuple(s for s in p.furniture.gantries if inside(s, 4)),
    )
    junctions = tuple(j for j in p.junctions if inside(j.s_m, 26))
    return replace(leg, parameters=replace(p, furniture=furniture, junctions=junctions))


class Course:
    """The layouts of a drive's places along one axis."""

    def __init__(self, legs: tuple[Leg, ...]) -> None:
        first = Layout(legs[0].parameters, None, legs[0].low_m, legs[0].high_m)
        self.layouts = (
            first,
            *(Layout(leg.parameters, first, leg.low_m, leg.high_m) for leg in legs[1:]),
        )

    @property
    def parameters(self) -> PlaceParameters:
        """Of the first place: what holds for the whole drive (length, lanes, traffic)."""
        return self.layouts[0].parameters

    @property
    def axis(self) -> RoadAxis:
        """The drive's centre line."""
        return self.layouts[0].axis

    def at(self, s: float) -> Layout:
        """The layout of the place that holds s."""
        return next((a for a in self.layouts[:-1] if s < a.high_m), self.layouts[-1])
