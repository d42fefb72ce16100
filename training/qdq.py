"""int8 inside an ONNX file: QuantizeLinear / DequantizeLinear pairs around the convolutions.

One file for every runtime: symmetric, zero points 0, weights int8 per output channel, biases
float32. Activations that are never negative (after ReLU) are uint8, all 256 steps used; for
TensorRT, which takes signed integers only, ``depth_seg_ros.engines.precision`` turns them into int8
when an engine is built.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.onnx_file import FLOAT, Node, OnnxFile
from training.calibration import Activation
from training.errors import TrainingError

SMALLEST_HALF = 4096
"""Float tensors of as many numbers are stored in half the bytes; in smaller ones is no gain."""

FEWEST_CHANNELS = 32
"""Convolutions of fewer input channels stay float32: the first (colours) and the last (metres and
logits) are a small part of the work and the most sensitive to rounding. So do depthwise ones, of
one input channel each: in int8 they cost labels and were not faster."""


def quantised_convolutions(model: OnnxFile) -> list[Node]:
    """Convolutions worth quantising: constant kernels over at least FEWEST_CHANNELS channels.

    Transposed convolutions stay float32: ONNX Runtime's CPU has no int8 form of them.
    """
    found = []
    for node in model.nodes:
        weight = model.initializers.get(node.inputs[1]) if node.op == "Conv" else None
        if weight is not None and weight.shape[1] >= FEWEST_CHANNELS:
            found.append(node)
    if not found:
        raise TrainingError(
            f"the network has no convolution of {FEWEST_CHANNELS} input channels or more"
        )
    return found


def insert_qdq(model: OnnxFile, activations: Mapping[str, Activation]) -> None:
    """Quantise the inputs and kernels of :func:`quantised_convolutions`.

    activations: of each such convolution's input.
    """
    chosen = {id(node) for node in quantised_convolutions(model)}
    nodes: list[Node] = []
    quantised: set[str] = set()
    for node in model.nodes:
        if id(node) in chosen:
            data, kernel, *bias = node.inputs
            if data not in quantised:
                quantised.add(data)
                nodes += _quantise_activation(model, data, activations[data])
            nodes.append(_quantise_kernel(model, kernel))
            node.inputs = [f"{data}.dequantized", f"{kernel}.dequantized", *bias]
        nodes.append(node)
    model.nodes = nodes
    used = {name for node in nodes for name in node.inputs}
    model.initializers = {k: v for k, v in model.initializers.items() if k in used}


def halve_storage(model: OnnxFile) -> None:
    """Store what stays float32 (transposed and depthwise convolutions' weights) as float16 behind a
    ``Cast``, which runtimes fold when they load the file. Beyond float16's range it stays."""
    casts = []
    for name, values in list(model.initializers.items()):
        if values.dtype != np.float32 or values.size < SMALLEST_HALF:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        half = values.astype(np.float16)
        model.initializers[f"{name}.float16"] = half
        del model.initializers[name]
        casts.append(Node.make("Cast", [f"{name}.float16"], [name], to=FLOAT))
    model.nodes = [*casts, *model.nodes]


def quantise_kernel(
    kernel: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """int8 [O, I, h, w] and the float32 [O] scales of its output channels."""
    largest = np.abs(kernel).reshape(len(kernel), -1).max(axis=1)
    scale = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
    steps = np.rint(kernel / scale[:, None, None, None])
    return np.clip(steps, -127, 127).astype(np.int8), scale


def _quantise_activation(model: OnnxFile, name: str, found: Activation) -> list[Node]:
    scale, zero = f"{name}.scale", f"{name}.zero"
    model.initializers[scale] = np.array(found.scale, np.float32)
    model.initializers[zero] = np.zeros((), found.dtype)
    inner, outer = f"{name}.quantized", f"{name}.dequantized"
    return [
        Node.make("QuantizeLinear", [name, scale, zero], [inner]),
        Node.make("DequantizeLinear", [inner, scale, zero], [outer]),
    ]


def _quantise_kernel(model: OnnxFile, name: str) -> Node:
    steps, scale = quantise_kernel(model.initializers[name])
    names = [f"{name}.quantized", f"{name}.scale", f"{name}.zero"]
    values = (steps, scale, np.zeros(len(scale), np.int8))
    model.initializers.update(zip(names, values, strict=True))
    return Node.make("DequantizeLinear", names, [f"{name}.dequantized"], axis=0)
