"""The little of CUDA that an inference loop needs, over PyCUDA or cuda-python.

``probe`` asks the driver itself (``libcuda``, through ctypes) and needs neither binding: it must
come first, because TensorRT's ``Runtime`` crashes the process where there is no driver.
``open_device`` gives pinned and device memory, a stream and asynchronous copies, all in the
device's *primary* context, so that other CUDA users of the process share it. It does *not* know
TensorRT or tensors' meanings.
"""

from __future__ import annotations

import ctypes
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EngineError

_MAJOR, _MINOR = 75, 76  # CUdevice_attribute: compute capability
_CAPTURE_THREAD_LOCAL = 1  # CUstreamCaptureMode: other threads may call CUDA meanwhile
_STREAM_NON_BLOCKING = 1  # CUstream_flags: not synchronised with the default stream


@dataclass(frozen=True)
class Gpu:
    """One device as the driver describes it. driver: kernel driver and CUDA version it offers."""

    index: int
    name: str
    compute_capability: str
    memory_mib: int
    driver: str


@dataclass(frozen=True)
class Probe:
    """GPUs found; where there is none, ``reason`` says why."""

    gpus: tuple[Gpu, ...]
    reason: str = ""


def probe() -> Probe:
    """Look for GPUs without creating a context; never raises for a machine without one."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return Probe((), "no NVIDIA driver (libcuda.so.1 is not there)")
    if code := cuda.cuInit(0):
        return Probe((), f"the NVIDIA driver finds no usable GPU (cuInit gave {code})")
    count = ctypes.c_int()
    if code := cuda.cuDeviceGetCount(ctypes.byref(count)):
        return Probe((), f"the NVIDIA driver does not count its GPUs (error {code})")
    if count.value == 0:
        return Probe((), "the NVIDIA driver counts no GPU (CUDA_VISIBLE_DEVICES hides them?)")
    return Probe(tuple(_describe(cuda, i) for i in range(count.value)))


def gpu(index: int = 0) -> Gpu:
    """One GPU; EngineError with the reason where it is not there."""
    found = probe()
    if not found.gpus:
        raise EngineError(f"no NVIDIA GPU: {found.reason}; use backend onnxruntime or openvino")
    if not 0 <= index < len(found.gpus):
        raise EngineError(f"no GPU {index}; there are {len(found.gpus)}, counted from 0")
    return found.gpus[index]


def _describe(cuda: Any, index: int) -> Gpu:
    device, major, minor, version = (ctypes.c_int() for _ in range(4))
    memory = ctypes.c_size_t()
    name = ctypes.create_string_buffer(256)
    _check(cuda.cuDeviceGet(ctypes.byref(device), index), "cuDeviceGet")
    _check(cuda.cuDeviceGetName(name, len(name), device), "cuDeviceGetName")
    _check(cuda.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device), "cuDeviceGetAttribute")
    _check(cuda.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device), "cuDeviceGetAttribute")
    _check(cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device), "cuDeviceTotalMem")
    _check(cuda.cuDriverGetVersion(ctypes.byref(version)), "cuDriverGetVersion")
    return Gpu(
        index,
        name.value.decode(),
        f"{major.value}.{minor.value}",
        memory.value >> 20,
        f"{_kernel_driver()}CUDA {version.value // 1000}.{version.value % 1000 // 10}",
    )


def _kernel_driver() -> str:
    version = Path("/sys/module/nvidia/version")
    return f"{version.read_text().strip()}, " if version.is_file() else ""


def _check(code: int, call: str) -> None:
    if code:
        raise EngineError(f"{call} failed with CUDA error {code}; see nvidia-smi and dmesg")


class Device(ABC):
    """What the runner needs of one binding; every method wants :meth:`current` around it."""

    binding: str

    @abstractmethod
    def __init__(self, index: int) -> None:
        """Retain the primary context of GPU ``index``; ImportError without the binding."""

    @abstractmethod
    def push(self) -> None:
        """Make the primary context current in this thread."""

    @abstractmethod
    def pop(self) -> None:
        """Undo :meth:`push`."""

    @abstractmethod
    def device_memory(self, size: int) -> int:
        """Address of ``size`` new bytes on the GPU."""

    @abstractmethod
    def free_device_memory(self, address: int) -> None: ...

    @abstractmethod
    def pinned_memory(self, size: int) -> npt.NDArray[np.uint8]:
        """uint8 [size] of page-locked host memory (copies from it run asynchronously)."""

    @abstractmethod
    def free_pinned_memory(self, array: npt.NDArray[np.uint8]) -> None: ...

    @abstractmethod
    def new_stream(self) -> int:
        """Handle of a new stream that does not wait for the default one."""

    @abstractmethod
    def free_stream(self, stream: int) -> None: ...

    @abstractmethod
    def upload(self, address: int, array: npt.NDArray[np.uint8], stream: int) -> None:
        """Start a copy to the GPU."""

    @abstractmethod
    def download(self, array: npt.NDArray[np.uint8], address: int, stream: int) -> None:
        """Start a copy from the GPU."""

    @abstractmethod
    def synchronize(self, stream: int) -> None:
        """Wait for the stream; EngineError if anything on it failed."""

    @abstractmethod
    def release(self) -> None:
        """Give the primary context back (outside :meth:`current`)."""

    @contextmanager
    def current(self) -> Iterator[None]:
        """The context is this thread's current one inside the block (threads may differ)."""
        self.push()
        try:
            yield
        finally:
            self.pop()


