"""The loop: it learns, resumes exactly, shares work exactly, and says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml

from depth_seg_ros.errors import ConfigError
from training import checkpoint
from training.config_file import experiment_from_dict
from training.errors import TrainingError
from training.recorder import read_scalars
from training.train import main, train

COMMAND = Path(__file__).parent / "networks" / "command.py"
ROOT = Path(__file__).parents[2]


def weights(folder, name="last.pt"):
    return checkpoint.load(folder / name)


def same(one, two):
    assert one.keys() == two.keys()
    return all(torch.equal(one[k], two[k]) for k in one)


def start_command(*arguments, launcher=()):
    """A training command that knows ``tiny``, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *launcher, str(COMMAND), *arguments],
        env=environment,
        stderr=subprocess.DEVNULL,
    )


def experiment(data, **changes):
    for path, value in changes.items():
        section, key = path.split("__")
        data[section][key] = value
    return experiment_from_dict(data, "test")


def test_a_run_is_a_complete_folder(tiny, experiment_data, tmp_path):
    e = experiment(experiment_data, loop__tensorboard=True, loop__keep_every=3)
    progress = train(e, tmp_path / "run")
    files = {p.name for p in (tmp_path / "run").iterdir()}
    assert files >= {
        "last.pt", "best.pt", "step_000003.pt", "step_000006.pt", "scalars.csv", "pictures",
        "experiment.yaml", "environment.json", "tensorboard",
    }  # fmt: skip
    assert progress.step == 6
    assert {"abs_rel", "rmse", "delta1", "miou", "loss_cross_entropy"} <= progress.scores.keys()
    rows = read_scalars(tmp_path / "run/scalars.csv")
    assert [r["step"] for r in rows if (r["kind"], r["name"]) == ("train", "loss")] == list(
        "123456"
    )
    assert list((tmp_path / "run/pictures").glob("validation_*.png"))
    stored = weights(tmp_path / "run")
    assert stored.experiment == e
    assert not same(stored.weights, stored.average)


def test_it_can_learn_frames_by_heart(tiny, experiment_data, tmp_path):
    e = experiment(experiment_data, optim__epochs=0, optim__steps=60, optim__lr=0.02,
                   optim__batch=2, optim__ema=0.0, loop__validate_every=30)  # fmt: skip
    train(e, tmp_path / "run", overfit=2)
    losses = [float(r["value"]) for r in read_scalars(tmp_path / "run/scalars.csv")
              if (r["kind"], r["name"]) == ("train", "loss")]  # fmt: skip
    assert losses[-1] < 0.5 * losses[0]


def test_killed_and_resumed_is_bit_for_bit_uninterrupted(tiny, experiment_data, tmp_path):
    """Four epochs, killed after two with no chance to say goodbye, resumed: the same weights."""
    e = experiment(experiment_data, optim__epochs=4, optim__lr=0.01)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(e, whole)
    file = tmp_path / "four_epochs.yaml"
    file.write_text(yaml.safe_dump(e.to_dict()))
    process = start_command("training.train", str(file), "--out", str(broken))
    while process.poll() is None:
        if (broken / "last.pt").exists() and weights(broken).progress.step >= 6:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    process.wait()
    assert (broken / "last.pt").exists(), "the command failed before its first checkpoint"
    train(e, broken, resume=True)
    one, two = weights(whole), weights(broken)
    assert one.progress.step == two.progress.step == 12
    assert same(one.weights, two.weights) and same(one.average, two.average)
    assert one.progress.scores == two.progress.scores
    rows = [
        [(r["step"], r["kind"], r["name"]) for r in read_scalars(folder / "scalars.csv")]
        for folder in (whole, broken)
    ]
    assert rows[0] == rows[1]


