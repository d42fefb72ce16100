"""Running scores of published predictions against published ground truth, by equal stamps.

Every truth is accounted for once: scored, without a prediction of the same stamp, or not scorable.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Generic, TypeVar

import numpy as np

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.evaluation.score.scorer import Scorer
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.types import Float32Array, GroundTruth, Prediction, UInt8Array

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


class LiveScores:
    """Depth and labels of one camera, scored as they come, as a recorded drive is scored."""

    def __init__(self, protocol: EvalProtocol, max_waiting: int) -> None:
        self._protocol = protocol
        self._depth_pairs: StampPairs[Float32Array] = StampPairs(max_waiting)
        self._label_pairs: StampPairs[UInt8Array] = StampPairs(max_waiting)
        self._depth = Scorer(protocol, None, {}, keep_frames=False)
        self._labels = Scorer(protocol, NETWORK_CLASSES, {}, keep_frames=False)
        self._skipped = {"depth": 0, "labels": 0}

    def add_depth(self, stamp_ns: int, depth_m: Float32Array) -> None:
        """A predicted depth image; EvaluationError where its truth has another size."""
        self._score_depth(stamp_ns, self._depth_pairs.add_prediction(stamp_ns, depth_m))

    def add_true_depth(self, stamp_ns: int, depth_m: Float32Array) -> None:
        """The depth to compare with; +Inf and NaN count for nothing."""
        self._score_depth(stamp_ns, self._depth_pairs.add_truth(stamp_ns, depth_m))

    def add_labels(self, stamp_ns: int, labels: UInt8Array) -> None:
        """Predicted class ids; EvaluationError where their truth has another size."""
        self._score_labels(stamp_ns, self._label_pairs.add_prediction(stamp_ns, labels))

    def add_true_labels(self, stamp_ns: int, labels: UInt8Array) -> None:
        """The class ids to compare with."""
        self._score_labels(stamp_ns, self._label_pairs.add_truth(stamp_ns, labels))

    def report(self) -> dict[str, dict[str, Any]]:
        """Everything so far: counts and scores of depth and labels."""
        return {
            "depth": {
                "protocol": self._protocol.name,
                "images": self._depth.count,
                "without_common_pixels": self._skipped["depth"],
                "truth_without_prediction": self._depth_pairs.unpredicted,
                "prediction_without_truth": self._depth_pairs.unverified,
                **self._depth.rows["model"].means(),
            },
            "labels": {
                "images": self._labels.count,
                "without_common_pixels": self._skipped["labels"],
                "truth_without_prediction": self._label_pairs.unpredicted,
                "prediction_without_truth": self._label_pairs.unverified,
                **self._labels.label_scores(),
            },
        }

    def _score_depth(self, stamp_ns: int, pair: tuple[Float32Array, Float32Array] | None) -> None:
        if pair is not None:
            prediction = _prediction(stamp_ns, pair[0], None)
            reason = self._depth.add("", prediction, GroundTruth(stamp_ns, pair[1]))
            self._skipped["depth"] += reason is not None

    def _score_labels(self, stamp_ns: int, pair: tuple[UInt8Array, UInt8Array] | None) -> None:
        if pair is not None:
            if pair[0].shape != pair[1].shape:
                raise EvaluationError(
                    f"labels are {pair[0].shape}, their ground truth is {pair[1].shape}"
                )
            prediction = _prediction(stamp_ns, np.empty((0, 0), np.float32), pair[0])
            reason = self._labels.add("", prediction, GroundTruth(stamp_ns, None, pair[1]))
            self._skipped["labels"] += reason is not None


def _prediction(stamp_ns: int, depth_m: Float32Array, labels: UInt8Array | None) -> Prediction:
    return Prediction(stamp_ns, "", depth_m, labels, None, None)
