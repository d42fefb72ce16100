"""Weights for your own camera, in one command: a world, a fine-tune, scores before and after.

    python -m training.make_your_own --camera robot --out runs/my_robot
    python -m training.make_your_own --camera my_camera_info.yaml --minutes 60 --out runs/mine

Renders the virtual world as that camera sees it (``robot``, ``drone``, or a camera_info file with
``mount: robot`` and the like), goes on training ds_net_lite (``--model``) on it, and scores the
network before and after on worlds neither has seen: told nothing, and with the camera's height
known, as on the robot (the file's ``height_m``, or each frame's own where that is a range). Run it
again to go on where it was stopped. ``--out`` holds ``world``, ``world_test``, ``run``, the
finished ``.onnx``, ``scores.json`` and a page that shows all of it (``report.html``).
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.preprocess import shape_for
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.rig import WithoutRig, WithRig
from depth_seg_ros.spec import read_spec
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.types import Rig
from depth_seg_ros.virtual_world.cameras import CameraKind, Mount
from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset
from depth_seg_ros.virtual_world.render.jit import say_if_compiling
from training.config import Experiment, Source
from training.config_file import load_experiment
from training.data.sources import open_source
from training.evaluate import score
from training.export import export
from training.model_spec import load_for_export
from training.own_page import next_commands, write_page
from training.start.starting_point import open_starting_point
from training.train import LAST
from training.trials import train_once

TRAIN_SEED, TEST_SEED = 1, 2
PAGE = "report.html"
KNOWN = "height known"
SHOWN = ("abs_rel", "rmse", "delta1", "miou")
CONFIG = Path(__file__).parents[1] / "config" / "training" / "fine_tune.yaml"


@dataclass(frozen=True)
class Job:
    """What to make: frames are per scene; minutes end the training (0 = the recipe's steps)."""

    camera: CameraKind
    model: Path
    out: Path
    scenes: int = 60
    test_scenes: int = 10
    frames: int = 8
    minutes: float = 0.0
    workers: int = 1


@dataclass(frozen=True)
class Result:
    """The finished file, and the scores ``before`` and ``after``, each alone and with the camera's
    height known."""

    model: Path
    scores: dict[str, dict[str, float]]


def make_your_own(job: Job, config: Path, overrides: Sequence[str] = ()) -> Result:
    """Do whatever is missing; the finished file and its scores."""
    say_if_compiling()
    world, test = job.out / "world", job.out / "world_test"
    for root, scenes, seed in ((world, job.scenes, TRAIN_SEED), (test, job.test_scenes, TEST_SEED)):
        make_dataset(Plan(root, job.camera, scenes, job.frames, seed), job.workers)
    experiment = fine_tune_of(job, config, overrides)
    run = job.out / "run"
    train_once(experiment, run)
    network, spec = load_for_export(run / LAST)
    if not spec.rig_input:  # else it is told, and was taught what to take where it is not
        spec = replace(spec, default_rig=_taught(job.camera.mount))
    finished = job.out / f"{spec.name}_{job.camera.name}.onnx"
    export(network, spec, finished, "fp16")
    models = {"before": job.model, "after": finished}
    reader = open_source(Source(str(test)))
    told = WithRig(reader, _exact(job.camera.mount.pitch))
    untold = WithoutRig(reader)  # a network with rig input would otherwise be told all of it
    scores = {when: _scores(model, untold) for when, model in models.items()}
    scores |= {f"{when}, {KNOWN}": _scores(model, told) for when, model in models.items()}
    facts = {"camera": job.camera.name, "model": finished.name, **scores}
    write_text(job.out / "scores.json", json.dumps(facts, indent=1) + "\n")
    write_page(job.out / PAGE, job.camera.name, models, scores, untold)
    return Result(finished, scores)


def _scores(model: Path, reader: Reader) -> dict[str, float]:
    metrics = score(model, reader, "dense").metrics
    return {k: metrics[k] for k in SHOWN if metrics.get(k) is not None}


def _taught(mount: Mount) -> Rig:
    """How the camera hangs in the middle of what the network is taught."""
    low, high = mount.height_m
    return Rig(math.sqrt(low * high), sum(mount.pitch) / 2, 0.0)


def _exact(span: tuple[float, float]) -> bool:
    return span[0] == span[1]


def fine_tune_of(job: Job, config: Path, overrides: Sequence[str]) -> Experiment:
    """The recipe for this network, with all that it has, and these data: at the shape of this
    camera's images where the network knows several."""
    start, spec, camera = (
        open_starting_point(str(job.model)), read_spec(job.model), job.camera.intrinsics
    )  # fmt: skip
    width, height = shape_for(spec, camera.width, camera.height, camera)
    shape = f", width: {width}, height: {height}" if spec.stride else ""
    return load_experiment(
        config,
        [
            f"network.name={start.name}",
            f"network.depth_head={start.depth_head}",
            f"network.start_from={job.model}",
            f"data.width={start.width}",
            f"data.height={start.height}",
            *(f"network.{option}=true" for option in start.options),
            *(["augment.rig_unknown=0.3", "augment.rig_noise=0.2"] if spec.rig_input else []),
            f"data.train=[{{root: {job.out / 'world'}{shape}}}]",
            f"data.validation=[{{root: {job.out / 'world_test'}{shape}}}]",
            f"data.cache={job.out / 'cache'}",
            f"data.limit_validation={min(32, job.test_scenes * job.frames)}",
            f"optim.minutes={job.minutes}",
            *overrides,
        ],
    )


def table(scores: dict[str, dict[str, float]]) -> str:
    """Before and after, a line each."""
    rows = [f"{'':20}" + "".join(f"{k:>10}" for k in SHOWN)]
    for when, values in scores.items():
        rows.append(f"{when:20}" + "".join(f"{values.get(k, float('nan')):10.3f}" for k in SHOWN))
    return "\n".join(rows)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.make_your_own", __doc__)
    add_camera_options(parser, "robot")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name or file to start from")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--scenes", type=ranged("scenes"), default=60)
    parser.add_argument("--test-scenes", type=ranged("scenes"), default=10)
    parser.add_argument("--frames", type=ranged("frames"), default=8, help="of each scene")
    parser.add_argument(
        "--minutes", type=ranged("minutes"), default=0.0, help="end the training by then"
    )
    parser.add_argument("--scale", type=ranged("scale"), default=1.0, help="of the camera's image")
    parser.add_argument(
        "--workers", type=ranged("workers"), default=os.cpu_count() or 1, help="to render"
    )
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    args = parser.parse_args(argv)

    def work() -> None:
        camera = chosen_camera(args).scaled(args.scale)
        job = Job(
            camera, resolve_model(args.model).resolve(), args.out, scenes=args.scenes,
            test_scenes=args.test_scenes, frames=args.frames, minutes=args.minutes,
            workers=args.workers,
        )  # fmt: skip
        done = make_your_own(job, args.config, args.set)
        print(f"\nOn {args.test_scenes} unseen worlds, camera {camera.name}, protocol dense:")
        print(table(done.scores))
        print(f"{done.model}\n{args.out / PAGE}: before, after and truth side by side")
        print("next:", *next_commands(done.model), sep="\n  ")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
