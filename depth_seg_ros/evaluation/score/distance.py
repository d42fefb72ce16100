"""How the error grows with distance: pixels pooled over all images, in bins of true depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
    """Sums by bin; add images, then read :meth:`bins`."""

    def __init__(self, edges_m: Sequence[int] = EDGES_M) -> None:
        self._edges = np.array([*edges_m, np.inf])
        self._sums = np.zeros((5, len(edges_m)))
        # Edges are whole metres: a table of metres is quicker than a search for each pixel.
        self._bin_of_metre = np.searchsorted(edges_m, np.arange(edges_m[-1] + 1), "right") - 1

    def add(self, prediction: Float32Array, truth: Float32Array) -> None:
        """Pixels of one image, [N] metres each."""
        where = self._bin_of_metre[np.minimum(truth, len(self._bin_of_metre) - 1).astype(np.intp)]
        error = prediction - truth
        relative = error / truth
        close = (prediction < 1.25 * truth) & (truth < 1.25 * prediction)
        for row, weights in enumerate((None, np.abs(relative), error * error, relative, close)):
            self._sums[row] += _binned(where, weights, self._sums.shape[1])

    def bins(self) -> list[DistanceBin]:
        """Bins that hold any pixel."""
        found = []
        for i, (count, rel, square, signed, close) in enumerate(self._sums.T):
            if count:
                near, far = float(self._edges[i]), float(self._edges[i + 1])
                found.append(
                    DistanceBin(
                        near, far, int(count), rel / count, float(np.sqrt(square / count)),
                        signed / count, close / count,
                    )
                )  # fmt: skip
        return found


def _binned(
    where: npt.NDArray[np.intp], weights: npt.NDArray[Any] | None, bins: int
) -> npt.NDArray[np.float64]:
    return np.bincount(where, weights=weights, minlength=bins).astype(np.float64)
