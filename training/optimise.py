"""Optimiser, learning-rate schedule and averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import nn

from depth_seg_ros.errors import ConfigError
from training.config import OptimConfig
from training.layers.network import Encoder, Network


def freeze_blocks(network: Network, count: int) -> None:
    """The first ``count`` encoder blocks keep their weights."""
    if count == 0:
        return
    encoder = network.encoder
    if not isinstance(encoder, Encoder):
        raise ConfigError(f"network.freeze_blocks: the encoder of {network.name} has no blocks")
    for number in range(1, count + 1):
        for parameter in encoder.block_parameters(number):
            parameter.requires_grad_(False)


def make_optimizer(
    network: Network, config: OptimConfig, loaded: Iterable[str]
) -> torch.optim.Optimizer:
    """Two groups with a ``factor`` on the rate each: pretrained encoder layers, and the rest."""
    pretrained = {f"encoder.{key.rpartition('.')[0]}" for key in loaded}
    old: list[nn.Parameter] = []
    new: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            (old if name.rpartition(".")[0] in pretrained else new).append(parameter)
    groups = [{"params": new, "factor": 1.0}]
    if old:
        groups.append({"params": old, "factor": config.encoder_lr})
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(
        groups,
        lr=config.lr,
        betas=(0.9, config.beta2),
        weight_decay=config.weight_decay,
        foreach=True,
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def rate_at(done: float, config: OptimConfig) -> float:
    """The learning rate where a share ``done`` (0..1) of the run is over.

    A pure function: nothing to store, nothing to restore. Warm-up starts at a twentieth.
    """
    if done < config.warmup:
        return config.lr * (0.05 + 0.95 * done / config.warmup)
    return config.lr * _SHAPES[config.schedule]((done - config.warmup) / (1 - config.warmup))


_SHAPES: dict[str, Callable[[float], float]] = {
    "constant": lambda t: 1.0,
    "cosine": lambda t: 0.5 * (1 + math.cos(math.pi * t)),
    "poly": lambda t: (1 - t) ** 0.9,
    "trapezoid": lambda t: min(1.0, 5 * (1 - t)),
    # Half a cosine up to the full rate in the first 15 %, then down to nothing.
    "onecycle": lambda t: (
        0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * t / 0.15))
        if t < 0.15
        else 0.5 * (1 + math.cos(math.pi * (t - 0.15) / 0.85))
    ),
}


class AveragedWeights:
    """Exponential moving average of a network's weights; early steps count less far back."""

    def __init__(self, network: Network, decay: float) -> None:
        self.decay = decay
        self.average = {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: Network, step: int) -> None:
        """After ``step`` steps (from 1)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        current = network.state_dict()
        keys = [k for k in self.average if self.average[k].is_floating_point()]
        averages = [self.average[k] for k in keys]
        torch._foreach_lerp_(averages, [current[k] for k in keys], 1 - decay)
