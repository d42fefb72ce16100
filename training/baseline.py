"""What a network must beat: the training set's median depth, and its mean depth at each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.types import Float32Array
from training.data.frames import Frames

SAMPLED_FRAMES = 400


@dataclass(frozen=True)
class Baseline:
    """median_depth_m: of all measured pixels; mean_depth_m: float32 [h, w], sky counted as far."""

    median_depth_m: float
    mean_depth_m: Float32Array


def depth_baseline(frames: Frames, max_depth_m: float) -> Baseline:
    """From frames spread over the training set (those of its first shape)."""
    sampled = frames.alike().spread(SAMPLED_FRAMES)
    total = np.zeros(sampled[0].depth_m.shape)
    count = np.zeros_like(total)
    medians = []
    for i in range(len(sampled)):
        depth_m = sampled[i].depth_m
        known = depth_m > 0  # False for NaN
        total += np.where(known, np.minimum(depth_m, max_depth_m), 0)
        count += known
        if (measured := depth_m[known & np.isfinite(depth_m)]).size:
            medians.append(float(np.median(measured)))
    mean = np.where(count > 0, total / np.maximum(count, 1), max_depth_m)
    return Baseline(float(np.median(medians)) if medians else max_depth_m, mean.astype(np.float32))