def test_what_the_network_draws_depends_on_the_step_alone(
    tiny, experiment_data, tmp_path, monkeypatch
):
    from training import train as train_module

    step, seen = train_module._step, {}

    def spying(run, batch):
        seen.setdefault(run.progress.step, []).append(torch.rand(()).item())
        return step(run, batch)

    monkeypatch.setattr(train_module, "_step", spying)
    train(experiment(experiment_data, optim__epochs=1, loop__save_every=2), tmp_path / "run")
    train(experiment(experiment_data, optim__epochs=2), tmp_path / "run", resume=True)
    train(experiment(experiment_data, optim__epochs=2), tmp_path / "whole")
    assert len(seen) == 6 and len({draws[0] for draws in seen.values()}) == 6
    assert all(len(set(draws)) == 1 for draws in seen.values())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_resuming_in_the_middle_is_exact_in_one_process(
    tiny, experiment_data, tmp_path, monkeypatch, batch_norm
):
    whole = experiment(experiment_data, loop__save_every=2, network__batch_norm=batch_norm)
    train(whole, tmp_path / "whole")

    class Crash(Exception):
        pass

    from training import train as train_module

    step = train_module._step
    calls = []

    def crashes_at_4(run, batch):
        calls.append(1)
        if len(calls) == 4:
            raise Crash
        return step(run, batch)

    monkeypatch.setattr(train_module, "_step", crashes_at_4)
    with pytest.raises(Crash):
        train(whole, tmp_path / "broken")
    assert weights(tmp_path / "broken").progress.step == 2
    train(whole, tmp_path / "broken", resume=True)
    one, two = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert same(one.weights, two.weights) and same(one.average, two.average)


def test_two_processes_compute_what_one_does(tiny, experiment_data, experiment_file, tmp_path):
    train(experiment(experiment_data), tmp_path / "one")
    launch = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    arguments = ("training.train", str(experiment_file), "--out", str(tmp_path / "two"))
    process = start_command(*arguments, launcher=launch)
    assert process.wait() == 0
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    for key in one.weights:
        torch.testing.assert_close(one.weights[key], two.weights[key], rtol=2e-3, atol=2e-4)
    assert one.progress.scores["abs_rel"] == pytest.approx(two.progress.scores["abs_rel"], rel=1e-3)


def test_two_machines_compute_what_one_does(tiny, experiment_data, experiment_file, tmp_path):
    """Two launchers that meet at an address, as on two machines, a process each (gloo)."""
    train(experiment(experiment_data), tmp_path / "one")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nodes = []
    for rank in range(2):
        launch = (
            "-m", "torch.distributed.run", "--nnodes", "2", "--node-rank", str(rank),
            "--nproc-per-node", "1", "--master-addr", "127.0.0.1", "--master-port", str(port),
        )  # fmt: skip
        arguments = ("training.train", str(experiment_file), "--out", str(tmp_path / "two"))
        nodes.append(start_command(*arguments, launcher=launch))
    assert [node.wait() for node in nodes] == [0, 0]
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    for key in one.weights:
        torch.testing.assert_close(one.weights[key], two.weights[key], rtol=2e-3, atol=2e-4)


def test_accumulation_is_the_same_step(tiny, experiment_data, tmp_path):
    for parts in (1, 2):
        train(experiment(experiment_data, optim__accumulate=parts), tmp_path / str(parts))
    one, two = weights(tmp_path / "1"), weights(tmp_path / "2")
    for key in one.weights:
        torch.testing.assert_close(one.weights[key], two.weights[key], rtol=2e-3, atol=2e-4)


def test_bf16_runs(tiny, experiment_data, tmp_path):
    progress = train(experiment(experiment_data, loop__precision="bf16"), tmp_path / "run")
    assert progress.scores["abs_rel"] < 5


def test_early_stop(tiny, experiment_data, tmp_path):
    e = experiment(experiment_data, optim__lr=1e-12, optim__epochs=6, optim__ema=0.0,
                   loop__validate_every=1, loop__patience=2)  # fmt: skip
    assert train(e, tmp_path / "run").step == 3


def test_minutes_end_the_schedule(tiny, experiment_data, tmp_path):
    e = experiment(experiment_data, optim__epochs=0, optim__steps=100000, optim__minutes=0.02)
    progress = train(e, tmp_path / "run")
    assert progress.step < 100000
    rates = [
        float(r["value"]) for r in read_scalars(tmp_path / "run/scalars.csv") if r["name"] == "rate"
    ]
    assert rates[-1] < max(rates)


def test_a_loss_that_is_no_number_stops_the_run(tiny, experiment_data, tmp_path, monkeypatch):
    from training import train as train_module

    step = train_module._step

    def exploding(run, batch):
        """Weights that have left the numbers, as after steps that were far too large."""
        if run.progress.step == 2:
            next(run.network.parameters()).data.fill_(float("inf"))
        return step(run, batch)

    monkeypatch.setattr(train_module, "_step", exploding)
    with pytest.raises(TrainingError, match=r"loss is nan at step 3: lower optim.lr"):
        train(experiment(experiment_data), tmp_path / "run")


