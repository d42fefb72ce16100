"""Which NVIDIA GPUs are here, asked of the driver's own library through ctypes.

It must come before any runtime is touched: TensorRT's ``Runtime`` crashes the process where there
is no driver. Asking makes no context and needs no Python package.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import EngineError

_LIBRARY = "libcuda.so.1"
_MAJOR, _MINOR = 75, 76  # CUdevice_attribute: compute capability

_pointer, _handle, _address = ctypes.POINTER, ctypes.c_void_p, ctypes.c_uint64
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "cuInit": (ctypes.c_uint,),
    "cuDriverGetVersion": (_pointer(ctypes.c_int),),
    "cuGetErrorName": (ctypes.c_int, _pointer(ctypes.c_char_p)),
    "cuDeviceGet": (_pointer(ctypes.c_int), ctypes.c_int),
    "cuDeviceGetCount": (_pointer(ctypes.c_int),),
    "cuDeviceGetName": (ctypes.c_char_p, ctypes.c_int, ctypes.c_int),
    "cuDeviceGetAttribute": (_pointer(ctypes.c_int), ctypes.c_int, ctypes.c_int),
    "cuDeviceTotalMem_v2": (_pointer(ctypes.c_size_t), ctypes.c_int),
    "cuDevicePrimaryCtxRetain": (_pointer(_handle), ctypes.c_int),
    "cuDevicePrimaryCtxRelease_v2": (ctypes.c_int,),
    "cuCtxPushCurrent_v2": (_handle,),
    "cuCtxPopCurrent_v2": (_pointer(_handle),),
    "cuMemGetInfo_v2": (_pointer(ctypes.c_size_t), _pointer(ctypes.c_size_t)),
    "cuMemAlloc_v2": (_pointer(_address), ctypes.c_size_t),
    "cuMemFree_v2": (_address,),
    "cuMemHostAlloc": (_pointer(_handle), ctypes.c_size_t, ctypes.c_uint),
    "cuMemFreeHost": (_handle,),
    "cuStreamCreate": (_pointer(_handle), ctypes.c_uint),
    "cuStreamDestroy_v2": (_handle,),
    "cuStreamSynchronize": (_handle,),
    "cuMemcpyHtoDAsync_v2": (_address, _handle, ctypes.c_size_t, _handle),
    "cuMemcpyDtoHAsync_v2": (_handle, _address, ctypes.c_size_t, _handle),
    "cuStreamBeginCapture_v2": (_handle, ctypes.c_int),
    "cuStreamEndCapture": (_handle, _pointer(_handle)),
    "cuGraphInstantiateWithFlags": (_pointer(_handle), _handle, ctypes.c_ulonglong),
    "cuGraphLaunch": (_handle, _handle),
    "cuGraphExecDestroy": (_handle,),
    "cuGraphDestroy": (_handle,),
}
"""Every call of the driver that this package makes; all are in the drivers of CUDA 11.4 and later,
under these names for good (``cuda.h`` renames them by macros)."""


class Driver:
    """``libcuda``: each call checked, with the name of what went wrong."""

    def __init__(self) -> None:
        """OSError where there is no driver."""
        self._library = ctypes.CDLL(_LIBRARY)
        for name, arguments in _PROTOTYPES.items():
            getattr(self._library, name).argtypes = arguments

    def code(self, name: str, *arguments: Any) -> int:
        """Make a call; its CUresult, 0 for success."""
        return int(getattr(self._library, name)(*arguments))

    def call(self, name: str, *arguments: Any) -> None:
        """Make a call; EngineError where it fails."""
        if code := self.code(name, *arguments):
            call = name.removesuffix("_v2")
            raise EngineError(f"{call} failed: {self.error_name(code)}; see nvidia-smi and dmesg")

    def error_name(self, code: int) -> str:
        """``CUDA_ERROR_…`` for a CUresult."""
        text = ctypes.c_char_p()
        unknown = self.code("cuGetErrorName", code, ctypes.byref(text))
        return f"CUDA error {code}" if unknown or not text.value else text.value.decode()


@dataclass(frozen=True)
class Gpu:
    """One device as the driver describes it. driver: kernel driver and CUDA version it offers.

    cuda: that version as (major, minor).
    """

    index: int
    name: str
    compute_capability: str
    memory_mib: int
    driver: str
    cuda: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Probe:
    """GPUs found; where there is none, ``reason`` says why."""

    gpus: tuple[Gpu, ...]
    reason: str = ""


def probe() -> Probe:
    """Look for GPUs without creating a context; never raises for a machine without one."""
    try:
        driver = Driver()
    except OSError:
        return Probe((), f"no NVIDIA driver ({_LIBRARY} is not there)")
    except AttributeError as e:
        return Probe((), f"the NVIDIA driver is older than CUDA 11.4 ({e}); install a newer one")
    if code := driver.code("cuInit", 0):
        name = driver.error_name(code)
        return Probe((), f"the NVIDIA driver finds no usable GPU (cuInit gave {name}){_hidden()}")
    count = ctypes.c_int()
    if code := driver.code("cuDeviceGetCount", ctypes.byref(count)):
        return Probe((), f"the NVIDIA driver does not count its GPUs ({driver.error_name(code)})")
    if count.value == 0:
        return Probe((), f"the NVIDIA driver counts no GPU{_hidden()}")
    return Probe(tuple(_describe(driver, i) for i in range(count.value)))


def _hidden() -> str:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return "" if visible is None else f"; CUDA_VISIBLE_DEVICES is {visible!r}, which may hide them"


def gpu(index: int = 0) -> Gpu:
    """One GPU; EngineError with the reason where it is not there."""
    found = probe()
    if not found.gpus:
        raise EngineError(f"no NVIDIA GPU: {found.reason}; use backend onnxruntime or openvino")
    if not 0 <= index < len(found.gpus):
        raise EngineError(f"no GPU {index}; there are {len(found.gpus)}, counted from 0")
    return found.gpus[index]


def _describe(driver: Driver, index: int) -> Gpu:
    device, major, minor, version = (ctypes.c_int() for _ in range(4))
    memory = ctypes.c_size_t()
    name = ctypes.create_string_buffer(256)
    driver.call("cuDeviceGet", ctypes.byref(device), index)
    driver.call("cuDeviceGetName", name, len(name), device)
    driver.call("cuDeviceGetAttribute", ctypes.byref(major), _MAJOR, device)
    driver.call("cuDeviceGetAttribute", ctypes.byref(minor), _MINOR, device)
    driver.call("cuDeviceTotalMem_v2", ctypes.byref(memory), device)
    driver.call("cuDriverGetVersion", ctypes.byref(version))
    cuda = (version.value // 1000, version.value % 1000 // 10)
    return Gpu(
        index,
        name.value.decode(),
        f"{major.value}.{minor.value}",
        memory.value >> 20,
        f"{_kernel_driver()}CUDA {cuda[0]}.{cuda[1]}",
        cuda,
    )


def _kernel_driver() -> str:
    version = Path("/sys/module/nvidia/version")
    return f"{version.read_text().strip()}, " if version.is_file() else ""
