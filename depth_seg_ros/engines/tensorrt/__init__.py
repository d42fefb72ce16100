"""TensorRT on an NVIDIA GPU: the runner, and the toolchain that makes its engines.

Per frame: copy the uint8 image into pinned memory, then upload, network and downloads on an own
stream, started as one CUDA graph where that works, and one wait at the end. All memory is allocated
once. Not run on a GPU by this project so far: the names are checked against the real bindings of
several versions, and the flow runs in the tests over a stand-in for driver and library.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.ahead_of_time import (
    BuildOptions,
    Progress,
    Target,
    Toolchain,
    open_built,
)
from depth_seg_ros.engines.base import INPUT_NAME, OUTPUT_DTYPES, Engine, EngineInfo, Tensors
from depth_seg_ros.engines.cache import EngineCache
from depth_seg_ros.engines.tensorrt import cuda as _cuda
from depth_seg_ros.engines.tensorrt.build import build_plan, make_logger
from depth_seg_ros.errors import EngineError

_log = logging.getLogger(__name__)

_WORDS = {
    "int8": "int8", "fp8": "fp8", "fp16": "fp16", "half": "fp16", "bf16": "bf16",
    "bfloat16": "bf16", "fp32": "fp32", "float": "fp32", "tf32": "tf32",
}  # fmt: skip


def is_available() -> bool:
    """Whether TensorRT is installed and the driver finds a GPU."""
    return bool(_cuda.probe().gpus) and _find_tensorrt() is not None


def why_not() -> str:
    """Why :func:`is_available` is False, in words."""
    if _find_tensorrt() is None:
        return "tensorrt is not installed"
    return _cuda.probe().reason


def open_engine(
    path: str | Path,
    *,
    precision: str | None = None,
    batch: int = 1,
    threads: int | None = None,
    cache_dir: str | Path | None = None,
    rebuild: bool = False,
    parity: bool = True,
    progress: Progress | None = None,
    **build: Any,
) -> Engine:
    """The engine for an ONNX file on this GPU, from the cache or built now (takes minutes).

    threads: means nothing here; accepted because every CPU backend takes it.
    build: further fields of BuildOptions.
    """
    options = BuildOptions(precision=precision, batch=batch, **build)
    return open_built(
        path,
        "tensorrt",
        options,
        cache=EngineCache(cache_dir),
        rebuild=rebuild,
        parity=parity,
        progress=progress,
    )


class TensorRtToolchain(Toolchain):
    """Builds for, and runs on, the GPU of this machine."""

    def __init__(self) -> None:
        self._trt = _import_tensorrt()

    def identify(self, device: int) -> Target:
        gpu = _cuda.gpu(device)
        return Target(self._trt.__version__, gpu.name, gpu.compute_capability, gpu.driver)

    def build(
        self, onnx: bytes, options: BuildOptions, timing_cache: Path, progress: Progress
    ) -> bytes:
        if not hasattr(self._trt, "Builder"):
            raise EngineError(
                f"{self._trt.__name__} only runs engines; install tensorrt itself to build them"
            )
        device = _cuda.open_device(options.device)
        try:
            with device.current():
                return build_plan(self._trt, onnx, options, timing_cache, progress)
        finally:
            device.release()

    def load(self, plan: bytes, options: BuildOptions, precision: str) -> Engine:
        return TensorRtEngine(self._trt, plan, options, precision)


class TensorRtEngine(Engine):
    """A TensorRT engine file, its execution context, stream and buffers."""

    def __init__(self, trt: Any, plan: bytes, options: BuildOptions, precision: str) -> None:
        self._trt = trt
        self._closers: list[Callable[[], None]] = []
        self._closed = False
        gpu = _cuda.gpu(options.device)
        device = self._device = _cuda.open_device(options.device)
        try:
            with device.current():
                self._load(plan, options)
                shape, outputs = self._bind()
                graph = self._capture()
        except BaseException:
            self.close()
            raise
        self.info = EngineInfo(
            backend="tensorrt",
            version=trt.__version__,
            device=gpu.name,
            precision=precision,
            input_shape=shape,
            outputs=outputs,
            details={
                "layers": self._layers,
                "cuda_graph": graph,
                "binding": device.binding,
                "driver": gpu.driver,
                "device_memory_mib": round(self._memory_mib, 1),
            },
        )

    def _load(self, plan: bytes, options: BuildOptions) -> None:
        trt = self._trt
        self._logger = make_logger(trt)  # must outlive the runtime
        self._runtime = trt.Runtime(self._logger)
        if options.version_compatible:
            self._runtime.engine_host_code_allowed = True
        if options.dla_core is not None:
            self._runtime.DLA_core = options.dla_core
        self._engine = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise EngineError(f"TensorRT cannot load this engine: {self._logger.last_error}")
        self._layers = layer_precisions(self._describe())
        self._context = self._engine.create_execution_context()
        if self._context is None:
            raise EngineError(f"no memory for the engine: {self._logger.last_error}")
        self._memory_mib = _memory(self._engine) / 2**20

    def _describe(self) -> str:
        inspector = self._engine.create_engine_inspector()
        text: str = inspector.get_engine_information(self._trt.LayerInformationFormat.JSON)
        return text

    def _bind(self) -> tuple[tuple[int, int, int, int], tuple[str, ...]]:
        """Allocate buffers and tell the context where they are; returns the interface."""
        self._stream = self._device.new_stream()
        self._closers.append(lambda: self._device.free_stream(self._stream))
        buffers: dict[str, _cuda.Buffer] = {}
        for i in range(self._engine.num_io_tensors):
            name = self._engine.get_tensor_name(i)
            shape = tuple(int(n) for n in self._engine.get_tensor_shape(name))
            dtype = self._checked_dtype(name, shape)
            buffer = buffers[name] = _cuda.Buffer(self._device, shape, dtype)
            self._closers.append(buffer.free)
            if not self._context.set_tensor_address(name, buffer.address):
                raise EngineError(f"TensorRT does not take the address of {name!r}")
        if INPUT_NAME not in buffers or "depth" not in buffers:
            raise EngineError(f"engine has tensors {sorted(buffers)}; expected image and depth")
        self._input = buffers.pop(INPUT_NAME)
        self._outputs = buffers
        b, h, w, c = self._input.host.shape
        return (b, h, w, c), tuple(n for n in OUTPUT_DTYPES if n in buffers)

    def _checked_dtype(self, name: str, shape: tuple[int, ...]) -> type[np.generic]:
        """NumPy type of a tensor; EngineError where it is not the contract's."""
        is_input = self._engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT
        known = {INPUT_NAME: np.uint8} if is_input else OUTPUT_DTYPES
        dtype = known.get(name)
        found = self._engine.get_tensor_dtype(name)
        kinds = {np.uint8: self._trt.DataType.UINT8, np.float32: self._trt.DataType.FLOAT}
        if dtype is None or found != kinds[dtype] or any(n < 1 for n in shape):  # type: ignore[index]
            raise EngineError(
                f"engine tensor {name!r} is {found} {list(shape)}, not part of the contract "
                "(image uint8; depth float32, labels uint8, confidence uint8; static shapes)"
            )
        return dtype

    def _enqueue(self) -> None:
        """Start one frame: upload, network, downloads."""
        self._input.upload(self._stream)
        if not self._context.execute_async_v3(self._stream):
            raise EngineError(f"TensorRT did not start the network: {self._logger.last_error}")
        for buffer in self._outputs.values():
            buffer.download(self._stream)

    def _capture(self) -> str:
        """Record the frame as a CUDA graph; says how it went. Without one, calls are enqueued."""
        self._graph: _cuda.Graph | None = None
        self._enqueue()  # the first run allocates; it must not be recorded
        self._device.synchronize(self._stream)
        try:
            self._graph = _cuda.Graph.capture(self._stream, self._enqueue)
        except (EngineError, AttributeError, RuntimeError) as e:
            _log.info("no CUDA graph: %s", e)
            return f"no: {e}"
        self._closers.append(self._graph.free)
        return "yes"

    def _infer(self, image: npt.NDArray[np.uint8]) -> Tensors:
        if self._closed:
            raise EngineError("the engine is closed")
        np.copyto(self._input.host, image)
        with self._device.current():  # an executor may call from another thread than the loader
            if self._graph:
                self._graph.launch(self._stream)
            else:
                self._enqueue()
            self._device.synchronize(self._stream)
        return {name: buffer.host for name, buffer in self._outputs.items()}

    def close(self) -> None:
        """Free GPU memory now, in the order the driver needs (graph, buffers, stream, engine)."""
        if self._closed:
            return
        self._closed = True
        with self._device.current():
            for free in reversed(self._closers):
                free()
            self._closers.clear()
            self._graph = self._context = self._engine = self._runtime = None
        self._device.release()


