"""A start that lets the pretrained features through.

VGG19 has neither skip connections nor normalisation. Where only its first blocks are pretrained,
eight freshly drawn convolutions scramble what those see before the decoder gets it, and most of a
short training goes into undoing that. So fresh encoder convolutions start near the identity
(features behind a ReLU are never negative, so the identity passes them unharmed; the idea of
residual learning, in the weights instead of the structure), and fresh up-sampling layers start as
smooth interpolation of random mixtures of their channels (as in FCN; Long et al., CVPR 2015).
The structure of the networks stays as published.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from training.layers.network import Network

NOISE = 0.35
"""Share of the usual random weights that is added, so that equal channels part ways."""


@torch.no_grad()
def near_identity(network: Network, loaded: Iterable[str]) -> None:
    """Rewrite the fresh 3x3 convolutions of the encoder and all transposed convolutions.

    loaded: keys of the pretrained encoder layers, which stay untouched. Scales are left to
    :func:`~training.start.lsuv.unit_variance`.
    """
    pretrained = {f"encoder.{key.rpartition('.')[0]}" for key in loaded}
    for name, module in network.named_modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.weight.copy_(_interpolation(module.weight))
        elif isinstance(module, nn.Conv2d) and name.startswith("encoder."):
            outputs, inputs = module.weight.shape[:2]
            if name not in pretrained and outputs >= inputs >= 64:
                _pass_through(module.weight)


def _pass_through(weight: Tensor) -> None:
    """[out, in, 3, 3]: the first ``in`` outputs repeat the inputs, further ones stay random."""
    inputs = weight.shape[1]
    weight[:inputs] *= NOISE
    channels = torch.arange(inputs)
    weight[channels, channels, weight.shape[2] // 2, weight.shape[3] // 2] += 1


def _interpolation(weight: Tensor) -> Tensor:
    """[in, out, 4, 4]: bilinear in space, random between channels."""
    profile = torch.tensor([0.25, 0.75, 0.75, 0.25])
    kernel: Tensor = torch.outer(profile, profile)
    mixture = torch.randn(weight.shape[:2]) / weight.shape[0] ** 0.5
    noise = NOISE * torch.randn(weight.shape) / (4 * weight.shape[0]) ** 0.5
    return torch.add(mixture[:, :, None, None] * kernel, noise)
