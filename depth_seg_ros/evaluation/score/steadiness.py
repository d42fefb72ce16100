"""Do depth and labels stay what they are from frame to frame, while the camera moves?

The prediction of the frame before is carried along by the camera's motion and compared with the
one of this frame, at the pixels that both frames see: that is told by the true depth where there is
one (dense), and then the truth's own value is the floor: what sampling pixels costs. Without truth
the prediction itself says where a pixel has come from.

Convention: a pose is T_world_camera, float64 [4, 4], of the optical frame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.metrics.sums import ExactSum
from depth_seg_ros.types import Float32Array, Intrinsics, Prediction

MOST_APART_NS = 500_000_000
PIXELS = 20_000
"""Compared in a frame, about."""
SAME_SURFACE = 0.03
"""Largest relative difference of true depth at which two frames see the same thing."""
FARTHEST_M = 80.0
FEWEST = 200

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Steadiness:
    """pairs: of frames. log_ratio: mean |ln(depth now / depth carried along)|; floor: the same of
    the true depth. flips: share of pixels whose label changes; flips_floor: of the true labels.
    A value is NaN where there is nothing to compare. by_truth: truth said which pixels."""

    pairs: int
    log_ratio: float
    floor: float
    flips: float
    flips_floor: float
    by_truth: bool


@dataclass(frozen=True)
class _Seen:
    stamp_ns: int
    pose: Matrix
    camera: Intrinsics
    prediction: Prediction
    truth_m: Float32Array | None
    true_labels: npt.NDArray[np.uint8] | None


class _Mean:
    """Of the values that are known, the same whatever their order."""

    def __init__(self, count: int = 0, total: ExactSum | None = None) -> None:
        self.count, self.total = count, total or ExactSum()

    def add(self, value: float) -> None:
        if not math.isnan(value):
            self.count += 1
            self.total.add(value)

    def merge(self, other: _Mean) -> None:
        self.count += other.count
        self.total.merge(other.total)

    def result(self) -> float:
        return self.total.over(self.count) if self.count else math.nan


class SteadinessProfile:
    """Add the frames of a drive in their order, then read :meth:`result`.

    Drives may be merged: no frame is compared with one of another drive."""

    def __init__(self) -> None:
        self._before: _Seen | None = None
        self._pairs = 0
        self._means = [_Mean() for _ in range(4)]
        self._by_truth = False

    def add(
        self,
        prediction: Prediction,
        pose: Matrix | None,
        truth_m: Float32Array | None,
        true_labels: npt.NDArray[np.uint8] | None,
    ) -> None:
        """truth_m: dense true depth [H, W], or None."""
        before, self._before = self._before, None
        if pose is None or prediction.intrinsics is None:
            return
        now = self._before = _Seen(
            prediction.stamp_ns, pose, prediction.intrinsics, prediction, truth_m, true_labels
        )
        if before is None or before.prediction.depth_m.shape != prediction.depth_m.shape:
            return
        if 0 < now.stamp_ns - before.stamp_ns <= MOST_APART_NS:
            self._compare(before, now)

    def merge(self, other: SteadinessProfile) -> None:
        """Count the pairs of another drive too."""
        self._pairs += other._pairs
        self._by_truth |= other._by_truth
        for mine, theirs in zip(self._means, other._means, strict=True):
            mine.merge(theirs)

    def result(self) -> Steadiness | None:
        """None where no two frames could be compared."""
        if not self._pairs:
            return None
        log_ratio, floor, flips, flips_floor = (mean.result() for mean in self._means)
        return Steadiness(self._pairs, log_ratio, floor, flips, flips_floor, self._by_truth)

    def to_json(self) -> dict[str, Any]:
        means = [[mean.count, *mean.total.to_json()] for mean in self._means]
        return {"pairs": self._pairs, "by_truth": self._by_truth, "means": means}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SteadinessProfile:
        profile = cls()
        profile._pairs, profile._by_truth = int(data["pairs"]), bool(data["by_truth"])
        profile._means = [_Mean(int(n), ExactSum.from_json(rest)) for n, *rest in data["means"]]
        return profile

    def _compare(self, before: _Seen, now: _Seen) -> None:
        exact = before.truth_m is not None and now.truth_m is not None
        depth_m = now.truth_m if exact else now.prediction.depth_m
        assert depth_m is not None
        step = max(1, round((depth_m.size / PIXELS) ** 0.5))
        rows, columns = np.mgrid[0 : depth_m.shape[0] : step, 0 : depth_m.shape[1] : step]
        here = rows.ravel(), columns.ravel()
        motion = np.linalg.inv(before.pose) @ now.pose
        there, moved_m = _found(depth_m[here], here, now.camera, before.camera, motion)
        inside = (there[0] >= 0) & (depth_m[here] < FARTHEST_M)
        here, there = ((r[inside], c[inside]) for r, c in (here, there))
        moved_m = moved_m[inside]
        if exact:
            assert before.truth_m is not None
            same = np.abs(before.truth_m[there] / moved_m - 1) < SAME_SURFACE  # False for NaN
            here, there = ((r[same], c[same]) for r, c in (here, there))
        if len(here[0]) < FEWEST:
            return
        back = np.asarray(np.linalg.inv(motion), np.float64)

        def unsteady(now_m: Float32Array, before_m: Float32Array) -> float:
            carried = _depth_after(before_m[there], there, before.camera, back)
            with np.errstate(invalid="ignore", divide="ignore"):
                error = np.abs(np.log(now_m[here] / carried))
            error = error[np.isfinite(error)]
            return float(error.mean()) if len(error) >= FEWEST else float("nan")

        floor = float("nan")
        if exact:
            assert before.truth_m is not None and now.truth_m is not None
            floor, self._by_truth = unsteady(now.truth_m, before.truth_m), True
        values = (
            unsteady(now.prediction.depth_m, before.prediction.depth_m), floor,
            _flips(now.prediction.labels, before.prediction.labels, here, there),
            _flips(now.true_labels, before.true_labels, here, there),
        )  # fmt: skip
        self._pairs += 1
        for mean, value in zip(self._means, values, strict=True):
            mean.add(value)


Places = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""Rows and columns."""