def layer_precisions(description: str) -> dict[str, int]:
    """Layers of an engine by the precision of their weights, or of their first input.

    description: the engine inspector's JSON. Layers that name no type (integer shapes, names only
    because the engine was built without detail) are not counted.
    """
    counts: Counter[str] = Counter()
    for layer in json.loads(description or "{}").get("Layers", []):
        if isinstance(layer, dict) and (precision := _layer_precision(layer)):
            counts[precision] += 1
    return dict(sorted(counts.items()))


def _layer_precision(layer: dict[str, Any]) -> str:
    weights = layer.get("Weights")
    if isinstance(weights, dict) and weights.get("Count") and (found := _word(weights.get("Type"))):
        return found
    for tensor in [*layer.get("Inputs", []), *layer.get("Outputs", [])]:
        if found := _word(tensor.get("Format/Datatype")) or _word(tensor.get("Datatype")):
            return found
    return ""


def _word(text: object) -> str:
    """``Half``, or ``Row major linear FP16 format``, as ``fp16``; "" for types not counted."""
    words = str(text or "").lower().replace(".", " ").split()
    return next((_WORDS[w] for w in words if w in _WORDS), "")


def _memory(engine: Any) -> int:
    """Bytes of GPU memory for activations (the name changed in 10.1)."""
    name = "device_memory_size_v2" if hasattr(engine, "device_memory_size_v2") else None
    return int(getattr(engine, name or "device_memory_size"))


def _find_tensorrt() -> Any:
    try:
        import tensorrt
    except ImportError:
        return None
    return tensorrt


def _import_tensorrt() -> Any:
    found = _find_tensorrt()
    if found is None:
        raise EngineError(
            "backend tensorrt is not installed; on a Jetson it comes with JetPack "
            "(python3-libnvinfer), elsewhere: pip install tensorrt cuda-python"
        )
    return found
