"""One command from a camera to weights of its own, small."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from depth_seg_ros.models import resolve_model
from depth_seg_ros.spec import read_spec
from depth_seg_ros.virtual_world.cameras import open_camera
from training import make_your_own, networks
from training.export import export
from training.model_spec import default_spec
from training.start.initialise import start_network
from training.start.starting_point import open_starting_point

SMALL = ["optim.steps=2", "optim.batch=2", "loop.validate_every=2", "loop.tensorboard=false"]


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    network = networks.build("ds_net", depth_head="exp")
    start_network(network, "he", 12.0)
    spec = default_spec(network, 80.0, 32, 32)
    path = tmp_path / "start.onnx"
    export(network, spec.with_training(recipe={"network": {"depth_head": "exp"}}), path)
    return path


def test_a_fine_tune_keeps_what_its_start_has(tmp_path):
    """Rig input, leaning and doubt go on, at the shape of the camera's images."""
    camera = open_camera("robot").scaled(0.5)
    job = make_your_own.Job(camera, resolve_model("ds_net_lite"), tmp_path)
    e = make_your_own.fine_tune_of(job, make_your_own.CONFIG, [])
    start = open_starting_point(str(job.model))
    assert start.options and start.options.items() <= asdict(e.network).items()
    assert (e.data.width, e.data.height) == (start.width, start.height)
    (source,) = e.data.train
    assert source.width / source.height == pytest.approx(320 / 240, rel=0.1)
    assert source.width * source.height <= start.width * start.height
    assert e.augment.rig_unknown > 0
    plain = make_your_own.fine_tune_of(
        replace(job, model=resolve_model("ds_net")), make_your_own.CONFIG, []
    )
    assert not plain.network.rig_input and plain.data.train[0].width == 0


@pytest.fixture
def told(monkeypatch):
    """What each scored reader's frames tell of the camera."""
    told = []

    def score(path, reader, protocol, real=make_your_own.score):
        told.append(reader.told_rig)
        return real(path, reader, protocol)

    monkeypatch.setattr(make_your_own, "score", score)
    return told


def test_world_training_and_scores_and_going_on(tmp_path, model, told, capsys):
    camera = tmp_path / "mine.yaml"
    camera.write_text("{width: 64, height: 48, fx: 60, fy: 60, cx: 31.5, cy: 23.5, mount: robot}")
    command = ["--camera", str(camera), "--model", str(model), "--out", str(tmp_path / "out")]
    command += ["--scenes", "1", "--test-scenes", "1", "--frames", "2", "--workers", "1"]
    command += [part for setting in SMALL for part in ("--set", setting)]
    assert make_your_own.main(command) == 0
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["camera"] == "mine"
    assert scores["before"]["abs_rel"] > 0 and scores["after"]["abs_rel"] > 0
    assert scores["before"] != scores["after"]
    assert told == ["", "", "of the data set alone", "of the data set alone"]
    assert {"before, height known", "after, height known"} < scores.keys()
    finished = tmp_path / "out" / scores["model"]
    assert read_spec(finished).training["steps"] == 2
    assert read_spec(finished).default_rig.height_m == pytest.approx(math.sqrt(0.3 * 1.0))
    said = capsys.readouterr().out
    assert "before" in said and "after, height known" in said
    assert f"model:={finished.resolve()}" in said
    page = (tmp_path / "out" / "report.html").read_text()
    for words in ("depth before", "depth after", "true depth", "true labels", "evaluate_bag"):
        assert words in page
    drawn = sorted((tmp_path / "out" / "world").rglob("*.png"))
    times = [p.stat().st_mtime_ns for p in drawn]
    assert make_your_own.main(command) == 0  # nothing is drawn or trained twice
    assert [p.stat().st_mtime_ns for p in drawn] == times


def test_an_unknown_camera_is_one_line(tmp_path, capsys):
    assert make_your_own.main(["--camera", "submarine", "--out", str(tmp_path / "o")]) == 1
    assert "submarine" in capsys.readouterr().err
    assert not Path(tmp_path / "o").exists()
