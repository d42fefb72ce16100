"""What a run says about itself: the bar counts what ends it, the end says why, and where it is."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import yaml

from training.checkpoint import Progress
from training.config_file import experiment_from_dict
from training.progress import Bar, ending, share_done
from training.train import main, train


@pytest.fixture
def run(experiment_data):
    """A run of 100 steps that has done 40 in 30 s."""
    return SimpleNamespace(
        experiment=experiment_from_dict(experiment_data, "test"),
        progress=Progress(step=40, seconds=30.0),
        steps=100,
        network=SimpleNamespace(name="tiny"),
        runtime=SimpleNamespace(leads=True),
    )


def limited(run, minutes):
    run.experiment = replace(run.experiment, optim=replace(run.experiment.optim, minutes=minutes))
    return run


def test_without_a_limit_the_bar_counts_images(run):
    with Bar(run) as bar:
        assert (bar._bar.n, bar._bar.total) == (160, 400)
    assert share_done(run) == 0.4


def test_with_a_limit_the_bar_counts_seconds(run, capsys):
    with Bar(limited(run, 1.0)) as bar:
        assert (bar._bar.n, bar._bar.total) == (30, 60)
        run.progress.seconds = 75.0
        bar.update()
        bar.tell(0.5)
        assert bar._bar.n == 60
    assert "step=40" in capsys.readouterr().err
    assert share_done(run) == 1.0


@pytest.mark.parametrize(
    ("minutes", "changes", "words"),
    [
        (0.0, {"step": 100}, "all steps done"),
        (0.5, {}, "time limit of 0.5 minutes"),
        (0.0, {"interrupted": True}, "goes on"),
    ],
)
def test_the_end_says_why(run, tmp_path, minutes, changes, words):
    limited(run, minutes)
    for name, value in changes.items():
        setattr(run.progress, name, value)
    told = ending(run, tmp_path / "last.pt", tmp_path / "best.pt")
    assert words in told and str(tmp_path / "last.pt") in told and "\n" not in told


def test_a_run_ends_with_that_line(tiny, experiment_data, tmp_path, capsys):
    train(experiment_from_dict(experiment_data, "test"), tmp_path / "run")
    told = capsys.readouterr().out
    assert "all steps done, after 6 steps" in told and str(tmp_path / "run/best.pt") in told


def test_resume_says_what_to_drop(experiment_file, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(experiment_file), "--resume", str(tmp_path)])
    assert f"drop {experiment_file}" in capsys.readouterr().err


def test_a_missing_data_folder_is_called_missing(tiny, experiment_data, tmp_path, capsys):
    experiment_data["data"]["validation"] = [{"root": str(tmp_path / "none")}]
    path = tmp_path / "e.yaml"
    path.write_text(yaml.safe_dump(experiment_data))
    assert main([str(path), "--out", str(tmp_path / "run")]) == 1
    assert f"there is no folder {tmp_path / 'none'}" in capsys.readouterr().err
