"""The network as it ships: uint8 RGB (and its ground) in, metres, class ids and confidence out.

Only operations that TensorRT 10 and 11 take: uint8 is cast to float before anything else touches
it, and class ids go int64 -> int32 -> float -> uint8.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from depth_seg_ros.engines.base import GROUND_NAME, INPUT_NAME
from training.layers.doubt import probability_within
from training.layers.network import Network


class Deployed(nn.Module):
    """Wraps a network; returns the tensors of ``depth_seg_ros.engines.base`` in their order."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    @property
    def input_names(self) -> list[str]:
        """In their order."""
        return [INPUT_NAME] if self.network.rig is None else [INPUT_NAME, GROUND_NAME]

    @property
    def output_names(self) -> list[str]:
        """In their order."""
        labels = ["labels", "confidence"] if self.network.predicts_labels else []
        return ["depth", *labels, *(["depth_confidence"] if self.network.doubts else [])]

    def forward(self, image: Tensor, *ground: Tensor) -> tuple[Tensor, ...]:
        """uint8 [1, h, w, 3] (, float32 [1, h, w]) -> depth float32 [1, h, w] (, labels uint8,
        confidence uint8) (, depth_confidence uint8)."""
        depth_m, logits, log_scale = self.network(image, *ground)
        found = (depth_m,) if logits is None else (depth_m, *self._labels(logits))
        return found if log_scale is None else (*found, _byte(probability_within(log_scale)))

    @staticmethod
    def _labels(logits: Tensor) -> tuple[Tensor, Tensor]:
        labels = logits.argmax(1).to(torch.int32).to(torch.float32).to(torch.uint8)
        # The largest softmax without the others: in ONNX Runtime a third of softmax's time.
        best = logits.amax(1, keepdim=True)
        probability = (logits - best).exp().sum(1).reciprocal()
        return labels, _byte(probability)


def _byte(probability: Tensor) -> Tensor:
    """0..1 -> uint8."""
    return (probability * 255 + 0.5).floor().to(torch.uint8)
