"""Sums that do not care who added what, and when."""

import json
import math

import numpy as np

from depth_seg_ros.metrics.latency import LatencyHistogram, latency_statistics
from depth_seg_ros.metrics.sums import ExactSum


def test_any_order_and_grouping_gives_the_same_bits() -> None:
    values = np.random.default_rng(0).lognormal(0, 5, 1000)
    means = set()
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(values)
        parts = np.split(order, [100 * (seed + 1), 700])
        total = ExactSum()
        for part in parts:
            one = ExactSum()
            for value in part:
                one.add(float(value))
            total.merge(ExactSum.from_json(json.loads(json.dumps(one.to_json()))))
        means.add(total.over(len(values)))
    assert len(means) == 1
    assert math.isclose(means.pop(), math.fsum(values) / 1000, rel_tol=1e-15)


def test_what_is_no_number_makes_the_mean_none() -> None:
    one = ExactSum()
    one.add(1.0)
    one.add(math.nan)
    assert math.isnan(one.over(2))


def test_histograms_give_percentiles_to_a_hundredth() -> None:
    times = np.random.default_rng(1).gamma(5, 4, 5000)
    parts = [LatencyHistogram() for _ in range(3)]
    for n, time in enumerate(times):
        parts[n % 3].add(float(time))
    total = LatencyHistogram()
    for part in parts:
        total.merge(LatencyHistogram.from_json(part.to_json()))
    found, exact = total.statistics(), latency_statistics(times.tolist())
    assert found["frames"] == 5000
    for key in ("mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms", "min_ms"):
        assert math.isclose(found[key], exact[key], rel_tol=0.0101), key
