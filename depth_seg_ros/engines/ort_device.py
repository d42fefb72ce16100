"""A session of ONNX Runtime whose tensors stay on the GPU: pinned memory, one stream, CUDA graph.

``InferenceSession.run`` copies every tensor through pageable memory and waits for each. Here
upload, network and downloads follow each other on one stream, between buffers allocated once, so
that ONNX Runtime may record its part as a CUDA graph (``enable_cuda_graph`` wants fixed addresses,
and every operator on the GPU). Not run on a GPU by this project so far: what fails at opening is
told, and the next simpler way taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from depth_seg_ros.engines.base import INPUT_DTYPES, OUTPUT_DTYPES, Tensors
from depth_seg_ros.engines.device import Buffer, Device, Held
from depth_seg_ros.engines.ort_session import OrtEngine, runtime_errors
from depth_seg_ros.errors import EngineError

MEMORY = "cuda"
"""ONNX Runtime's name of the GPU's memory."""
_RUNS = 2
"""Calls at opening: one that allocates, one that is recorded (or only run)."""

_log = logging.getLogger(__name__)

MakeSession = Callable[[int | None, bool], Any]
"""A session that works on a stream (its handle; None: on its own), with a CUDA graph or without."""


def open_on_device(make_session: MakeSession, index: int, **described: Any) -> OrtEngine:
    """The fastest way that works: a CUDA graph, else calls on one stream, else ONNX Runtime's own
    copies. ``details`` say which, and what was in the way of a faster one.

    index: of the GPU. described: what OrtEngine is told. EngineError where no way works.
    """
    details, refused = described.pop("details"), ""
    errors: tuple[type[Exception], ...] = (EngineError, *runtime_errors())
    ways: list[tuple[str, Callable[[], OrtEngine]]] = [
        ("CUDA graph", partial(DeviceEngine, make_session, True, index, details={}, **described)),
        ("one stream", partial(DeviceEngine, make_session, False, index, details={}, **described)),
    ]
    for name, way in ways:
        try:
            engine = way()
        except errors as e:
            reason = " ".join(str(e).split())
            _log.info("no %s: %s", name, reason)
            refused = refused or reason
            continue
        graph = f"no: {refused}" if refused else "yes: asked of ONNX Runtime, which took it"
        return _told(engine, {**details, "cuda_graph": graph, "copies": "pinned, on one stream"})
    engine = OrtEngine(make_session(None, False), details={}, **described)
    return _told(engine, {**details, "cuda_graph": f"no: {refused}", "copies": "ONNX Runtime's"})


class DeviceEngine(OrtEngine):
    """Its tensors are bound to buffers on the GPU."""

    def __init__(self, make_session: MakeSession, graph: bool, index: int, **told: Any) -> None:
        """EngineError, or an error of ONNX Runtime's own, where it does not run like this."""
        self._held = Held(Device(index))
        try:
            with self._held.device.current():
                self._stream = self._held.device.new_stream()
                self._held.add(lambda: self._held.device.free_stream(self._stream))
                super().__init__(make_session(self._stream, graph), **told)
                self._bind(index)
                for _ in range(_RUNS):
                    self._frame()
        except BaseException:
            self.close()
            raise

    def _bind(self, index: int) -> None:
        """Allocate every tensor, and tell the session where it lies."""
        self._binding = self._session.io_binding()
        kinds = {
            name: (shape, INPUT_DTYPES[name]) for name, shape in self.info.input_shapes.items()
        }
        self._inputs = {name: self._buffer(shape, dtype) for name, (shape, dtype) in kinds.items()}
        self._maps = {
            name: self._buffer(self.info.map_shape, OUTPUT_DTYPES[name]) for name in self._outputs
        }
        for bind, buffers in (
            (self._binding.bind_input, self._inputs), (self._binding.bind_output, self._maps),
        ):  # fmt: skip
            for name, buffer in buffers.items():
                place = (buffer.host.dtype.type, buffer.host.shape, buffer.address)
                bind(name, MEMORY, index, *place)

    def _buffer(self, shape: tuple[int, ...], dtype: type[np.generic]) -> Buffer:
        buffer = Buffer(self._held.device, shape, dtype)
        self._held.add(buffer.free)
        buffer.host[...] = 0
        return buffer

    def _frame(self) -> None:
        """Upload, network, downloads, one after the other on the stream, and a wait at the end."""
        for buffer in self._inputs.values():
            buffer.upload(self._stream)
        self._session.run_with_iobinding(self._binding)
        for buffer in self._maps.values():
            buffer.download(self._stream)
        self._held.device.synchronize(self._stream)

    def _infer(self, inputs: Tensors) -> Tensors:
        if self._held.closed:
            raise EngineError("the engine is closed")
        for name, buffer in self._inputs.items():
            np.copyto(buffer.host, inputs[name])
        with self._held.device.current():  # an executor may call from another thread
            self._frame()
        return {name: buffer.host for name, buffer in self._maps.items()}

    def close(self) -> None:
        """Free GPU memory now: the session first, then what it worked on."""
        self._binding = self._session = None
        self._held.free()


def _told(engine: OrtEngine, details: dict[str, Any]) -> OrtEngine:
    engine.info = replace(engine.info, details=details)
    return engine
