"""Pictures of what a network says: image | depth | true depth | labels | true labels | error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depth_seg_ros.types import UInt8Array
from depth_seg_ros.visualize import caption, colorize_depth, colorize_labels
from training.data.loader import Batch
from training.layers.network import Outputs

MAX_LOG_ERROR = 0.7
"""Error colours: blue = predicted half as far, white = right, red = twice as far."""


def examples(data: Batch, outputs: Outputs, count: int = 4) -> UInt8Array:
    """uint8 [H, W, 3]: one row a frame."""
    return np.concatenate([_row(data, outputs, i) for i in range(min(count, len(data.image)))])


def log_error(
    prediction_m: npt.NDArray[np.float32], truth_m: npt.NDArray[np.float32]
) -> UInt8Array:
    """uint8 [h, w, 3]: ln(prediction / truth) from blue to red; gray where nothing was measured."""
    valid = np.isfinite(truth_m) & (truth_m > 0)
    ratio = np.log(np.maximum(prediction_m, 0.1) / np.where(valid, truth_m, 1))
    t = np.clip(ratio / MAX_LOG_ERROR, -1, 1)[..., None]
    warm, cold = np.array([178, 24, 43]), np.array([33, 102, 172])
    picture: npt.NDArray[np.float32] = 255 + np.abs(t) * (np.where(t > 0, warm, cold) - 255)
    picture[~valid] = 128
    return picture.astype(np.uint8)


def _row(data: Batch, outputs: Outputs, i: int) -> UInt8Array:
    truth, prediction = data.depth_m[i].numpy(), outputs.depth_m[i].numpy()
    parts = [
        caption(data.image[i].numpy(), "image"),
        caption(colorize_depth(prediction), "depth"),
        caption(colorize_depth(truth), "true depth"),
    ]
    if outputs.logits is not None:
        labels = outputs.logits[i].argmax(0).numpy().astype(np.uint8)
        parts.append(caption(colorize_labels(labels), "labels"))
        parts.append(caption(colorize_labels(data.labels[i].numpy()), "true labels"))
    parts.append(caption(log_error(prediction, truth), "depth error"))
    return np.concatenate(parts, axis=1)
