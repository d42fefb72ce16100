"""Depth errors as pure functions ``(prediction, truth) -> float``, in one table.

Both arguments are 1-D arrays of the same pixels, metres, finite and > 0: choosing, cropping,
clipping pixels is for a protocol (:mod:`depth_seg_ros.evaluation.score.protocols`), not for them.
A key stands for exactly one formula, everywhere in the package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]


def abs_rel(prediction: FloatArray, truth: FloatArray) -> float:
    """mean(|p - g| / g)."""
    return _mean(np.abs(prediction - truth) / truth)


def sq_rel(prediction: FloatArray, truth: FloatArray) -> float:
    """mean((p - g)^2 / g) [m], as in Eigen et al., 2014, and monodepth2."""
    return _mean(np.square(prediction - truth) / truth)


def sq_error_rel(prediction: FloatArray, truth: FloatArray) -> float:
    """mean((p - g)^2 / g^2), the KITTI devkit's sqErrorRel."""
    return _mean(np.square((prediction - truth) / truth))


def rmse(prediction: FloatArray, truth: FloatArray) -> float:
    """sqrt(mean((p - g)^2)) [m]."""
    return float(np.sqrt(_mean(np.square(prediction - truth))))


def mae(prediction: FloatArray, truth: FloatArray) -> float:
    """mean(|p - g|) [m]."""
    return _mean(np.abs(prediction - truth))


def irmse(prediction: FloatArray, truth: FloatArray) -> float:
    """RMSE of the inverse depths [1/km], as in the KITTI devkit."""
    return float(1000.0 * np.sqrt(_mean(np.square(1.0 / prediction - 1.0 / truth))))


def rmse_log(prediction: FloatArray, truth: FloatArray) -> float:
    """sqrt(mean((ln p - ln g)^2))."""
    return float(np.sqrt(_mean(np.square(np.log(prediction / truth)))))


def log_rmse(prediction: FloatArray, truth: FloatArray) -> float:
    """sqrt(mean((ln(p + 1) - ln(g + 1))^2)): "LogRMSE" as the published DS-Net code computes it."""
    # One quick logarithm: NumPy's log1p is ten times slower, and exact near 0 only.
    return float(np.sqrt(_mean(np.square(np.log((prediction + 1) / (truth + 1))))))


def silog(prediction: FloatArray, truth: FloatArray) -> float:
    """100 sqrt(mean(d^2) - mean(d)^2), d = ln p - ln g: the KITTI devkit's SILog (x 100)."""
    d = np.log(prediction / truth)
    return float(100.0 * np.sqrt(np.var(d, dtype=np.float64)))


def _delta(prediction: FloatArray, truth: FloatArray, power: int) -> float:
    # p < t g and g < t p says max(p/g, g/p) < t without dividing.
    t = 1.25**power
    return _mean((prediction < t * truth) & (truth < t * prediction))


def delta1(prediction: FloatArray, truth: FloatArray) -> float:
    """Fraction of pixels with max(p/g, g/p) < 1.25."""
    return _delta(prediction, truth, 1)


def delta2(prediction: FloatArray, truth: FloatArray) -> float:
    """Fraction of pixels with max(p/g, g/p) < 1.25^2."""
    return _delta(prediction, truth, 2)


def delta3(prediction: FloatArray, truth: FloatArray) -> float:
    """Fraction of pixels with max(p/g, g/p) < 1.25^3."""
    return _delta(prediction, truth, 3)


def scale(prediction: FloatArray, truth: FloatArray) -> float:
    """exp(mean(ln p - ln g)): 1.1 means that depths come out a tenth too large."""
    return float(np.exp(_mean(np.log(prediction / truth))))


@dataclass(frozen=True)
class DepthMetric:
    """One row of the table.

    better: ``lower``, ``higher`` or ``one`` (the nearer to 1 the better).
    """

    key: str
    title: str
    unit: str
    better: str
    function: Callable[[FloatArray, FloatArray], float]

    @property
    def heading(self) -> str:
        """Title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


DEPTH_METRICS: dict[str, DepthMetric] = {
    m.key: m
    for m in (
        DepthMetric("abs_rel", "AbsRel", "", "lower", abs_rel),
        DepthMetric("sq_rel", "SqRel", "m", "lower", sq_rel),
        DepthMetric("rmse", "RMSE", "m", "lower", rmse),
        DepthMetric("rmse_log", "RMSElog", "", "lower", rmse_log),
        DepthMetric("silog", "SILog", "×100", "lower", silog),
        DepthMetric("delta1", "δ<1.25", "", "higher", delta1),
        DepthMetric("delta2", "δ<1.25²", "", "higher", delta2),
        DepthMetric("delta3", "δ<1.25³", "", "higher", delta3),
        DepthMetric("mae", "MAE", "m", "lower", mae),
        DepthMetric("sq_error_rel", "sqErrorRel", "", "lower", sq_error_rel),
        DepthMetric("irmse", "iRMSE", "1/km", "lower", irmse),
        DepthMetric("log_rmse", "LogRMSE (log1p)", "", "lower", log_rmse),
        DepthMetric("scale", "scale", "", "one", scale),
    )
}


def depth_scores(prediction: FloatArray, truth: FloatArray) -> dict[str, float]:
    """Every metric of the table for one image's pixels."""
    return {key: metric.function(prediction, truth) for key, metric in DEPTH_METRICS.items()}


def _mean(values: npt.NDArray[Any]) -> float:
    # Half a million float32 squares are summed in double precision.
    return float(np.mean(values, dtype=np.float64))
