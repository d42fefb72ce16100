"""What is changed in an ONNX file before an engine is built from it: constants, batch, precision.

One path for every TensorRT from 10 on: the precision is in the *file* (float16 or int8 with QDQ
nodes), the network is strongly typed, no builder flag decides about numbers. So a float16 engine
starts with a float16 file, made here from the float32 one.

Convention: a converted file keeps its interface (uint8 image in, float32 depth and uint8 labels
out); only what is computed in between changes.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from depth_seg_ros.engines.base import GROUND_NAME
from depth_seg_ros.engines.camera_input import CameraInput, take_camera_images
from depth_seg_ros.engines.onnx_file import (
    FLOAT,
    FLOAT16,
    Array,
    Node,
    OnnxFile,
    constant_value,
    element_type,
)
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import METADATA_KEY, METADATA_PROPS, ModelSpec, metadata
from depth_seg_ros.system.protobuf import Message

PRECISIONS = ("fp32", "fp16", "int8")

# Inputs that ONNX wants in float32 whatever the data is.
_KEPT_FLOAT = {"Resize": (1, 2), "Upsample": (1,)}
_MAX_HALF = float(np.finfo(np.float16).max)


def fold_constants(model: OnnxFile) -> None:
    """Turn ``Constant`` nodes, and ``Identity``, float ``Cast`` and ``DequantizeLinear`` of
    constants, into initializers.

    Weights stored in fewer bytes, float16 behind a Cast or int8 with a scale a channel, become
    ordinary weights: runtimes would otherwise compute the kernels anew for every frame. In a graph
    whose activations are quantised too, int8 weights stay: its convolutions take them as they are.
    """
    kept = []
    unpack = stores_int8(model)
    for node in model.nodes:
        source = model.initializers.get(node.inputs[0]) if len(node.inputs) == 1 else None
        if node.op == "Constant":
            name, value = constant_value(node)
            model.initializers[name] = value
        elif source is not None and node.op == "Identity":
            model.initializers[node.outputs[0]] = source
        elif source is not None and node.op == "Cast" and _cast_to(node) in (FLOAT, FLOAT16):
            dtype = np.float32 if _cast_to(node) == FLOAT else np.float16
            model.initializers[node.outputs[0]] = source.astype(dtype)
        elif unpack and node.op == "DequantizeLinear":
            model.initializers[node.outputs[0]] = _unpacked(node, model)
        else:
            kept.append(node)
    model.nodes = kept
    model.drop_unused()


def stores_int8(model: OnnxFile) -> bool:
    """Whether weights are *stored* in 8 bits, in a graph that computes in floating point."""
    operators = {node.op for node in model.nodes}
    return "DequantizeLinear" in operators and "QuantizeLinear" not in operators


def _unpacked(node: Node, model: OnnxFile) -> Array:
    """float32 weights from int8 ones and a scale for each place along an axis; EngineError where
    that is not what the node has."""
    packed, scale = (model.initializers.get(name) for name in node.inputs[:2])
    zero = model.initializers.get(node.inputs[2]) if len(node.inputs) == 3 else np.zeros(1)
    if packed is None or scale is None or zero is None or zero.any():
        raise EngineError(f"{node.outputs[0]!r} is not an int8 constant with a scale and no offset")
    axis = node.attribute("axis").integer(3, 1)
    shape = [-1 if i == axis % packed.ndim else 1 for i in range(packed.ndim)]
    return packed.astype(np.float32) * (scale if scale.ndim == 0 else scale.reshape(shape))


def set_batch(model: OnnxFile, batch: int) -> None:
    """Give the graph's inputs and outputs a fixed first dimension."""
    for info in (*model.inputs, *model.outputs):
        kind = info.message(2)
        tensor = kind.message(1)
        shape = tensor.message(2)
        dims = [Message(d) for d in shape.all_bytes(1)]
        if not dims:
            raise EngineError(f"{info.text(1)!r} has no shape, so no batch can be set")
        dims[0] = Message().put(1, batch)
        info.put(2, kind.put(1, tensor.put(2, shape.put(1, *dims))))


def to_float16(model: OnnxFile) -> None:
    """Compute in float16: weights, constants and casts change, the interface does not.

    EngineError where the graph holds something that cannot be converted faithfully.
    """
    fold_constants(model)
    _refuse_unconvertible(model)
    kept = {
        name
        for node in model.nodes
        for place, name in enumerate(node.inputs)
        if place in _KEPT_FLOAT.get(node.op, ())
    }
    for name, values in model.initializers.items():
        if values.dtype == np.float32 and name not in kept:
            model.initializers[name] = _half(name, values)
    for node in model.nodes:
        if node.op == "Cast" and _cast_to(node) == FLOAT:
            node.set_integer("to", FLOAT16)
    for info in model.inputs:
        if element_type(info) == FLOAT:
            _cast_input(model, info.text(1))
    for info in model.outputs:
        if element_type(info) == FLOAT:
            _cast_output(model, info.text(1))


