"""The plan: road coordinates, side roads, free ground."""

from itertools import pairwise

import numpy as np
import pytest
from courses import STREETS, layout_of

from depth_seg_ros.virtual_world.plan.occupancy import KerbSpace, Occupancy


@pytest.mark.parametrize("place", STREETS)
def test_road_coordinates_go_to_the_world_and_back(place: str) -> None:
    axis = layout_of(3, place).axis
    s = np.linspace(0, 150, 40)
    lateral = np.linspace(-12, 12, 40)
    point = axis.at(s, lateral)
    back_s, back_lateral = axis.project(point[:, 0], point[:, 2])
    np.testing.assert_allclose(back_s, s, atol=0.6)
    np.testing.assert_allclose(back_lateral, lateral, atol=0.1)
    np.testing.assert_allclose(axis.at(0.0), [0, 0, 0], atol=1e-9)


def test_right_is_positive() -> None:
    axis = layout_of(3, "highway").axis
    assert axis.at(0.0, 5.0)[0] > 4.9


@pytest.mark.parametrize("seed", range(8))
def test_lanes_lie_inside_the_kerbs_and_do_not_overlap(seed: int) -> None:
    section = layout_of(seed, "city").section
    lanes = sorted(section.lanes, key=lambda lane: lane.center_m)
    for a, b in pairwise(lanes):
        assert b.center_m - a.center_m >= (a.width_m + b.width_m) / 2 - 1e-9
    assert section.left_edge <= lanes[0].center_m - lanes[0].width_m / 2
    assert section.right_edge >= lanes[-1].center_m + lanes[-1].width_m / 2
    assert all(lane.center_m > 0 for lane in section.forward())


def test_arms_meet_the_main_road_at_its_height() -> None:
    arms = [(p, a) for p in (layout_of(seed, "city") for seed in range(6)) for a in p.arms]
    assert arms
    for layout, arm in arms:
        mouth = arm.at(layout.axis, 0.0, 0.0)
        road = layout.axis.at(arm.junction.s_m, arm.side * arm.edge_m)
        np.testing.assert_allclose(mouth, road, atol=1e-6)


def test_occupancy_knows_turned_rectangles() -> None:
    ground = Occupancy()
    assert ground.take(0, 0, 0.0, 10, 2)
    assert not ground.free(4.9, 0, 0.0, 1, 1)
    assert ground.free(5.6, 0, 0.0, 1, 1)
    assert not ground.free(3.8, 2.0, np.pi / 4, 4.0, 0.2)
    assert not ground.free(5.2, 2.2, np.pi / 4, 0.2, 4.0)
    assert ground.free(4.2, 2.2, np.pi / 4, 4.0, 0.2)
    assert ground.free(7.0, 2.5, -np.pi / 4, 0.2, 4.0)


def test_kerb_space_is_a_side_each() -> None:
    kerb = KerbSpace()
    assert kerb.take(1, 10.0, 2.0) and kerb.take(-1, 10.0, 2.0)
    assert not kerb.take(1, 11.5, 2.0) and kerb.take(1, 12.5, 2.0)
