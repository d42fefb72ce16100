"""A report says what a camera's height did to depth, and when it was not believed."""

from __future__ import annotations

from depth_seg_ros.evaluation.ground_tally import GroundTally
from depth_seg_ros.types import Ground

AHEAD = (0.0, 1.0, 0.0)


def test_nothing_is_said_where_no_height_is() -> None:
    tally = GroundTally("")
    tally.add(None)
    assert tally.notes() == []


def test_frames_are_counted_by_what_became_of_them() -> None:
    tally = GroundTally("height 0.4 m")
    for factor in (0.2, 0.3, 0.4):
        tally.add(Ground(0.4, AHEAD, factor, 0.9))
    tally.add(Ground(0.4, AHEAD, reason="it fits 0.4 m", fits=True))
    tally.add(Ground(0.4, AHEAD, reason="no ground in view"))
    tally.add(None)
    (note,) = tally.notes()
    assert "(height 0.4 m)" in note and "3 of 6 frames, factor 0.30 (0.20 to 0.40)" in note
    for reason in ("fits the height as it is", "no ground in view", "calibration not known"):
        assert f"1 frames: {'the depth ' if 'fits' in reason else ''}" in note and reason in note


def test_a_contradicted_height_is_a_note_of_its_own() -> None:
    tally = GroundTally("height 2 m")
    for times in (3.1, 3.2):
        words = f"cars and people look {times} times too large, which contradicts a height of 2 m"
        tally.add(Ground(2.0, AHEAD, reason=words, contradicted=True, sizes=times))
    tally.add(Ground(2.0, AHEAD, 0.9, 0.9))
    first, second = tally.notes()
    assert "1 of 3 frames" in first and "Left alone: none" in first
    assert second == (
        "The camera's height is contradicted in 2 of 3 frames, where depth is the network's own. "
        "Last: cars and people look 3.2 times too large, which contradicts a height of 2 m."
    )
