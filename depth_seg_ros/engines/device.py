"""The little of CUDA that an inference loop needs, through the driver's own library.

Pinned and device memory, a stream, asynchronous copies, graphs: all in the device's *primary*
context, so that other CUDA users of the process share it. No Python package of CUDA is asked for:
the same calls serve every driver from CUDA 11.4 on, a Jetson's too, and the tests drive them over
a stand-in for the library. It does *not* know TensorRT or tensors' meanings.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.gpu import Driver, gpu
from depth_seg_ros.errors import EngineError

_CAPTURE_THREAD_LOCAL = 1  # CUstreamCaptureMode: other threads may call CUDA meanwhile
_STREAM_NON_BLOCKING = 1  # CUstream_flags: not synchronised with the default stream

_log = logging.getLogger(__name__)


class Device:
    """The primary context of one GPU; every method but release wants :meth:`current` around it."""

    def __init__(self, index: int = 0) -> None:
        """EngineError, and no crash, where there is no such GPU."""
        gpu(index)
        self._driver = Driver()
        self._device, self._context = ctypes.c_int(), ctypes.c_void_p()
        self._call("cuInit", 0)
        self._call("cuDeviceGet", ctypes.byref(self._device), index)
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), self._device)

    def _call(self, name: str, *arguments: Any) -> None:
        self._driver.call(name, *arguments)

    @contextmanager
    def current(self) -> Iterator[None]:
        """The context is this thread's current one inside the block (threads may differ)."""
        self._call("cuCtxPushCurrent_v2", self._context)
        try:
            yield
        finally:
            self._call("cuCtxPopCurrent_v2", ctypes.byref(ctypes.c_void_p()))

    def free_memory_mib(self) -> int:
        """Memory of the GPU that nobody holds, in any process [MiB]."""
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self._call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value >> 20

    def device_memory(self, size: int) -> int:
        """Address of ``size`` new bytes on the GPU."""
        address = ctypes.c_uint64()
        self._call("cuMemAlloc_v2", ctypes.byref(address), size)
        return address.value

    def free_device_memory(self, address: int) -> None:
        self._call("cuMemFree_v2", address)

    def pinned_memory(self, size: int) -> npt.NDArray[np.uint8]:
        """uint8 [size] of page-locked host memory (copies from it run asynchronously)."""
        address = ctypes.c_void_p()
        self._call("cuMemHostAlloc", ctypes.byref(address), size, 0)
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address.value or 0))

    def free_pinned_memory(self, array: npt.NDArray[np.uint8]) -> None:
        self._call("cuMemFreeHost", array.ctypes.data)

    def new_stream(self) -> int:
        """Handle of a new stream that does not wait for the default one."""
        stream = ctypes.c_void_p()
        self._call("cuStreamCreate", ctypes.byref(stream), _STREAM_NON_BLOCKING)
        return stream.value or 0

    def free_stream(self, stream: int) -> None:
        self._call("cuStreamDestroy_v2", stream)

    def upload(self, address: int, array: npt.NDArray[np.uint8], stream: int) -> None:
        """Start a copy to the GPU."""
        self._call("cuMemcpyHtoDAsync_v2", address, array.ctypes.data, array.nbytes, stream)

    def download(self, array: npt.NDArray[np.uint8], address: int, stream: int) -> None:
        """Start a copy from the GPU."""
        self._call("cuMemcpyDtoHAsync_v2", array.ctypes.data, address, array.nbytes, stream)

    def synchronize(self, stream: int) -> None:
        """Wait for the stream; EngineError if anything on it failed."""
        self._call("cuStreamSynchronize", stream)

    def capture(self, stream: int, enqueue: Callable[[], None]) -> Graph:
        """Record what ``enqueue`` starts on ``stream``; EngineError where that cannot be."""
        graph, executable = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("cuStreamBeginCapture_v2", stream, _CAPTURE_THREAD_LOCAL)
        try:
            enqueue()
        finally:  # a stream left capturing would be lost
            self._call("cuStreamEndCapture", stream, ctypes.byref(graph))
        try:
            self._call("cuGraphInstantiateWithFlags", ctypes.byref(executable), graph, 0)
        finally:
            self._call("cuGraphDestroy", graph)
        return Graph(self._driver, executable)

    def release(self) -> None:
        """Give the primary context back (outside :meth:`current`)."""
        self._call("cuDevicePrimaryCtxRelease_v2", self._device)


class Buffer:
    """One tensor: pinned host memory and device memory of the same size, allocated once.

    host: the tensor as NumPy sees it, in pinned memory.
    """

    def __init__(self, device: Device, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self._device = device
        self.address = device.device_memory(size)
        self._pinned: npt.NDArray[np.uint8] | None = device.pinned_memory(size)
        self.host: npt.NDArray[Any] = self._pinned.view(dtype).reshape(shape)

    def upload(self, stream: int) -> None:
        """Start copying host to device."""
        assert self._pinned is not None
        self._device.upload(self.address, self._pinned, stream)

    def download(self, stream: int) -> None:
        """Start copying device to host."""
        assert self._pinned is not None
        self._device.download(self._pinned, self.address, stream)

    def free(self) -> None:
        """Free both; a second call does nothing. Arrays handed out before are dead afterwards."""
        if self._pinned is None:
            return
        pinned, self._pinned = self._pinned, None
        self.host = np.empty(0, np.uint8)
        try:
            self._device.free_pinned_memory(pinned)
        finally:
            self._device.free_device_memory(self.address)


class Graph:
    """A recorded sequence of GPU work that starts with one call."""

    def __init__(self, driver: Driver, executable: ctypes.c_void_p) -> None:
        self._driver = driver
        self._executable = executable

    def launch(self, stream: int) -> None:
        """Start it all."""
        self._driver.call("cuGraphLaunch", self._executable, stream)

    def free(self) -> None:
        self._driver.call("cuGraphExecDestroy", self._executable)


class Held:
    """What an engine holds on a GPU, its context last; freed in the order the driver needs."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.closed = False
        self._closers: list[Callable[[], None]] = []

    def add(self, free: Callable[[], None]) -> None:
        """Note how to free something; what was added last goes first."""
        self._closers.append(free)

    def free(self) -> None:
        """Free everything now; a second call does nothing. A GPU that has failed refuses: that is
        told, and the rest is freed all the same."""
        if self.closed:
            return
        self.closed = True
        try:
            with self.device.current():
                for free in reversed(self._closers):
                    _try(free)
        except EngineError as e:
            _log.warning("while closing: %s", e)
        finally:
            self._closers.clear()
            _try(self.device.release)


def _try(free: Callable[[], None]) -> None:
    try:
        free()
    except EngineError as e:
        _log.warning("while closing: %s", e)
