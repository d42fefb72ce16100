"""Rhythm, loss and what to ask of a camera."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from depth_seg_ros.perception.arrivals import Gaps, RhythmWatch
from depth_seg_ros.perception.reliability import BUFFER, FASTDDS_PROFILES, ask_reliable, cure

PERIOD_NS = 33_333_333


def gaps_of(numbers, jitter: float = 0.0) -> Gaps | None:
    rng = np.random.default_rng(0)
    watch = RhythmWatch()
    for n in numbers:
        watch.add(round((n + jitter * rng.uniform(-1, 1)) * PERIOD_NS))
    return watch.gaps()


def test_a_whole_stream_has_no_gaps() -> None:
    assert gaps_of(range(60)) == Gaps(0, 59)
    assert gaps_of(range(60), jitter=0.05) == Gaps(0, 59)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_lost_images_are_counted_by_the_rhythm(share: float) -> None:
    rng = np.random.default_rng(1)
    arrived = [n for n in range(600) if rng.random() > share][-60:]
    gaps = gaps_of(arrived)
    assert gaps is not None
    assert gaps.share == pytest.approx(1 - 59 / (arrived[-1] - arrived[0]), abs=1e-9)


def test_without_a_rhythm_nothing_is_claimed() -> None:
    rng = np.random.default_rng(2)
    assert gaps_of(np.cumsum(rng.exponential(1.0, 60))) is None
    assert gaps_of(range(5)) is None
    assert gaps_of([7] * 30) is None


def test_a_slower_camera_has_a_slower_rhythm() -> None:
    assert gaps_of([*range(60), *range(60, 200, 2)]) == Gaps(0, 59)


def test_a_stamp_that_goes_back_begins_anew() -> None:
    assert gaps_of([*range(100, 160, 3), *range(20)]) == Gaps(0, 19)


@pytest.mark.parametrize(
    ("choice", "publishers", "asked"),
    [
        ("auto", [], False),
        ("auto", [True, True], True),
        ("auto", [True, False], False),
        ("reliable", [False], True),
        ("best_effort", [True], False),
    ],
)
def test_auto_follows_the_publishers(choice: str, publishers: list[bool], asked: bool) -> None:
    assert ask_reliable(choice, publishers) == asked


def test_the_profiles_it_names_are_there_and_say_what_they_should() -> None:
    root = ElementTree.parse(Path(__file__).resolve().parents[2] / FASTDDS_PROFILES).getroot()
    values = {e.tag.rpartition("}")[2]: (e.text or "").strip() for e in root.iter()}
    assert int(values["segment_size"]) >= 32 << 20
    assert int(values["receiveBufferSize"]) <= BUFFER


def test_the_cure_names_the_middleware_s_own_setting() -> None:
    assert "SocketReceiveBufferSize min" in cure("rmw_cyclonedds_cpp", reliable=False)
    assert FASTDDS_PROFILES in cure("rmw_fastrtps_cpp", reliable=False)
    assert "publish reliable" in cure("rmw_other", reliable=False)
    assert "deeper history" in cure("rmw_other", reliable=True)
