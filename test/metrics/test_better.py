"""Directions of the metrics."""

import pytest

from depth_seg_ros.metrics.better import is_better
from depth_seg_ros.metrics.depth import DEPTH_METRICS


@pytest.mark.parametrize("key", ["abs_rel", "rmse", "loss_silog"])
def test_lower_errors_and_losses_are_better(key: str) -> None:
    assert is_better(key, 0.1, 0.2) and not is_better(key, 0.2, 0.1)


@pytest.mark.parametrize("key", ["delta1", "delta3", "miou", "accuracy"])
def test_higher_shares_are_better(key: str) -> None:
    assert is_better(key, 0.9, 0.8) and not is_better(key, 0.8, 0.9)


def test_ratios_are_better_nearer_to_one() -> None:
    (key,) = [k for k, m in DEPTH_METRICS.items() if m.better == "one"]
    assert is_better(key, 0.95, 1.2) and not is_better(key, 2.0, 1.2)
