"""Losses on depth and classes, per image first, then averaged over the batch.

Every pixel that nobody measured is masked; what is beyond the taught range is clipped to it or
masked; sky is masked (or taught as "far", as the released code did). A prediction of 0 is finite:
logarithms see at least ``LOG_FLOOR_M``. Because a batch's loss is the mean of its images' losses,
splitting a batch over processes or accumulation steps changes nothing (except for ``log_rmse``,
which the paper defines over the batch).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.labels import UNLABELED
from training.layers.doubt import laplace
from training.layers.network import Outputs

LOG_FLOOR_M = 0.1
SILOG_VARIANCE_FOCUS = 0.85
GRADIENT_SCALES = 4


class DepthTarget(NamedTuple):
    """metres [B, h, w] (1 where masked) and the mask bool [B, h, w] of pixels that count."""

    metres: Tensor
    mask: Tensor


def depth_target(depth_m: Tensor, max_depth_m: float, beyond: str, sky: str) -> DepthTarget:
    """What to teach for float [B, h, w] with NaN = not measured and +Inf = sky.

    beyond: ``clip`` or ``mask`` depths past ``max_depth_m``; sky: ``mask`` or ``far``.
    """
    is_sky = torch.isposinf(depth_m)
    mask = depth_m > 0  # False for NaN
    if sky == "mask":
        mask &= ~is_sky
    if beyond == "mask":
        mask &= (depth_m <= max_depth_m) | is_sky
    metres = depth_m.clamp(LOG_FLOOR_M, max_depth_m)
    return DepthTarget(torch.where(mask, metres, torch.ones_like(metres)), mask)


def log_difference(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """ln p - ln y, float [B, h, w]; 0 where masked."""
    difference = prediction_m.clamp_min(LOG_FLOOR_M).log() - target.metres.log()
    return torch.where(target.mask, difference, torch.zeros_like(difference))


def l1(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """mean |p - y| [m]."""
    return _image_mean((prediction_m - target.metres).abs(), target.mask).mean()


def log_l1(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """mean |ln p - ln y|."""
    return _image_mean(log_difference(prediction_m, target).abs(), target.mask).mean()


def log1p_l1(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """mean |ln(p + 1) - ln(y + 1)|: what the released code of the paper minimised."""
    difference = torch.log1p(prediction_m) - torch.log1p(target.metres)
    return _image_mean(difference.abs(), target.mask).mean()


def log_rmse(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """sqrt(mean (ln p - ln y)^2) over the pixels of the batch: the paper's equation (1)."""
    squares = log_difference(prediction_m, target).square().sum()
    return _sqrt(squares / target.mask.sum().clamp_min(1))


