"""The mean of several runs' weights: one network that often carries over better than each.

    python -m training.average runs/a runs/b --out runs/mean.pt
    python -m training.average runs/a runs/b runs/b --classes-from runs/b --out runs/mean.pt

A run that is named twice counts twice. The two decoders may want different means: depth carries
over best early, classes best late (``--classes-from``).

For runs that went on from the same start (other seeds, data or places): their weights lie close
enough together for a mean to make sense (Wortsman et al., Model soups, ICML 2022). Of runs that
began apart it is noise. Batch norms are folded away first: a start has none, and those of what went
on from it are others. The result is to export, to evaluate and to start from, not to resume.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from depth_seg_ros.system.command import command_parser, run
from training import checkpoint, networks
from training.checkpoint import Checkpoint, Progress
from training.errors import TrainingError
from training.layers import batch_norm
from training.train import LAST

CLASSES = "class_decoder."
"""What the keys of the decoder of classes begin with."""


def average(paths: Sequence[Path], classes_from: Path | None = None) -> Checkpoint:
    """A checkpoint of the mean weights (each run's averaged ones, where there are); TrainingError
    where the runs are not of one network. steps and seconds are those of all runs together.

    classes_from: a run, or a mean of runs, whose decoder of classes is taken instead."""
    read = {path: checkpoint.load(_file(path)) for path in paths}
    found, first = [read[path] for path in paths], read[paths[0]]
    other = None if classes_from is None else checkpoint.load(_file(classes_from))
    named = [*read.items(), *([(classes_from, other)] if classes_from and other else [])]
    for path, c in named:
        if _of(c) != _of(first):
            raise TrainingError(
                f"{path} is of {_of(c)}, {paths[0]} of {_of(first)}: only runs of one network "
                "have a mean"
            )
    weights = _mean([_folded(c) for c in found])
    if other is not None:
        decoder = {k: v for k, v in _folded(other).items() if k.startswith(CLASSES)}
        if not decoder:
            raise TrainingError(f"{classes_from} is of a network without classes; leave it out")
        weights |= decoder
    progress = Progress(
        step=sum(c.progress.step for c in read.values()),
        seconds=sum(c.progress.seconds for c in read.values()),
        loaded=first.progress.loaded,
    )
    facts = {**first.facts, "mean_of_runs": len(read)}
    network = replace(first.experiment.network, batch_norm=False, fixed_statistics=False)
    return replace(
        first, experiment=replace(first.experiment, network=network), progress=progress,
        weights=weights, average=None, optimizer={}, scaler={}, facts=facts,
    )  # fmt: skip


def _file(path: Path) -> Path:
    return path / LAST if path.is_dir() else path


def _of(c: Checkpoint) -> str:
    config = c.experiment.network
    return f"{config.name} {config.options()}"


def _folded(c: Checkpoint) -> dict[str, Tensor]:
    """A run's (averaged) weights without batch norms, which change nothing of what it says."""
    config = c.experiment.network
    plain = networks.build(config.name, **config.options())
    return batch_norm.fold(plain, dict(c.average or c.weights))


def _mean(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Of numbers; counters are the first run's."""
    return {
        name: torch.stack([w[name].double() for w in weights]).mean(0).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in weights[0].items()
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.average", __doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs, or checkpoints")
    parser.add_argument("--out", required=True, type=Path, help="the checkpoint to write")
    parser.add_argument(
        "--classes-from", type=Path, help="a run whose decoder of classes the mean is to have"
    )
    args: argparse.Namespace = parser.parse_args(argv)

    def work() -> None:
        mean = average(args.runs, args.classes_from)
        checkpoint.save(args.out, mean)
        print(f"{args.out}: mean of {len(args.runs)} runs of {mean.experiment.network.name}")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
