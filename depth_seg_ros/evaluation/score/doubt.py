"""Does a network know how good its depth is? Over all images, by the pixels a protocol scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depth_seg_ros.metrics.confidence import ause, by_rank
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
    """Add images, then read :meth:`result`."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._sums = np.zeros((3, BINS))

    def add(self, prediction: Float32Array, truth: Float32Array, said: UInt8Array) -> None:
        """Pixels of one image: [N] metres, metres, and 255 x the stated probability."""
        if len(truth) < TENTHS:
            return
        error = np.abs(prediction - truth) / truth
        confidence = said.astype(np.float64) / 255
        right = (prediction < 1.25 * truth) & (truth < 1.25 * prediction)
        self._rows.append((
            ause(error, confidence), float(error.mean()), *by_rank(error, confidence, TENTHS),
        ))  # fmt: skip
        place = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
        for row, weights in enumerate((None, confidence, right)):
            self._sums[row] += np.bincount(place, weights, BINS)

    def result(self) -> Doubt | None:
        """None where no image had a confidence."""
        if not self._rows:
            return None
        ause_mean, abs_rel, *tenths = np.mean(self._rows, axis=0).tolist()
        count, said, held = self._sums
        bins = tuple(
            ReliabilityBin(float(s / n), float(h / n), int(n))
            for n, s, h in zip(count, said, held, strict=True)
            if n
        )
        gaps: npt.NDArray[np.float64] = np.abs(said - held)
        return Doubt(
            len(self._rows), ause_mean, abs_rel, tuple(tenths),
            float(gaps.sum() / count.sum()), bins,
        )  # fmt: skip
