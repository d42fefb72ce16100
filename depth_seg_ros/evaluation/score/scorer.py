"""Sums up the scores of one run, frame by frame: the model's row, the baselines', the labels'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from depth_seg_ros.evaluation.score.distance import DistanceBin, DistanceProfile
from depth_seg_ros.evaluation.score.doubt import Doubt, DoubtProfile
from depth_seg_ros.evaluation.score.leak import is_cloned
from depth_seg_ros.evaluation.score.protocols import EvalProtocol, Pixels
from depth_seg_ros.labels import CITYSCAPES, UNLABELED, ClassTable, to_network_ids
from depth_seg_ros.metrics.depth import depth_scores
from depth_seg_ros.metrics.segmentation import (
    Confusion,
    class_iou,
    confusion_matrix,
    mean_iou,
    pixel_accuracy,
)
from depth_seg_ros.metrics.sums import ExactSum
from depth_seg_ros.types import Float32Array, GroundTruth, Prediction, UInt8Array

Scores = dict[str, float]

MODEL, WITHOUT_CLONES, CONSTANT = "model", "model, without clones", "constant"
"""Names of rows of scores; a constant's goes on with its metres."""


@dataclass(frozen=True)
class FrameScore:
    """One frame's scores. pixels: scored ones; coverage: of those the protocol wants."""

    key: str
    depth: Scores
    pixels: int
    coverage: float
    accuracy: float


