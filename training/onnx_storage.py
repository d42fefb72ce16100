"""Weights stored in fewer bytes than the graph computes with; unpacked when the file is loaded.

Convention: the graph is float32. A stored initializer has another name, and one node that makes the
weight of the old name from it: ``Cast`` (float16), or ``DequantizeLinear`` (8 bits and a scale for
each output channel). Runtimes, or this package before them, fold that node once, at loading.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.errors import TrainingError

STORAGES = ("fp32", "fp16", "int8")
SMALLEST = 256
"""Tensors with fewer numbers (biases, slopes, normalisation) stay float32: nothing to gain."""
SMALLEST_INT8 = 4096
"""First and last convolutions have fewer: cheap, and the most sensitive. They become float16."""

_HALF, _BYTE, _SCALE = ".float16", ".int8", ".scale"
_LARGEST = 127
_CLIPS = np.linspace(0.75, 1.0, 11)  # of a channel's largest weight
_OUTPUT_AXIS = {"Conv": 0, "ConvTranspose": 1}

Floats = npt.NDArray[np.float32]


def store(model: onnx.ModelProto, storage: str) -> None:
    """Replace float32 initializers by what ``storage`` keeps of them.

    TrainingError for an unknown storage, and for weights beyond float16's range.
    """
    if storage not in STORAGES:
        raise TrainingError(f"storage is {storage!r}; known: {', '.join(STORAGES)}")
    if storage == "fp32":
        return
    axes = _output_axes(model) if storage == "int8" else {}
    unpacking = []
    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALLEST:
            continue
        if tensor.name in axes and values.size >= SMALLEST_INT8:
            unpacking.append(_store_bytes(model, tensor, values, axes[tensor.name]))
        else:
            unpacking.append(_store_half(tensor, values))
    nodes = [*unpacking, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def restore(model: onnx.ModelProto) -> None:
    """Undo :func:`store`: float32 initializers under their own names (rounded as they were)."""
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    kept, used = [], set()
    for node in model.graph.node:
        if not (node.op_type in ("Cast", "DequantizeLinear") and set(node.input) <= arrays.keys()):
            kept.append(node)
            continue
        values = arrays[node.input[0]].astype(np.float32)
        if node.op_type == "DequantizeLinear":
            axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
            values = values * _along(arrays[node.input[1]], values.ndim, axis)
        model.graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        used.update(node.input)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    left = [t for t in model.graph.initializer if t.name not in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(left)


def to_bytes(values: Floats, axis: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Symmetric 8-bit weights and a scale for each place along ``axis``: of 11 clippings of a
    channel the one with the least squared error."""
    rows = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
    largest = np.maximum(np.abs(rows).max(axis=1), np.finfo(np.float32).tiny * _LARGEST)
    errors = np.stack([_error(rows, clip * largest / _LARGEST) for clip in _CLIPS])
    scale = (_CLIPS[errors.argmin(axis=0)] * largest / _LARGEST).astype(np.float32)
    wide = _along(scale, values.ndim, axis)
    return np.clip(np.rint(values / wide), -_LARGEST, _LARGEST).astype(np.int8), scale


def _error(rows: Floats, scale: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Squared rounding error of each row."""
    wide = scale[:, None]
    rounded = np.clip(np.rint(rows / wide), -_LARGEST, _LARGEST) * wide
    return np.asarray(np.square(rows - rounded).sum(axis=1))


def _along(scale: Floats, dimensions: int, axis: int) -> Floats:
    """[C] -> [1, .., C, .., 1] with C at ``axis``."""
    return scale.reshape([-1 if i == axis else 1 for i in range(dimensions)])


def _output_axes(model: onnx.ModelProto) -> dict[str, int]:
    """Axis of the output channels of every weight whose users agree on one."""
    axes: dict[str, set[int]] = {}
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            axis = _OUTPUT_AXIS.get(node.op_type, -1) if place == 1 else -1
            axes.setdefault(name, set()).add(axis)
    return {
        name: found.pop() for name, found in axes.items() if len(found) == 1 and min(found) >= 0
    }


def _store_half(tensor: onnx.TensorProto, values: Floats) -> onnx.NodeProto:
    name, stored = tensor.name, f"{tensor.name}{_HALF}"
    half = values.astype(np.float16)
    if not np.isfinite(half).all():
        raise TrainingError(f"{name} is beyond float16's range; export with --storage fp32")
    tensor.CopyFrom(numpy_helper.from_array(half, stored))
    return helper.make_node("Cast", [stored], [name], f"{name}.cast", to=TensorProto.FLOAT)


def _store_bytes(
    model: onnx.ModelProto, tensor: onnx.TensorProto, values: Floats, axis: int
) -> onnx.NodeProto:
    name, stored, scale_name = tensor.name, f"{tensor.name}{_BYTE}", f"{tensor.name}{_SCALE}"
    packed, scale = to_bytes(values, axis)
    tensor.CopyFrom(numpy_helper.from_array(packed, stored))
    model.graph.initializer.append(numpy_helper.from_array(scale, scale_name))
    return helper.make_node(
        "DequantizeLinear", [stored, scale_name], [name], f"{name}.unpack", axis=axis
    )
