"""Ways of the camera: turns, lane changes, pavements, flights; nothing stands in them."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.virtual_world.cameras import open_camera
from depth_seg_ros.virtual_world.clearance import flight
from depth_seg_ros.virtual_world.course import Course, draw_legs
from depth_seg_ros.virtual_world.scene import Scene, build_scene
from depth_seg_ros.virtual_world.sidewalk import LOW_M, ROBOT_M, pavement_way
from depth_seg_ros.virtual_world.stage import Stage
from depth_seg_ros.virtual_world.traffic.manoeuvres import draw_turn, ego_way
from depth_seg_ros.virtual_world.traffic.simulation import simulate
from depth_seg_ros.virtual_world.ways import Way, way_along


@pytest.fixture(scope="module")
def street() -> Scene:
    return build_scene(7, {"residential": 1.0})


def touched(scene: Scene, way: Way, reach_m: float, low_m: float, high_m: float) -> int:
    """Vertices of what stands still within a cylinder round any point of a way."""
    p = scene.static.position.reshape(-1, 3)
    count = 0
    for point in way.points[::4]:
        near = np.hypot(*(p[:, [0, 2]] - point[[0, 2]]).T) < reach_m
        up = p[near, 1] - point[1]
        count += int(((up > low_m) & (up < high_m)).sum())
    return count


def test_a_robot_follows_a_pavement_round_what_stands_there(street: Scene) -> None:
    way = pavement_way(street, np.random.default_rng(0))
    assert way is not None
    assert touched(street, way, ROBOT_M * 0.6, LOW_M + 0.06, 1.2) == 0
    _, lateral = street.axis.project(way.points[:, 0], way.points[:, 2])
    section = street.course.layouts[0].section
    away = np.abs(lateral)
    assert (away > min(section.edge(1), section.edge(-1))).all()
    assert np.linalg.norm(np.diff(way.points, axis=0), axis=1).max() < 0.3


def test_nobody_else_is_on_a_robots_way(street: Scene) -> None:
    way = pavement_way(street, np.random.default_rng(0))
    stage = Stage(street, way)
    rig = open_camera("robot").rig(np.random.default_rng(1))
    for t_s in np.arange(0, street.duration_s, 0.7):
        at = stage.camera_pose(rig, float(t_s)).position
        for placed in stage.placements(float(t_s)):
            assert np.hypot(*(placed.position - at)[[0, 2]]) > 0.5


def test_drones_leave_the_road_at_their_height(street: Scene) -> None:
    found = [flight(street, 9.0, np.random.default_rng(k)) for k in range(6)]
    aside = [way for way in found if way is not street.way]
    assert aside
    for way in aside:
        assert np.abs(street.axis.project(way.points[:, 0], way.points[:, 2])[1]).max() < 40


def test_cars_turn_off_and_change_lanes() -> None:
    turned = changed = 0
    for seed in range(40):
        course = Course(draw_legs(seed, {"city": 1.0}))
        dice = np.random.default_rng([seed, 9])
        lane = course.layouts[0].section.forward()[course.parameters.traffic.ego_lane]
        turn = draw_turn(course, lane, dice)
        traffic = simulate(course, None if turn is None else (turn.start_m, turn.start_m + 30))
        way = ego_way(course, traffic, turn, dice)
        steps = np.linalg.norm(np.diff(way.points, axis=0), axis=1)
        assert np.isfinite(way.points).all() and steps.max() < 3.6
        assert np.abs(np.diff(way.heading)).max() < 0.35
        _, lateral = course.axis.project(way.points[:, 0], way.points[:, 2])
        if turn is not None and np.abs(lateral[-1]) > course.layouts[0].section.outer(
            turn.arm.side
        ):
            turned += 1
        elif turn is None and np.ptp(lateral) > 2.0:
            changed += 1
    assert turned >= 2 and changed >= 1


@pytest.mark.parametrize(("place", "seeds"), [("city", 12), ("campus", 2), ("construction", 2)])
def test_nothing_stands_in_straight_and_turned_ways(place: str, seeds: int) -> None:
    """With solids of any shape everywhere, over the way's edge too."""
    turned = 0
    for seed in range(seeds):
        scene = build_scene(seed, {place: 1.0}, clutter=1.0)
        way = scene.way
        p = scene.static.position
        p = np.concatenate([p, (p + np.roll(p, 1, 1)) / 2, p.mean(1, keepdims=True)], 1)
        near = np.zeros(p.shape[:2], bool)
        for point, heading in zip(way.points[::5], way.heading[::5], strict=True):
            away = p - point
            close = (np.abs(away[..., 0]) < 3) & (np.abs(away[..., 2]) < 3)
            along = away[close][:, [0, 2]] @ np.array([np.sin(heading), np.cos(heading)])
            across = away[close][:, [0, 2]] @ np.array([np.cos(heading), -np.sin(heading)])
            up = away[close][:, 1]
            near[close] |= (np.abs(across) < 0.9) & (np.abs(along) < 1.8) & (up > 0.35) & (up < 1.9)
        assert not near.any(), np.unique(scene.static.class_id[near.any(1)])
        turned += float(np.ptp(way.heading)) > 1.0
        if turned and seed > 1:
            break
    assert turned or place != "city"


def test_a_way_is_held_beyond_its_ends() -> None:
    line = np.array([[0.0, 0, 0], [0, 0, 10], [10, 0, 10]])
    way = way_along(line, np.arange(5.0), np.array([0.0, 5, 10, 15, 30]), np.zeros(5))
    assert way.at(0.0)[1] == pytest.approx(0.0) and way.at(9.0)[1] == pytest.approx(np.pi / 2)
    np.testing.assert_allclose(way.at(99.0)[0], line[-1])
