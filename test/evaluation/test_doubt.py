"""Confidence in reports: pooled over images, and nothing where no network says it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from depth_seg_ros.evaluation.score.doubt import DoubtProfile
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.evaluation.score.scorer import Scorer
from depth_seg_ros.types import GroundTruth, Prediction


def knows(rng: np.random.Generator, count: int = 20_000) -> tuple[np.ndarray, ...]:
    """(prediction, truth, said): half the pixels err by a Laplace of 0.05, half by one of 0.5, and
    the network says the probability of 25 % that follows from it."""
    scale = rng.choice([0.05, 0.5], count)
    truth = rng.uniform(5, 50, count)
    prediction = truth * np.exp(rng.laplace(0, scale))
    said = 255 * (1 - np.exp(-np.log(1.25) / scale))
    return prediction.astype(np.float32), truth.astype(np.float32), said.round().astype(np.uint8)


def test_a_network_that_knows_its_doubt() -> None:
    rng = np.random.default_rng(0)
    profile = DoubtProfile()
    for _ in range(3):
        profile.add(*knows(rng))
    found = profile.result()
    assert found is not None and found.frames == 3
    assert found.calibration < 0.02 and len(found.bins) == 2
    for b in found.bins:
        assert b.held == pytest.approx(b.said, abs=0.02)
    assert found.surest_half < 0.3 * found.abs_rel and found.ause < 0.3
    assert found.tenths[0] < 0.1 < found.tenths[-1]


def test_one_that_does_not() -> None:
    prediction, truth, said = knows(np.random.default_rng(1))
    profile = DoubtProfile()
    profile.add(prediction, truth, np.full_like(said, 250))
    found = profile.result()
    assert found is not None and found.ause > 0.4
    assert found.calibration > 0.2 and found.surest_half == pytest.approx(found.abs_rel, rel=0.1)
    assert DoubtProfile().result() is None


def test_profiles_add_up_to_the_last_bit() -> None:
    rng = np.random.default_rng(3)
    images = [knows(rng, 999) for _ in range(7)]
    whole, parts = DoubtProfile(), [DoubtProfile() for _ in range(3)]
    for i, image in enumerate(images):
        whole.add(*image)
        parts[i % 3].add(*image)
    total = DoubtProfile()
    for part in reversed(parts):
        total.merge(DoubtProfile.from_json(json.loads(json.dumps(part.to_json()))))
    assert total.result() == whole.result() is not None


def test_the_scorer_takes_the_confidence_of_the_very_pixels_it_scores() -> None:
    prediction, truth, said = (v[:1200].reshape(30, 40) for v in knows(np.random.default_rng(2)))
    truth[:10] = np.nan
    scorer = Scorer(get_protocol("dense"), None, {})
    scorer.add("a", Prediction(0, "c", prediction, None, None, None, said), GroundTruth(0, truth))
    direct = DoubtProfile()
    kept = np.isfinite(truth)
    direct.add(np.clip(prediction[kept], 1e-3, 80), truth[kept], said[kept])
    assert scorer.doubt() == direct.result()
    plain = Scorer(get_protocol("dense"), None, {})
    plain.add("a", Prediction(0, "c", prediction, None, None, None), GroundTruth(0, truth))
    assert plain.doubt() is None
