"""ds_net_skip: DS-Net whose decoders also see the encoder's finer features.

The published decoders know the image at a sixteenth of its resolution only, so that outlines are
soft and poles are lost. Here each up-sampling adds what a 1x1 convolution makes of the encoder
block of its resolution (skip connections as in FCN, Long et al., CVPR 2015, and U-Net, Ronneberger
et al., MICCAI 2015). Everything else is DS-Net: a run may start from its weights, computes what it
does at first, and has only the outlines to learn. With ``context`` they also see farther round.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import torch
from torch import Tensor, nn

from training.layers.context import Context
from training.layers.decoder import WIDTHS
from training.layers.encoder import BLOCKS, VGG19Encoder
from training.layers.network import Outputs
from training.networks.ds_net import DSNet


class Skips(nn.Module):
    """The blocks of strides 8, 4, 2, 1 -> what the decoder's four up-samplings add."""

    def __init__(self) -> None:
        super().__init__()
        block_widths = [block[-1] for block in BLOCKS[-2::-1]]
        pairs = zip(block_widths, WIDTHS[1:], strict=True)
        self.lateral = nn.ModuleList(nn.Conv2d(inputs, outputs, 1) for inputs, outputs in pairs)

    @torch.no_grad()
    def silence(self) -> None:
        """Say nothing until training finds something to say."""
        for lateral in self.lateral:
            last: Any = getattr(lateral, "norm", lateral)
            last.weight.zero_()
            last.bias.zero_()

    def forward(self, stages: Sequence[Tensor]) -> list[Tensor]:
        """stages: outputs of the encoder's blocks, strides 1, 2, 4, 8, 16."""
        return [lateral(s) for lateral, s in zip(self.lateral, stages[-2::-1], strict=True)]


class DSNetSkip(DSNet):
    name = "ds_net_skip"
    encoder: VGG19Encoder

    def __init__(
        self, depth_head: str, rig_input: bool, depth_confidence: bool, context: bool
    ) -> None:
        super().__init__(depth_head, rig_input, depth_confidence)
        self.depth_skips = Skips()
        self.class_skips = Skips()
        self.context = Context(WIDTHS[0]) if context else None

    def started_from(self, taken: Set[str]) -> None:
        super().started_from(taken)
        for name in ("depth_skips", "class_skips", "context"):
            addition = getattr(self, name)
            if addition is not None and not any(key.startswith(f"{name}.") for key in taken):
                addition.silence()

    def forward(self, image: Tensor, ground: Tensor | None = None) -> Outputs:
        """uint8 RGB [B, h, w, 3] -> depth and logits of the classes 0..29."""
        stages = self.encoder.stages(image, self.rig_features(ground))
        top = stages[-1] if self.context is None else self.context(stages[-1])
        raw = self.depth_decoder(top, self.depth_skips(stages))
        logits = self.class_decoder(top, self.class_skips(stages))
        return self.outputs(raw, logits)


def build(
    depth_head: str = "relu",
    rig_input: bool = False,
    depth_confidence: bool = False,
    context: bool = False,
) -> DSNetSkip:
    """``depth_head`` is ``relu`` (published) or ``exp``; ``context``: see ``layers/context.py``."""
    return DSNetSkip(depth_head, rig_input, depth_confidence, context)
