"""The encoder of small networks: EfficientNet-Lite2 without its classifier, stride 32.

EfficientNet (Tan and Le, ICML 2019) in the variant for edge devices (Liu, Google, 2020): no
squeeze-and-excitation, ReLU6 instead of swish, so that it quantises well and every runtime has
fast kernels for it. 4.3 million parameters, all of them pretrained on ImageNet.

Every convolution pads alike on all sides. Where the weights come from, those of stride 2 pad after
TensorFlow's rule, which depends on the size of the image: the same features, a pixel beside.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.layers.network import Encoder
from training.layers.rig import RigInput

STEM_WIDTH = 32
BLOCKS = (
    ((1, 3, 1, 16, 1),),
    ((6, 3, 2, 24, 3),),
    ((6, 5, 2, 48, 3),),
    ((6, 3, 2, 88, 4), (6, 5, 1, 120, 4)),
    ((6, 5, 2, 208, 5), (6, 3, 1, 352, 1)),
)
"""Of each block: expansion, kernel, stride of the first, output channels, number of layers."""

WIDTHS = tuple(block[-1][3] for block in BLOCKS)
"""Channels at strides 2, 4, 8, 16, 32."""

RIG_JOINS = 4
"""The block whose input gets what is told of the rig: the first that learns by our recipe."""


def lite_rig() -> RigInput:
    """For what enters that block, at a stride of 8."""
    return RigInput(WIDTHS[RIG_JOINS - 2], stride=8, scale=1.0)


class Stem(nn.Module):
    """float [B, 3, h, w] -> [B, 32, h/2, w/2]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, STEM_WIDTH, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu6(self.conv(x))


class InvertedResidual(nn.Module):
    """Expand, look around in each channel, project; added to the input where shapes agree
    (MobileNetV2; Sandler et al., CVPR 2018)."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = nn.Conv2d(inputs, inner, 1) if expansion > 1 else None
        self.depthwise = nn.Conv2d(inner, inner, kernel, stride, kernel // 2, groups=inner)
        self.project = nn.Conv2d(inner, outputs, 1)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        inner = x if self.expand is None else functional.relu6(self.expand(x))
        out: Tensor = self.project(functional.relu6(self._look_around(inner)))
        return x + out if self.adds else out

    def _look_around(self, x: Tensor) -> Tensor:
        """In float32 on a CPU, where the gradients of depthwise convolutions in bfloat16 take four
        times as long (PyTorch 2.13)."""
        if x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                x = self.depthwise(x.float())
        else:
            x = self.depthwise(x)
        return x


class EfficientNetLite2(Encoder):
    """uint8 RGB [B, h, w, 3] -> float [B, 352, h/32, w/32]; h and w are multiples of 32."""

    def __init__(self) -> None:
        super().__init__((127.0,) * 3, (128.0,) * 3)
        self.blocks = nn.ModuleList()
        inputs = STEM_WIDTH
        for number, block in enumerate(BLOCKS):
            layers: list[nn.Module] = [] if number else [Stem()]
            for expansion, kernel, first_stride, outputs, count in block:
                for stride in (first_stride, *(1,) * (count - 1)):
                    layers.append(InvertedResidual(inputs, outputs, expansion, kernel, stride))
                    inputs = outputs
            self.blocks.append(nn.Sequential(*layers))

    def forward(self, image: Tensor, rig: Tensor | None = None) -> Tensor:
        return self.stages(image, rig)[-1]

    def stages(self, image: Tensor, rig: Tensor | None = None) -> list[Tensor]:
        """The output of every block, strides 2, 4, 8, 16, 32; rig: joins in front of block 4."""
        outputs, x = [], self.normalise(image)
        for number, block in enumerate(self.blocks, start=1):
            if number == RIG_JOINS and rig is not None:
                x = x + rig
            x = block(x)
            outputs.append(x)
        return outputs

    def block_parameters(self, number: int) -> list[nn.Parameter]:
        return list(self.blocks[number - 1].parameters())

    def block_end(self, number: int) -> nn.Module:
        return self.blocks[number - 1]
