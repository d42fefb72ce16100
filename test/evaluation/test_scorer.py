import numpy as np
import pytest

from depth_seg_ros.evaluation.score.distance import DistanceProfile
from depth_seg_ros.evaluation.score.leak import drive_of, is_cloned, leak_note
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.evaluation.score.scorer import Scorer
from depth_seg_ros.labels import NETWORK_CLASSES, ClassTable, LabelClass
from depth_seg_ros.types import GroundTruth, Prediction


def prediction(depth: float, label: int = 7) -> Prediction:
    labels = np.full((4, 4), label, np.uint8)
    return Prediction(0, "c", np.full((4, 4), depth, np.float32), labels, labels, None)


def truth(depth: float | None, label: int | None = None) -> GroundTruth:
    depth_m = None if depth is None else np.full((4, 4), depth, np.float32)
    labels = None if label is None else np.full((4, 4), label, np.uint8)
    return GroundTruth(0, depth_m, labels)


def test_scores_are_means_over_images_not_over_pixels() -> None:
    scorer = Scorer(get_protocol("dense"), None, {})
    assert scorer.add("a", prediction(11), truth(10)) is None
    few = truth(10)
    assert few.depth_m is not None
    few.depth_m[1:] = np.nan
    assert scorer.add("b", prediction(13), few) is None
    assert scorer.rows["model"].means()["abs_rel"] == pytest.approx((0.1 + 0.3) / 2)


def test_every_way_of_not_counting_has_its_reason() -> None:
    scorer = Scorer(get_protocol("dense"), NETWORK_CLASSES, {})
    assert scorer.add("a", prediction(5), truth(None)) == "no ground truth"
    assert scorer.add("b", prediction(5), truth(90)) == (
        "no pixel of its ground truth counts under this protocol"
    )
    assert scorer.add("c", prediction(np.nan), truth(9)) == (
        "the prediction covers none of the pixels that count"
    )
    assert scorer.add("d", prediction(5), truth(None, 255)) == (
        "no labelled pixel is of a class that both sides know"
    )
    assert not scorer.frames


def test_two_wheelers_count_as_rider_for_networks_taught_so() -> None:
    scorer = Scorer(get_protocol("dense"), NETWORK_CLASSES, {})
    scorer.add("a", prediction(5, label=25), truth(None, 33))
    assert scorer.label_scores()["miou"] == 1.0
    own = ClassTable([LabelClass(3, "bicycle", (1, 2, 3)), LabelClass(4, "road", (0, 0, 1))])
    scorer = Scorer(get_protocol("dense"), own, {})
    scorer.add("a", prediction(5, label=3), truth(None, 33))
    assert scorer.class_ious() == {"bicycle": (1.0, 1.0)}


def test_a_foreign_class_table_is_matched_by_name() -> None:
    own = ClassTable([LabelClass(0, "car", (0, 0, 9)), LabelClass(1, "lava", (9, 0, 0))])
    scorer = Scorer(get_protocol("dense"), own, {})
    half = prediction(5, label=0)
    assert half.labels is not None
    half.labels[:2] = 1
    scorer.add("a", half, truth(None, 26))
    assert scorer.class_ious() == {"car": (0.5, 1.0)}


def test_a_benchmarks_list_restricts_the_classes() -> None:
    scorer = Scorer(get_protocol("dense"), NETWORK_CLASSES, {}, label_names=("road",))
    assert scorer.label_ids == [7]


def test_clones_are_kept_apart() -> None:
    scorer = Scorer(get_protocol("dense"), None, {})
    scorer.add("2011_09_26_drive_0009_sync/1", prediction(11), truth(10))
    scorer.add("2011_09_26_drive_0002_sync/1", prediction(12), truth(10))
    assert scorer.rows["model"].means()["abs_rel"] == pytest.approx(0.15)
    assert scorer.rows["model, without clones"].means()["abs_rel"] == pytest.approx(0.2)


def test_the_note_about_clones() -> None:
    assert drive_of("x/2011_10_03_drive_0047_sync_image_1") == "2011_10_03_drive_0047"
    assert is_cloned("2011_10_03_drive_0047_sync") and not is_cloned("2011_09_26_drive_0002")
    assert leak_note(["000001", "000002"]) is None
    assert leak_note(["2011_09_26_drive_0002_sync/1"]) == (
        "No frame is from a drive that Virtual KITTI clones."
    )
    note = leak_note(["2011_09_26_drive_0009_a", "2011_09_26_drive_0002_b"])
    assert note is not None and note.startswith("1 of 2 frames")


def test_distance_bins_by_hand() -> None:
    profile = DistanceProfile((0, 10, 20))
    profile.add(np.array([6.0, 15.0, 40.0]), np.array([5.0, 10.0, 500.0]))
    profile.add(np.array([9.0]), np.array([9.99]))
    first, second, beyond = profile.bins()
    assert (first.near_m, first.far_m, first.pixels) == (0, 10, 2)
    assert first.abs_rel == pytest.approx((1 / 5 + 0.99 / 9.99) / 2)
    assert first.delta1 == 1.0
    assert (second.pixels, second.rmse, second.bias_rel) == (1, 5.0, 0.5)
    assert (beyond.near_m, beyond.far_m, beyond.pixels) == (20, np.inf, 1)
