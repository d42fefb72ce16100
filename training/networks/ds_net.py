"""ds_net: one encoder, a depth decoder and a class decoder of the same form (22,478,991 parameters;
Sciuto, 2018). What the depth gains from the classes is the paper's question."""

from __future__ import annotations

from torch import Tensor

from depth_seg_ros.labels import NUM_CHANNELS
from training.layers.decoder import Decoder
from training.layers.depth_head import DepthHead
from training.layers.encoder import VGG19Encoder, vgg19_rig
from training.layers.network import Network, Outputs


class DSNet(Network):
    name = "ds_net"
    predicts_labels = True

    def __init__(self, depth_head: str, rig_input: bool, depth_confidence: bool) -> None:
        super().__init__(vgg19_rig() if rig_input else None, depth_confidence)
        self.encoder = VGG19Encoder()
        self.depth_decoder = Decoder(1, depth_confidence)
        self.class_decoder = Decoder(NUM_CHANNELS)
        self.depth_head = DepthHead(depth_head)

    def forward(self, image: Tensor, ground: Tensor | None = None) -> Outputs:
        """uint8 RGB [B, h, w, 3] -> depth and logits of the classes 0..29."""
        features = self.encoder(image, self.rig_features(ground))
        return self.outputs(self.depth_decoder(features), self.class_decoder(features))


def build(
    depth_head: str = "relu", rig_input: bool = False, depth_confidence: bool = False
) -> DSNet:
    """The published structure; ``depth_head`` is ``relu`` (published) or ``exp``."""
    return DSNet(depth_head, rig_input, depth_confidence)