class CudaPython(Device):
    """cuda-python (``cuda.bindings.driver``; ``cuda.cuda`` before 12.6)."""

    binding = "cuda-python"

    def __init__(self, index: int) -> None:
        try:
            from cuda.bindings import driver
        except ImportError:
            from cuda import cuda as driver
        self._driver: Any = driver
        self._call("cuInit", 0)
        self._device = self._call("cuDeviceGet", index)
        self._context = self._call("cuDevicePrimaryCtxRetain", self._device)

    def _call(self, name: str, *arguments: Any) -> Any:
        code, *values = getattr(self._driver, name)(*arguments)
        if int(code):
            raise EngineError(f"{name} failed: {code.name}; see nvidia-smi and dmesg")
        return values[0] if values else None

    def push(self) -> None:
        self._call("cuCtxPushCurrent", self._context)

    def pop(self) -> None:
        self._call("cuCtxPopCurrent")

    def device_memory(self, size: int) -> int:
        return int(self._call("cuMemAlloc", size))

    def free_device_memory(self, address: int) -> None:
        self._call("cuMemFree", address)

    def pinned_memory(self, size: int) -> npt.NDArray[np.uint8]:
        address = int(self._call("cuMemHostAlloc", size, 0))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def free_pinned_memory(self, array: npt.NDArray[np.uint8]) -> None:
        self._call("cuMemFreeHost", array.ctypes.data)

    def new_stream(self) -> int:
        return int(self._call("cuStreamCreate", _STREAM_NON_BLOCKING))

    def free_stream(self, stream: int) -> None:
        self._call("cuStreamDestroy", stream)

    def upload(self, address: int, array: npt.NDArray[np.uint8], stream: int) -> None:
        self._call("cuMemcpyHtoDAsync", address, array.ctypes.data, array.nbytes, stream)

    def download(self, array: npt.NDArray[np.uint8], address: int, stream: int) -> None:
        self._call("cuMemcpyDtoHAsync", array.ctypes.data, address, array.nbytes, stream)

    def synchronize(self, stream: int) -> None:
        self._call("cuStreamSynchronize", stream)

    def release(self) -> None:
        self._call("cuDevicePrimaryCtxRelease", self._device)


