import pytest

from depth_seg_ros.metrics.latency import Percentiles
from depth_seg_ros.perception.statistics import Rate


def test_percentiles_of_known_values():
    p = Percentiles.of(range(101))
    assert p is not None
    assert (p.count, p.p50, p.p95, p.p99, p.max) == (101, 50.0, 95.0, 99.0, 100.0)


def test_percentiles_of_nothing_is_nothing():
    assert Percentiles.of([]) is None


def test_rate_is_exact_while_young_and_when_old():
    rate = Rate(span_s=2.0)
    for i in range(11):
        rate.add(i * 0.1)
    assert rate.hertz(1.0) == pytest.approx(10.0)
    for i in range(11, 60):
        rate.add(i * 0.1)
    assert rate.hertz(5.9) == pytest.approx(10.0, abs=0.5)


def test_rate_falls_to_zero_when_events_stop():
    rate = Rate(span_s=2.0)
    assert rate.hertz(0.0) == 0.0
    rate.add(0.0)
    rate.add(1.0)
    assert rate.hertz(10.0) == 0.0
