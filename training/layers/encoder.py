"""The encoder: the 16 convolutions of VGG19 (Simonyan and Zisserman, ICLR 2015), stride 16.

Defined here rather than taken from torchvision, with torchvision's ``features.N.*`` key names, so
that ImageNet weights load strictly while torchvision itself may be missing. The last pooling is
left out, as in the released code of the paper: 512 channels at 1/16 of the input.
"""

from __future__ import annotations

from torch import Tensor, nn

from training.layers.network import Encoder
from training.layers.rig import RigInput

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

BLOCKS = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)
"""Output channels of the 3x3 convolutions of each block; max pooling lies between blocks."""

RIG_JOINS = 4
"""The block whose input gets what is told of the rig: the first that learns by our recipe."""


def vgg19_rig() -> RigInput:
    """For what enters that block of the pretrained VGG19, at a stride of 8."""
    return RigInput(BLOCKS[RIG_JOINS - 2][-1], stride=8, scale=100.0)


class VGG19Encoder(Encoder):
    """uint8 RGB [B, h, w, 3] -> float [B, 512, h/16, w/16]; h and w are multiples of 16."""

    def __init__(self) -> None:
        mean, std = (tuple(255 * v for v in x) for x in (IMAGENET_MEAN, IMAGENET_STD))
        super().__init__(mean, std)
        layers: list[nn.Module] = []
        channels = 3
        self.block_ends: list[int] = []
        for i, block in enumerate(BLOCKS):
            if i > 0:
                layers.append(nn.MaxPool2d(2, 2))
            for width in block:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels = width
            self.block_ends.append(len(layers))
        self.features = nn.Sequential(*layers)

    def forward(self, image: Tensor, rig: Tensor | None = None) -> Tensor:
        return self.stages(image, rig)[-1]

    def stages(self, image: Tensor, rig: Tensor | None = None) -> list[Tensor]:
        """The output of every block, strides 1, 2, 4, 8, 16; rig: joins in front of block 4."""
        outputs = []
        x, start = self.normalise(image), 0
        for number, end in enumerate(self.block_ends, start=1):
            if number == RIG_JOINS and rig is not None:
                x, start = self.features[start](x) + rig, start + 1  # behind the pooling
            x = self.features[start:end](x)
            outputs.append(x)
            start = end
        return outputs

    def block_parameters(self, number: int) -> list[nn.Parameter]:
        start = self.block_ends[number - 2] if number > 1 else 0
        return list(self.features[start : self.block_ends[number - 1]].parameters())

    def block_end(self, number: int) -> nn.Module:
        return self.features[self.block_ends[number - 1] - 1]
