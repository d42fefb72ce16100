"""How sure a network is of its depth, as a distribution and as a probability.

The error of ln depth is taken to be of a Laplace distribution whose scale b the network gives for
every pixel (Kendall and Gal, NeurIPS 2017, with absolute errors). A robot wants a plainer number:
the probability that the depth is within 25 % (``delta1`` of the metrics), 1 - exp(-ln 1.25 / b).

Decoders read it from the features of the depth, detached: whoever lets the likelihood teach them
has a worse depth (docs/training.md).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

WITHIN = 1.25
TYPICAL_SCALE = 0.15
"""What a fresh network says everywhere: about the error of a trained one."""


@torch.no_grad()
def start_doubting(head: nn.Conv2d) -> None:
    """The same doubt everywhere."""
    assert head.bias is not None
    head.weight.zero_()
    head.bias.fill_(math.log(TYPICAL_SCALE))


def laplace(error: Tensor, log_scale: Tensor) -> Tensor:
    """Negative log-likelihood (without its constant) of |ln p - ln y|, element by element."""
    return error * (-log_scale).exp() + log_scale


def probability_within(log_scale: Tensor) -> Tensor:
    """0..1: that the depth is within 25 %."""
    return 1 - (-math.log(WITHIN) * (-log_scale).exp()).exp()