def test_a_checkpoint_of_another_network_is_refused(tiny, experiment_data, tmp_path):
    train(experiment(experiment_data), tmp_path / "run")
    stored = weights(tmp_path / "run")
    other = experiment_from_dict(
        stored.experiment.to_dict() | {"network": {"name": "depth_mancini"}}, "test"
    )
    changed = checkpoint.Checkpoint(**{**vars(stored), "experiment": other})
    with pytest.raises(TrainingError, match=r"not of depth_mancini: \d+ tensors do not fit"):
        changed.network()


def test_command_line_errors_are_one_line(tiny, experiment_file, tmp_path, capsys):
    assert main([str(experiment_file), "--out", str(tmp_path / "r"), "--set", "optim.x=1"]) == 1
    assert "unknown key optim.x" in capsys.readouterr().err
    assert main(["--resume", str(tmp_path)]) == 1
    assert "no checkpoint" in capsys.readouterr().err
    (tmp_path / "last.pt").write_bytes(b"not a checkpoint")
    assert main(["--resume", str(tmp_path)]) == 1
    assert "is not a checkpoint" in capsys.readouterr().err
    assert main([str(experiment_file), "--out", str(tmp_path)]) == 1
    assert "holds a run already" in capsys.readouterr().err


def test_dry_run_leaves_nothing(tiny, experiment_file, tmp_path, capsys):
    assert main([str(experiment_file), "--dry-run"]) == 0
    assert "abs_rel" in capsys.readouterr().out
    assert not list(tmp_path.glob("**/*.pt"))


def test_unknown_selection_is_explained(tiny, experiment_data, tmp_path):
    with pytest.raises((TrainingError, ConfigError), match=r"this run has: .*abs_rel"):
        train(experiment(experiment_data, loop__select="iou"), tmp_path / "run")


def test_going_on_at_another_resolution_keeps_the_geometry(tiny, experiment_data, tmp_path):
    """At half the resolution the world looks half as large; the depth head must not be fooled."""
    from training.runtime import Runtime
    from training.setup_run import set_up

    train(experiment(experiment_data), tmp_path / "run")
    e = experiment(experiment_data, network__start_from=str(tmp_path / "run/best.pt"),
                   data__width=96, data__height=64, network__freeze_blocks=0)  # fmt: skip
    run = set_up(e, Runtime(torch.device("cpu"), "fp32", 0, 1), None)
    before = weights(tmp_path / "run", "best.pt").network()
    image = torch.randint(0, 256, (1, 32, 48, 3), dtype=torch.uint8)
    with torch.no_grad():
        ratio = run.network(image).depth_m / before(image).depth_m
    torch.testing.assert_close(ratio, torch.full_like(ratio, 2.0))


def test_a_size_that_the_network_does_not_take_is_explained(experiment_data, tmp_path):
    with pytest.raises(ConfigError, match=r"48x32: ds_net_lite takes multiples of 32 only"):
        train(experiment(experiment_data, network__name="ds_net_lite"), tmp_path / "run")


def test_batch_norms_go_on_or_are_folded_or_come_back(tiny, experiment_data, tmp_path):
    from training.runtime import Runtime
    from training.setup_run import set_up

    def start(**changes):
        e = experiment(experiment_data, **changes)
        return set_up(e, Runtime(torch.device("cpu"), "fp32", 0, 1), None).network

    train(experiment(experiment_data, network__batch_norm=True), tmp_path / "run")
    kept = weights(tmp_path / "run")
    image = torch.randint(0, 256, (2, 32, 48, 3), dtype=torch.uint8)
    expected = kept.network()(image).depth_m  # folded
    source = str(tmp_path / "run/last.pt")
    folded = start(network__batch_norm=False, network__start_from=source)
    torch.testing.assert_close(folded(image).depth_m, expected)
    whole = start(network__batch_norm=True, network__start_from=source).eval()
    torch.testing.assert_close(whole(image).depth_m, expected, rtol=1e-4, atol=1e-4)
    train(experiment(experiment_data, network__batch_norm=False, network__start_from=""),
          tmp_path / "plain")  # fmt: skip
    expected = weights(tmp_path / "plain").network()(image).depth_m
    back = start(network__batch_norm=True, network__start_from=str(tmp_path / "plain/last.pt"))
    torch.testing.assert_close(back.eval()(image).depth_m, expected, rtol=1e-3, atol=1e-3)
