"""Take back what class weights did to the scores, as far as validation frames ask for it.

    python -m training.class_bias runs/mean.pt --data data/validation --out runs/fair.pt

A loss that weighs rare classes more makes them win where they should not: people come out too
large, and posts among bushes. A constant added to the scores of a class undoes that without
learning anew (Menon et al., Long-tail learning via logit adjustment, ICLR 2021). Here each class's
is found by hill climbing on the mean IoU of validation frames, and added to the last bias of the
classes' decoder, so that the network costs what it did. What is found on a few frames of a rare
class is chance: so parts of the frames are asked by themselves, and their answers averaged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from depth_seg_ros.labels import NETWORK_CLASSES, NUM_CHANNELS, UNLABELED
from depth_seg_ros.metrics.segmentation import confusion_matrix, mean_iou
from depth_seg_ros.system.command import command_parser, run
from training import checkpoint
from training.checkpoint import Checkpoint
from training.config import Source
from training.data.frames import Frames, open_frames
from training.data.loader import stack
from training.errors import TrainingError
from training.layers.network import Network

PIXELS_PER_FRAME = 1500
PARTS = 4
STEPS = (0.5, 0.25, 0.125)
"""Of a class's constant, one size after the other."""
LARGEST = 3.0
WORTH = 1e-4
"""Mean IoU that a step must bring."""

Scores = npt.NDArray[np.float32]


def find_shifts(scores: Scores, labels: npt.NDArray[np.uint8]) -> Scores:
    """float32 [C]: what to add to the scores [N, C] of pixels with labels [N]; TrainingError
    without any that count."""
    ids = [c for c in NETWORK_CLASSES.evaluated_ids() if (labels == c).any()]
    if not ids:
        raise TrainingError("no labelled pixel of a class that counts; give labelled worlds")
    shifts = np.zeros(scores.shape[1], np.float32)
    best = _mean_iou(scores, labels)
    for step in STEPS:
        moved = True
        while moved:
            moved = False
            for c, way in ((c, way) for c in ids for way in (-step, step)):
                trial = shifts.copy()
                trial[c] += way
                if abs(trial[c]) <= LARGEST and (found := _mean_iou(scores + trial, labels)) > (
                    best + WORTH
                ):
                    shifts, best, moved = trial, found, True
    return shifts


def find_steadily(scores: Scores, labels: npt.NDArray[np.uint8], parts: int = PARTS) -> Scores:
    """float32 [C]: the mean of what ``parts`` equal runs of the pixels ask for; TrainingError as
    :func:`find_shifts`."""
    counts = np.isin(labels, NETWORK_CLASSES.evaluated_ids())
    if np.count_nonzero(counts) < parts:
        return find_shifts(scores, labels)
    runs = np.array_split(np.flatnonzero(counts), parts)
    return np.asarray(np.mean([find_shifts(scores[r], labels[r]) for r in runs], 0), np.float32)


def _mean_iou(scores: Scores, labels: npt.NDArray[np.uint8]) -> float:
    confusion = confusion_matrix(scores.argmax(1).astype(np.uint8)[None], labels[None])
    return mean_iou(confusion, NETWORK_CLASSES.evaluated_ids())


@torch.inference_mode()
def sample(network: Network, frames: Frames, seed: int = 0) -> tuple[Scores, npt.NDArray[np.uint8]]:
    """(scores [N, C], labels [N]) of some labelled pixels of every frame."""
    network.eval()
    rng = np.random.default_rng(seed)
    found = []
    for alike in frames.by_shape():
        for index in alike.tolist():
            data = stack(frames, [index])
            logits = network(*data.inputs(network)).logits
            if logits is None:
                raise TrainingError(
                    f"{network.name} learns no classes; there is nothing to take back"
                )
            known = np.flatnonzero(data.labels.numpy().ravel() != UNLABELED)
            chosen = rng.permutation(known)[:PIXELS_PER_FRAME]
            rows = logits[0].flatten(1).T.float().numpy()[chosen]
            found.append((rows, data.labels.numpy().ravel()[chosen]))
    scores, labels = zip(*found, strict=True)
    return np.concatenate(scores), np.concatenate(labels).astype(np.uint8)


def shifted(saved: Checkpoint, shifts: Scores) -> Checkpoint:
    """The checkpoint with its (averaged) weights' class scores shifted, to export and to start
    from."""
    weights = dict(saved.average or saved.weights)
    names = [
        n for n, t in weights.items()
        if n.startswith("class_decoder.") and n.endswith(".bias") and t.shape == (NUM_CHANNELS,)
    ]  # fmt: skip
    if len(names) != 1:
        raise TrainingError(f"found {names} as the last bias of the classes' decoder; need one")
    weights[names[0]] = weights[names[0]] + torch.from_numpy(shifts)
    told = {NETWORK_CLASSES.name(c): round(float(s), 3) for c, s in enumerate(shifts) if s}
    return replace(
        saved, weights=weights, average=None, optimizer={}, scaler={},
        facts={**saved.facts, "class_bias": told},
    )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.class_bias", __doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", required=True, nargs="+", metavar="ROOT", help="labelled worlds")
    parser.add_argument("--out", required=True, type=Path, help="the checkpoint to write")
    args: argparse.Namespace = parser.parse_args(argv)

    def work() -> None:
        saved = checkpoint.load(args.checkpoint)
        sources = [Source(root) for root in args.data]
        frames = open_frames(sources, saved.experiment.data)
        scores, labels = sample(saved.network(), frames)
        shifts = find_steadily(scores, labels)
        checkpoint.save(args.out, shifted(saved, shifts))
        before, after = _mean_iou(scores, labels), _mean_iou(scores + shifts, labels)
        print(f"{args.out}: mean IoU {before:.3f} -> {after:.3f} on {len(frames)} frames")
        for c in np.flatnonzero(shifts):
            print(f"  {NETWORK_CLASSES.name(int(c)):15s} {shifts[c]:+.3f}")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
