"""How large activations get on real images, and the int8 scale that loses least of them.

A tensor's scale is not its maximum divided by 127 or 255: a few outliers would take the resolution
from everything else. Each tensor's threshold is the one with the least squared rounding error over
a sample of the values that the calibration images gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.base import Tensors
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.system.protobuf import Message
from training.errors import TrainingError

SAMPLES_PER_IMAGE = 4096
_THRESHOLDS = np.linspace(0.25, 1.0, 61)  # fractions of the largest value seen


@dataclass(frozen=True)
class Observed:
    """Of one tensor: a fair sample of its values, float32 [N], and the extremes of all of them."""

    sample: npt.NDArray[np.float32]
    smallest: float
    largest: float


@dataclass(frozen=True)
class Activation:
    """What one tensor's values were. signed: some were below zero."""

    scale: float
    signed: bool

    @property
    def dtype(self) -> type[np.generic]:
        """int8 or uint8; the zero point is 0 in both."""
        return np.int8 if self.signed else np.uint8


def observe(
    model: OnnxFile, tensors: Sequence[str], inputs: Iterable[Tensors]
) -> dict[str, Observed]:
    """Run the network on ``inputs`` (by name, as an engine takes them) and watch tensors."""
    import onnxruntime

    observed = OnnxFile(model.encode())
    observed.outputs += [Message().put(1, name) for name in tensors]
    session = onnxruntime.InferenceSession(observed.encode(), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    samples: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in tensors}
    for given in inputs:
        for name, values in zip(tensors, session.run(tensors, dict(given)), strict=True):
            flat = values.ravel()
            chosen = rng.integers(0, flat.size, SAMPLES_PER_IMAGE)
            samples[name] += [flat[chosen], np.array([flat.min(), flat.max()])]
    if not all(samples.values()):
        raise TrainingError("no calibration images; give a folder with some")
    return {name: _observed(parts[::2], parts[1::2]) for name, parts in samples.items()}


def _observed(
    samples: list[npt.NDArray[np.float32]], extremes: list[npt.NDArray[np.float32]]
) -> Observed:
    ends = np.concatenate(extremes)
    return Observed(np.concatenate(samples), float(ends.min()), float(ends.max()))


def activation(observed: Observed) -> Activation:
    """Scale of least squared error for a tensor."""
    signed = observed.smallest < 0
    levels = 127 if signed else 255
    largest = max(abs(observed.smallest), abs(observed.largest))
    if not np.isfinite(largest):
        raise TrainingError("the float32 network gives values that are not finite; train it anew")
    if largest == 0:
        return Activation(1.0, signed)  # a dead tensor: any scale keeps it zero
    errors = [_error(observed.sample, f * largest / levels, levels) for f in _THRESHOLDS]
    return Activation(float(_THRESHOLDS[np.argmin(errors)]) * largest / levels, signed)


def _error(values: npt.NDArray[np.float32], scale: float, levels: int) -> float:
    rounded = np.clip(np.rint(values / np.float32(scale)), -levels, levels) * np.float32(scale)
    return float(np.mean(np.square(values - rounded), dtype=np.float64))
