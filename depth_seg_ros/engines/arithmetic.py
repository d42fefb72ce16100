"""How much arithmetic a network is, and how fast this CPU does arithmetic at best.

Their quotient is a floor for the time of a frame, whatever the runtime: the benchmark says how far
above it each backend is. The count is that of the plain convolutions in the file, so an engine that
saves multiplications (:mod:`.winograd`) may go below the floor.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from depth_seg_ros.engines.onnx_file import (
    FLOAT,
    UINT8,
    Node,
    OnnxFile,
    data_type,
    make_model,
    value_info,
)
from depth_seg_ros.engines.precision import fold_constants
from depth_seg_ros.errors import EngineError
from depth_seg_ros.system.protobuf import Message

_WEIGHTS = 64  # a constant with more numbers is a weight, not a shape, axis or scale
_SIZE = 1024  # of the square matrices: large enough to reach the peak, 21 ms at 100 GFLOP/s


def count_macs(path: str | Path) -> int:
    """Multiply-accumulates of one image through a network's (transposed) convolutions and products.

    The shapes come from ONNX Runtime. What it leaves out (activations, pooling, softmax) is below
    one per cent of a convolutional network.
    """
    model = OnnxFile.read(path)
    fold_constants(model)
    counted = [n for n in model.nodes if n.op in ("Conv", "ConvTranspose", "MatMul", "Gemm")]
    names = {n.outputs[0] for n in counted} | {n.inputs[0] for n in counted}
    weights, shapes = _weights(model), tensor_shapes(model, names)
    return sum(_macs(node, weights[node.inputs[1]], shapes) for node in counted)


def tensor_shapes(model: OnnxFile, names: Iterable[str]) -> dict[str, list[int]]:
    """Shapes of tensors computed inside a graph, as ONNX Runtime infers them."""
    fixed = {o.text(1) for o in (*model.outputs, *model.inputs)} | set(model.initializers)
    weights = {k: v for k, v in model.initializers.items() if v.size > _WEIGHTS}
    wanted = [Message().put(1, name) for name in sorted(names) if name not in fixed]
    # Only the shapes of the weights matter: as inputs they need no copy of their numbers.
    infos = [value_info(name, data_type(v), v.shape) for name, v in weights.items()]
    before = (model.inputs, model.outputs, model.initializers)
    model.inputs, model.outputs = [*model.inputs, *infos], [*model.outputs, *wanted]
    model.initializers = {k: v for k, v in model.initializers.items() if k not in weights}
    data = model.encode()
    model.inputs, model.outputs, model.initializers = before
    return {o.name: o.shape for o in _session(data, threads=1, optimise=False).get_outputs()}


def _weights(model: OnnxFile) -> dict[str, tuple[int, ...]]:
    """Shapes of constants, also behind DequantizeLinear."""
    shapes = {name: value.shape for name, value in model.initializers.items()}
    for node in model.nodes:
        if node.op == "DequantizeLinear" and node.inputs[0] in shapes:
            shapes[node.outputs[0]] = shapes[node.inputs[0]]
    return shapes


def _macs(node: Node, weight: tuple[int, ...], shapes: dict[str, list[int]]) -> int:
    """Each element of ``positions`` meets every weight of its channel."""
    seen = node.inputs[0] if node.op == "ConvTranspose" else node.outputs[0]
    shape = shapes[seen]
    if not all(isinstance(n, int) for n in shape):
        raise EngineError(f"shape of {seen!r} is {shape}; export with fixed sizes")
    channels = shape[1] if node.op.startswith("Conv") else shape[-1]
    return int(np.prod(shape)) // channels * int(np.prod(weight))


class PeakMeter:
    """Repeated large matrix products in ONNX Runtime, float32 and int8 (uint8 x int8)."""

    def __init__(self, threads: int | None = None) -> None:
        rng = np.random.default_rng(0)
        shape = (_SIZE, _SIZE)
        signed = rng.integers(-127, 128, shape, np.int8)
        cases: dict[str, tuple[Any, str, int, Any]] = {
            "fp32": (signed.astype(np.float32), "MatMul", FLOAT, np.float32),
            "int8": (signed, "MatMulInteger", UINT8, np.uint8),
        }
        self._runs = {}
        self.seconds: dict[str, list[float]] = {}
        self.cpu_seconds: dict[str, list[float]] = {}
        for name, (constant, op, code, dtype) in cases.items():
            node = Node.make(op, ["a", "b"], ["c"])
            session = _session(make_model(node, {"a": (code, shape)}, {"b": constant}), threads)
            self._runs[name] = (session, rng.integers(0, 127, shape).astype(dtype))
            self.seconds[name] = []
            self.cpu_seconds[name] = []

    def step(self) -> None:
        """One product of each kind."""
        for name, (session, a) in self._runs.items():
            start, start_cpu = perf_counter(), process_time()
            session.run(None, {"a": a})
            self.seconds[name].append(perf_counter() - start)
            self.cpu_seconds[name].append(process_time() - start_cpu)

    def macs_per_second(self, precision: str) -> float:
        """The fastest product so far, all threads together."""
        return float(_SIZE**3 / min(self.seconds[precision]))

    def macs_per_cpu_second(self, precision: str) -> float:
        """The same over CPU time: what one busy core does, also while others use the machine."""
        return float(_SIZE**3 / min(self.cpu_seconds[precision]))


def _session(model: bytes, threads: int | None, optimise: bool = True) -> Any:
    try:
        import onnxruntime as ort
    except ImportError as e:
        raise EngineError("this needs onnxruntime; run: pip install onnxruntime") from e
    options = ort.SessionOptions()
    options.log_severity_level = 3
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    if threads:
        options.intra_op_num_threads = threads
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
