"""What lets a network know how its camera hangs: features of the ground, added to the image's.

Beside the image it is given the inverse depth that flat ground would have in every pixel. A
convolution of its own makes features of that, which are added where the encoder begins to learn:
pretrained blocks before stay as they are and need no gradient, and what exchanges their look
while training (MixStyle) leaves the ground alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

GAIN_M = 10.0
"""ln(1 + 10 m / depth): nearly linear for the far ground, logarithmic for the near."""


class RigInput(nn.Module):
    """float [B, h, w], 1/m -> float [B, channels, h / stride, w / stride].

    scale: size of the features it is added to. Inputs that are small beside those would need
    weights that no usual learning rate reaches.
    """

    def __init__(self, channels: int, stride: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.conv = nn.Conv2d(1, channels, 3, stride=stride, padding=1)

    def forward(self, ground: Tensor) -> Tensor:
        features: Tensor = self.conv((self.scale * (GAIN_M * ground).log1p()).unsqueeze(1))
        return features

    @torch.no_grad()
    def silence(self) -> None:
        """Say nothing until training finds something to say."""
        assert self.conv.bias is not None
        self.conv.weight.zero_()
        self.conv.bias.zero_()


def draw_ground(planes: Tensor, height: int, width: int) -> Tensor:
    """float [B, 3] (see ``depth_seg_ros.preprocess.ground_plane``) -> float [B, height, width]."""
    a, b, c = planes.unsqueeze(-1).unbind(1)  # [B, 1] each
    rows = b * torch.arange(height, dtype=planes.dtype, device=planes.device) + c
    columns = a * torch.arange(width, dtype=planes.dtype, device=planes.device)
    return (rows.unsqueeze(2) + columns.unsqueeze(1)).clamp_min(0)
