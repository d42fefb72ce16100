"""TensorRT on an NVIDIA GPU: the backend, and the toolchain that makes its engines.

``build`` makes engine files, ``runner`` runs them, ``cuda`` is what the runner needs of the driver,
``layers`` reads what an engine computes in. Not run on a GPU by this project so far: the names are
checked against the real bindings of several versions, and the flow runs in the tests over a
stand-in for driver and library.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.ahead_of_time import open_for
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.device import Device
from depth_seg_ros.engines.gpu import gpu, probe
from depth_seg_ros.engines.tensorrt.build import build_plan
from depth_seg_ros.engines.tensorrt.runner import TensorRtEngine
from depth_seg_ros.engines.toolchain import BuildOptions, Progress, Target, Toolchain
from depth_seg_ros.errors import EngineError


def is_available() -> bool:
    """Whether TensorRT is installed and the driver finds a GPU."""
    return not why_not()


def why_not() -> str:
    """Why :func:`is_available` is False, in words; "" where it is True."""
    if not (found := probe()).gpus:
        return found.reason
    return "" if _find_tensorrt() else "tensorrt is not installed"


class TensorRtToolchain(Toolchain):
    """Builds for, and runs on, the GPU of this machine."""

    name = "tensorrt"

    def __init__(self) -> None:
        self._trt = _import_tensorrt()

    def identify(self, device: int) -> Target:
        card = gpu(device)
        return Target(self._trt.__version__, card.name, card.compute_capability, card.driver)

    def build(self, onnx: bytes, options: BuildOptions, kept: Path, progress: Progress) -> bytes:
        if not hasattr(self._trt, "Builder"):
            raise EngineError(
                f"{self._trt.__name__} only runs engines; install tensorrt itself to build them"
            )
        device = Device(options.device)
        try:
            with device.current():
                return build_plan(self._trt, onnx, options, kept / "timing.cache", progress)
        finally:
            device.release()

    def load(self, plan: bytes, options: BuildOptions, precision: str, kept: Path) -> Engine:
        return TensorRtEngine(self._trt, plan, options, precision)


open_engine = partial(open_for, TensorRtToolchain)


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
            "(python3-libnvinfer), elsewhere: pip install tensorrt"
        )
    return found
