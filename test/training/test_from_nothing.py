"""Worlds made while a network learns from them, small: one command, interrupted and gone on."""

import json
import sys

import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.models import resolve_model
from depth_seg_ros.spec import read_spec
from training import checkpoint, from_nothing
from training.config_file import load_experiment

pytest.importorskip("numba")

SMALL = [
    "network.name=ds_net", "network.encoder_weights=he", "network.freeze_blocks=3",
    "data.width=64", "data.height=32", "data.stream.window=2", "optim.batch=2",
    "loop.tensorboard=false", "loop.validate_every=100000", "loop.threads=1", "augment.mix_style=0",
]  # fmt: skip


@pytest.fixture
def command(tmp_path):
    camera = tmp_path / "mine.yaml"
    camera.write_text("{width: 64, height: 32, fx: 60, fy: 60, cx: 31.5, cy: 15.5}")
    command = ["--out", str(tmp_path / "out"), "--minutes", "0.05", "--workers", "1"]
    command += ["--cameras", f"{camera}:2", str(camera), "--scale", "1", "--scenes", "1"]
    return command + [part for setting in SMALL for part in ("--set", setting)]


def test_one_command_makes_scored_weights(command, tmp_path, capsys):
    assert from_nothing.main(command) == 0, capsys.readouterr().err
    out = tmp_path / "out"
    scores = json.loads((out / "scores.json").read_text())
    assert scores["abs_rel"] > 0
    stored = checkpoint.load(out / "run" / "last.pt")
    assert stored.progress.step >= 1
    assert 1 <= stored.experiment.data.stream.uses <= from_nothing.MOST_USES
    assert read_spec(out / "ds_net.onnx").training["steps"] == stored.progress.step
    printed = capsys.readouterr().out
    assert "frames/s" in printed and "abs_rel" in printed
    assert from_nothing.main(command) == 0  # finished: scored again, not trained again
    assert checkpoint.load(out / "run" / "last.pt").progress.step == stored.progress.step


def test_pace_bounds_how_often_a_frame_is_seen():
    assert from_nothing.Pace(10.0, 5.0).uses == 1.0
    assert from_nothing.Pace(10.0, 25.0).uses == 2.5
    assert from_nothing.Pace(1.0, 1000.0).uses == from_nothing.MOST_USES


def test_a_window_smaller_than_a_batch_is_refused():
    from training.config_file import experiment_from_dict

    data = {"data": {"stream": {"window": 1, "frames": 2}}, "optim": {"batch": 4, "steps": 1}}
    with pytest.raises(ConfigError, match="window"):
        experiment_from_dict(data, "test")


def test_an_unknown_camera_is_one_line(tmp_path, capsys):
    command = ["--out", str(tmp_path / "o"), "--minutes", "1", "--cameras", "submarine"]
    assert from_nothing.main(command) == 1
    assert "submarine" in capsys.readouterr().err
    assert sys.modules["training.from_nothing"] is from_nothing


@pytest.mark.parametrize("other", [[], ["network.name=ds_net", "data.width=256"]])
def test_a_start_goes_on_as_the_network_that_it_is(other):
    """ds_net_lite with all that it has, unless another network or size is wished for."""
    start = resolve_model("ds_net_lite")
    spec = read_spec(start)
    settings = from_nothing.start_of("ds_net_lite", from_nothing.CONFIG, other)
    experiment = load_experiment(from_nothing.CONFIG, [*settings, *other])
    network, data = experiment.network, experiment.data
    assert network.start_from == str(start)
    assert network.name == ("ds_net" if other else "ds_net_lite")
    assert (data.width, data.height) == (256 if other else spec.input_width, spec.input_height)
    kept = (network.rig_input, network.ground_lean, network.depth_confidence)
    assert kept == ((False, False, False) if other else (True, True, True))
    assert (experiment.augment.rig_noise > 0) == (not other)
