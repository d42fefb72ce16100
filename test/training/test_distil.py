"""A student learns what its teacher says, at pixels that nobody labelled too."""

from dataclasses import replace

import pytest
import torch

from depth_seg_ros.errors import ConfigError
from training.config_file import experiment_from_dict
from training.distil import disagreement, open_teacher
from training.layers.network import Outputs
from training.model_spec import load_for_export
from training.recorder import read_scalars
from training.train import train


@pytest.fixture
def teacher(tiny, experiment_data, tmp_path):
    train(experiment_from_dict(experiment_data, "test"), tmp_path / "teacher")
    return tmp_path / "teacher" / "last.pt"


def test_who_agrees_differs_by_nothing_and_a_factor_is_its_logarithm():
    depth, logits = torch.full((1, 2, 2), 5.0), torch.randn(1, 30, 2, 2)
    same = disagreement(Outputs(depth, logits), Outputs(depth, logits))
    assert same["teacher_depth"] == 0 and same["teacher_classes"] == pytest.approx(0, abs=1e-6)
    twice = disagreement(Outputs(2 * depth, None), Outputs(depth, logits))
    assert twice.keys() == {"teacher_depth"}
    assert twice["teacher_depth"] == pytest.approx(0.6931, abs=1e-4)


def test_a_student_comes_to_agree(teacher, experiment_data, tmp_path):
    silent = {"depth": {"log_l1": 0.0}, "semantic": 0.0}  # the teacher alone teaches
    experiment_data["loss"] |= {"teacher": str(teacher), **silent}
    experiment_data["optim"] |= {"epochs": 0, "steps": 60, "lr": 0.02}
    experiment_data["augment"] = {"flip": 0.5}
    e = experiment_from_dict(experiment_data, "test")
    train(replace(e, loop=replace(e.loop, seed=9)), tmp_path / "student")
    rows = read_scalars(tmp_path / "student/scalars.csv")
    for name in ("teacher_depth", "teacher_classes"):
        values = [float(r["value"]) for r in rows if (r["kind"], r["name"]) == ("train", name)]
        assert values[-1] < 0.7 * values[0], name
    _, spec = load_for_export(tmp_path / "student/last.pt")
    assert spec.training["recipe"]["loss"]["teacher"] == "last.pt"  # no path of this machine


def test_a_teacher_of_another_size_is_refused(teacher):
    with pytest.raises(ConfigError, match="48x32"):
        open_teacher(str(teacher), 64, 32)
