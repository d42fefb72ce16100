"""Does a network know how good its depth is? Over all images, by the pixels a protocol scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from depth_seg_ros.metrics.confidence import ause, by_rank
from depth_seg_ros.metrics.sums import UNIT, ExactSum, whole
from depth_seg_ros.types import Float32Array, UInt8Array

BINS = 10
TENTHS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """said: mean stated probability that depth is within 25 %; held: share of pixels that are."""

    said: float
    held: float
    pixels: int


@dataclass(frozen=True)
class Doubt:
    """frames: how many images it rests on; scores are means over them.

    ause: see :func:`~depth_seg_ros.metrics.confidence.ause`. tenths: AbsRel of the surest tenth of
    an image's pixels, the next, ... the least sure. calibration: mean |said - held| of all pixels.
    """

    frames: int
    ause: float
    abs_rel: float
    tenths: tuple[float, ...]
    calibration: float
    bins: tuple[ReliabilityBin, ...]

    @property
    def surest_half(self) -> float:
        """AbsRel of the surer half of the pixels."""
        return float(np.mean(self.tenths[: TENTHS // 2]))


class DoubtProfile:
    """Add images, then read :meth:`result`: the same whatever their order, or who added which."""

    def __init__(self) -> None:
        self._frames = 0
        self._rows = [ExactSum() for _ in range(2 + TENTHS)]
        self._sums = [[0] * BINS for _ in range(3)]  # units of 2^-60: pixels, said, held

    def add(self, prediction: Float32Array, truth: Float32Array, said: UInt8Array) -> None:
        """Pixels of one image: [N] metres, metres, and 255 x the stated probability."""
        if len(truth) < TENTHS:
            return
        error = np.abs(prediction - truth) / truth
        confidence = said.astype(np.float64) / 255
        right = (prediction < 1.25 * truth) & (truth < 1.25 * prediction)
        values = ause(error, confidence), float(error.mean()), *by_rank(error, confidence, TENTHS)
        self._frames += 1
        for total, value in zip(self._rows, values, strict=True):
            total.add(float(value))
        place = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
        for sums, weights in zip(self._sums, (None, confidence, right), strict=True):
            for i, value in enumerate(np.bincount(place, weights, BINS).tolist()):
                sums[i] += whole(value)

    def merge(self, other: DoubtProfile) -> None:
        """Count the images of another profile too."""
        self._frames += other._frames
        for mine, theirs in zip(self._rows, other._rows, strict=True):
            mine.merge(theirs)
        pairs = zip(self._sums, other._sums, strict=True)
        self._sums = [[a + b for a, b in zip(mine, theirs, strict=True)] for mine, theirs in pairs]

    def result(self) -> Doubt | None:
        """None where no image had a confidence."""
        if not self._frames:
            return None
        ause_mean, abs_rel, *tenths = (row.over(self._frames) for row in self._rows)
        counted = [column for column in zip(*self._sums, strict=True) if column[0]]
        bins = tuple(ReliabilityBin(said / n, held / n, n // UNIT) for n, said, held in counted)
        gaps = sum(abs(said - held) for _, said, held in counted)
        pixels = sum(n for n, _, _ in counted)
        return Doubt(self._frames, ause_mean, abs_rel, tuple(tenths), gaps / pixels, bins)

    def to_json(self) -> dict[str, Any]:
        return {
            "frames": self._frames,
            "rows": [row.to_json() for row in self._rows],
            "bins": self._sums,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DoubtProfile:
        profile = cls()
        profile._frames = int(data["frames"])
        profile._rows = [ExactSum.from_json(row) for row in data["rows"]]
        profile._sums = [[int(v) for v in row] for row in data["bins"]]
        return profile
