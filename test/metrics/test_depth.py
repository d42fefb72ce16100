"""Depth metrics against numbers worked out by hand."""

from math import exp, log, sqrt

import numpy as np
import pytest

from depth_seg_ros.metrics.depth import DEPTH_METRICS, delta1, depth_scores, silog

PREDICTION = np.array([2.0, 4.0])
TRUTH = np.array([1.0, 4.0])
# Errors 1 and 0; ratios 2 and 1; 1.25^3 = 1.953.
BY_HAND = {
    "abs_rel": (1 / 1 + 0) / 2,
    "sq_rel": (1 / 1 + 0) / 2,
    "sq_error_rel": (1 / 1 + 0) / 2,
    "rmse": sqrt(1 / 2),
    "mae": 0.5,
    "irmse": 1000 * sqrt((1 / 2 - 1) ** 2 / 2),
    "rmse_log": sqrt(log(2) ** 2 / 2),
    "log_rmse": sqrt((log(3) - log(2)) ** 2 / 2),
    "silog": 100 * sqrt(log(2) ** 2 / 2 - (log(2) / 2) ** 2),
    "delta1": 0.5,
    "delta2": 0.5,
    "delta3": 0.5,
    "scale": exp(log(2) / 2),
}


@pytest.mark.parametrize("key", DEPTH_METRICS)
def test_every_metric_matches_the_number_by_hand(key: str) -> None:
    metric = DEPTH_METRICS[key]
    assert metric.key == key
    assert metric.function(PREDICTION, TRUTH) == pytest.approx(BY_HAND[key], rel=1e-12)


def test_squared_relative_errors_are_two_different_formulas() -> None:
    scores = depth_scores(np.array([6.0]), np.array([4.0]))
    assert scores["sq_rel"] == pytest.approx(1.0)  # 2^2 / 4
    assert scores["sq_error_rel"] == pytest.approx(0.25)  # (2 / 4)^2


def test_a_perfect_prediction_scores_perfectly() -> None:
    scores = depth_scores(TRUTH, TRUTH)
    for key, metric in DEPTH_METRICS.items():
        assert scores[key] == (0.0 if metric.better == "lower" else 1.0), key


def test_deltas_are_strict_and_symmetric() -> None:
    on_the_line = np.array([1.25, 0.8])
    assert delta1(on_the_line, np.ones(2)) == 0.0
    assert delta1(np.array([1.2499, 0.8001]), np.ones(2)) == 1.0


def test_silog_ignores_scale_and_the_scale_metric_finds_it() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(1, 80, 1000)
    scores = depth_scores(1.3 * truth, truth)
    assert scores["silog"] == pytest.approx(0.0, abs=1e-6)
    assert scores["scale"] == pytest.approx(1.3)
    assert silog(truth[::-1], truth) > 10


def test_half_a_million_float32_pixels_lose_no_precision() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(1, 80, 500_000)
    prediction = truth * rng.uniform(0.7, 1.4, truth.size)
    exact = depth_scores(prediction, truth)
    quick = depth_scores(prediction.astype(np.float32), truth.astype(np.float32))
    for key in DEPTH_METRICS:
        assert quick[key] == pytest.approx(exact[key], rel=2e-5), key
