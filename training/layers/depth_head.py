"""How the last convolution's number becomes metres: one entry a variant.

``relu`` is the published one: the number is metres, negative ones become 0. It dies when the
average starts below zero, so its bias starts at a typical depth. ``exp`` lets the number be the
logarithm of the depth: never zero, and a step means the same ratio near and far.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from depth_seg_ros.errors import ConfigError

LOG_DEPTH_RANGE = (math.log(0.05), math.log(2000.0))
"""Far outside any camera's range: keeps exp() finite, also in fp16."""


def _exp(raw: Tensor) -> Tensor:
    return raw.clamp(*LOG_DEPTH_RANGE).exp()


_DECODE: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "exp": _exp}
_ENCODE: dict[str, Callable[[float], float]] = {"relu": float, "exp": math.log}
_RAW: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "exp": torch.log}


class DepthHead(nn.Module):
    """raw float [B, 1, h, w] -> metres [B, h, w]."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        if kind not in _DECODE:
            raise ConfigError(f"depth head is {kind!r}; known: {', '.join(_DECODE)}")
        self.kind = kind

    def forward(self, raw: Tensor) -> Tensor:
        return _DECODE[self.kind](raw.squeeze(1))

    def raw(self, depth_m: Tensor) -> Tensor:
        """The number that becomes ``depth_m`` (> 0)."""
        return _RAW[self.kind](depth_m)

    @torch.no_grad()
    def rescale(self, last: nn.Conv2d, factor: float) -> None:
        """Multiply every depth the network says by ``factor``."""
        assert last.bias is not None
        if self.kind == "exp":
            last.bias += math.log(factor)
        else:
            last.weight *= factor
            last.bias *= factor

    def start_at(self, last: nn.Conv2d, depth_m: float) -> None:
        """Set the bias of the last convolution so that it says ``depth_m`` before training."""
        assert last.bias is not None
        nn.init.constant_(last.bias, _ENCODE[self.kind](depth_m))
