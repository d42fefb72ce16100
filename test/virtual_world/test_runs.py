"""Trams and trains: they keep to their tracks, wait where they must, and meet no camera."""

from __future__ import annotations

from itertools import count, pairwise

import numpy as np
import pytest
from courses import course_of

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.railcar import RailCar
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.land.runs import Run, Stop, fitted
from depth_seg_ros.virtual_world.scene import build_scene
from depth_seg_ros.virtual_world.traffic.actors import Actor
from depth_seg_ros.virtual_world.traffic.rails import rail_actors
from depth_seg_ros.virtual_world.traffic.simulation import Traffic, simulate
from depth_seg_ros.virtual_world.ways import Way

TIMES = np.arange(0, 40.05, 0.1)
TURN = np.linspace(0, 1.2, 121)
PATH = np.stack([200 * (1 - np.cos(TURN)), 0 * TURN, 200 * np.sin(TURN)], -1)
"""A bend, 240 m long."""


def cars(number: int) -> tuple[RailCar, ...]:
    builder = MeshBuilder()
    builder.box((0, 2, 0), (2.4, 3.0, 11.0), Material(0, CITYSCAPES.id("train")))
    return (RailCar(builder.build(), 12.0),) * number


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return simulate(course_of(0, "country"))


def far_way() -> Way:
    return Way(TIMES, np.full((len(TIMES), 3), 900.0), 0 * TIMES, 0 * TIMES)


def test_it_halts_and_goes_on() -> None:
    run = Run(cars(2), PATH, 20.0, 9.0, (Stop(90.0, 5.0), Stop(200.0, np.inf)))
    at = run.travelled(TIMES)
    speed = np.diff(at) / 0.1
    assert (speed >= 0).all() and speed.max() <= 9.0 + 1e-9
    assert np.abs(np.diff(speed)).max() < 0.25  # 2.5 m/s² at most: no jerks
    standing = np.abs(at - 90.0) < 0.6
    assert 5.0 <= standing.sum() * 0.1 < 9.0
    assert at[-1] == pytest.approx(200.0, abs=0.6)


def test_it_waits_for_red_lights() -> None:
    run = Run(cars(1), PATH, 0.0, 10.0, lights=((60.0, 7.5), (150.0, 99.0)))
    at = run.at_red({7.5: 18.0}).travelled(TIMES)
    assert at[TIMES < 18.0].max() <= 60.0 and at[-1] > 180.0
    assert (run.travelled(TIMES)[TIMES > 12.0] > 100.0).all()


@pytest.mark.parametrize("seed", range(6))
def test_starts_keep_all_cars_on_a_closed_track(seed: int) -> None:
    run = fitted(Run(cars(3), PATH, 0.0, 12.0), np.random.default_rng(seed),
                 comes_in=False, goes_out=False)  # fmt: skip
    assert run is not None
    at = run.travelled(TIMES)
    assert at.min() >= run.length_m and at.max() <= 240.0
    assert fitted(Run(cars(30), PATH, 0.0, 12.0), np.random.default_rng(seed),
                  comes_in=False, goes_out=True) is None  # fmt: skip


def test_cars_follow_each_other_along_the_bend(traffic: Traffic) -> None:
    run = Run(cars(3), PATH, 60.0, 8.0, (Stop(180.0, np.inf),))
    found = [*rail_actors([run], traffic, far_way(), count(1).__next__)]
    assert len({actor.instance_id for actor in found}) == 3
    for t_s in (0.0, 3.3, 9.0):
        places = [actor.pose(t_s) for actor in found]
        for _, place in places:
            away = np.hypot(place[0] - 200.0, place[2])
            assert away == pytest.approx(200.0, abs=0.15)
        for (turn, place), (_, behind) in pairwise(places):
            assert np.linalg.norm(place - behind) == pytest.approx(12.0, abs=0.1)
            tangent = np.array([place[2], 0, 200 - place[0]]) / np.hypot(place[2], 200 - place[0])
            assert turn @ np.array([0, 0, 1.0]) @ tangent > 0.999


def test_a_run_that_would_meet_the_camera_is_left_out(traffic: Traffic) -> None:
    run = Run(cars(2), PATH, 60.0, 8.0)
    here = Way(TIMES, np.repeat(PATH[60][None], len(TIMES), 0), 0 * TIMES, 0 * TIMES)
    assert [*rail_actors([run], traffic, here, count(1).__next__)] == []


def test_trams_and_trains_run_in_their_places() -> None:
    for place in ("tram", "rail"):
        moved: list[Actor] = []
        for seed in range(5):
            scene = build_scene(seed, {place: 1.0})
            for actor in scene.actors:
                if (actor.mesh.class_id == CITYSCAPES.id("train")).all():
                    assert np.isfinite(actor.position).all()
                    if np.linalg.norm(actor.position[-1] - actor.position[0]) > 5:
                        moved.append(actor)
            if moved:
                break
        assert moved, place
