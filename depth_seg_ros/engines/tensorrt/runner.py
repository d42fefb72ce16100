"""A TensorRT engine file, running: buffers, stream and CUDA graph, allocated once.

Per frame: copy the uint8 image into pinned memory, then upload, network and downloads on an own
stream, started as one CUDA graph where that works, and one wait at the end. Not run on a GPU by
this project so far (docs/engines.md says what was checked instead).
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from depth_seg_ros.engines.base import (
    CONTRACT,
    GROUND_NAME,
    INPUT_DTYPES,
    INPUT_NAME,
    OUTPUT_DTYPES,
    Engine,
    EngineInfo,
    Tensors,
)
from depth_seg_ros.engines.device import Buffer, Device, Graph, Held
from depth_seg_ros.engines.gpu import gpu
from depth_seg_ros.engines.tensorrt.build import make_logger, start
from depth_seg_ros.engines.tensorrt.layers import layer_precisions
from depth_seg_ros.engines.toolchain import BuildOptions
from depth_seg_ros.errors import EngineError

_log = logging.getLogger(__name__)


class TensorRtEngine(Engine):
    """A TensorRT engine file, its execution context, stream and buffers."""

    def __init__(self, trt: Any, plan: bytes, options: BuildOptions, precision: str) -> None:
        self._trt = trt
        card = gpu(options.device)
        self._held = Held(Device(options.device))
        self._device = self._held.device
        self._held.add(self._drop)
        try:
            with self._device.current():
                self._load(plan, options)
                shape, outputs = self._bind()
                graph = self._capture()
        except BaseException:
            self.close()
            raise
        self.info = EngineInfo(
            backend="tensorrt",
            version=trt.__version__,
            device=card.name,
            precision=precision,
            input_shape=shape,
            outputs=outputs,
            details={
                "layers": self._layers,
                "cuda_graph": graph,
                "driver": card.driver,
                "device_memory_mib": round(self._memory_mib, 1),
            },
            takes_ground=GROUND_NAME in self._inputs,
            camera=options.camera,
        )

    def _load(self, plan: bytes, options: BuildOptions) -> None:
        trt = self._trt
        self._logger = make_logger(trt)  # must outlive the runtime
        self._runtime = start(trt, trt.Runtime, self._logger)
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
        self._held.add(lambda: self._device.free_stream(self._stream))
        buffers: dict[str, Buffer] = {}
        for i in range(self._engine.num_io_tensors):
            name = self._engine.get_tensor_name(i)
            shape = tuple(int(n) for n in self._engine.get_tensor_shape(name))
            dtype = self._checked_dtype(name, shape)
            buffer = buffers[name] = Buffer(self._device, shape, dtype)
            self._held.add(buffer.free)
            if not self._context.set_tensor_address(name, buffer.address):
                raise EngineError(f"TensorRT does not take the address of {name!r}")
        if INPUT_NAME not in buffers or "depth" not in buffers:
            raise EngineError(f"engine has tensors {sorted(buffers)}; expected image and depth")
        self._inputs = {n: buffers.pop(n) for n in INPUT_DTYPES if n in buffers}
        self._outputs = buffers
        b, h, w, c = self._inputs[INPUT_NAME].host.shape
        return (b, h, w, c), tuple(n for n in OUTPUT_DTYPES if n in buffers)

    def _checked_dtype(self, name: str, shape: tuple[int, ...]) -> type[np.generic]:
        """NumPy type of a tensor; EngineError where it is not the contract's."""
        is_input = self._engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT
        known = INPUT_DTYPES if is_input else OUTPUT_DTYPES
        dtype = known.get(name)
        found = self._engine.get_tensor_dtype(name)
        kinds = {np.uint8: self._trt.DataType.UINT8, np.float32: self._trt.DataType.FLOAT}
        if dtype is None or found != kinds[dtype] or any(n < 1 for n in shape):  # type: ignore[index]
            raise EngineError(
                f"engine tensor {name!r} is {found} {list(shape)}, not part of the contract "
                f"({CONTRACT})"
            )
        return dtype

    def _enqueue(self) -> None:
        """Start one frame: upload, network, downloads."""
        for buffer in self._inputs.values():
            buffer.upload(self._stream)
        if not self._context.execute_async_v3(self._stream):
            raise EngineError(f"TensorRT did not start the network: {self._logger.last_error}")
        for buffer in self._outputs.values():
            buffer.download(self._stream)

    def _capture(self) -> str:
        """Record the frame as a CUDA graph; says how it went. Without one, calls are enqueued."""
        self._graph: Graph | None = None
        self._enqueue()  # the first run allocates; it must not be recorded
        self._device.synchronize(self._stream)
        try:
            self._graph = self._device.capture(self._stream, self._enqueue)
        except EngineError as e:
            _log.info("no CUDA graph: %s", e)
            return f"no: {e}"
        self._held.add(self._graph.free)
        return "yes"

    def _infer(self, inputs: Tensors) -> Tensors:
        if self._held.closed:
            raise EngineError("the engine is closed")
        for name, buffer in self._inputs.items():
            np.copyto(buffer.host, inputs[name])
        with self._device.current():  # an executor may call from another thread than the loader
            if self._graph:
                self._graph.launch(self._stream)
            else:
                self._enqueue()
            self._device.synchronize(self._stream)
        return {name: buffer.host for name, buffer in self._outputs.items()}

    def _drop(self) -> None:
        self._graph = self._context = self._engine = self._runtime = None

    def close(self) -> None:
        """Free GPU memory now: graph, buffers, stream, engine."""
        self._held.free()
        self._drop()


def _memory(engine: Any) -> int:
    """Bytes of GPU memory for activations (the name changed in 10.1)."""
    name = "device_memory_size_v2" if hasattr(engine, "device_memory_size_v2") else None
    return int(getattr(engine, name or "device_memory_size"))
