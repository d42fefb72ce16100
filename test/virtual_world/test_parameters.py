"""Scene parameters: sensible sizes for every seed, the same for the same seed."""

from itertools import pairwise

import numpy as np
import pytest

from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.plan.jam import jammed
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters


def draw(seed: int, place: str) -> PlaceParameters:
    return places.find(place).draw(np.random.default_rng([seed, 1]), seed)


@pytest.mark.parametrize("place", places.names())
def test_sizes_are_those_of_real_roads(place: str) -> None:
    for seed in range(60):
        p = draw(seed, place)
        assert p.place == place
        assert 1.2 <= p.road.lane_width_m <= (6.0 if p.traffic.closed else 3.8)
        assert 0 <= p.traffic.ego_lane < p.road.lanes_forward
        assert 0 <= p.road.kerb_m <= 0.15
        assert p.traffic.first_gap_m >= 4.0
        assert p.duration_s * p.traffic.ego_speed_mps <= p.length_m + 1
        places = [j.s_m for j in p.junctions]
        assert all(b - a > 40 for a, b in pairwise(places))


def test_every_kind_of_traffic_occurs() -> None:
    scenes = [draw(seed, place) for seed in range(30) for place in ("city", "highway")]
    assert any(p.traffic.queue for p in scenes) and not all(p.traffic.queue for p in scenes)
    assert any(p.furniture.overpasses for p in scenes)
    assert any(j.signals for p in scenes for j in p.junctions)
    assert any(p.road.lanes_backward == 0 for p in scenes)


def test_rooms_draw_apart() -> None:
    p = draw(5, "city")
    first = p.rng("plots").random()
    assert first == p.rng("plots").random() != p.rng("roads").random()
    assert p == draw(5, "city") != draw(6, "city")


def test_a_share_of_the_drives_is_put_into_a_jam() -> None:
    drawn = [draw(seed, "highway") for seed in range(60)]
    assert all(jammed(p, 0.0) is p for p in drawn)
    half = [jammed(p, 0.5) is not p for p in drawn]
    assert 15 < sum(half) < 45
    for p in (jammed(p, 1.0) for p in drawn):
        assert p.traffic.queue and p.traffic.heavy_share >= 0.35 and p.traffic.lane_density >= 7
        assert p.duration_s * p.traffic.ego_speed_mps <= p.length_m + 1
    quiet = draw(1, "trail")
    assert jammed(quiet, 1.0) is quiet
