"""Live scoring without ROS: every truth accounted for, means of known numbers."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.live import LiveScores, StampPairs
from depth_seg_ros.evaluation.score.protocols import get_protocol


def test_pairs_by_equal_stamp_in_any_order() -> None:
    pairs: StampPairs[str] = StampPairs(max_waiting=10)
    assert pairs.add_truth(1, "truth 1") is None
    assert pairs.add_prediction(2, "prediction 2") is None
    assert pairs.add_prediction(1, "prediction 1") == ("prediction 1", "truth 1")
    assert pairs.add_truth(2, "truth 2") == ("prediction 2", "truth 2")
    assert pairs.add_truth(3, "truth 3") is None
    assert (pairs.truths, pairs.paired, pairs.unpredicted, pairs.unverified) == (3, 2, 1, 0)


def test_what_waits_too_long_is_forgotten_but_stays_counted() -> None:
    pairs: StampPairs[int] = StampPairs(max_waiting=2)
    for stamp in (1, 2, 3):
        pairs.add_truth(stamp, stamp)
    assert pairs.add_prediction(1, 1) is None
    assert pairs.add_prediction(3, 3) == (3, 3)
    assert pairs.unpredicted == 2


def test_running_depth_mean() -> None:
    scores = LiveScores(get_protocol("dense"), max_waiting=5)
    truth = np.full((4, 4), 10, np.float32)
    for stamp, factor in ((1, 1.1), (2, 1.3)):
        scores.add_true_depth(stamp, truth)
        scores.add_depth(stamp, truth * np.float32(factor))
    depth = scores.report()["depth"]
    assert depth["images"] == 2
    assert depth["abs_rel"] == pytest.approx(0.2, abs=1e-6)
    assert depth["delta1"] == 0.5


def test_sky_alone_is_counted_not_scored() -> None:
    scores = LiveScores(get_protocol("dense"), max_waiting=5)
    scores.add_depth(1, np.ones((4, 4), np.float32))
    scores.add_true_depth(1, np.full((4, 4), np.inf, np.float32))
    assert scores.report()["depth"]["without_common_pixels"] == 1
    assert scores.report()["depth"]["images"] == 0


def test_label_scores_over_all_images() -> None:
    scores = LiveScores(get_protocol("dense"), max_waiting=5)
    assert "miou" not in scores.report()["labels"]
    road, sky = np.full((2, 4), 7, np.uint8), np.full((2, 4), 23, np.uint8)
    half = np.concatenate([road[:1], sky[:1]])
    for stamp, prediction in ((1, road), (2, half)):
        scores.add_labels(stamp, prediction)
        scores.add_true_labels(stamp, road)
    result = scores.report()["labels"]
    assert result["pixel_accuracy"] == 0.75
    assert result["miou"] == 0.75  # road alone occurs: 12 hit of 16 in the union
    scores.add_labels(3, road)
    with pytest.raises(EvaluationError, match="labels are"):
        scores.add_true_labels(3, road[:1])


def test_a_cyclist_is_scored_as_in_a_recorded_drive() -> None:
    """The network knows no bicycles: it is taught to call them rider."""
    scores = LiveScores(get_protocol("dense"), max_waiting=5)
    scores.add_labels(1, np.full((2, 2), 25, np.uint8))  # rider
    scores.add_true_labels(1, np.full((2, 2), 33, np.uint8))  # bicycle
    assert scores.report()["labels"]["pixel_accuracy"] == 1.0
