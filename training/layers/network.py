"""What every network is and returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Set
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from training.layers.depth_head import DepthHead
from training.layers.rig import RigInput

LOG_SCALE_RANGE = (-6.0, 2.0)
"""Of what a network may say of its doubt: errors of 0.2 % to 700 %."""


class Outputs(NamedTuple):
    """depth_m: float [B, h, w], metres along Z for the training camera.

    logits: float [B, classes, h, w] before the softmax; None for a depth-only network.
    log_scale: float [B, h, w], logarithm of the scale of a Laplace distribution on the logarithm of
        the depth; None where the network does not say how sure it is.
    """

    depth_m: Tensor
    logits: Tensor | None
    log_scale: Tensor | None = None


NOT_OF_THE_IMAGE = ("rig.", "ground_lean.")
"""What the names of layers begin with that hear of the rig: what is done to the layers that see,
by their statistics on images, is not for them."""


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
    def stages(self, image: Tensor, rig: Tensor | None = None) -> list[Tensor]:
        """The output of every block, fine to coarse (for networks with skips).

        rig: what to add where the encoder begins to learn (:class:`RigInput`)."""

    @abstractmethod
    def block_parameters(self, number: int) -> list[nn.Parameter]:
        """Parameters of block ``number`` (1..5)."""

    @abstractmethod
    def block_end(self, number: int) -> nn.Module:
        """The module whose output is that of block ``number`` (1..5)."""


class DepthDecoder(Protocol):
    """head: its last convolution, whose bias is where the depth starts.

    doubt_head: where there is one, the decoder gives a second channel, its raw doubt."""

    head: nn.Conv2d
    doubt_head: nn.Conv2d | None

    def __call__(self, *features: Any) -> Tensor: ...


class Network(nn.Module):
    """A network of the registry: uint8 RGB [B, h, w, 3] -> :class:`Outputs`.

    name: its file's name. predicts_labels: whether ``Outputs.logits`` is there. stride: h and w
    are multiples of it. rig: where there is one, ``forward`` also takes ``ground``, float
    [B, h, w], 1/m (without it the network does as if it had no such input). doubts: whether
    ``Outputs.log_scale`` is there.
    """

    name: str
    predicts_labels: bool
    stride: int = 16
    encoder: nn.Module
    depth_decoder: DepthDecoder
    depth_head: DepthHead

    def __init__(self, rig: RigInput | None = None, doubts: bool = False) -> None:
        super().__init__()
        self.rig = rig
        self.doubts = doubts

    def rig_features(self, ground: Tensor | None) -> Tensor | None:
        """What to add where the encoder begins to learn."""
        return None if self.rig is None or ground is None else self.rig(ground)

    def outputs(self, raw: Tensor, logits: Tensor | None) -> Outputs:
        """raw: what the depth decoder says, float [B, 1 or 2, h, w]."""
        if not self.doubts:
            return Outputs(self.depth_head(raw), logits)
        depth_m = self.depth_head(raw[:, :1])
        return Outputs(depth_m, logits, raw[:, 1].clamp(*LOG_SCALE_RANGE))

    def started_from(self, taken: Set[str]) -> None:
        """Hook: another network's weights ``taken`` (keys) are in place, the others are fresh."""
        if self.rig is not None and not any(key.startswith("rig.") for key in taken):
            self.rig.silence()
