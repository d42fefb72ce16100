"""ds_net_lite: the two decoders of DS-Net behind a small encoder that is pretrained throughout.

VGG19 is large and slow, and its skips are an afterthought. Here the encoder is EfficientNet-Lite2
and each decoder sees every stage of it, in the manner of U-Net (Ronneberger et al., MICCAI 2015):
up-sample, put the encoder's features of that resolution beside, convolve. The last doubling is an
interpolation of logarithms of depth and of class scores. With ``ground_lean`` depth is drawn
towards the ground that it is told of.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import torch
from torch import Tensor, nn
from torch.nn import functional

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.labels import NUM_CHANNELS
from training.layers.depth_head import DepthHead
from training.layers.doubt import start_doubting
from training.layers.efficientnet_lite import WIDTHS, EfficientNetLite2, lite_rig
from training.layers.ground_lean import GroundLean
from training.layers.network import Network, Outputs

DECODER_WIDTHS = (192, 128, 96, 64, 32)
"""Channels at strides 32, 16, 8, 4, 2."""


class LiteDecoder(nn.Module):
    """The encoder's stages of strides 2, 4, 8, 16, 32 -> float [B, channels, h, w]."""

    def __init__(self, channels: int, doubts: bool = False) -> None:
        super().__init__()
        self.top = nn.Conv2d(WIDTHS[-1], DECODER_WIDTHS[0], 1)
        self.up = nn.ModuleList(
            nn.Conv2d(below + skip, outputs, 3, padding=1)
            for below, skip, outputs in zip(
                DECODER_WIDTHS[:-1], WIDTHS[-2::-1], DECODER_WIDTHS[1:], strict=True
            )
        )
        self.head = nn.Conv2d(DECODER_WIDTHS[-1], channels, 3, padding=1)
        self.doubt_head = nn.Conv2d(DECODER_WIDTHS[-1], 1, 3, padding=1) if doubts else None
        if self.doubt_head is not None:
            start_doubting(self.doubt_head)

    def features(self, stages: Sequence[Tensor], hints: Sequence[Tensor] = ()) -> Tensor:
        """What the answer is read from, float [B, 32, h / 2, w / 2]; hints: to add to what each
        convolution says."""
        x = functional.relu(self.top(stages[-1]))
        for number, (convolution, skip) in enumerate(zip(self.up, stages[-2::-1], strict=True)):
            doubled = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = convolution(torch.cat([doubled, skip], 1))
            x = functional.relu(x + hints[number] if hints else x)
        return x

    def forward(self, stages: Sequence[Tensor]) -> Tensor:
        return self.enlarged(self.read(self.features(stages)))

    def read(self, features: Tensor) -> Tensor:
        """float [B, channels, h / 2, w / 2], with its doubt behind where it has one."""
        raw: Tensor = self.head(features)
        if self.doubt_head is None:
            return raw
        return torch.cat([raw, self.doubt_head(features.detach())], 1)

    @staticmethod
    def enlarged(raw: Tensor) -> Tensor:
        return functional.interpolate(raw, scale_factor=2.0, mode="bilinear")


class DSNetLite(Network):
    name = "ds_net_lite"
    encoder: EfficientNetLite2
    depth_decoder: LiteDecoder
    predicts_labels = True
    stride = 32

    def __init__(
        self, depth_head: str, rig_input: bool, depth_confidence: bool, ground_lean: bool
    ) -> None:
        super().__init__(lite_rig() if rig_input else None, depth_confidence)
        self.encoder = EfficientNetLite2()
        self.depth_decoder = LiteDecoder(1, depth_confidence)
        self.class_decoder = LiteDecoder(NUM_CHANNELS)
        self.depth_head = DepthHead(depth_head)
        self.ground_lean = GroundLean(DECODER_WIDTHS[1:]) if ground_lean else None

    def forward(self, image: Tensor, ground: Tensor | None = None) -> Outputs:
        """uint8 RGB [B, h, w, 3] -> depth and logits of the classes 0..29."""
        stages = self.encoder.stages(image, self.rig_features(ground))
        return self.outputs(self._depth(stages, ground), self.class_decoder(stages))

    def _depth(self, stages: Sequence[Tensor], ground: Tensor | None) -> Tensor:
        decoder, lean = self.depth_decoder, self.ground_lean
        if lean is None or ground is None:
            whole: Tensor = decoder(stages)
            return whole
        hints = [hint(s) for hint, s in zip(lean.hints, lean.scales(ground), strict=True)]
        features = decoder.features(stages, hints)
        said = decoder.read(features)
        leaning = lean(said[:, :1], features, ground, self.depth_head)
        return decoder.enlarged(torch.cat([leaning, said[:, 1:]], 1) if self.doubts else leaning)

    def started_from(self, taken: Set[str]) -> None:
        super().started_from(taken)
        if self.ground_lean is not None and not any(k.startswith("ground_lean.") for k in taken):
            self.ground_lean.silence()


def build(
    depth_head: str = "relu",
    rig_input: bool = False,
    depth_confidence: bool = False,
    ground_lean: bool = False,
) -> DSNetLite:
    """``depth_head`` is ``relu`` or ``exp``; ``ground_lean`` needs ``rig_input``."""
    if ground_lean and not rig_input:
        raise ConfigError("network.ground_lean leans on what network.rig_input tells; set both")
    return DSNetLite(depth_head, rig_input, depth_confidence, ground_lean)
