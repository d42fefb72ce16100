"""Sparsification and ranks, on errors whose order is known."""

import numpy as np
import pytest

from depth_seg_ros.metrics.confidence import ause, by_rank, sparsification

ERROR = np.linspace(0.0, 1.0, 1001)


def test_knowing_the_order_exactly_costs_nothing_and_the_wrong_order_most() -> None:
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(ERROR)
    assert ause(shuffled, 1 - shuffled) == pytest.approx(0, abs=1e-9)
    ignorant = ause(shuffled, np.full(len(shuffled), 0.5))
    assert ignorant == pytest.approx(0.475, abs=0.05)
    assert ause(shuffled, shuffled) > 1.9 * ignorant
    assert ause(np.zeros(10), rng.random(10)) == 0


def test_the_curve_is_the_mean_of_what_is_left() -> None:
    curve = sparsification(np.array([4.0, 1.0, 3.0, 2.0]), np.array([0, 2, 3, 1]), shares=4)
    assert curve.tolist() == [2.5, 2.0, 1.5, 1.0]


def test_tenths_from_the_surest_on() -> None:
    tenths = by_rank(ERROR, 1 - ERROR)
    assert len(tenths) == 10 and (np.diff(tenths) > 0).all()
    assert tenths[0] == pytest.approx(0.05, abs=0.01) and tenths.mean() == pytest.approx(0.5, 1e-2)
