"""Label and confidence masks (mono8) and the LabelInfo that names the classes."""

from __future__ import annotations

import json

import numpy as np

from depth_seg_ros.labels import UNLABELED, ClassTable
from depth_seg_ros.messages.payloads import (
    Header,
    ImagePayload,
    LabelInfoPayload,
    TextPayload,
    image_payload,
)
from depth_seg_ros.types import UInt8Array

UNLABELED_NAME = "UNLABELED"
"""vision_msgs' name of the highest id of an 8-bit mask."""


def confident_labels(
    labels: UInt8Array, confidence: UInt8Array | None, threshold: float
) -> UInt8Array:
    """Labels [H, W] with those whose probability is below ``threshold`` (0..1) set to 255."""
    if threshold <= 0 or confidence is None:
        return labels
    return np.where(confidence < threshold * 255, np.uint8(UNLABELED), labels)


def mask_payload(header: Header, mask: UInt8Array) -> ImagePayload:
    """uint8 [H, W] -> mono8."""
    return image_payload(header, mask, "mono8")


def label_info_payload(header: Header, classes: ClassTable, threshold: float) -> LabelInfoPayload:
    """Every class of the table, and 255."""
    named = [(c.id, c.name) for c in classes]
    return LabelInfoPayload(header, (*named, (UNLABELED, UNLABELED_NAME)), threshold)


def classes_payload(info: LabelInfoPayload) -> TextPayload:
    """The same as JSON, for who has no vision_msgs: ``{"classes": {"7": "road", ...}, ...}``."""
    told = {"classes": dict(info.classes), "threshold": info.threshold}
    return TextPayload(info.header, json.dumps(told))
