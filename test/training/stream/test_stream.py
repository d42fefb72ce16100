"""Scenes pass through memory: bounded, every frame in its turn, the same after an interruption."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from stream_makers import dying, scene

from training.config import AugmentConfig
from training.data.resample import NetworkSample
from training.errors import TrainingError
from training.stream.batches import stream_batches
from training.stream.renderers import Renderers
from training.stream.schedule import Schedule

SCHEDULE = Schedule(window=4, frames=3, uses=2.0, batch=2, seed=7)


def test_a_frame_is_seen_as_often_as_asked() -> None:
    steps = 3000
    seen: dict[tuple[int, int], int] = {}
    for step in range(steps):
        picks = SCHEDULE.picks(step)
        assert len(set(picks)) == len(picks) == 2
        for pick in picks:
            assert pick[0] in SCHEDULE.scenes(step)
            seen[pick] = seen.get(pick, 0) + 1
    complete = [seen.get((s, f), 0) for s in range(20, 800) for f in range(3)]
    assert np.mean(complete) == pytest.approx(2.0, rel=0.02)


def test_ranks_have_scenes_of_their_own() -> None:
    indices = [{Schedule(4, 3, 2.0, 2, 7, rank, 2).index(s) for s in range(10)} for rank in (0, 1)]
    assert not indices[0] & indices[1]
    assert indices[0] | indices[1] == set(range(20))


def test_memory_holds_the_window_and_no_more() -> None:
    made: list[int] = []

    def make(index: int) -> list[NetworkSample]:
        made.append(index)
        return scene(index)

    with Renderers(make, 0) as renderers:
        for step in range(0, 60, 3):
            renderers.keep(SCHEDULE.scenes(step))
            assert set(renderers._scenes) == set(SCHEDULE.scenes(step))
    assert made == sorted(set(made)), "a scene was made twice, or out of turn"


@pytest.mark.parametrize("workers", [0, 2])
def test_going_on_gives_the_same_batches(workers: int) -> None:
    vary = AugmentConfig(flip=0.5, zoom=1.3, noise=0.5)
    whole = list(stream_batches(scene, SCHEDULE, vary, workers, 0, 12))
    again = list(stream_batches(scene, SCHEDULE, vary, 0, 5, 12))
    for one, two in zip(whole[5:], again, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_leaving_early_ends_the_processes() -> None:
    source = stream_batches(scene, SCHEDULE, None, 1, 0, 1000)
    assert next(source).image.shape == (2, 16, 32, 3)
    source.close()
    with pytest.raises(StopIteration):
        next(source)


def test_a_process_that_dies_is_one_error() -> None:
    with pytest.raises(TrainingError, match="died"):
        stream_batches(dying, SCHEDULE, None, 1, 0, 10)
