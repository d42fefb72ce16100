"""An experiment: complete, checked, and every mistake is one line with the file and the key."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import yaml

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import LIMITS
from training.config import Experiment, NetworkConfig, OptimConfig
from training.config_file import experiment_from_dict, load_experiment

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


@pytest.mark.parametrize(
    "text",
    [
        "optim.lr=.nan", "optim.lr=-1", "optim.lr=0", "optim.lr=.inf", "optim.lr=1e400",
        "optim.beta2=2", "optim.beta2=1", "optim.weight_decay=-1", "optim.clip=.nan",
        "optim.warmup=1", "optim.ema=1.5", "optim.batch=0", "optim.batch=-32",
        "optim.accumulate=0", "optim.minutes=.nan", "data.workers=-1", "data.workers=100000",
        "data.width=1000000000", "data.height=0", "data.limit_train=-5", "augment.flip=2",
        "augment.flip=.nan", "augment.zoom=0.5", "augment.color=-1", "loss.depth.log_rmse=.nan",
        "loss.depth.log_rmse=-1", "loss.semantic=.inf", "loss.max_depth_m=0", "loop.seed=-1",
        "loop.threads=100000", "loop.log_every=0", "loop.patience=-1", "network.freeze_blocks=6",
        "network.typical_depth_m=.nan", "data.stream.window=-1", "data.stream.uses=.nan",
    ],
)  # fmt: skip
def test_numbers_out_of_range_name_their_key(tmp_path, text):
    path = write(tmp_path, "optim: {epochs: 1}")
    with pytest.raises(ConfigError, match=re.escape(text.partition("=")[0]) + " is .*; give a"):
        load_experiment(path, [text])


@pytest.mark.parametrize("device", ["foo", "cuda:x", "", "cpu; rm", "cuda:99999"])
def test_a_device_that_is_none(tmp_path, device):
    path = write(tmp_path, "optim: {epochs: 1}")
    with pytest.raises(ConfigError, match=r"loop\.device is .*known: auto, cpu, cuda"):
        load_experiment(path, [f"loop.device='{device}'"])


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"[" * 50_000, b"a: &a [*a, *a]", b"- 1", b"3"]
)
def test_yaml_that_is_no_experiment(tmp_path, content):
    path = tmp_path / "e.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"e\.yaml") as error:
        load_experiment(path, ["optim.epochs=1"])
    assert "\n" not in str(error.value)


def test_every_number_of_an_experiment_has_a_declared_range():
    def numbers(config, where=""):
        for f in fields(config):
            value = getattr(config, f.name)
            if is_dataclass(value):
                yield from numbers(value, f"{where}{f.name}.")
            elif isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{where}{f.name}"

    keys = set(numbers(Experiment(optim=OptimConfig(epochs=1)))) | {"loss.depth"}
    sections = {f.name for f in fields(Experiment)}
    assert keys == {name for name in LIMITS if name.partition(".")[0] in sections}


def test_a_whole_number_too_large_for_any_float_is_refused():
    with pytest.raises(ConfigError, match="should be a number"):
        experiment_from_dict({"optim": {"lr": 10**400, "steps": 1}}, "test")


def test_fixed_statistics_need_a_start_that_has_some():
    with pytest.raises(ConfigError, match=r"set network\.batch_norm and network\.start_from too"):
        Experiment(
            network=NetworkConfig(batch_norm=True, fixed_statistics=True),
            optim=OptimConfig(steps=1),
        )
    network = NetworkConfig(batch_norm=True, fixed_statistics=True, start_from="ds_net")
    Experiment(network=network, optim=OptimConfig(steps=1))
