"""depth_mancini: one encoder, one depth decoder (21,245,873 parameters; Mancini et al., RA-L 2017,
as trained by Sciuto, 2018)."""

from __future__ import annotations

from torch import Tensor

from training.layers.decoder import Decoder
from training.layers.depth_head import DepthHead
from training.layers.encoder import VGG19Encoder, vgg19_rig
from training.layers.network import Network, Outputs


class DepthMancini(Network):
    name = "depth_mancini"
    predicts_labels = False

    def __init__(self, depth_head: str, rig_input: bool, depth_confidence: bool) -> None:
        super().__init__(vgg19_rig() if rig_input else None, depth_confidence)
        self.encoder = VGG19Encoder()
        self.depth_decoder = Decoder(1, depth_confidence)
        self.depth_head = DepthHead(depth_head)

    def forward(self, image: Tensor, ground: Tensor | None = None) -> Outputs:
        """uint8 RGB [B, h, w, 3] -> depth."""
        features = self.encoder(image, self.rig_features(ground))
        return self.outputs(self.depth_decoder(features), None)


def build(
    depth_head: str = "relu", rig_input: bool = False, depth_confidence: bool = False
) -> DepthMancini:
    """The published structure; ``depth_head`` is ``relu`` (published) or ``exp``."""
    return DepthMancini(depth_head, rig_input, depth_confidence)
