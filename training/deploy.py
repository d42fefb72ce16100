"""The network as it ships: uint8 RGB in, metres, class ids and confidence out.

Only operations that TensorRT 10 and 11 take: uint8 is cast to float before anything else touches
it, and class ids go int64 -> int32 -> float -> uint8.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.layers.network import Network


class Deployed(nn.Module):
    """Wraps a network; returns the tensors of ``depth_seg_ros.engines.base`` in their order."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """uint8 [1, h, w, 3] -> depth float32 [1, h, w] (, labels uint8, confidence uint8)."""
        depth_m, logits = self.network(image)
        if logits is None:
            return (depth_m,)
        labels = logits.argmax(1).to(torch.int32).to(torch.float32).to(torch.uint8)
        # The largest softmax without the others: in ONNX Runtime a third of softmax's time.
        best = logits.amax(1, keepdim=True)
        probability = (logits - best).exp().sum(1).reciprocal()
        confidence = (probability * 255 + 0.5).floor().to(torch.uint8)
        return depth_m, labels, confidence
