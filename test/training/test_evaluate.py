"""A checkpoint is scored through the very Predictor of the robot, baselines beside it."""

import json

from depth_seg_ros.spec import read_spec
from training import evaluate
from training.config_file import experiment_from_dict
from training.export import main as export_main
from training.train import train


def test_a_run_is_scored_and_exported(tiny, experiment_data, toy, tmp_path, capsys):
    experiment_data["network"]["encoder_weights"] = "he"
    train(experiment_from_dict(experiment_data, "test"), tmp_path / "run")
    arguments = [str(tmp_path / "run"), "--data", str(toy), "--worlds", "0006"]
    assert evaluate.main([*arguments, "--out", str(tmp_path / "report")]) == 0
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["frames"]["scored"] == 12
    assert {"model", "mean depth per pixel"} <= report["rows"].keys()
    assert any(name.startswith("constant") for name in report["rows"])
    assert "miou" in report["metrics"]

    facts = tmp_path / "facts.json"
    facts.write_text('{"scores": {"abs_rel": 0.2}}')
    command = [str(tmp_path / "run/best.pt"), "--out", str(tmp_path / "net.onnx")]
    assert export_main([*command, "--facts", str(facts)]) == 0
    spec = read_spec(tmp_path / "net.onnx")
    assert (spec.input_width, spec.input_height) == (48, 32)
    assert spec.training["scores"] == {"abs_rel": 0.2}
    assert spec.training["frames"] == 12 and spec.training["steps"] > 0
    assert str(tmp_path) not in spec.to_json()  # no paths of the machine that trained it
    assert evaluate.main([*arguments[:3], "--worlds", "0099", "--out", "x"]) == 1
    assert "0099 is not there" in capsys.readouterr().err
