"""The decoder of the published networks: four learned 2x up-samplings, then a 5x5 convolution."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from training.layers.doubt import start_doubting

WIDTHS = (512, 128, 64, 32, 16)


class Decoder(nn.Module):
    """float [B, 512, h/16, w/16] -> float [B, channels, h, w]; ``doubts`` adds a channel.

    ConvTranspose2d (kernel 4, stride 2, padding 1) + PReLU (a slope a channel), four times. No
    batch norm, no skips, no dropout; Xavier-uniform weights and zero biases, as published.
    """

    def __init__(self, channels: int, doubts: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(WIDTHS):
            layers += [nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)]
            layers += [nn.PReLU(outputs)]
        self.up = nn.Sequential(*layers)
        self.head = nn.Conv2d(WIDTHS[-1], channels, 5, padding=2)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.xavier_uniform_(module.weight)
                assert module.bias is not None
                nn.init.zeros_(module.bias)
        self.doubt_head = nn.Conv2d(WIDTHS[-1], 1, 5, padding=2) if doubts else None
        if self.doubt_head is not None:
            start_doubting(self.doubt_head)

    def forward(self, features: Tensor, skips: Sequence[Tensor] = ()) -> Tensor:
        """skips: what to add to each up-sampling before its PReLU (see ``ds_net_skip``)."""
        for i in range(len(WIDTHS) - 1):
            features = self.up[2 * i](features)
            if skips:
                features = features + skips[i]
            features = self.up[2 * i + 1](features)
        raw: Tensor = self.head(features)
        if self.doubt_head is None:
            return raw
        return torch.cat([raw, self.doubt_head(features.detach())], 1)
