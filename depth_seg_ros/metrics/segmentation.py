"""Semantic scores from a confusion matrix; Convention: rows are the truth, columns the prediction.

Ids are 0..255; 255 in the truth is never counted, 255 in the prediction (the network did not look
there) counts as a miss. A class that occurs in neither image has no IoU (NaN), it is not 0 or 1.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.types import UInt8Array

Confusion = npt.NDArray[np.int64]

#: The ten classes that KITTI's 2015 semantics and Virtual KITTI have in common.
KITTI_SHARED_CLASSES = (
    "road", "building", "pole", "traffic light", "traffic sign",
    "vegetation", "terrain", "sky", "car", "truck",
)  # fmt: skip


def confusion_matrix(prediction: UInt8Array, truth: UInt8Array) -> Confusion:
    """int64 [256, 256] pixel counts of two label images of one shape."""
    if prediction.shape != truth.shape:
        raise ValueError(f"labels of shape {prediction.shape} against {truth.shape}")
    pair = truth.astype(np.int32).ravel() << 8
    pair |= prediction.ravel()
    return np.bincount(pair, minlength=1 << 16).reshape(256, 256).astype(np.int64, copy=False)


def class_iou(confusion: Confusion, ids: Iterable[int]) -> dict[int, float]:
    """IoU of each id over the pixels whose truth is one of ``ids``: TP / (TP + FP + FN)."""
    ids = _without_unlabeled(ids)
    counted = confusion[ids]
    hit = counted[np.arange(len(ids)), ids]
    union = counted.sum(axis=1) + counted[:, ids].sum(axis=0) - hit
    iou = np.divide(hit, union, out=np.full(len(ids), np.nan), where=union > 0)
    return dict(zip(ids, iou.tolist(), strict=True))


def mean_iou(confusion: Confusion, ids: Iterable[int]) -> float:
    """Mean IoU over the ids whose class occurs in the truth; NaN where none does.

    A class that the truth never shows has no recall to speak of: leaving it out keeps a data set
    of a few classes comparable, and its false alarms still cost the classes they cover.
    """
    ids = [i for i in _without_unlabeled(ids) if confusion[i].any()]
    return float(np.mean(list(class_iou(confusion, ids).values()))) if ids else float("nan")


def pixel_accuracy(confusion: Confusion, ids: Iterable[int]) -> float:
    """Fraction of the pixels whose truth is one of ``ids`` that are right; NaN where none is."""
    ids = _without_unlabeled(ids)
    counted = confusion[ids]
    total = int(counted.sum())
    return float(counted[np.arange(len(ids)), ids].sum() / total) if total else float("nan")


def _without_unlabeled(ids: Iterable[int]) -> list[int]:
    return [i for i in ids if i != UNLABELED]
