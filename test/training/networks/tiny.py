"""A network of a few thousand parameters behind the common contract, to test the loop quickly."""

from torch import nn

from training.layers.depth_head import DepthHead
from training.layers.encoder import VGG19Encoder
from training.layers.network import Network, Outputs


class _Encoder(nn.Module):
    normalise = VGG19Encoder.normalise

    def __init__(self):
        super().__init__()
        vgg = VGG19Encoder()
        self.register_buffer("mean", vgg.mean, persistent=False)
        self.register_buffer("inverse_std", vgg.inverse_std, persistent=False)
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1)
        )

    def forward(self, image):
        return self.features(self.normalise(image))


class _Decoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.up = nn.Sequential(nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1), nn.PReLU(8))
        self.head = nn.Conv2d(8, channels, 3, padding=1)

    def forward(self, features):
        return self.head(self.up(features))


class Tiny(Network):
    name = "tiny"
    predicts_labels = True

    def __init__(self, depth_head):
        super().__init__()
        self.encoder = _Encoder()
        self.depth_decoder = _Decoder(1)
        self.class_decoder = _Decoder(30)
        self.depth_head = DepthHead(depth_head)

    def forward(self, image):
        features = self.encoder(image)
        return Outputs(self.depth_head(self.depth_decoder(features)), self.class_decoder(features))


def build(depth_head="exp"):
    return Tiny(depth_head)
