"""What every network is and returns."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from torch import Tensor, nn

from training.models.decoder import Decoder
from training.models.depth_head import DepthHead


class Outputs(NamedTuple):
    """depth_m: float [B, h, w], metres along Z for the training camera.

    logits: float [B, classes, h, w] before the softmax; None for a depth-only network.
    """

    depth_m: Tensor
    logits: Tensor | None


class Network(nn.Module):
    """A network of the registry: uint8 RGB [B, h, w, 3] -> :class:`Outputs`.

    name: its file's name. predicts_labels: whether ``Outputs.logits`` is there.
    """

    name: str
    predicts_labels: bool
    encoder: nn.Module
    depth_decoder: Decoder
    depth_head: DepthHead

    def started_from(self, taken: Set[str]) -> None:
        """Hook: another network's weights ``taken`` (keys) are in place, the others are fresh."""
