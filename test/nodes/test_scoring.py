"""Live scoring without ROS: every truth accounted for, means of known numbers."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.nodes.scoring import LabelScores, LiveScores, StampPairs, headline, shown


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
        scores.score_depth(scores.depth_pairs.add_truth(stamp, truth))
        scores.score_depth(scores.depth_pairs.add_prediction(stamp, truth * np.float32(factor)))
    depth = scores.report()["depth"]
    assert depth["images"] == 2
    assert depth["abs_rel"] == pytest.approx(0.2, abs=1e-6)
    assert depth["delta1"] == 0.5


def test_sky_alone_is_counted_not_scored() -> None:
    scores = LiveScores(get_protocol("dense"), max_waiting=5)
    sky = np.full((4, 4), np.inf, np.float32)
    scores.score_depth((np.ones((4, 4), np.float32), sky))
    assert scores.report()["depth"]["without_common_pixels"] == 1
    assert scores.report()["depth"]["images"] == 0


def test_label_scores_over_all_images() -> None:
    scores = LabelScores()
    assert scores.scores() == {}
    road, sky = np.full((2, 4), 7, np.uint8), np.full((2, 4), 23, np.uint8)
    half = np.concatenate([road[:1], sky[:1]])
    scores.add(road, road)
    scores.add(half, road)
    result = scores.scores()
    assert result["pixel_accuracy"] == 0.75
    assert result["miou"] == 0.75  # road alone occurs: 12 hit of 16 in the union
    with pytest.raises(EvaluationError, match="labels are"):
        scores.add(road, road[:1])


def test_a_part_in_one_line() -> None:
    assert headline({"images": 0, "protocol": "dense"}) == "no pair yet"
    assert headline({"images": 3, "abs_rel": 0.25}) == "abs_rel 0.2500 over 3 images"
    assert shown({"images": 3, "miou": 0.5}) == {"images": "3", "miou": "0.5000"}