def _found(
    depth_m: Float32Array,
    places: Places,
    seen_by: Intrinsics,
    sought_by: Intrinsics,
    motion: Matrix,
) -> tuple[Places, npt.NDArray[np.float64]]:
    """Where points lie in another camera (-1: nowhere), and how far along its Z."""
    x, y, z = _points(depth_m, places, seen_by, motion)
    ahead = z > 0.1  # False for NaN
    z_safe = np.where(ahead, z, 1.0)
    u = np.where(ahead, sought_by.fx * x / z_safe + sought_by.cx, -9)
    v = np.where(ahead, sought_by.fy * y / z_safe + sought_by.cy, -9)
    columns, rows = np.rint(u), np.rint(v)
    inside = (columns >= 0) & (columns < sought_by.width) & (rows >= 0) & (rows < sought_by.height)
    columns, rows = (np.where(inside, a, -1).astype(np.intp) for a in (columns, rows))
    return (np.where(inside, rows, -1), columns), z


def _depth_after(
    depth_m: Float32Array, places: Places, camera: Intrinsics, motion: Matrix
) -> npt.NDArray[np.float64]:
    """Depth of pixels' points after a motion."""
    return np.asarray(_points(depth_m, places, camera, motion)[2])


def _points(
    depth_m: Float32Array, places: Places, camera: Intrinsics, motion: Matrix
) -> npt.NDArray[np.float64]:
    """float64 [3, N]."""
    rows, columns = places
    z = np.where(np.isfinite(depth_m), depth_m, np.nan).astype(np.float64)
    points = np.stack([
        (columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z,
    ])  # fmt: skip
    return np.asarray(motion[:3, :3] @ points + motion[:3, 3:])


def _flips(
    now: npt.NDArray[np.uint8] | None,
    before: npt.NDArray[np.uint8] | None,
    here: Places,
    there: Places,
) -> float:
    if now is None or before is None:
        return float("nan")
    a, b = now[here], before[there]
    known = (a != UNLABELED) & (b != UNLABELED)
    return float(np.mean(a[known] != b[known])) if known.any() else float("nan")
