"""What every network is and returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Set
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from training.layers.depth_head import DepthHead


class Outputs(NamedTuple):
    """depth_m: float [B, h, w], metres along Z for the training camera.

    logits: float [B, classes, h, w] before the softmax; None for a depth-only network.
    """

    depth_m: Tensor
    logits: Tensor | None


class Encoder(nn.Module, ABC):
    """What sees the image, in five blocks: uint8 RGB [B, h, w, 3] -> features.

    mean, std: of the numbers 0..255 that its weights were trained with, one a channel.
    """

    mean: Tensor
    inverse_std: Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        shape = 1, 3, 1, 1
        self.register_buffer("mean", torch.tensor(mean).view(shape), persistent=False)
        self.register_buffer("inverse_std", (1 / torch.tensor(std)).view(shape), persistent=False)

    def normalise(self, image: Tensor) -> Tensor:
        """uint8 [B, h, w, 3] -> float [B, 3, h, w].

        Cast before transpose: TensorRT converts uint8 only to and from float.
        """
        planes = image.to(torch.float32).permute(0, 3, 1, 2)
        normal = (planes - self.mean) * self.inverse_std
        # The convolutions follow the layout of their input: give them that of their weights.
        first = next(self.parameters())
        return normal.contiguous() if first.is_contiguous() else normal

    @abstractmethod
    def stages(self, image: Tensor) -> list[Tensor]:
        """The output of every block, fine to coarse (for networks with skips)."""

    @abstractmethod
    def block_parameters(self, number: int) -> list[nn.Parameter]:
        """Parameters of block ``number`` (1..5)."""

    @abstractmethod
    def block_end(self, number: int) -> nn.Module:
        """The module whose output is that of block ``number`` (1..5)."""


class DepthDecoder(Protocol):
    """head: its last convolution, whose bias is where the depth starts."""

    head: nn.Conv2d


class Network(nn.Module):
    """A network of the registry: uint8 RGB [B, h, w, 3] -> :class:`Outputs`.

    name: its file's name. predicts_labels: whether ``Outputs.logits`` is there. stride: h and w
    are multiples of it.
    """

    name: str
    predicts_labels: bool
    stride: int = 16
    encoder: nn.Module
    depth_decoder: DepthDecoder
    depth_head: DepthHead

    def started_from(self, taken: Set[str]) -> None:
        """Hook: another network's weights ``taken`` (keys) are in place, the others are fresh."""
