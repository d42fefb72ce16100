"""Depth that leans on the ground it was told of, where a pixel looks like ground.

A network that sees virtual worlds well learns to overhear what it is told of its rig
(:mod:`training.layers.rig`): its eyes are better there than any measured angle. On real roads they
are not: another asphalt, another horizon, and the whole road comes out a few per cent too near. So
the decoder of depth sees the told ground at every step of its way up (``hints``), and its answer is
drawn towards it by a share that it finds itself in every pixel (``share``).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.layers.depth_head import DepthHead

NEAREST_M, FARTHEST_M = 0.1, 80.0
TYPICAL_LN_M = 2.5
"""About the logarithm of a usual depth: hints lie around zero."""
SURE_M = 40.0
"""Ground nearer than this may be leant on in full; towards the horizon less and less, since there a
small tilt moves it by metres."""
FIRST_SHARE = -3.0
"""Of a fresh layer, before the sigmoid: 5 %."""


class GroundLean(nn.Module):
    """widths: channels of the decoder's convolutions, coarse to fine, the last at a stride of 2."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.hints = nn.ModuleList(nn.Conv2d(1, w, 3, padding=1, bias=False) for w in widths)
        self.share = nn.Conv2d(widths[-1], 1, 3, padding=1)
        self.silence()

    def scales(self, ground: Tensor) -> list[Tensor]:
        """float [B, h, w], 1/m -> ln m of the ground [B, 1, h / s, w / s] for each hint, coarse to
        fine."""
        ln_m = -ground.clamp(1 / FARTHEST_M, 1 / NEAREST_M).log().unsqueeze(1) - TYPICAL_LN_M
        found = []
        for _ in self.hints:
            ln_m = functional.avg_pool2d(ln_m, 2)
            found.append(ln_m)
        return found[::-1]

    def forward(self, raw: Tensor, features: Tensor, ground: Tensor, head: DepthHead) -> Tensor:
        """raw: float [B, 1, h/2, w/2], what the decoder says; features: what it says that from."""
        inverse = functional.avg_pool2d(ground.unsqueeze(1), 2)
        told = head.raw(1 / inverse.clamp_min(1 / FARTHEST_M))
        share = self.share(features).sigmoid() * (inverse * SURE_M).clamp(0, 1)
        leaning: Tensor = raw + share * (told - raw)
        return leaning

    @torch.no_grad()
    def silence(self) -> None:
        """Say next to nothing until training finds something to say."""
        for hint in self.hints:
            assert isinstance(hint, nn.Conv2d)
            hint.weight.zero_()
        assert self.share.bias is not None
        self.share.weight.zero_()
        self.share.bias.fill_(FIRST_SHARE)
