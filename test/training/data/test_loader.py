"""The plan of batches is a pure function of seed, step and rank."""

import numpy as np
import pytest
import torch

from training.config import AugmentConfig, DataConfig, Source
from training.data.frames import open_frames
from training.data.loader import Plan, batches
from training.errors import DatasetError


def plan(start=0, steps=7, rank=0, world=1, frames=12, batch=4):
    groups = [np.arange(frames)] if isinstance(frames, int) else frames
    return list(Plan(groups, batch, seed=1, start=start, steps=steps, rank=rank, world=world))


def test_an_epoch_sees_every_frame_once_and_the_next_in_another_order():
    steps = plan(steps=6)
    first, second = [[f for s in half for _, f in s] for half in (steps[:3], steps[3:])]
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    assert {e for s in steps[3:] for e, _ in s} == {1}


def test_a_later_start_is_the_same_plan_cut():
    assert plan(start=4) == plan()[4:]


def test_ranks_share_the_batch():
    whole, parts = plan(), [plan(rank=r, world=2) for r in (0, 1)]
    for step, one, two in zip(whole, *parts, strict=True):
        assert sorted(step) == sorted(one + two) and len(one) == len(two) == 2


def test_a_batch_holds_frames_of_one_shape_and_shapes_take_turns():
    groups = [np.arange(0, 24, 2), np.arange(1, 24, 2)]
    steps = [[f for _, f in s] for s in plan(steps=6, frames=groups)]
    assert all(len({f % 2 for f in step}) == 1 for step in steps)
    assert sorted(f for step in steps for f in step) == list(range(24))
    turns = [step[0] % 2 for step in steps]
    assert turns not in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])  # drawn, with this seed
    assert plan(start=4, frames=groups) == plan(frames=groups)[4:]


def test_impossible_plans():
    with pytest.raises(DatasetError, match="cannot be shared"):
        plan(world=3)
    with pytest.raises(DatasetError, match=r"lower optim\.batch"):
        plan(frames=3)
    with pytest.raises(DatasetError, match=r"3 frames of one shape do not fill a batch of 4"):
        plan(frames=[np.arange(8), np.arange(3)])


def test_loader_processes_change_nothing(toy, tmp_path):
    config = DataConfig(cache=str(tmp_path / "cache"), width=48, height=32)
    frames = open_frames([Source(str(toy), ("0001",))], config)
    variation = AugmentConfig(flip=0.5, zoom=1.2, noise=1.0)
    steps = Plan([np.arange(12)], 4, seed=3, start=0, steps=4, rank=0, world=1)
    runs = [list(batches(frames, variation, 3, steps, workers, False)) for workers in (0, 1)]
    assert len(runs[0]) == 4
    for one, two in zip(*runs, strict=True):
        assert all(
            torch.equal(a.nan_to_num(-1), b.nan_to_num(-1)) for a, b in zip(one, two, strict=True)
        )
