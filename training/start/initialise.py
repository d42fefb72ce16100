"""Where the encoder's first weights come from: ImageNet, a file, or He.

``start_network(network, "imagenet" | "he" | path, typical_depth_m)`` is the one entry. For VGG19
``imagenet`` is torchvision's, and a path may be a torch state dict with torchvision's key names
(whole VGG19 or its features), or a partial ``.npz`` in Keras convention (``block1_conv1.kernel``,
HWIO, for BGR 0..255 minus the mean), which is folded into torchvision's convention here. Layers a
file does not have start from He. For the small encoder see ``efficientnet_weights``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from training.errors import TrainingError
from training.layers.efficientnet_lite import EfficientNetLite2
from training.layers.encoder import BLOCKS, IMAGENET_MEAN, IMAGENET_STD, VGG19Encoder
from training.layers.network import Encoder, Network
from training.start.efficientnet_weights import load_efficientnet
from training.start.state_file import read_state

Float64Array = npt.NDArray[np.float64]

KERAS_MEAN_BGR = (103.939, 116.779, 123.68)


def start_network(network: Network, encoder_weights: str, typical_depth_m: float) -> list[str]:
    """Initialise a fresh network; returns the encoder convolutions that were loaded."""
    loaded: list[str] = []
    encoder = network.encoder
    if isinstance(encoder, Encoder):
        he_normal(encoder)
    if encoder_weights != "he":
        if isinstance(encoder, VGG19Encoder):
            loaded = load_encoder(encoder, encoder_weights)
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


def load_encoder(encoder: VGG19Encoder, source: str) -> list[str]:
    """Load weights by keyword ``imagenet`` or by path; returns what was loaded."""
    if source == "imagenet":
        state = _torchvision_imagenet()
    elif source.endswith(".npz"):
        state = keras_npz(Path(source))
    else:
        whole = read_state(Path(source))
        state = {k: v for k, v in whole.items() if k.startswith("features.")}
    own = encoder.state_dict()
    for key, value in state.items():
        if key not in own or own[key].shape != value.shape:
            raise TrainingError(
                f"{source}: {key} {list(value.shape)} does not fit VGG19; give VGG19 weights"
            )
    if not state:
        raise TrainingError(f"{source} holds no VGG19 convolution; give VGG19 weights")
    encoder.load_state_dict({**own, **state}, strict=True)
    return sorted(k for k in state if k.endswith("weight"))


def keras_npz(path: Path) -> dict[str, Tensor]:
    """A (partial) Keras VGG19 as torchvision keys, in torchvision's input convention."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {k: np.asarray(archive[k]) for k in archive.files}
    except (OSError, ValueError) as e:
        raise TrainingError(f"{path} is not a readable .npz of VGG19 weights ({e})") from e
    state = {}
    for (block, conv), index in conv_indices().items():
        name = f"block{block}_conv{conv}"
        if f"{name}.kernel" not in arrays:
            continue
        kernel = arrays[f"{name}.kernel"].transpose(3, 2, 0, 1).astype(np.float64)  # HWIO -> OIHW
        bias = arrays[f"{name}.bias"].astype(np.float64)
        if index == 0:
            kernel, bias = _fold_input_convention(kernel, bias)
        state[f"features.{index}.weight"] = torch.from_numpy(kernel.astype(np.float32))
        state[f"features.{index}.bias"] = torch.from_numpy(bias.astype(np.float32))
    return state


def conv_indices() -> dict[tuple[int, int], int]:
    """(block, convolution), both from 1 -> index N in torchvision's ``features.N``."""
    indices, index = {}, 0
    for block, widths in enumerate(BLOCKS, start=1):
        for conv in range(1, len(widths) + 1):
            indices[block, conv] = index
            index += 2  # the convolution and its ReLU
        index += 1  # pooling
    return indices


def _fold_input_convention(
    kernel: Float64Array, bias: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """First layer for BGR 0..255 - mean -> the same function of (RGB/255 - mean) / std.

    255 (n std + mean) - keras_mean = 255 std n + offset: scale the weights, add W·offset to the
    bias. Zero padding means "the mean colour" in both, up to the 0.5/255 the means differ by.
    """
    rgb = kernel[:, ::-1]
    mean, std = np.asarray(IMAGENET_MEAN), np.asarray(IMAGENET_STD)
    offset = 255 * mean - np.asarray(KERAS_MEAN_BGR[::-1])
    folded_bias = bias + np.einsum("oihw,i->o", rgb, offset)
    return rgb * (255 * std)[None, :, None, None], folded_bias


def _torchvision_imagenet() -> dict[str, Tensor]:
    """Download (or take from torch's cache) torchvision's VGG19; its file name holds its hash."""
    try:
        from torchvision.models import (  # type: ignore[import-not-found, unused-ignore]
            VGG19_Weights,
        )

        weights = VGG19_Weights.IMAGENET1K_V1
    except (ImportError, RuntimeError) as e:  # a CUDA build beside a CPU torch raises RuntimeError
        raise TrainingError(f"torchvision cannot be imported ({e}); {_WAYS_OUT}") from e
    try:
        state = weights.get_state_dict(progress=True, check_hash=True)
    except OSError as e:  # URLError among them
        raise TrainingError(
            f"VGG19's ImageNet weights are not here and cannot be fetched ({e}); {_WAYS_OUT}"
        ) from e
    return {k: v for k, v in state.items() if k.startswith("features.")}


_WAYS_OUT = (
    "start from a shipped network instead (--set network.start_from=ds_net), or give a file of "
    "VGG19 weights (--set network.encoder_weights=vgg19.pth), or 'he' for none"
)
