"""What class weights did to the scores is found on frames and taken back in the last bias."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from depth_seg_ros.labels import NETWORK_CLASSES, NUM_CHANNELS
from training import checkpoint, class_bias
from training.checkpoint import Checkpoint
from training.class_bias import LARGEST, find_shifts, find_steadily, shifted
from training.config import NetworkConfig
from training.errors import TrainingError

Saved = Callable[..., Checkpoint]
ROAD, POLE, PERSON = (NETWORK_CLASSES.id(n) for n in ("road", "pole", "person"))


def pixels(bias: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A rare class whose scores are ``bias`` too high, among much of two others."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([ROAD, POLE, PERSON], 30_000, p=[0.9, 0.08, 0.02]).astype(np.uint8)
    scores = np.full((len(labels), NUM_CHANNELS), -20, np.float32)
    for c in (ROAD, POLE, PERSON):
        scores[:, c] = 3 * (labels == c) + rng.normal(0, 1, len(labels))
    scores[:, PERSON] += bias
    return scores, labels


def test_a_class_that_wins_too_often_is_held_back() -> None:
    shifts = find_shifts(*pixels(bias=2.0))
    assert shifts[PERSON] <= min(shifts[ROAD], shifts[POLE]) - 1.5
    assert np.abs(shifts).max() <= LARGEST
    absent = np.delete(np.arange(NUM_CHANNELS), [ROAD, POLE, PERSON])
    assert not shifts[absent].any()  # nothing is said of what was not seen
    scores, labels = pixels(bias=2.0, seed=1)  # others than those it was found on
    assert class_bias._mean_iou(scores + shifts, labels) > (
        class_bias._mean_iou(scores, labels) + 0.05
    )


def test_chance_in_one_part_of_the_frames_counts_as_that_part() -> None:
    made = [pixels(bias=2.0 if part == 0 else 0.0, seed=part) for part in range(4)]
    scores, labels = np.concatenate([s for s, _ in made]), np.concatenate([n for _, n in made])
    alone, usual = (find_shifts(*made[part])[PERSON] for part in (0, 1))
    assert alone < usual - 0.7
    assert abs(find_steadily(scores, labels)[PERSON] - usual) < abs(alone - usual) / 2
    few = scores[:3], labels[:3]
    assert np.array_equal(find_steadily(*few), find_shifts(*few))


def test_scores_that_are_never_wrong_stay() -> None:
    scores, labels = pixels(bias=0.0)
    scores[np.arange(len(labels)), labels] += 100
    assert not find_shifts(scores, labels).any()


def test_frames_without_labels_are_refused() -> None:
    with pytest.raises(TrainingError, match="no labelled pixel"):
        find_shifts(np.zeros((0, NUM_CHANNELS), np.float32), np.zeros(0, np.uint8))


def test_the_last_bias_takes_it_and_nothing_else(tmp_path: Path, saved: Saved) -> None:
    before = saved(tmp_path / "run", 1, ema=True)
    shifts = np.zeros(NUM_CHANNELS, np.float32)
    shifts[PERSON] = -1.25
    after = shifted(before, shifts)
    assert before.average is not None and after.average is None
    changed = [k for k, t in after.weights.items() if not torch.equal(t, before.average[k])]
    assert changed == ["class_decoder.head.bias"]
    moved = after.weights[changed[0]] - before.average[changed[0]]
    torch.testing.assert_close(moved, torch.from_numpy(shifts))
    assert after.facts["class_bias"] == {"person": -1.25}
    checkpoint.save(tmp_path / "fair.pt", after)
    assert checkpoint.load(tmp_path / "fair.pt").network().name == "ds_net_lite"


def test_a_network_without_classes_is_refused(tmp_path: Path, saved: Saved) -> None:
    depth_only = saved(tmp_path / "run", 1, name="depth_mancini")
    experiment = replace(depth_only.experiment, network=NetworkConfig(name="depth_mancini"))
    with pytest.raises(TrainingError, match="last bias of the classes' decoder"):
        shifted(replace(depth_only, experiment=experiment), np.zeros(NUM_CHANNELS, np.float32))
