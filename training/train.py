"""The training loop: one file, read top to bottom.

    python -m training.train config/training/best.yaml --out runs/ds_net
    python -m training.train --resume runs/ds_net
    torchrun --nproc-per-node 8 -m training.train config/training/paper.yaml --out runs/paper

A run is a folder: ``experiment.yaml``, ``environment.json``, ``scalars.csv``, ``pictures/``,
``tensorboard/``, and the checkpoints ``last.pt``, ``best.pt`` and ``step_*.pt``. A run that was
interrupted, by whatever, goes on from ``last.pt`` and ends with the same weights, bit for bit on a
CPU (unless ``optim.minutes`` ties it to the clock).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import cast

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from depth_seg_ros.metrics.better import is_better
from depth_seg_ros.system.atomic import write_array
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.signals import exit_status, stop_on_signals
from training import checkpoint, runtime
from training.config import Experiment
from training.config_file import experiment_from_dict, load_experiment, override
from training.data.loader import Batch, Plan, batches
from training.errors import TrainingError
from training.optimise import rate_at, set_rate
from training.pictures import examples
from training.progress import Bar, ending, share_done
from training.provenance import environment
from training.recorder import Recorder, write_identity
from training.setup_run import Run, set_up
from training.stream.batches import stream_batches
from training.stream.scenes import scene_maker
from training.stream.schedule import Schedule
from training.validate import validate

LAST, BEST, MEAN_DEPTH = "last.pt", "best.pt", "mean_depth.npy"
Terms = dict[str, Tensor]


def train(
    experiment: Experiment, folder: Path, resume: bool = False, overfit: int = 0
) -> checkpoint.Progress:
    """Run an experiment in ``folder`` to its end; returns where it stands then.

    resume: go on from ``last.pt``. overfit: learn the first N frames by heart, without variation
    (a network that cannot do that has a bug).
    """
    resumed = checkpoint.load(folder / LAST) if resume else None
    if not resume and (folder / LAST).exists():
        raise TrainingError(f"{folder} holds a run already; --resume it or choose another folder")
    with runtime.start(experiment.loop) as place, _explaining_memory(experiment):
        run = set_up(experiment, place, resumed, overfit)
        if not place.leads:
            return _loop(run, folder, None, {}, overfit)
        about = environment()
        write_identity(folder, experiment, about)
        write_array(folder / MEAN_DEPTH, run.baseline.mean_depth_m)
        recorder = Recorder(folder, run.progress.step, experiment.loop.tensorboard)
        try:
            return _loop(run, folder, recorder, about, overfit)
        finally:
            recorder.close()


def _loop(
    run: Run, folder: Path, recorder: Recorder | None, about: dict[str, str], overfit: int
) -> checkpoint.Progress:
    e, place, progress = run.experiment, run.runtime, run.progress
    steps, per_epoch = run.steps, run.steps_per_epoch
    log = _Log(place)
    with (
        stop_on_signals() as stopping,
        closing(_batches(run, overfit)) as source,
        Bar(run) as bar,
    ):
        clock = time.monotonic()
        for batch in source:
            set_rate(run.optimizer, rate_at(share_done(run), e.optim))
            # What is drawn inside the network depends on the step alone: resuming is exact.
            place.seed(e.loop.seed * 1_000_003 + progress.step)
            terms = _step(run, batch.to(place.device))
            progress.step += 1
            progress.seconds += time.monotonic() - clock
            clock = time.monotonic()
            if run.average is not None:
                run.average.update(run.network, progress.step)
            log.add(terms)
            bar.update()

            step = progress.step
            over, progress.interrupted = _ended(run, steps, stopping)
            if over or step % e.loop.log_every == 0:
                scalars = log.means(step) | {"rate": run.optimizer.param_groups[0]["lr"]}
                bar.tell(scalars["loss"])
                if recorder:
                    recorder.scalars(step, "train", scalars)
            if over or step % (e.loop.validate_every or per_epoch) == 0:
                _validate(run, folder, recorder, about)
                clock = time.monotonic()
            if recorder and (over or step % (e.loop.save_every or per_epoch) == 0):
                checkpoint.save(folder / LAST, run.checkpoint(about))
            if recorder and e.loop.keep_every and step % e.loop.keep_every == 0:
                checkpoint.save(folder / f"step_{step:06d}.pt", run.checkpoint(about))
            if over or 0 < e.loop.patience <= progress.stale:
                break
    if recorder:
        tqdm.write(ending(run, folder / LAST, folder / BEST))
    return progress


def _batches(run: Run, overfit: int) -> Generator[Batch, None, None]:
    """From where the run stands to its end: of the data on disk, or of scenes made meanwhile."""
    e, place, step = run.experiment, run.runtime, run.progress.step
    variation = None if overfit else e.augment
    stream = e.data.stream
    if stream.window and not overfit:
        schedule = Schedule(
            stream.window, stream.frames, stream.uses, e.optim.batch // place.world, e.loop.seed,
            place.rank, place.world,
        )  # fmt: skip
        make = scene_maker(stream, e.data.width, e.data.height).make
        return stream_batches(make, schedule, variation, stream.workers, step, run.steps)
    plan = Plan(
        run.train.by_shape(), e.optim.batch, seed=e.loop.seed, start=step, steps=run.steps,
        rank=place.rank, world=place.world,
    )  # fmt: skip
    pin = place.device.type == "cuda"
    return batches(run.train, variation, e.loop.seed, plan, e.data.workers, pin)


def _step(run: Run, batch: Batch) -> Terms:
    """Forward, backward and update for one batch, in ``accumulate`` parts; the loss terms."""
    count = run.experiment.optim.accumulate
    summed: Terms = {}
    for number, part in enumerate(batch.parts(count), start=1):
        with _synchronised(run, number == count):
            with run.runtime.autocast():
                outputs = run.model(*part.inputs(run.network))
            total, terms = run.loss(outputs, part.depth_m, part.labels)
            if run.lesson is not None:
                with run.runtime.autocast():
                    more, taught = run.lesson(outputs, part.inputs(run.lesson.network))
                total, terms = total + more, terms | taught
            run.scaler.scale(total / count).backward()  # type: ignore[no-untyped-call]
        for key, value in {"loss": total.detach(), **terms}.items():
            summed[key] = summed.get(key, 0) + value / count
    run.scaler.unscale_(run.optimizer)
    limit = run.experiment.optim.clip or float("inf")
    parameters = [p for g in run.optimizer.param_groups for p in g["params"]]
    summed["gradient_norm"] = torch.nn.utils.clip_grad_norm_(parameters, limit)
    run.scaler.step(run.optimizer)
    run.scaler.update()
    run.optimizer.zero_grad(set_to_none=True)
    return summed


def _validate(run: Run, folder: Path, recorder: Recorder | None, about: dict[str, str]) -> None:
    """Score, keep the best, and count validations without improvement."""
    e, progress = run.experiment, run.progress
    per_rank = max(1, e.optim.batch // e.optim.accumulate // run.runtime.world)
    result = validate(run.weights_to_judge(), run.validation, run.loss, run.runtime, per_rank)
    progress.scores = result.scores
    if e.loop.select not in result.scores:
        known = ", ".join(result.scores)
        raise TrainingError(f"loop.select is {e.loop.select!r}; this run has: {known}")
    score = result.scores[e.loop.select]
    if progress.best is None or is_better(e.loop.select, score, progress.best):
        progress.best, progress.best_step, progress.stale = score, progress.step, 0
    else:
        progress.stale += 1
    if recorder is None:
        return
    recorder.scalars(progress.step, "validation", result.scores)
    if result.examples:
        recorder.picture(progress.step, "validation", examples(*result.examples))
    shown = {k: v for k, v in result.scores.items() if k in ("abs_rel", "rmse", "delta1", "miou")}
    text = ", ".join(f"{k} {v:.3f}" for k, v in shown.items())
    tqdm.write(f"step {progress.step}: loss {result.scores['loss']:.3f}, {text}")
    if progress.stale == 0:
        checkpoint.save(folder / BEST, run.checkpoint(about))


def _ended(run: Run, steps: int, stopping: Event) -> tuple[bool, bool]:
    """(no further step, because a signal asked for it), the same on every rank.

    Several ranks agree only now and then: asking costs a synchronisation.
    """
    between = run.progress.step % run.experiment.loop.log_every != 0
    if run.runtime.world > 1 and between and run.progress.step < steps:
        return False, False
    complete = share_done(run) >= 1
    ended = complete or stopping.is_set(), stopping.is_set() and not complete
    return cast(tuple[bool, bool], run.runtime.broadcast(ended))


class _Log:
    """Means of the loss terms since they were last asked for."""

    def __init__(self, place: runtime.Runtime) -> None:
        self._place, self._sums, self._count = place, dict[str, Tensor](), 0

    def add(self, terms: Terms) -> None:
        for key, value in terms.items():
            self._sums[key] = self._sums.get(key, 0) + value
        self._count += 1

    def means(self, step: int) -> dict[str, float]:
        """TrainingError where the loss is no longer a number."""
        means = {k: self._place.mean(v / self._count).item() for k, v in self._sums.items()}
        self._sums, self._count = {}, 0
        if not means["loss"] < float("inf"):  # NaN compares false
            raise TrainingError(
                f"the loss is {means['loss']} at step {step}: lower optim.lr, raise optim.warmup, "
                "set optim.clip, or compute in fp32 or bf16; last.pt is from before"
            )
        return means


@contextmanager
def _explaining_memory(e: Experiment) -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, RuntimeError) as error:
        text = str(error).lower()
        if "out of memory" not in text and "not enough memory" not in text:
            raise
        raise TrainingError(
            f"out of memory with batch {e.optim.batch} in {e.optim.accumulate} parts: raise "
            f"optim.accumulate (same result, less memory), or loop.precision bf16 ({error})"
        ) from error


def _synchronised(run: Run, last: bool) -> AbstractContextManager[None]:
    """Ranks exchange gradients only with the last part of a step."""
    if isinstance(run.model, DistributedDataParallel) and not last:
        return run.model.no_sync()
    return nullcontext()


def dry_run(experiment: Experiment) -> None:
    """Two steps, a validation and a checkpoint of the experiment, in a folder that goes away."""
    e = replace(
        experiment,
        data=replace(experiment.data, limit_validation=4),
        optim=replace(experiment.optim, steps=2, epochs=0, minutes=0.0),
        loop=replace(experiment.loop, log_every=1, tensorboard=False),
    )
    with tempfile.TemporaryDirectory() as folder:
        train(e, Path(folder))


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.train", __doc__)
    parser.add_argument("config", nargs="?", help="an experiment, see config/training/")
    parser.add_argument("--out", type=Path, help="folder of the new run")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="go on with an interrupted run")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument(
        "--overfit",
        type=ranged("data.limit_train"),
        default=0,
        metavar="N",
        help="learn N frames only",
    )
    parser.add_argument("--dry-run", action="store_true", help="two steps, then forget them")
    args = parser.parse_args(argv)
    if args.config and args.resume:
        parser.error(
            f"--resume goes on with the run's own experiment: drop {args.config}, and change "
            "single values with --set"
        )
    if not (args.config or args.resume):
        parser.error("give an experiment or --resume RUN")
    if args.resume and args.out:
        parser.error(f"--resume goes on in {args.resume}: drop --out")
    if args.config and not (args.out or args.dry_run):
        parser.error("a new run needs --out FOLDER")

    def work() -> int:
        if args.dry_run:
            dry_run(load_experiment(args.config, args.set))
            return 0
        if args.resume:
            stored = checkpoint.load(args.resume / LAST).experiment
            experiment = experiment_from_dict(override(stored.to_dict(), args.set), "--set")
            done = train(experiment, args.resume, resume=True, overfit=args.overfit)
        else:
            done = train(load_experiment(args.config, args.set), args.out, overfit=args.overfit)
        return exit_status() if done.interrupted else 0

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
