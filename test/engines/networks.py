"""Small ONNX networks with the real interface, built with onnx.helper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.spec import METADATA_KEY, ModelSpec

WIDTH, HEIGHT = 32, 16
MACS = (HEIGHT // 2) * (WIDTH // 2) * (3 * 32 * 9 + 32 * 32 * 9 + 32 * 3 * 4)


def write_convolutions(
    path: Path, *, half_storage: bool = False, seed: int = 0, rig: bool = False
) -> Path:
    """Two strided 3x3 convolutions (32 channels), a 2x2 transposed one, depth and two classes.

    rig: it takes the ground too (and adds it to the depth), and says how sure it is.
    half_storage: weights are stored as float16 behind a Cast, as training.export can.
    """
    onnx = pytest.importorskip("onnx")
    helper, types, node = onnx.helper, onnx.TensorProto, onnx.helper.make_node
    rng = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray:
        return (rng.normal(0, 1, shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    constants = {
        "w1": weights(32, 3, 3, 3), "b1": weights(32), "w2": weights(32, 32, 3, 3),
        "b2": weights(32), "w3": weights(32, 3, 2, 2), "scale": np.float32(1 / 64),
        "five": np.float32(5), "top": np.float32(255), "half": np.float32(0.5),
    }  # fmt: skip
    nodes = [
        node("Cast", ["image"], ["rgb"], to=types.FLOAT),
        node("Transpose", ["rgb"], ["chw"], perm=[0, 3, 1, 2]),
        node("Mul", ["chw", "scale"], ["x"]),
        node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1] * 4, strides=[2, 2]),
        node("Relu", ["c1"], ["r1"]),
        node("Identity", ["b2"], ["b2.shared"]),
        node("Conv", ["r1", "w2", "b2.shared"], ["c2"], pads=[1] * 4),
        node("Relu", ["c2"], ["r2"]),
        node("ConvTranspose", ["r2", "w3"], ["up"], strides=[2, 2]),
        node("Split", ["up"], ["d", "a", "b"], axis=1),
        node("Constant", [], ["axis"], value=onnx.numpy_helper.from_array(np.array([1]))),
        node("Squeeze", ["d", "axis"], ["d2"]),
        node("Add", ["d2", "five"], ["d3"]),
        *(_rig_nodes(node, types) if rig else [node("Relu", ["d3"], ["depth"])]),
        node("Concat", ["a", "b"], ["logits"], axis=1),
        node("ArgMax", ["logits"], ["best"], axis=1, keepdims=0),
        node("Cast", ["best"], ["best32"], to=types.INT32),
        node("Cast", ["best32"], ["bestf"], to=types.FLOAT),
        node("Cast", ["bestf"], ["labels"], to=types.UINT8),
        node("Softmax", ["logits"], ["p"], axis=1),
        node("ReduceMax", ["p"], ["pmax"], axes=[1], keepdims=0),
        node("Mul", ["pmax", "top"], ["p255"]),
        node("Add", ["p255", "half"], ["p255h"]),
        node("Floor", ["p255h"], ["pf"]),
        node("Cast", ["pf"], ["confidence"], to=types.UINT8),
    ]
    if half_storage:
        for name in ("w1", "w2", "w3"):
            constants[f"{name}.half"] = constants.pop(name).astype(np.float16)
            nodes.insert(0, node("Cast", [f"{name}.half"], [name], to=types.FLOAT))
    make = helper.make_tensor_value_info
    outputs = [make("depth", types.FLOAT, [1, HEIGHT, WIDTH])]
    names = ("labels", "confidence", "depth_confidence") if rig else ("labels", "confidence")
    outputs += [make(n, types.UINT8, [1, HEIGHT, WIDTH]) for n in names]
    inputs = [make("image", types.UINT8, [1, HEIGHT, WIDTH, 3])]
    inputs += [make("ground", types.FLOAT, [1, HEIGHT, WIDTH])] if rig else []
    graph = helper.make_graph(
        nodes, "small", inputs, outputs,
        [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    spec = ModelSpec(
        "small", WIDTH, HEIGHT, 20.0, 20.0, 80.0, classes=NETWORK_CLASSES,
        rig_input=rig, depth_confidence=rig,
    )  # fmt: skip
    helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    onnx.save(model, path)
    return path


def _rig_nodes(node: Any, types: Any) -> list[Any]:
    """depth = relu(...) + ground; depth_confidence = 255 x (1 - exp(-depth))."""
    return [
        node("Relu", ["d3"], ["d4"]),
        node("Add", ["d4", "ground"], ["depth"]),
        node("Neg", ["depth"], ["minus"]),
        node("Exp", ["minus"], ["wrong"]),
        node("Mul", ["wrong", "top"], ["wrong255"]),
        node("Sub", ["top", "wrong255"], ["right255"]),
        node("Add", ["right255", "half"], ["right255h"]),
        node("Floor", ["right255h"], ["rightf"]),
        node("Cast", ["rightf"], ["depth_confidence"], to=types.UINT8),
    ]