def sign_activations(model: OnnxFile) -> None:
    """uint8 activations become int8 of twice the step: TensorRT takes signed integers only.

    Our files use uint8 with zero point 0 where nothing is negative, for CPUs' sake (see
    training/qdq.py). EngineError for other zero points.
    """
    pairs = {
        (node.inputs[1], node.inputs[2])
        for node in model.nodes
        if node.op in ("QuantizeLinear", "DequantizeLinear") and len(node.inputs) == 3
    }
    for scale, zero in sorted(pairs):
        points = model.initializers.get(zero)
        if points is None or scale not in model.initializers:
            raise EngineError(f"scale {scale!r} is not a constant; quantise the model again")
        if points.any():
            raise EngineError(f"zero point {zero!r} is not 0; TensorRT takes symmetric int8 only")
        if points.dtype == np.uint8:
            model.initializers[zero] = points.astype(np.int8)
            model.initializers[scale] = model.initializers[scale] * np.float32(255 / 127)


def stored_spec(model: OnnxFile) -> ModelSpec | None:
    """The spec in a model's metadata, or None."""
    texts = metadata(model.model)
    return ModelSpec.from_json(texts[METADATA_KEY]) if METADATA_KEY in texts else None


def set_stored_spec(model: OnnxFile, spec: ModelSpec) -> None:
    """Write a spec into the model's metadata, in place of the one it has."""
    texts = {**metadata(model.model), METADATA_KEY: spec.to_json()}
    entries = [Message().put(1, key).put(2, text) for key, text in texts.items()]
    model.model.put(METADATA_PROPS, *entries)


def prepare_for_build(
    data: bytes, precision: str, batch: int, camera: CameraInput | None = None
) -> bytes:
    """ONNX bytes that a strongly typed build takes at its word.

    precision: of the engine; ``int8`` needs a file that is int8 already.
    camera: whose images the graph is to take; they are shrunk in float32, whatever the precision.
    """
    if precision not in PRECISIONS:
        raise EngineError(f"precision is {precision!r}; known: {', '.join(PRECISIONS)}")
    model = OnnxFile(data)
    inside = file_precision(model)
    fold_constants(model)
    if precision != inside:
        if precision == "int8":
            raise EngineError(
                "int8 needs calibrated scales, and this file has none; quantise it on the "
                "workstation: python -m training.quantize MODEL.onnx --calibration DIR"
            )
        if inside != "fp32":
            raise EngineError(f"a {inside} file cannot become {precision}; give the fp32 file")
        to_float16(model)
        if spec := stored_spec(model):
            set_stored_spec(model, replace(spec, precision="fp16"))
    if precision == "int8":
        sign_activations(model)
    set_batch(model, batch)
    if camera:
        take_camera_images(model, camera, batch)
    return model.encode()


def file_precision(model: OnnxFile) -> str:
    """``fp32``, ``fp16`` or ``int8``: what a graph computes in, read off the graph itself."""
    if any(node.op == "QuantizeLinear" for node in model.nodes):
        return "int8"
    casts = {_cast_to(n) for n in model.nodes if n.op == "Cast" and not _is_weight_cast(n, model)}
    return "fp16" if FLOAT16 in casts else "fp32"


def describe(data: bytes) -> str:
    """A line for humans: operators by count and the precision inside."""
    model = OnnxFile(data)
    counts: dict[str, int] = {}
    for node in model.nodes:
        counts[node.op] = counts.get(node.op, 0) + 1
    return f"{file_precision(model)}, {json.dumps(counts, sort_keys=True)}"


def _is_weight_cast(node: Node, model: OnnxFile) -> bool:
    return node.inputs[0] in model.initializers


def _cast_to(node: Node) -> int:
    return node.attribute("to").integer(3)


def _half(name: str, values: Array) -> Array:
    if values.size and not np.abs(values).max() <= _MAX_HALF:
        raise EngineError(
            f"{name!r} holds values beyond float16's {_MAX_HALF:.0f}; build fp32 instead"
        )
    return values.astype(np.float16)


def _refuse_unconvertible(model: OnnxFile) -> None:
    for node in model.nodes:
        if node.domain not in ("", "ai.onnx"):
            raise EngineError(f"operator {node.domain}.{node.op} is not standard ONNX: build fp32")
        if any(a.all_bytes(6) or a.all_bytes(11) for a in node.attributes().values()):
            raise EngineError(f"{node.op} holds a graph of its own (a branch or loop): build fp32")
        if node.op in ("QuantizeLinear", "DequantizeLinear"):
            raise EngineError("the graph is quantised already; give the fp32 file")
    for info in model.inputs:
        if element_type(info) == FLOAT and info.text(1) != GROUND_NAME:
            raise EngineError(f"input {info.text(1)!r} is float32; this package feeds uint8 images")


def _cast_input(model: OnnxFile, name: str) -> None:
    """Hand a float32 input on in float16, under another name."""
    inner = f"{name}.float16"
    for node in model.nodes:
        node.inputs = [inner if i == name else i for i in node.inputs]
    model.nodes.insert(0, Node.make("Cast", [name], [inner], to=FLOAT16))


def _cast_output(model: OnnxFile, name: str) -> None:
    """Compute ``name`` in float16 under another name and cast it back at the very end."""
    inner = f"{name}.float16"
    for node in model.nodes:
        node.inputs = [inner if i == name else i for i in node.inputs]
        node.outputs = [inner if o == name else o for o in node.outputs]
    model.nodes.append(Node.make("Cast", [inner], [name], to=FLOAT))
