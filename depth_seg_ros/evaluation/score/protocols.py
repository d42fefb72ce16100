"""Evaluation protocols: which pixels count, how far, cropped how, and what "the score" is.

Two numbers of different protocols cannot be compared, so a protocol is a value that is printed at
the head of every report. All average over images what is computed per image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ConfigError, EvaluationError
from depth_seg_ros.types import Float32Array, UInt8Array

BoolArray = npt.NDArray[np.bool_]

GARG_CROP = (0.40810811, 0.99189189, 0.03594771, 0.96405229)
"""Rows from, to; columns from, to, as fractions of the image (Garg et al., ECCV 2016)."""

_PNG_COUNTS = 256.0
_PNG_MAX_M = 65535 / _PNG_COUNTS


@dataclass(frozen=True)
class Pixels:
    """What a protocol leaves of one image.

    prediction, truth: [N] metres of the same pixels, finite and > 0.
    wanted: number of pixels the protocol wants scored; N of them have a prediction.
    scored: [h, w] which these N are, at the protocol's resolution.
    """

    prediction: Float32Array
    truth: Float32Array
    wanted: int
    scored: BoolArray

    @property
    def coverage(self) -> float:
        """Fraction of the wanted pixels that have a prediction."""
        return len(self.truth) / self.wanted if self.wanted else float("nan")

    def error_map(self) -> Float32Array:
        """Relative error |p - g| / g [h, w], NaN where not scored."""
        error = np.full(self.scored.shape, np.nan, np.float32)
        error[self.scored] = np.abs(self.prediction - self.truth) / self.truth
        return error


@dataclass(frozen=True)
class EvalProtocol:
    """One convention for scoring depth.

    min_m, max_m: truth counts in min_m < g < max_m (with ``clip_truth``: is clipped to max_m, sky
        and +Inf included).
    prediction_range_m: predictions are clipped to it.
    garg_crop: score the central part of the image only.
    size: (width, height) both sides are sampled down to, nearest pixel; None = as they are.
    as_released: read the truth as the released DS-Net code did (for comparison only).
    median_scaling: scale each prediction to the truth's median: not for a metric network.
    kitti_truths: kinds of a raw drive's depth (readers/kitti_raw.py) that this protocol is about.
    headline: keys of the metrics shown first.
    """

    name: str
    title: str
    source: str
    headline: tuple[str, ...]
    min_m: float = 0.0
    max_m: float = float("inf")
    clip_truth: bool = False
    prediction_range_m: tuple[float, float] = (1e-3, float("inf"))
    garg_crop: bool = False
    size: tuple[int, int] | None = None
    as_released: bool = False
    median_scaling: bool = False
    kitti_truths: tuple[str, ...] = ("groundtruth", "velodyne_raw", "scan")

    def select(self, prediction_m: Float32Array, truth_m: Float32Array) -> Pixels:
        """The pixels that count, of float32 [H, W] each (NaN = none, +Inf = beyond)."""
        if prediction_m.shape != truth_m.shape:
            raise EvaluationError(
                f"the prediction is {_size(prediction_m)}, the truth {_size(truth_m)}; "
                "ground truth must be given at the camera's resolution"
            )
        if self.as_released:
            truth = _read_as_released(truth_m, self.size or (256, 160), self.max_m)
        else:
            truth = self._bounded(_sample(truth_m, self.size))
        prediction = _sample(prediction_m, self.size)
        wanted = np.isfinite(truth) & (truth > 0)
        if self.garg_crop:
            wanted &= _garg_mask(*truth.shape)
        scored = wanted & ~np.isnan(prediction)
        chosen = truth[scored]
        adapted = self._adapted(prediction[scored], chosen)
        return Pixels(adapted, chosen, int(np.count_nonzero(wanted)), scored)

    def values(self, image: UInt8Array, pixels: Pixels) -> UInt8Array:
        """[N] what another image of the frame, uint8 [H, W], says at the pixels of
        :meth:`select`."""
        if self.size is not None:
            nearest = cv2.INTER_NEAREST_EXACT
            image = np.asarray(cv2.resize(image, self.size, interpolation=nearest), np.uint8)
        return image[pixels.scored]

    def guess(self, baseline: float | Float32Array, pixels: Pixels) -> Float32Array:
        """[N] what a baseline says about the pixels of :meth:`select`: a constant, or a depth
        image of any size."""
        if isinstance(baseline, float):
            return self._adapted(np.full_like(pixels.truth, baseline), pixels.truth)
        height, width = pixels.scored.shape
        image = cv2.resize(baseline, (width, height), interpolation=cv2.INTER_LINEAR)
        return self._adapted(np.asarray(image, np.float32)[pixels.scored], pixels.truth)

    def _bounded(self, truth_m: Float32Array) -> Float32Array:
        """Truth with everything the protocol does not count set to NaN, or clipped."""
        if self.clip_truth:
            truth_m = np.minimum(truth_m, np.float32(self.max_m))  # NaN stays NaN
            outside = ~(truth_m > self.min_m)
        else:
            outside = ~((truth_m > self.min_m) & (truth_m < self.max_m))
        return np.where(outside, np.float32(np.nan), truth_m)

    def _adapted(self, prediction: Float32Array, truth: Float32Array) -> Float32Array:
        if self.median_scaling and len(truth):
            prediction = prediction * np.float32(np.median(truth) / np.median(prediction))
        return np.clip(prediction, *self.prediction_range_m).astype(np.float32)

    def describe(self) -> list[str]:
        """Its rules in words, for the head of a report."""
        low, high = self.prediction_range_m
        bound = f"{self.min_m:g} < truth < {self.max_m:g} m"
        if np.isinf(self.max_m):
            bound = "all finite truth, no cap"
        if self.clip_truth:
            bound = f"truth clipped to {self.max_m:g} m, sky and farther included"
        lines = [
            f"{self.name}: {self.title} ({self.source})",
            bound,
            f"prediction clipped to {low:.3g} – {high:.3g} m",
            "Garg crop" if self.garg_crop else "no crop",
            "per-image median scaling" if self.median_scaling else "no scaling: metric depth",
            "metrics per image, then averaged over images",
        ]
        if self.size:
            lines.insert(3, f"sampled to {self.size[0]}x{self.size[1]}, nearest pixel")
        if self.as_released:
            lines.append(
                "truth misread as the released code did: counts / 100 instead of / 256, sparse map "
                "interpolated linearly with its holes; a perfect predictor scores badly here"
            )
        return lines


_EIGEN_HEADLINE = ("abs_rel", "sq_rel", "rmse", "rmse_log", "delta1", "delta2", "delta3")
_PAPER = EvalProtocol(
    "paper",
    "256x160, 40 m, log1p, truth decoded correctly",
    "Sciuto 2018",
    ("log_rmse", "rmse", "abs_rel", "delta1"),
    max_m=40.0,
    clip_truth=True,
    prediction_range_m=(1e-3, 40.0),
    size=(256, 160),
)

PROTOCOLS: dict[str, EvalProtocol] = {
    p.name: p
    for p in (
        EvalProtocol(
            "eigen",
            "raw LiDAR truth, 80 m, Garg crop",
            "Eigen et al. 2014, Garg et al. 2016, as in monodepth2",
            _EIGEN_HEADLINE,
            min_m=1e-3,
            max_m=80.0,
            prediction_range_m=(1e-3, 80.0),
            garg_crop=True,
            kitti_truths=("velodyne_raw", "scan"),
        ),
        EvalProtocol(
            "eigen_benchmark",
            "improved truth, 80 m, no crop",
            "Uhrig et al. 2017, as in monodepth2",
            _EIGEN_HEADLINE,
            min_m=1e-3,
            max_m=80.0,
            prediction_range_m=(1e-3, 80.0),
        ),
        EvalProtocol(
            "kitti_devkit",
            "KITTI depth benchmark, no cap, no crop",
            "Uhrig et al. 2017, official devkit",
            ("silog", "sq_error_rel", "abs_rel", "irmse", "rmse", "mae"),
            prediction_range_m=(1 / _PNG_COUNTS, _PNG_MAX_M),
        ),
        EvalProtocol(
            "dense",
            "dense truth up to 80 m, sky not scored, no crop",
            "ours, for rendered drives",
            _EIGEN_HEADLINE,
            min_m=1e-3,
            max_m=80.0,
            prediction_range_m=(1e-3, 80.0),
        ),
        _PAPER,
        replace(
            _PAPER,
            name="paper_as_released",
            title="256x160, 40 m, log1p, truth misread as in the released code",
            source="Sciuto 2018, released code",
            as_released=True,
        ),
    )
}


def get_protocol(name: str) -> EvalProtocol:
    """Protocol of a name; ConfigError listing the known ones."""
    if name not in PROTOCOLS:
        raise ConfigError(f"no protocol {name!r}; known: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def _garg_mask(height: int, width: int) -> BoolArray:
    top, bottom, left, right = GARG_CROP
    mask = np.zeros((height, width), np.bool_)
    mask[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = True
    return mask


def _sample(depth_m: Float32Array, size: tuple[int, int] | None) -> Float32Array:
    """[H, W] at another size, nearest pixel: depth is never averaged across an edge."""
    if size is None:
        return depth_m
    return np.asarray(cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST_EXACT), np.float32)


def _read_as_released(truth_m: Float32Array, size: tuple[int, int], cap_m: float) -> Float32Array:
    """The released code's reading of a KITTI depth PNG, from the metres it really says.

    The code resized the uint16 counts linearly, holes (0) included, divided by 100, clipped to
    [0, 40] and ignored what was still 0.
    """
    measured = np.isfinite(truth_m)
    if measured.mean() > 0.5:
        raise EvaluationError(
            f"paper_as_released shows how the released code misread sparse KITTI depth files; "
            f"this truth is dense ({measured.mean():.0%} of the pixels): use the protocol paper"
        )
    counts = np.where(measured, truth_m * _PNG_COUNTS, 0.0).round().astype(np.uint16)
    small = cv2.resize(counts, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    misread = np.clip(small / 100, 0, cap_m)
    return np.where(misread > 0, misread, np.float32(np.nan)).astype(np.float32)


def _size(array: npt.NDArray[Any]) -> str:
    return f"{array.shape[1]}x{array.shape[0]}"