class PyCuda(Device):
    """PyCUDA. Its objects free themselves, so each is kept until it is asked to."""

    binding = "pycuda"

    def __init__(self, index: int) -> None:
        import pycuda.driver as driver

        self._driver: Any = driver
        driver.init()
        self._index = index
        self._context = driver.Device(index).retain_primary_context()
        self._thread = threading.get_ident()
        self._kept: dict[int, Any] = {}

    def push(self) -> None:
        self._context.push()

    def pop(self) -> None:
        self._driver.Context.pop()

    def device_memory(self, size: int) -> int:
        return self._keep(self._driver.mem_alloc(size))

    def free_device_memory(self, address: int) -> None:
        self._kept.pop(address).free()

    def pinned_memory(self, size: int) -> npt.NDArray[np.uint8]:
        array: npt.NDArray[np.uint8] = self._driver.pagelocked_empty(size, np.uint8)
        return array

    def free_pinned_memory(self, array: npt.NDArray[np.uint8]) -> None:
        array.base.free()  # type: ignore[union-attr]  # PyCUDA's PagelockedHostAllocation

    def new_stream(self) -> int:
        stream = self._driver.Stream(flags=_STREAM_NON_BLOCKING)
        self._kept[stream.handle] = stream
        return int(stream.handle)

    def free_stream(self, stream: int) -> None:
        del self._kept[stream]

    def upload(self, address: int, array: npt.NDArray[np.uint8], stream: int) -> None:
        self._driver.memcpy_htod_async(address, array, self._kept[stream])

    def download(self, array: npt.NDArray[np.uint8], address: int, stream: int) -> None:
        self._driver.memcpy_dtoh_async(array, address, self._kept[stream])

    def synchronize(self, stream: int) -> None:
        try:
            self._kept[stream].synchronize()
        except self._driver.Error as e:
            raise EngineError(f"the GPU failed: {e}; see nvidia-smi and dmesg") from e

    def release(self) -> None:
        # PyCUDA's detach is written for contexts of its own. For a primary one it leaves what it
        # pushed on the stack, and in another thread than the creator's it releases nothing.
        self._context.detach()
        cuda = ctypes.CDLL("libcuda.so.1")
        if threading.get_ident() == self._thread:
            _check(cuda.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p())), "cuCtxPopCurrent")
        else:
            _check(cuda.cuDevicePrimaryCtxRelease_v2(self._index), "cuDevicePrimaryCtxRelease")

    def _keep(self, allocation: Any) -> int:
        self._kept[int(allocation)] = allocation
        return int(allocation)


BINDINGS: tuple[type[Device], ...] = (PyCuda, CudaPython)
"""In the order they are tried."""


def open_device(index: int = 0, bindings: Sequence[type[Device]] = BINDINGS) -> Device:
    """The GPU through the first binding that is installed."""
    gpu(index)  # a clear error, and no crash, where there is none
    for binding in bindings:
        try:
            return binding(index)
        except ImportError:
            continue
    raise EngineError("neither pycuda nor cuda-python is installed; run: pip install cuda-python")


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
        self._device.free_pinned_memory(pinned)
        self._device.free_device_memory(self.address)


class Graph:
    """A recorded sequence of GPU work that starts with one call (through libcuda, any binding)."""

    def __init__(self, executable: ctypes.c_void_p, cuda: Any) -> None:
        self._executable = executable
        self._cuda = cuda

    @classmethod
    def capture(cls, stream: int, enqueue: Callable[[], None]) -> Graph:
        """Record what ``enqueue`` starts on ``stream``; EngineError where that cannot be."""
        cuda = ctypes.CDLL("libcuda.so.1")
        handle, graph, executable = ctypes.c_void_p(stream), ctypes.c_void_p(), ctypes.c_void_p()
        _check(cuda.cuStreamBeginCapture_v2(handle, _CAPTURE_THREAD_LOCAL), "cuStreamBeginCapture")
        try:
            enqueue()
        finally:  # a stream left capturing would be lost
            ended = cuda.cuStreamEndCapture(handle, ctypes.byref(graph))
        _check(ended, "cuStreamEndCapture")
        try:
            made = cuda.cuGraphInstantiateWithFlags(
                ctypes.byref(executable), graph, ctypes.c_ulonglong(0)
            )
            _check(made, "cuGraphInstantiate")
        finally:
            cuda.cuGraphDestroy(graph)
        return cls(executable, cuda)

    def launch(self, stream: int) -> None:
        """Start it all."""
        code = self._cuda.cuGraphLaunch(self._executable, ctypes.c_void_p(stream))
        _check(code, "cuGraphLaunch")

    def free(self) -> None:
        _check(self._cuda.cuGraphExecDestroy(self._executable), "cuGraphExecDestroy")
