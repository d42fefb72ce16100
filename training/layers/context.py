"""What surrounds a place of the image: dilated convolutions on the encoder's coarsest features.

At 512x160 a lorry beside the camera is larger than what a feature of VGG19 sees, and its parts are
put at distances of their own. Here each feature also hears from farther and farther neighbours
(multi-scale context aggregation, Yu and Koltun, ICLR 2016): up to 15 cells of 16 pixels to every
side, for less than 1 % of the network's arithmetic. No pooling, so that any shape of input will do.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 128
DILATIONS = (1, 2, 4, 8)


class Context(nn.Module):
    """float [B, channels, h, w] -> the same, with what the surroundings tell added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, WIDTH, 1)
        self.around = nn.ModuleList(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS
        )
        self.expand = nn.Conv2d(WIDTH, channels, 1)

    @torch.no_grad()
    def silence(self) -> None:
        """Add nothing until training finds something to say."""
        last: Any = getattr(self.expand, "norm", self.expand)
        last.weight.zero_()
        last.bias.zero_()

    def forward(self, features: Tensor) -> Tensor:
        x = functional.relu(self.reduce(features))
        for convolution in self.around:
            x = x + functional.relu(convolution(x))
        told: Tensor = self.expand(x)
        return features + told
