"""Running scores of published predictions against published ground truth. Knows no ROS.

Every truth is accounted for once: scored, or without a prediction of the same stamp.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.metrics.depth import depth_scores
from depth_seg_ros.metrics.segmentation import confusion_matrix, mean_iou, pixel_accuracy
from depth_seg_ros.types import Float32Array, UInt8Array

T = TypeVar("T")


class StampPairs(Generic[T]):
    """Pairs predictions with truths of exactly the same stamp, in whatever order they arrive."""

    def __init__(self, max_waiting: int) -> None:
        """max_waiting: how many of each side may wait for their partner."""
        self._max_waiting = max_waiting
        self._predictions: OrderedDict[int, T] = OrderedDict()
        self._truths: OrderedDict[int, T] = OrderedDict()
        self.truths = 0
        self.predictions = 0
        self.paired = 0

    def add_prediction(self, stamp_ns: int, value: T) -> tuple[T, T] | None:
        """(prediction, truth) if the truth is here already."""
        self.predictions += 1
        truth = self._truths.pop(stamp_ns, None)
        if truth is None:
            self._keep(self._predictions, stamp_ns, value)
            return None
        self.paired += 1
        return value, truth

    def add_truth(self, stamp_ns: int, value: T) -> tuple[T, T] | None:
        """(prediction, truth) if the prediction is here already."""
        self.truths += 1
        prediction = self._predictions.pop(stamp_ns, None)
        if prediction is None:
            self._keep(self._truths, stamp_ns, value)
            return None
        self.paired += 1
        return prediction, value

    @property
    def unpredicted(self) -> int:
        """Truths without a prediction so far (dropped images, or ones still in work)."""
        return self.truths - self.paired

    @property
    def unverified(self) -> int:
        """Predictions without a truth so far."""
        return self.predictions - self.paired

    def _keep(self, side: OrderedDict[int, T], stamp_ns: int, value: T) -> None:
        side[stamp_ns] = value
        while len(side) > self._max_waiting:
            side.popitem(last=False)


@dataclass
class DepthMean:
    """Mean over images of every depth metric, under one protocol."""

    protocol: EvalProtocol
    images: int = 0
    skipped: int = 0

    def __post_init__(self) -> None:
        self._sums: dict[str, float] = {}

    def add(self, prediction_m: Float32Array, truth_m: Float32Array) -> None:
        """One image; one that shares no pixel is counted as skipped. EvaluationError on sizes."""
        pixels = self.protocol.select(prediction_m, truth_m)
        if pixels.truth.size == 0:
            self.skipped += 1
            return
        self.images += 1
        for key, value in depth_scores(pixels.prediction, pixels.truth).items():
            self._sums[key] = self._sums.get(key, 0.0) + value

    def means(self) -> dict[str, float]:
        """Metric -> mean over the images so far; empty before the first."""
        return {key: total / self.images for key, total in self._sums.items()}


class LabelScores:
    """One confusion matrix over all images."""

    def __init__(self) -> None:
        self.images = 0
        self._confusion: npt.NDArray[np.int64] = np.zeros((256, 256), np.int64)

    def add(self, prediction: UInt8Array, truth: UInt8Array) -> None:
        """One image; EvaluationError where the sizes differ."""
        if prediction.shape != truth.shape:
            raise EvaluationError(f"labels are {prediction.shape}, ground truth {truth.shape}")
        self.images += 1
        self._confusion += confusion_matrix(prediction, truth)

    def scores(self) -> dict[str, float]:
        """mIoU over the classes that occur, and pixel accuracy; empty before the first image."""
        if not self.images:
            return {}
        ids = CITYSCAPES.evaluated_ids()
        return {
            "miou": mean_iou(self._confusion, ids),
            "pixel_accuracy": pixel_accuracy(self._confusion, ids),
        }


class LiveScores:
    """Depth and labels of one camera, scored as they come."""

    def __init__(self, protocol: EvalProtocol, max_waiting: int) -> None:
        self.depth_pairs: StampPairs[Float32Array] = StampPairs(max_waiting)
        self.label_pairs: StampPairs[UInt8Array] = StampPairs(max_waiting)
        self._depth = DepthMean(protocol)
        self._labels = LabelScores()

    def score_depth(self, pair: tuple[Float32Array, Float32Array] | None) -> None:
        """Score what ``depth_pairs`` gave, if it gave a pair."""
        if pair is not None:
            self._depth.add(*pair)

    def score_labels(self, pair: tuple[UInt8Array, UInt8Array] | None) -> None:
        """Score what ``label_pairs`` gave, if it gave a pair."""
        if pair is not None:
            self._labels.add(*pair)

    def report(self) -> dict[str, dict[str, Any]]:
        """Everything so far: counts and scores of depth and labels."""
        d, s = self.depth_pairs, self.label_pairs
        return {
            "depth": {
                "protocol": self._depth.protocol.name,
                "images": self._depth.images,
                "without_common_pixels": self._depth.skipped,
                "truth_without_prediction": d.unpredicted,
                "prediction_without_truth": d.unverified,
                **self._depth.means(),
            },
            "labels": {
                "images": self._labels.images,
                "truth_without_prediction": s.unpredicted,
                "prediction_without_truth": s.unverified,
                **self._labels.scores(),
            },
        }


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Counts and scores in words."""
    return {k: f"{v:.4f}" if isinstance(v, float) else str(v) for k, v in values.items()}


def headline(values: Mapping[str, Any]) -> str:
    """One part of :meth:`LiveScores.report` in a line."""
    key = next((k for k in ("abs_rel", "miou") if k in values), "")
    return f"{key} {values[key]:.4f} over {values['images']} images" if key else "no pair yet"