def silog(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """sqrt(mean d^2 - 0.85 (mean d)^2), d = ln p - ln y (Eigen et al., 2014; Lee et al., 2019)."""
    d = log_difference(prediction_m, target)
    mean = _image_mean(d, target.mask)
    return _sqrt(_image_mean(d.square(), target.mask) - SILOG_VARIANCE_FOCUS * mean.square()).mean()


def gradient(prediction_m: Tensor, target: DepthTarget) -> Tensor:
    """Multi-scale gradient matching on log depth (Li and Snavely, CVPR 2018): edges stay sharp."""
    d, mask = log_difference(prediction_m, target), target.mask
    total = torch.zeros((), device=d.device)
    for scale in range(GRADIENT_SCALES):
        step = 2**scale
        ds, ms = d[:, ::step, ::step], mask[:, ::step, ::step]
        both_x, both_y = ms[:, :, 1:] & ms[:, :, :-1], ms[:, 1:] & ms[:, :-1]
        along_x = (ds[:, :, 1:] - ds[:, :, :-1]).abs()
        along_y = (ds[:, 1:] - ds[:, :-1]).abs()
        total = total + _image_mean(along_x, both_x).mean() + _image_mean(along_y, both_y).mean()
    return total / GRADIENT_SCALES


DEPTH_LOSSES: Mapping[str, Callable[[Tensor, DepthTarget], Tensor]] = {
    "l1": l1,
    "log_l1": log_l1,
    "log1p_l1": log1p_l1,
    "log_rmse": log_rmse,
    "silog": silog,
    "gradient": gradient,
}


def cross_entropy(logits: Tensor, labels: Tensor, class_weights: Tensor | None) -> Tensor:
    """Weighted mean cross-entropy over labelled pixels, per image, then over the batch.

    logits [B, classes, h, w]; labels uint8 [B, h, w] network ids, 255 = ignored.
    """
    labels = labels.long()
    mask = labels != UNLABELED
    loss = functional.cross_entropy(
        logits, labels, class_weights, ignore_index=UNLABELED, reduction="none"
    )
    if class_weights is None:
        return _image_mean(loss, mask).mean()
    weight = class_weights[labels.clamp_max(len(class_weights) - 1)] * mask
    return (loss.sum((1, 2)) / weight.sum((1, 2)).clamp_min(1e-6)).mean()


def class_weights(pixels: Tensor, kind: str) -> Tensor | None:
    """Weights [classes] from pixel counts [classes]; mean 1 over the pixels. None for ``none``.

    ``enet``: 1 / ln(1.02 + share) (Paszke et al., 2016), at most 14 times the weight of a class
    that fills the image. ``sqrt``: 1 / sqrt(share). Classes that never occur weigh 1.
    """
    if kind == "none":
        return None
    share = pixels.double() / pixels.sum().clamp_min(1)
    if kind == "enet":
        weights = 1 / (1.02 + share).log()
    elif kind == "sqrt":
        weights = 1 / share.clamp_min(1e-4).sqrt()
    else:
        raise ConfigError(f"class weights are {kind!r}; known: none, enet, sqrt")
    weights = weights / (weights * share).sum().clamp_min(1e-12)
    return torch.where(pixels > 0, weights, torch.ones_like(weights)).float()


def doubt(prediction_m: Tensor, log_scale: Tensor, target: DepthTarget) -> Tensor:
    """How badly the stated scale explains the error of ln depth. The error itself is taken as it
    is: the depth learns from its own losses, and not to be wrong where it says so."""
    error = log_difference(prediction_m.detach(), target).abs()
    return _image_mean(laplace(error, log_scale), target.mask).mean()


class Loss:
    """The weighted sum a run minimises; call it with outputs and targets."""

    def __init__(
        self,
        depth: Mapping[str, float],
        semantic: float,
        max_depth_m: float,
        *,
        beyond: str = "clip",
        sky: str = "mask",
        class_weights: Tensor | None = None,
        confidence: float = 1.0,
    ) -> None:
        unknown = sorted(set(depth) - set(DEPTH_LOSSES))
        if unknown:
            raise ConfigError(f"unknown depth loss {unknown[0]!r}; known: {list(DEPTH_LOSSES)}")
        if beyond not in ("clip", "mask") or sky not in ("mask", "far"):
            raise ConfigError(f"beyond={beyond!r} (clip, mask), sky={sky!r} (mask, far)")
        if not (max_depth_m > LOG_FLOOR_M and math.isfinite(max_depth_m)):
            raise ConfigError(f"max_depth_m is {max_depth_m}; give metres, e.g. 80")
        self.depth, self.semantic = dict(depth), semantic
        self.max_depth_m, self.beyond, self.sky = max_depth_m, beyond, sky
        self.class_weights = class_weights
        self.confidence = confidence

    def __call__(
        self, outputs: Outputs, depth_m: Tensor, labels: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """(what to minimise, each term unweighted); computed in float32 whatever came in."""
        target = depth_target(depth_m, self.max_depth_m, self.beyond, self.sky)
        prediction = outputs.depth_m.float()
        terms = {k: DEPTH_LOSSES[k](prediction, target) for k in self.depth}
        total = torch.stack([self.depth[k] * v for k, v in terms.items()]).sum()
        if outputs.logits is not None:
            terms["cross_entropy"] = cross_entropy(
                outputs.logits.float(), labels, self.class_weights
            )
            total = total + self.semantic * terms["cross_entropy"]
        if outputs.log_scale is not None:
            terms["doubt"] = doubt(prediction, outputs.log_scale.float(), target)
            total = total + self.confidence * terms["doubt"]
        return total, {k: v.detach() for k, v in terms.items()}


def _image_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the masked pixels of each image, [B]; 0 for an image without any."""
    kept = torch.where(mask, values, torch.zeros_like(values)).sum((1, 2))
    return kept / mask.sum((1, 2)).clamp_min(1)


def _sqrt(value: Tensor) -> Tensor:
    """Square root with a finite gradient at 0."""
    return value.clamp_min(1e-8).sqrt()
