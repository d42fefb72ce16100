"""People who cross: they do, and no vehicle drives through them."""

import numpy as np
import pytest
from courses import course_of

from depth_seg_ros.virtual_world.land.fleet import LENGTH_M
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.traffic.crossing import Walk, draw_walks
from depth_seg_ros.virtual_world.traffic.simulation import Traffic, simulate


@pytest.fixture(scope="module")
def streets() -> list[tuple[Layout, Traffic, list[Walk]]]:
    found = []
    for seed in range(14):
        course = course_of(seed, "city")
        layout, traffic = course.layouts[0], simulate(course)
        walks = draw_walks(layout, traffic, np.random.default_rng(seed))
        found.append((layout, traffic, list(walks)))
    return found


def test_people_cross_from_pavement_to_pavement(streets) -> None:  # type: ignore[no-untyped-def]
    walks = [(layout, walk) for layout, _, walks in streets for walk in walks]
    assert len(walks) >= 4
    for layout, walk in walks:
        on_road = (walk.lateral > layout.section.left_edge) & (
            walk.lateral < layout.section.right_edge
        )
        assert on_road.any()
        steps = np.hypot(np.diff(walk.s), np.diff(walk.lateral)) / 0.1
        assert steps.max() <= 1.01 * walk.pace


def test_no_vehicle_touches_them(streets) -> None:  # type: ignore[no-untyped-def]
    for _, traffic, walks in streets:
        for walk in walks:
            for vehicle in traffic.vehicles:
                along = np.abs(walk.s - vehicle.lane.direction * vehicle.q)
                across = np.abs(
                    walk.lateral
                    - vehicle.lane.center_m
                    - vehicle.lane.direction * vehicle.lateral_m
                )
                touched = (along < LENGTH_M[vehicle.kind] / 2 + 0.3) & (across < 1.4)
                assert not touched.any()
