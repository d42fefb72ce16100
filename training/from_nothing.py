"""Weights from nothing but this package: worlds are made while the network learns from them.

    python -m training.from_nothing --minutes 60 --workers 14 --out runs/nothing
    python -m training.from_nothing --minutes 10 --out runs/mine --cameras car:2 robot drone \\
        --start ds_net_lite

Worker processes render new scenes and keep them in memory for a while (``data.stream`` of the
experiment); nothing is written but the run. How often a frame is seen follows from how fast this
machine renders and trains, measured at the start. Run the command again to go on where it was
stopped: the same scenes come again. ``--out`` holds ``typical`` and ``unseen`` (small data sets:
what frames are like, and worlds for the scores), ``run``, the finished ``.onnx`` and
``scores.json``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from depth_seg_ros.models import resolve_model
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.virtual_world.cameras import open_camera
from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset
from training import checkpoint, runtime
from training.config import Experiment, Source
from training.config_file import load_experiment
from training.data.sources import open_source
from training.evaluate import score
from training.export import export
from training.model_spec import load_for_export
from training.setup_run import build_network
from training.start.starting_point import open_starting_point
from training.stream.scenes import scene_maker
from training.train import LAST
from training.trials import train_once

TYPICAL_SEED, UNSEEN_SEED, STREAM_SEED = 3, 4, 5
CONFIG = Path(__file__).parents[1] / "config" / "training" / "best.yaml"
SHOWN = ("abs_rel", "rmse", "delta1", "miou")
MOST_USES = 8.0
"""A frame seen more often than that teaches little: wait for new ones instead."""
TOLD = ("augment.rig_unknown=0.2", "augment.rig_noise=0.2")
"""How a network with rig input is told its rig: never quite the truth, so that it still looks."""
_STEPS = 1_000_000
"""More than a run by the clock can do."""


@dataclass(frozen=True)
class Job:
    """minutes: of training; workers: processes that render; window: frames kept in memory."""

    out: Path
    minutes: float
    workers: int
    cameras: tuple[str, ...] = ("car",)
    scale: float = 0.5
    frames: int = 6
    window: int = 600
    scenes: int = 16
    start: str = ""


def from_nothing(job: Job, config: Path, overrides: Sequence[str] = ()) -> dict[str, float | None]:
    """Do whatever is missing; returns the scores on unseen worlds."""
    for name, seed in (("typical", TYPICAL_SEED), ("unseen", UNSEEN_SEED)):
        camera = open_camera(job.cameras[0].partition(":")[0]).scaled(job.scale)
        make_dataset(Plan(job.out / name, camera, job.scenes, 4, seed), max(job.workers, 1))
    run = job.out / "run"
    if (run / LAST).exists():
        experiment = checkpoint.load(run / LAST).experiment
    else:
        experiment = experiment_of(job, config, overrides)
    train_once(experiment, run)
    network, spec = load_for_export(run / LAST)
    finished = job.out / f"{spec.name}.onnx"
    export(network, spec, finished, "fp16")
    metrics = score(finished, open_source(Source(str(job.out / "unseen"))), "dense").metrics
    scores = {k: metrics.get(k) for k in SHOWN}
    write_text(job.out / "scores.json", json.dumps(scores, indent=1) + "\n")
    return scores


def experiment_of(job: Job, config: Path, overrides: Sequence[str]) -> Experiment:
    """The recipe, with a stream whose frames are used as often as this machine's pace asks for."""
    settings = [
        f"data.train=[{{root: {job.out / 'typical'}}}]",
        f"data.validation=[{{root: {job.out / 'unseen'}}}]",
        f"data.cache={job.out / 'cache'}",
        f"data.stream.cameras={list(job.cameras)}",
        f"data.stream.scale={job.scale}",
        f"data.stream.frames={job.frames}",
        f"data.stream.window={max(1, job.window // job.frames)}",
        f"data.stream.workers={job.workers}",
        f"data.stream.seed={STREAM_SEED}",
        f"optim.minutes={job.minutes}",
        f"optim.steps={_STEPS}",
        *(start_of(job.start, config, overrides) if job.start else []),
        *overrides,
    ]
    experiment = load_experiment(config, settings)
    pace = measure(experiment)
    print(pace.in_words(), flush=True)
    return load_experiment(config, [*settings, f"data.stream.uses={pace.uses:.2f}"])


