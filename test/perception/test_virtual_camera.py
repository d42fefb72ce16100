"""Pacing, and what is published of a view."""

from __future__ import annotations

import threading
import time

import numpy as np

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.perception.virtual_camera import TOPICS, View, paced, payloads
from depth_seg_ros.types import Frame, GroundTruth, Intrinsics


def view(stamp_ns: int = 0) -> View:
    frame = Frame(stamp_ns, "cam", np.zeros((2, 4, 3), np.uint8), Intrinsics(4, 2, 1, 1, 1, 1))
    truth = GroundTruth(stamp_ns, np.ones((2, 4), np.float32), np.zeros((2, 4), np.uint8))
    return View(frame, truth, moving=(Transform(stamp_ns, "map", "cam", np.eye(4)),))


def test_each_item_waits_for_its_turn() -> None:
    late: list[float] = []
    start = time.monotonic()
    times = [
        time.monotonic() - start for _ in paced(range(4), 50.0, threading.Event(), late.append)
    ]
    assert [t >= 0.02 * n for n, t in enumerate(times)] == [True] * 4


def test_a_slow_source_is_told_and_makes_no_burst() -> None:
    def slow():
        yield 0
        time.sleep(0.1)
        yield 1
        yield 2

    late: list[float] = []
    times = {n: time.monotonic() for n in paced(slow(), 50.0, threading.Event(), late.append)}
    assert len(late) == 1 and late[0] > 0.05
    assert times[2] - times[1] >= 0.019


def test_the_first_item_is_never_late() -> None:
    def slow_start():
        time.sleep(0.05)
        yield 0

    late: list[float] = []
    assert list(paced(slow_start(), 1000.0, threading.Event(), late.append)) == [0]
    assert late == []


def test_a_stop_ends_it() -> None:
    stop = threading.Event()
    seen = []
    for n in paced(range(100), 1000.0, stop, lambda _: None):
        seen.append(n)
        if n == 2:
            stop.set()
    assert seen == [0, 1, 2]


def test_truth_is_made_for_who_listens() -> None:
    assert [t for t, _ in payloads(view(), TOPICS)] == list(TOPICS)
    made = dict(payloads(view().stamped(7), {topics.TRUE_DEPTH}))
    assert list(made) == [topics.VIRTUAL_INFO, topics.VIRTUAL_IMAGE, topics.TRUE_DEPTH]
    assert {p.header.stamp_ns for p in made.values()} == {7}
    assert view().stamped(7).moving[0].stamp_ns == 7