class Row:
    """Means over images of per-image scores; its size does not grow with them, and they do not
    depend on the order of the images or on who added which."""

    def __init__(self) -> None:
        self._count = 0
        self._sums: dict[str, ExactSum] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, scores: Scores) -> None:
        self._count += 1
        for key, value in scores.items():
            self._sums.setdefault(key, ExactSum()).add(value)

    def merge(self, other: Row) -> None:
        """Count the images of another row too."""
        self._count += other._count
        for key, one in other._sums.items():
            self._sums.setdefault(key, ExactSum()).merge(one)

    def means(self) -> Scores:
        return {k: one.over(self._count) for k, one in self._sums.items()}

    def to_json(self) -> dict[str, Any]:
        return {"count": self._count, "sums": {k: v.to_json() for k, v in self._sums.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Row:
        row = cls()
        row._count = int(data["count"])
        row._sums = {k: ExactSum.from_json(v) for k, v in data["sums"].items()}
        return row


@dataclass(frozen=True)
class Tally:
    """What a scorer has counted, without its frames: rows of means, errors by distance, confusion
    int64 [256, 256] of the labels, what the depth says of its doubt."""

    rows: Mapping[str, Row]
    profile: DistanceProfile
    confusion: Confusion
    doubt: DoubtProfile

    def to_json(self) -> dict[str, Any]:
        where = np.nonzero(self.confusion)
        return {
            "rows": {name: row.to_json() for name, row in self.rows.items()},
            "distance": self.profile.to_json(),
            "confusion": np.stack([*where, self.confusion[where]], axis=1).tolist(),
            "doubt": self.doubt.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        confusion: Confusion = np.zeros((256, 256), np.int64)
        for truth, prediction, pixels in data["confusion"]:
            confusion[truth, prediction] = pixels
        rows = {name: Row.from_json(row) for name, row in data["rows"].items()}
        profile = DistanceProfile.from_json(data["distance"])
        return cls(rows, profile, confusion, DoubtProfile.from_json(data["doubt"]))


class Scorer:
    """Scores predictions against ground truth under one protocol.

    baselines: what to compare with, by the name of its row: a constant depth [m], or a depth image
        of any size that is resized to each frame.
    classes: what the prediction's labels mean; None = labels are not scored.
    label_names: restrict the labels to these classes (a benchmark's list).
    drive: name of the KITTI drive that all frames are from, where their keys do not tell.
    keep_frames: remember each frame's scores; False for a run without end.
    """

    def __init__(
        self,
        protocol: EvalProtocol,
        classes: ClassTable | None,
        baselines: Mapping[str, float | Float32Array],
        label_names: tuple[str, ...] | None = None,
        drive: str = "",
        keep_frames: bool = True,
    ) -> None:
        self.protocol = protocol
        self.count = 0
        """Frames scored."""
        self._keep_frames = keep_frames
        self.frames: list[FrameScore] = []
        self.rows: dict[str, Row] = {MODEL: Row(), WITHOUT_CLONES: Row()}
        self.rows |= {name: Row() for name in baselines}
        self.label_ids = _shared_ids(classes, label_names)
        self._baselines = baselines
        self._drive = drive
        self._profile = DistanceProfile()
        self._doubt = DoubtProfile()
        self._confusion: Confusion = np.zeros((256, 256), np.int64)
        self._to_cityscapes = _to_cityscapes(classes)
        # Networks without two-wheelers are taught to call them rider; others know them themselves.
        self._fold = not {"motorcycle", "bicycle"} & {c.name for c in classes or ()}

    def add(self, key: str, prediction: Prediction, truth: GroundTruth) -> str | None:
        """Score one frame; the reason why it could not be, or None."""
        pixels = self._select(prediction.depth_m, truth)
        counted = pixels is not None and len(pixels.truth) > 0
        confusion = self._label_confusion(prediction, truth)
        if not counted and confusion is None:
            return _reason(pixels, prediction, truth)
        depth: Scores = {}
        if pixels is not None and counted:
            depth = self._add_depth(key, pixels)
            if prediction.depth_confidence is not None:
                said = self.protocol.values(prediction.depth_confidence, pixels)
                self._doubt.add(pixels.prediction, pixels.truth, said)
        accuracy = float("nan")
        if confusion is not None:
            self._confusion += confusion
            accuracy = pixel_accuracy(confusion, self.label_ids)
        self.count += 1
        if self._keep_frames:
            scored = len(pixels.truth) if pixels else 0
            coverage = pixels.coverage if pixels else float("nan")
            self.frames.append(FrameScore(key, depth, scored, coverage, accuracy))
        return None

    def _select(self, depth_m: Float32Array, truth: GroundTruth) -> Pixels | None:
        return None if truth.depth_m is None else self.protocol.select(depth_m, truth.depth_m)

    def _add_depth(self, key: str, pixels: Pixels) -> Scores:
        scores = depth_scores(pixels.prediction, pixels.truth)
        self.rows[MODEL].add(scores)
        if not is_cloned(self._drive or key):
            self.rows[WITHOUT_CLONES].add(scores)
        self._profile.add(pixels.prediction, pixels.truth)
        for name, baseline in self._baselines.items():
            self.rows[name].add(depth_scores(self.protocol.guess(baseline, pixels), pixels.truth))
        return scores

    def _label_confusion(self, prediction: Prediction, truth: GroundTruth) -> Confusion | None:
        if prediction.labels is None or truth.labels is None or not self.label_ids:
            return None
        wanted = to_network_ids(truth.labels) if self._fold else truth.labels
        confusion = confusion_matrix(self._to_cityscapes[prediction.labels], wanted)
        return confusion if confusion[self.label_ids].any() else None

    def tally(self) -> Tally:
        """Everything counted so far, to be added to what others counted."""
        return Tally(self.rows, self._profile, self._confusion, self._doubt)

    def merge(self, tally: Tally) -> None:
        """Count what another scorer of the same protocol and classes counted."""
        for name, row in tally.rows.items():
            self.rows.setdefault(name, Row()).merge(row)
        self._profile.merge(tally.profile)
        self._confusion = self._confusion + tally.confusion
        self._doubt.merge(tally.doubt)

    @property
    def has_depth(self) -> bool:
        return len(self.rows[MODEL]) > 0

    @property
    def has_labels(self) -> bool:
        return bool(self._confusion[self.label_ids].any()) if self.label_ids else False

    def doubt(self) -> Doubt | None:
        """Whether the depth knows how good it is; None where it does not say."""
        return self._doubt.result()

    def distance(self) -> list[DistanceBin]:
        return self._profile.bins()

    def label_scores(self) -> Scores:
        """miou, pixel_accuracy; {} without labels."""
        if not self.has_labels:
            return {}
        return {
            "miou": mean_iou(self._confusion, self.label_ids),
            "pixel_accuracy": pixel_accuracy(self._confusion, self.label_ids),
        }

    def label_baseline(self) -> tuple[str, Scores]:
        """Calling every pixel by the most frequent class: (its name, scores)."""
        counts = self._confusion.sum(axis=1)
        best = max(self.label_ids, key=lambda i: int(counts[i]))
        constant = np.zeros_like(self._confusion)
        constant[:, best] = counts
        return CITYSCAPES.name(best), {
            "miou": mean_iou(constant, self.label_ids),
            "pixel_accuracy": pixel_accuracy(constant, self.label_ids),
        }

    def class_ious(self) -> dict[str, tuple[float, float]]:
        """(IoU, share of the labelled pixels) of each class that occurs in the truth."""
        if not self.has_labels:
            return {}
        counts = self._confusion.sum(axis=1)
        total = float(counts[self.label_ids].sum())
        ious = class_iou(self._confusion, self.label_ids)
        return {
            CITYSCAPES.name(i): (ious[i], float(counts[i]) / total)
            for i in self.label_ids
            if counts[i]
        }


def _reason(pixels: Pixels | None, prediction: Prediction, truth: GroundTruth) -> str:
    if pixels is None and truth.labels is None:
        return "no ground truth"
    if pixels is not None and pixels.wanted == 0:
        return "no pixel of its ground truth counts under this protocol"
    if pixels is not None:
        return "the prediction covers none of the pixels that count"
    if prediction.labels is None:
        return "the ground truth has labels only, the network depth only"
    return "no labelled pixel is of a class that both sides know"


def _to_cityscapes(classes: ClassTable | None) -> UInt8Array:
    """uint8 [256]: the network's id -> Cityscapes id, by name; 255 where there is none."""
    table = np.full(256, UNLABELED, np.uint8)
    known = {c.name: c.id for c in CITYSCAPES}
    for c in classes or ():
        table[c.id] = known.get(c.name, UNLABELED)
    return table


def _shared_ids(classes: ClassTable | None, names: tuple[str, ...] | None) -> list[int]:
    """Cityscapes ids that count: known to the network, meant to be scored, and in the list."""
    if classes is None:
        return []
    mine = {c.name for c in classes if c.evaluated}
    return [
        c.id
        for c in CITYSCAPES
        if c.evaluated and c.name in mine and (names is None or c.name in names)
    ]
