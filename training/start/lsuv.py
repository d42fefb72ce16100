"""Data-driven start of the fresh layers (LSUV without the orthonormal part; Mishkin and Matas,
ICLR 2016): each layer's weights are scaled so that its outputs have unit variance on real frames.

Plain Xavier lets the signal of the up-sampling layers die away (a transposed convolution of stride
2 uses a quarter of its kernel for each pixel), and He initialisation carries on whatever scale the
pretrained layers happen to have.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from training.layers.network import NOT_OF_THE_IMAGE, Network


@torch.no_grad()
def unit_variance(network: Network, images: Tensor, loaded: Iterable[str]) -> None:
    """Rescale every convolution but the loaded ones and the last of each decoder, in order.

    images: uint8 [N, h, w, 3]; loaded: keys of pretrained encoder layers. The last convolutions
    are scaled to a tenth, so that the first predictions are the start value, nearly.
    """
    pretrained = {f"encoder.{key.rpartition('.')[0]}" for key in loaded}
    for name, module in network.named_modules():
        if not isinstance(module, nn.Conv2d | nn.ConvTranspose2d) or name in pretrained:
            continue
        if name.startswith(NOT_OF_THE_IMAGE) or name.endswith("doubt_head"):
            continue  # the latter is constant at first
        spread = _output_spread(network, module, images)
        module.weight.div_(spread if not name.endswith(".head") else 10 * spread)


def _output_spread(network: Network, module: nn.Module, images: Tensor) -> float:
    found: list[float] = []
    hook = module.register_forward_hook(lambda m, i, o: found.append(o.std().item()))
    try:
        network(images)
    finally:
        hook.remove()
    return max(found[0], 1e-6)