def start_of(name: str, config: Path, overrides: Sequence[str]) -> list[str]:
    """Settings that go on from a finished network (shipped name or file): the same network at the
    same size, with all that it has beyond the published structure, unless ``overrides`` wish for
    another."""
    path = resolve_model(name)
    start = open_starting_point(str(path))
    same = [
        f"network.name={start.name}",
        f"data.width={start.width}",
        f"data.height={start.height}",
    ]
    wished = load_experiment(config, [*same, *overrides])
    return [
        *same,
        f"network.start_from={path}",
        f"network.depth_head={start.depth_head}",
        "network.encoder_weights=he",
        "network.near_identity=false",
        "network.lsuv=false",
        *(f"network.{o}=true" for o in start.options if start.name == wished.network.name),
        *(TOLD if wished.network.name == start.name and "rig_input" in start.options else ()),
    ]


@dataclass(frozen=True)
class Pace:
    """Frames a second that all workers render, and that one training loop can take."""

    rendered_hz: float
    trained_hz: float

    @property
    def uses(self) -> float:
        return min(max(1.0, self.trained_hz / self.rendered_hz), MOST_USES)

    def in_words(self) -> str:
        return (
            f"this machine renders {self.rendered_hz:.1f} frames/s and trains on "
            f"{self.trained_hz:.1f}: each frame is seen {self.uses:.1f} times"
        )


def measure(experiment: Experiment) -> Pace:
    """Time a scene (after one that compiles the kernels) and a few training steps."""
    stream = experiment.data.stream
    maker = scene_maker(stream, experiment.data.width, experiment.data.height)
    maker.make(0)
    started = time.perf_counter()
    for index in (1, 2):
        maker.make(index)
    scene_s = (time.perf_counter() - started) / 2
    return Pace(stream.frames * max(stream.workers, 1) / scene_s, _trained_hz(experiment))


def _trained_hz(experiment: Experiment) -> float:
    """Images a second through forward and backward, without the data."""
    with runtime.start(experiment.loop) as place:
        network = build_network(experiment).to(place.device)
        batch = experiment.optim.batch // experiment.optim.accumulate
        shape = batch, experiment.data.height, experiment.data.width, 3
        image = torch.randint(0, 256, shape, dtype=torch.uint8, device=place.device)
        started = 0.0
        for step in range(4):
            if step == 1:  # the first one compiles and allocates
                started = time.perf_counter()
            with place.autocast():
                loss = network(image).depth_m.float().log().mean()
            loss.backward()
            loss.item()  # waits for the device
        return 3 * batch / (time.perf_counter() - started)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.from_nothing", __doc__)
    cores = os.cpu_count() or 1
    add = parser.add_argument
    add("--minutes", type=ranged("minutes"), required=True, help="of training")
    add("--workers", type=ranged("workers"), default=max(1, cores - 1), help="to render")
    add("--out", type=Path, required=True, metavar="DIR")
    add("--cameras", nargs="+", default=["car"], help="car:2 counts twice")
    add("--scale", type=ranged("scale"), default=0.5, help="of the cameras' images")
    add("--window", type=ranged("frames"), default=600, help="frames kept in memory")
    add("--scenes", type=ranged("scenes"), default=16, help="of the two small data sets")
    add("--start", default="", metavar="NAME_OR_FILE", help="weights to go on from")
    add("--config", type=Path, default=CONFIG)
    add("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    args = parser.parse_args(argv)

    def work() -> None:
        job = Job(
            args.out, args.minutes, args.workers, tuple(args.cameras), args.scale,
            window=args.window, scenes=args.scenes, start=args.start,
        )  # fmt: skip
        scores = from_nothing(job, args.config, args.set)
        print(", ".join(f"{k} {v:.3f}" for k, v in scores.items() if v is not None))

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
