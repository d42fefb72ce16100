"""The mean of runs: numbers in the middle, and a refusal where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training import average, checkpoint
from training.checkpoint import Checkpoint
from training.config import NetworkConfig
from training.errors import TrainingError

Saved = Callable[..., Checkpoint]


def test_the_mean_of_two_runs(
    tmp_path: Path, saved: Saved, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = saved(tmp_path / "one", 1), saved(tmp_path / "two", 2, ema=True)
    out = tmp_path / "mean.pt"
    assert average.main([str(tmp_path / "one"), str(tmp_path / "two" / "last.pt"),
                         "--out", str(out)]) == 0  # fmt: skip
    assert "mean of 2 runs of ds_net_lite" in capsys.readouterr().out
    mean = checkpoint.load(out)
    assert two.average is not None and mean.average is None
    for name, tensor in mean.weights.items():
        if tensor.is_floating_point():
            torch.testing.assert_close(tensor, (one.weights[name] + two.average[name]) / 2)
    assert mean.progress.step == 23 and mean.facts == {"gpu": "none", "mean_of_runs": 2}
    assert mean.network().name == "ds_net_lite"


def test_a_run_named_twice_counts_twice_and_classes_may_come_from_another(
    tmp_path: Path, saved: Saved
) -> None:
    one, two = saved(tmp_path / "one", 1), saved(tmp_path / "two", 2)
    mean = average.average([tmp_path / "one", tmp_path / "two", tmp_path / "two"], tmp_path / "one")
    for name, tensor in mean.weights.items():
        if name.startswith(average.CLASSES):
            torch.testing.assert_close(tensor, one.weights[name])
        elif tensor.is_floating_point():
            expected = (one.weights[name] + 2 * two.weights[name]) / 3
            torch.testing.assert_close(tensor, expected)
    assert mean.facts["mean_of_runs"] == 2
    assert mean.progress.step == one.progress.step + two.progress.step


def test_other_networks_have_no_mean(tmp_path: Path, saved: Saved) -> None:
    one = saved(tmp_path / "one", 1)
    other = replace(one.experiment, network=NetworkConfig(name="ds_net_lite", rig_input=True))
    (tmp_path / "two").mkdir()
    checkpoint.save(tmp_path / "two" / "last.pt", replace(one, experiment=other))
    with pytest.raises(TrainingError, match="only runs of one network"):
        average.average([tmp_path / "one", tmp_path / "two"])
    with pytest.raises(TrainingError, match="no checkpoint"):
        average.average([tmp_path / "none.pt"])
