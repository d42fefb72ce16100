"""Strangers' weights: a file with a plain torch state dict."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from training.errors import TrainingError


def read_state(path: Path) -> dict[str, Tensor]:
    """Names and tensors; TrainingError where there is no file, or another kind of file."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError(
            f"no encoder weights at {path}; give a file, 'imagenet' or 'he'"
        ) from None
    except Exception as e:  # torch raises many kinds, among them bare pickle errors
        raise TrainingError(f"{path} is not a plain torch state dict ({e})") from e
    if not isinstance(state, dict):
        raise TrainingError(f"{path} holds a {type(state).__name__}; give a state dict")
    return state
