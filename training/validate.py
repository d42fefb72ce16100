"""Scores of a network on validation frames, at network resolution, by the core's metrics.

Quick and the same for every run of an experiment; the scores that count go through
``training.evaluate``, the camera's resolution and a protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.metrics.confidence import ause
from depth_seg_ros.metrics.depth import depth_scores
from depth_seg_ros.metrics.segmentation import confusion_matrix, mean_iou, pixel_accuracy
from training.data.frames import Frames
from training.data.loader import Batch, stack
from training.layers.doubt import WITHIN, probability_within
from training.layers.network import Network, Outputs
from training.losses import Loss
from training.runtime import Runtime

MIN_DEPTH_M = 1e-3


@dataclass(frozen=True)
class ValidationResult:
    """scores: name -> mean over the frames; examples: what the first batch looked like."""

    scores: dict[str, float]
    examples: tuple[Batch, Outputs] | None


def validate(
    network: Network, frames: Frames, loss: Loss, runtime: Runtime, batch: int
) -> ValidationResult:
    """Every rank scores its share; the result is the same on all of them."""
    parts = [
        mine[start : start + batch].tolist()
        for alike in frames.by_shape()
        for mine in [alike[runtime.rank :: runtime.world]]
        for start in range(0, len(mine), batch)
    ]
    rows: list[dict[str, float]] = []
    confusion = np.zeros((256, 256), np.int64)
    examples = None
    network.eval()
    for part in parts:
        data = stack(frames, part)
        outputs, losses = predict(network, data, loss, runtime)
        examples = examples or (data, outputs)
        for i in range(len(data.image)):
            scores = score_depth(outputs.depth_m[i], data.depth_m[i], loss.max_depth_m)
            rows.append(losses | scores | score_doubt(outputs, i, data.depth_m[i], loss))
        if outputs.logits is not None:
            labels = outputs.logits.argmax(1).to(torch.uint8).numpy()
            confusion += confusion_matrix(labels, data.labels.numpy())
    network.train()
    rows = [row for rows in runtime.gather(rows) for row in rows]
    confusion = np.sum(runtime.gather(confusion), axis=0)
    return ValidationResult(_means(rows) | score_labels(confusion), examples)


@torch.inference_mode()
def predict(
    network: Network, data: Batch, loss: Loss, runtime: Runtime
) -> tuple[Outputs, dict[str, float]]:
    """Outputs on the CPU in float32, and the batch's losses."""
    on_device = data.to(runtime.device)
    with runtime.autocast():
        outputs = network(*on_device.inputs(network))
    total, terms = loss(outputs, on_device.depth_m, on_device.labels)
    losses = {"loss": total.item()} | {f"loss_{k}": v.item() for k, v in terms.items()}
    return Outputs(
        outputs.depth_m.float().cpu(), _on_cpu(outputs.logits), _on_cpu(outputs.log_scale)
    ), losses


def _on_cpu(tensor: torch.Tensor | None) -> torch.Tensor | None:
    return None if tensor is None else tensor.float().cpu()


def score_depth(
    prediction: torch.Tensor, truth: torch.Tensor, max_depth_m: float
) -> dict[str, float]:
    """Depth metrics of one image over 0 < truth <= max_depth_m; {} where there is none."""
    y = truth.numpy()
    valid = (y > 0) & (y <= max_depth_m)  # False for NaN and sky
    if not valid.any():
        return {}
    p = np.clip(prediction.numpy()[valid], MIN_DEPTH_M, max_depth_m)
    return depth_scores(p, y[valid])


def score_doubt(outputs: Outputs, i: int, truth: torch.Tensor, loss: Loss) -> dict[str, float]:
    """Of image ``i``: whether it knows where it is wrong, and whether its probabilities are true;
    {} for a network that does not say."""
    if outputs.log_scale is None:
        return {}
    y = truth.numpy()
    valid = (y > 0) & (y <= loss.max_depth_m)
    if not valid.any():
        return {}
    confidence = probability_within(outputs.log_scale[i]).numpy()[valid]
    p = np.clip(outputs.depth_m[i].numpy()[valid], MIN_DEPTH_M, loss.max_depth_m)
    right = np.maximum(p / y[valid], y[valid] / p) < WITHIN
    return {
        "ause": ause(np.abs(p - y[valid]) / y[valid], confidence),
        "confidence_bias": float(confidence.mean() - right.mean()),
    }


def score_labels(confusion: npt.NDArray[np.int64]) -> dict[str, float]:
    """mIoU and accuracy over the classes that count; {} without labels."""
    ids = NETWORK_CLASSES.evaluated_ids()
    if not confusion[ids].any():
        return {}
    return {"miou": mean_iou(confusion, ids), "accuracy": pixel_accuracy(confusion, ids)}


def _means(rows: Iterable[dict[str, Any]]) -> dict[str, float]:
    columns: dict[str, list[float]] = {}
    for row in rows:
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    return {key: float(np.mean(values)) for key, values in columns.items()}
