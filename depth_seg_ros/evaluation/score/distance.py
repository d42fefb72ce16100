"""How the error grows with distance: pixels pooled over all images, in bins of true depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.metrics.sums import UNIT, whole
from depth_seg_ros.types import Float32Array

EDGES_M = (0, 2, 4, 6, 8, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 120, 200)
"""Bin edges [m]; a last bin takes what is beyond."""


@dataclass(frozen=True)
class DistanceBin:
    """Errors of the pixels with near_m <= truth < far_m."""

    near_m: float
    far_m: float
    pixels: int
    abs_rel: float
    rmse: float
    bias_rel: float
    delta1: float


class DistanceProfile:
    """Sums by bin, the same whatever the order of the images; add them, then read :meth:`bins`."""

    def __init__(self, edges_m: Sequence[int] = EDGES_M) -> None:
        self._edges = np.array([*edges_m, np.inf])
        self._sums: list[list[int]] = [[0] * len(edges_m) for _ in range(5)]  # units of 2^-60
        # Edges are whole metres: a table of metres is quicker than a search for each pixel.
        self._bin_of_metre = np.searchsorted(edges_m, np.arange(edges_m[-1] + 1), "right") - 1

    def add(self, prediction: Float32Array, truth: Float32Array) -> None:
        """Pixels of one image, [N] metres each."""
        where = self._bin_of_metre[np.minimum(truth, len(self._bin_of_metre) - 1).astype(np.intp)]
        error = prediction - truth
        relative = error / truth
        close = (prediction < 1.25 * truth) & (truth < 1.25 * prediction)
        terms = (None, np.abs(relative), error * error, relative, close)
        for sums, weights in zip(self._sums, terms, strict=True):
            for i, value in enumerate(_binned(where, weights, len(sums)).tolist()):
                sums[i] += whole(value)

    def merge(self, other: DistanceProfile) -> None:
        """Count the images of another profile too."""
        pairs = zip(self._sums, other._sums, strict=True)
        self._sums = [[a + b for a, b in zip(mine, theirs, strict=True)] for mine, theirs in pairs]

    def bins(self) -> list[DistanceBin]:
        """Bins that hold any pixel."""
        found = []
        for i, (count, rel, square, signed, close) in enumerate(zip(*self._sums, strict=True)):
            if count:
                near, far = float(self._edges[i]), float(self._edges[i + 1])
                found.append(
                    DistanceBin(
                        near, far, count // UNIT, rel / count, float(np.sqrt(square / count)),
                        signed / count, close / count,
                    )
                )  # fmt: skip
        return found

    def to_json(self) -> list[list[int]]:
        return self._sums

    @classmethod
    def from_json(cls, data: Sequence[Sequence[int]]) -> DistanceProfile:
        profile = cls()
        profile._sums = [[int(v) for v in row] for row in data]
        return profile


def _binned(
    where: npt.NDArray[np.intp], weights: npt.NDArray[Any] | None, bins: int
) -> npt.NDArray[np.float64]:
    return np.bincount(where, weights=weights, minlength=bins).astype(np.float64)
