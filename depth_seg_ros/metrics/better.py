"""Which of two scores is the better one: the one place that knows the direction of every metric."""

from __future__ import annotations

from depth_seg_ros.metrics.depth import DEPTH_METRICS

HIGHER = ("miou", "accuracy", "pixel_accuracy")
"""Scores of labels."""


def is_better(key: str, score: float, than: float) -> bool:
    """Whether ``score`` beats ``than``; what no table knows (losses) is better when lower."""
    metric = DEPTH_METRICS.get(key)
    direction = metric.better if metric else "higher" if key in HIGHER else "lower"
    if direction == "one":
        return abs(score - 1) < abs(than - 1)
    return score > than if direction == "higher" else score < than
