"""MixStyle: images of a batch exchange the look of their early features (Zhou et al., ICLR 2021).

The mean and spread of each early channel say much about light, contrast, colour and texture, and
little about what stands where. While training, each image takes on a mixture of its own and
another image's, so that the network cannot rely on how one kind of picture looks. In use there is
nothing of it: the exported network has the published structure.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from depth_seg_ros.errors import ConfigError
from training.layers.network import Encoder, Network

BLOCKS_MIXED = (1, 2)
ALPHA = 0.1
"""Of the Beta distribution that mixing shares are drawn from: mostly near 0 or 1."""


def insert(network: Network, probability: float) -> None:
    """Mix behind blocks 1 and 2 of the encoder, each time with ``probability`` (in place).

    Draws come from torch's global generator; the training loop seeds it by step.
    """
    encoder = network.encoder
    if not isinstance(encoder, Encoder):
        raise ConfigError(f"augment.mix_style: the encoder of {network.name} has no blocks")
    for number in BLOCKS_MIXED:
        encoder.block_end(number).register_forward_hook(_hook(probability))


def _hook(probability: float) -> Any:
    @torch.compiler.disable  # type: ignore[untyped-decorator]  # drawing the dice on the host breaks the graph here, at best
    def mixed(module: nn.Module, inputs: Any, features: Tensor) -> Tensor:
        if not module.training or torch.rand(()).item() >= probability:
            return features
        return mix_style(features)

    return mixed


@torch.no_grad()
def mix_style(features: Tensor) -> Tensor:
    """float [B, C, h, w] with the channel statistics of every image mixed with another's.

    Of features that do not learn (no gradient passes). The statistics are of all pixels: a channel
    that speaks at a few places only must not be blown up there.
    """
    count = len(features)
    spread, mean = torch.std_mean(features, (2, 3), keepdim=True)
    spread, mean = spread.float() + 1e-5, mean.float()
    other = torch.randperm(count)
    own = torch.distributions.Beta(ALPHA, ALPHA).sample((count, 1, 1, 1)).to(mean.device)
    gain = (own * spread + (1 - own) * spread[other]) / spread
    offset = own * mean + (1 - own) * mean[other] - gain * mean
    return torch.addcmul(offset.to(features.dtype), features, gain.to(features.dtype))
