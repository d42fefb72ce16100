import numpy as np
import pytest

from depth_seg_ros.metrics.latency import histogram, latency_statistics


def test_statistics_by_hand() -> None:
    found = latency_statistics([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found["frames"] == 5
    assert (found["mean_ms"], found["p50_ms"], found["min_ms"], found["max_ms"]) == (3, 3, 1, 5)
    assert found["p95_ms"] == pytest.approx(4.8)
    assert found["p99_ms"] == pytest.approx(4.96)


def test_nothing_measured_is_nothing_said() -> None:
    assert latency_statistics([]) == {}


def test_the_histogram_counts_every_frame_even_the_slow_one() -> None:
    times = [10.0] * 999 + [5000.0]
    edges, counts = histogram(times, bins=10)
    assert counts.sum() == 1000
    assert len(edges) == 11
    assert edges[-1] < 5000
    assert np.all(np.diff(edges) > 0)
