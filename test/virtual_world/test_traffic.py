"""Traffic: nothing touches, lights hold, queues stand close ahead of the ego vehicle."""

from itertools import pairwise

import numpy as np
import pytest
from courses import STREETS, course_of

from depth_seg_ros.virtual_world.street.markings import stop_line_s
from depth_seg_ros.virtual_world.traffic.simulation import (
    EGO_FRONT_M,
    EGO_REAR_M,
    length_of,
    simulate,
)


@pytest.mark.parametrize("place", STREETS)
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_vehicles_of_a_lane_never_overlap(seed: int, place: str) -> None:
    traffic = simulate(course_of(seed, place))
    for lane in {v.lane for v in traffic.vehicles}:
        q = [v.q for v in traffic.vehicles if v.lane == lane]
        room = [length_of(v.kind) for v in traffic.vehicles if v.lane == lane]
        if lane == traffic.ego_lane:
            q.append(traffic.ego_s + (EGO_FRONT_M - EGO_REAR_M) / 2)
            room.append(length_of("ego"))
        order = np.argsort([track[0] for track in q])
        for a, b in pairwise(order):
            assert (q[b] - q[a]).min() > (room[a] + room[b]) / 2


def test_nobody_drives_backwards() -> None:
    for seed in range(6):
        traffic = simulate(course_of(seed, "city"))
        assert (np.diff(traffic.ego_s) >= -1e-9).all()
        assert all((np.diff(v.q) >= -1e-9).all() for v in traffic.vehicles)


def test_red_lights_hold_the_ego_vehicle() -> None:
    held = 0
    for seed in range(40):
        course = course_of(seed, "city")
        traffic = simulate(course)
        for signal in traffic.signals:
            line = stop_line_s(course.layouts[0], signal.junction_s, 1)
            red = traffic.times < signal.release_s
            if red.any():
                assert (traffic.ego_s[red] + EGO_FRONT_M).max() < line + 0.6
                held += 1
    assert held > 3


def test_a_queue_stands_four_to_eight_metres_ahead() -> None:
    found = 0
    for seed in range(30):
        course = course_of(seed, "city")
        if course.layouts[0].parameters.traffic.queue:
            traffic = simulate(course)
            ahead = [
                v.q[0] - length_of(v.kind) / 2
                for v in traffic.vehicles
                if v.lane == traffic.ego_lane and v.q[0] > traffic.ego_s[0]
            ]
            assert 3.9 <= min(ahead) <= 8.1
            found += 1
    assert found
