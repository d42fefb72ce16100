"""A fence is a fence between its bars too: classes as people label them.

Whoever labels photographs draws a fence's outline (Cityscapes' rules; CamVid's look the same), and
a network is judged, and a robot stopped, by that. Depth stays what it is: that of what is behind.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.types import Float32Array, UInt8Array

HOLE_M = 0.3
"""Wider holes show what is behind: of gates that stand open, of rails far apart."""
_SLACK_PX = 2
"""Of bars that are thinner than a pixel, some are missed."""
_SAME_FENCE = 0.1
"""How much farther, as a share, the other side of a hole may be."""
_KEPT = ("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle", "sky")
"""What moves keeps its class behind bars; the sky has no depth, which its label says."""


def close_holes(class_id: UInt8Array, depth_m: Float32Array, fx: float) -> None:
    """Give holes of fences, along a row of pixels, the fence's class, in place.

    class_id uint8 [H, W]; depth_m float [H, W]; fx: focal length [px].
    """
    fence = CITYSCAPES.id("fence")
    rows = np.flatnonzero((class_id == fence).any(1))
    if not len(rows):
        return
    seen, depth = class_id[rows], depth_m[rows]
    bars = seen == fence
    width = seen.shape[1]
    column = np.broadcast_to(np.arange(width), seen.shape)
    before = np.maximum.accumulate(np.where(bars, column, -1), 1)
    after = np.minimum.accumulate(np.where(bars, column, width)[:, ::-1], 1)[:, ::-1]
    y, x = np.nonzero(~bars & (before >= 0) & (after < width))
    left, right = before[y, x], after[y, x]
    near, far = np.sort(np.stack([depth[y, left], depth[y, right]]), 0)
    hole = (
        (right - left - 1 <= HOLE_M * fx / near + _SLACK_PX)
        & (far <= near * (1 + _SAME_FENCE))
        & (depth[y, x] > near)
        & ~np.isin(seen[y, x], CITYSCAPES.ids(_KEPT))
    )
    class_id[rows[y[hole]], x[hole]] = fence
