"""Semantic scores against numbers worked out by hand."""

from math import isnan

import numpy as np
import pytest

from depth_seg_ros.metrics.segmentation import (
    class_iou,
    confusion_matrix,
    mean_iou,
    pixel_accuracy,
)

ROAD, CAR, SKY = 7, 26, 23
TRUTH = np.array([[ROAD, ROAD, ROAD, CAR], [CAR, 255, ROAD, 255]], np.uint8)
PREDICTION = np.array([[ROAD, ROAD, CAR, CAR], [255, ROAD, SKY, CAR]], np.uint8)
# Of four road pixels two are hit, one is called car, one sky; of two car pixels one is hit, one
# not seen (255). The pixels whose truth is 255 count nowhere.


def test_iou_by_hand() -> None:
    confusion = confusion_matrix(PREDICTION, TRUTH)
    iou = class_iou(confusion, [ROAD, CAR, SKY])
    assert iou[ROAD] == pytest.approx(2 / 4)
    assert iou[CAR] == pytest.approx(1 / (2 + 1))  # two true ones and one false alarm on road
    assert iou[SKY] == 0.0  # never true, once predicted
    assert mean_iou(confusion, [ROAD, CAR, SKY]) == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert pixel_accuracy(confusion, [ROAD, CAR]) == pytest.approx(3 / 6)


def test_a_class_nobody_shows_has_no_iou() -> None:
    confusion = confusion_matrix(PREDICTION, TRUTH)
    assert isnan(class_iou(confusion, [11])[11])
    assert isnan(mean_iou(confusion, [11]))
    assert isnan(pixel_accuracy(confusion, [11]))


def test_unlabelled_truth_is_never_a_class() -> None:
    confusion = confusion_matrix(PREDICTION, TRUTH)
    assert class_iou(confusion, [ROAD, 255]).keys() == {ROAD}


def test_pixels_outside_the_listed_classes_do_not_count() -> None:
    confusion = confusion_matrix(PREDICTION, TRUTH)
    assert class_iou(confusion, [CAR])[CAR] == pytest.approx(1 / 2)


def test_the_confusion_counts_every_pixel_once() -> None:
    confusion = confusion_matrix(PREDICTION, TRUTH)
    assert confusion.sum() == TRUTH.size
    assert confusion[ROAD, SKY] == 1
    assert confusion[255, CAR] == 1


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shape"):
        confusion_matrix(PREDICTION[:1], TRUTH)
