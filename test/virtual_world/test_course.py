"""Mixes of places, and drives that pass from one into the next."""

from itertools import pairwise

import numpy as np
import pytest
from courses import STREETS

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.course import LEG_M, Course, draw_legs, parse_mix
from depth_seg_ros.virtual_world.land.terrain import Ground

SEVERAL = {"city": 1.0, "suburb": 1.0, "country": 1.0}


def test_mixes() -> None:
    assert parse_mix("city") == {"city": 1.0}
    assert parse_mix("city:2, suburb:0.5") == {"city": 2.0, "suburb": 0.5}
    assert set(parse_mix(None)) == set(places.names()) >= set(STREETS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("moon", r"no place is named 'moon'; known: .*city"),
        ("city:0,suburb:0", "sums to nothing"),
        ("city:-1", "'-1' in the mix 'city:-1' is no weight"),
        ("city:nan", "is no weight"),
        ("city:much", "is no weight"),
        ("city,city", "names city twice"),
        ("", "no place is named ''"),
    ],
)
def test_mixes_that_are_none(text: str, message: str) -> None:
    with pytest.raises(VirtualWorldError, match=message):
        parse_mix(text)


def test_weights_are_shares() -> None:
    drawn = [draw_legs(seed, {"city": 3.0, "highway": 1.0})[0] for seed in range(80)]
    assert 10 < sum(leg.parameters.place == "highway" for leg in drawn) < 32


def test_drives_pass_from_place_to_place_on_the_same_lanes() -> None:
    drives = [draw_legs(seed, SEVERAL) for seed in range(30)]
    assert {len(legs) for legs in drives} == {1, 2, 3}
    for legs in drives:
        ends = [legs[0].parameters.length_m if leg.high_m is None else leg.high_m for leg in legs]
        assert (np.diff([0.0, *ends]) > LEG_M / 2).all()
        lanes = {(a.parameters.road.lanes_forward, a.parameters.road.lane_width_m) for a in legs}
        assert len(lanes) == 1
        for a, b in pairwise(legs):
            assert a.high_m == b.low_m and a.parameters.place != b.parameters.place
            assert all(j.s_m < a.high_m - 20 for j in a.parameters.junctions if a.high_m)


def test_a_drive_passes_only_where_the_ways_join() -> None:
    for seed in range(30):
        legs = draw_legs(seed, {"city": 1.0, "highway": 1.0})
        assert len(legs) == 1


def test_the_land_has_no_step_between_places() -> None:
    seed = next(s for s in range(99) if len(draw_legs(s, SEVERAL)) == 2)
    course = Course(draw_legs(seed, SEVERAL))
    border = course.layouts[0].high_m
    s = np.arange(border - 30, border + 30, 0.5)
    x, _, z = course.axis.at(s, 60.0).T
    assert np.abs(np.diff(Ground(course.layouts).height(x, z))).max() < 0.6
