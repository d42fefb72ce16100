"""An experiment: complete, checked, and every mistake is one line with the file and the key."""

from pathlib import Path

import pytest
import yaml

from depth_seg_ros.errors import ConfigError
from training.config import experiment_from_dict, load_experiment

CONFIGS = Path(__file__).parents[2] / "config" / "training"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_experiments_are_valid_and_round_trip(path):
    experiment = load_experiment(path)
    assert experiment_from_dict(experiment.to_dict(), "again") == experiment
    assert yaml.safe_load(yaml.safe_dump(experiment.to_dict())) == experiment.to_dict()


def write(tmp_path, text):
    path = tmp_path / "e.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optim: {epochs: 1, learning_rate: 3}", r"e.yaml: unknown key optim.learning_rate; known"),
        ("optim: {epochs: 1, batch: many}", r"e.yaml: optim.batch should be int, found 'many'"),
        ("optim: {epochs: 1, steps: 5}", r"give exactly one"),
        ("optim: {epochs: 1, batch: 5, accumulate: 2}", r"multiple of accumulate"),
        ("optim: {epochs: 1, schedule: linear}", r"optim.schedule is 'linear'; known: constant"),
        ("{optim: {epochs: 1}, data: {width: 100}}", r"multiples of 16"),
        ("{optim: {epochs: 1}, data: {train: [{worlds: [a]}]}}", r"data.train\[0\] lacks root"),
        ("{optim: {epochs: 1}, loss: {depth: [1]}}", r"loss.depth should map names"),
        ("[1, 2]", r"the file should hold keys"),
        ("a: [", r"not readable yaml"),
    ],
)
def test_mistakes(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_experiment(write(tmp_path, text))


def test_overrides_and_numbers_yaml_takes_for_text(tmp_path):
    path = write(tmp_path, "optim: {epochs: 1, lr: 1e-4}")
    experiment = load_experiment(path, ["optim.lr=3e-4", "data.train=[{root: /d, worlds: [x]}]"])
    assert experiment.optim.lr == pytest.approx(3e-4)
    assert experiment.data.train[0].worlds == ("x",)
    with pytest.raises(ConfigError, match=r"section\.key=value"):
        load_experiment(path, ["optim.lr"])
    with pytest.raises(ConfigError, match="no experiment"):
        load_experiment(tmp_path / "none.yaml")
