"""Where a fresh network's first weights come from: ImageNet, a file, or He.

``start_network(network, "imagenet" | "he" | path, typical_depth_m)`` is the one entry. What a file
may hold is said where it is read: ``vgg19_weights``, and ``efficientnet_weights`` for the small
encoder. Layers a file does not have start from He.
"""

from __future__ import annotations

from torch import nn

from training.errors import TrainingError
from training.layers.efficientnet_lite import EfficientNetLite2
from training.layers.encoder import VGG19Encoder
from training.layers.network import Encoder, Network
from training.start.efficientnet_weights import load_efficientnet
from training.start.vgg19_weights import load_vgg19


def start_network(network: Network, encoder_weights: str, typical_depth_m: float) -> list[str]:
    """Initialise a fresh network; returns the encoder convolutions that were loaded."""
    loaded: list[str] = []
    encoder = network.encoder
    if isinstance(encoder, Encoder):
        he_normal(encoder)
    if encoder_weights != "he":
        if isinstance(encoder, VGG19Encoder):
            loaded = load_vgg19(encoder, encoder_weights)
        elif isinstance(encoder, EfficientNetLite2):
            loaded = load_efficientnet(encoder, encoder_weights)
        else:
            raise TrainingError(
                f"{type(encoder).__name__} has no pretrained weights; set encoder_weights: he"
            )
    network.depth_head.start_at(network.depth_decoder.head, typical_depth_m)
    return loaded


def he_normal(encoder: nn.Module) -> None:
    """Kaiming-normal weights (fan in, for ReLU) and zero biases in every convolution."""
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            assert module.bias is not None
            nn.init.zeros_(module.bias)
