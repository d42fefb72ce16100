"""Which backend and precision suit this machine, and why: the rules behind ``backend="auto"``.

1. Where the driver finds an NVIDIA GPU: TensorRT, TensorRT for RTX, ONNX Runtime's CUDA provider,
   whichever is installed, in this order; float16 unless told otherwise (a float32 file is
   converted; the engine is refused if its numbers differ from ONNX Runtime's on the CPU).
2. On a CPU the int8 file beside the model (``ds_net.int8.onnx`` for ``ds_net.onnx``), where it was
   made from this very model: its scores were checked then. OpenVINO before ONNX Runtime, and ONNX
   Runtime not where the file was found slower in it when it was made.
3. OpenVINO in bfloat16 where the CPU computes in it (with AMX six times as fast as float32; labels
   agree on 99.7 % of the pixels).
4. The file as it is: ONNX Runtime, else OpenVINO (as fast in float32).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.gpu import Probe, probe
from depth_seg_ros.errors import EngineError
from depth_seg_ros.limits import within
from depth_seg_ros.spec import file_sha256, read_spec

GPU_BACKENDS = {
    "tensorrt": "TensorRT",
    "tensorrt_rtx": "TensorRT for RTX",
    "cuda": "ONNX Runtime's CUDA provider",
}
"""In the order ``auto`` prefers them; each also tells ``why_not()``."""
BACKENDS = (*GPU_BACKENDS, "openvino", "onnxruntime")
"""File name = backend; each offers ``is_available()`` and ``open_engine(path, **options)``."""

QUANTIZED_FROM = "quantized_from_sha256"
"""Key of ``ModelSpec.training``: the float32 file an int8 file was made from."""

INT8_SPEED = "int8_times_as_fast_in_onnxruntime"
"""Key of ``ModelSpec.training``: as its float32 file, where it was made; a number."""


@dataclass(frozen=True)
class Choice:
    """One way to run a model.

    path: of the file that this backend is given. gpu_unused: a GPU is here and stands idle.
    """

    backend: str
    path: Path
    precision: str | None
    reason: str
    gpu_unused: bool = False


def backend_module(name: str) -> Any:
    """The module of a backend (importing it does not import its runtime)."""
    return importlib.import_module(f"depth_seg_ros.engines.{name}")


def is_available(name: str) -> bool:
    """Whether a backend's runtime (and device) is here."""
    return bool(backend_module(name).is_available())


def cpu_has_bf16() -> bool:
    """Whether OpenVINO, which must be installed, finds bfloat16 arithmetic in this CPU."""
    return bool(backend_module("openvino").cpu_has_bf16())


def candidates(
    path: Path,
    precision: str | None = None,
    available: Callable[[str], bool] = is_available,
    has_bf16: Callable[[], bool] = cpu_has_bf16,
    gpus: Callable[[], Probe] = probe,
) -> list[Choice]:
    """Ways to run ``path`` on this machine, best first; empty where nothing is installed."""
    inside = read_spec(path).precision
    int8 = int8_variant(path) if precision in (None, "int8") else None
    wanted = precision or ("fp16" if inside == "fp32" else inside)
    file = int8 if precision == "int8" and int8 else path
    here = gpus()
    found = [
        Choice(backend, file, wanted, f"{title} and {here.gpus[0].name} are here")
        for backend, title in GPU_BACKENDS.items()
        if here.gpus and available(backend)
    ]
    idle = bool(here.gpus) and not found
    note = "" if found else f"; {unused_gpu() if idle else f'no GPU ({here.reason})'}"
    if int8:
        found += [
            Choice(backend, int8, "int8", f"a checked int8 file and {title} are here{note}", idle)
            for backend, title in (("openvino", "OpenVINO"), ("onnxruntime", "ONNX Runtime"))
            if available(backend)
            and (backend == "openvino" or precision == "int8" or not _slower_in_onnxruntime(int8))
        ]
    if precision is None and inside == "fp32" and available("openvino") and has_bf16():
        reason = f"OpenVINO and a CPU with bfloat16 are here{note}"
        found.append(Choice("openvino", path, "bf16", reason, idle))
    found += [
        Choice(backend, path, precision, f"{title} is installed{note}", idle)
        for backend, title in (("onnxruntime", "ONNX Runtime"), ("openvino", "OpenVINO"))
        if available(backend)
    ]
    return found


def _slower_in_onnxruntime(int8: Path) -> bool:
    """Whether it was found so; files of many depthwise convolutions, which stay float32, are."""
    speed = read_spec(int8).training.get(INT8_SPEED)
    return isinstance(speed, float) and within(speed, 1.0)


def unused_gpu() -> str:
    """Why no backend uses the GPU that is here, and what would."""
    reasons = [f"{t}: {backend_module(b).why_not()}" for b, t in GPU_BACKENDS.items()]
    return f"the NVIDIA GPU is not used ({'; '.join(reasons)})"


def named(backend: str, path: Path, precision: str | None) -> Choice:
    """A backend that the user named; the file as it is unless another precision is asked for."""
    file = path
    if precision == "int8" and read_spec(path).precision != "int8":
        found = int8_variant(path)
        if found is None:
            raise EngineError(
                f"no int8 file {int8_path(path).name} made from {path}; make it on the "
                "workstation: python -m training.quantize"
            )
        file = found
    return Choice(backend, file, precision, "named by the user")


def int8_path(path: Path) -> Path:
    """Where the int8 file of a model is looked for."""
    return path.with_name(f"{path.name.removesuffix('.onnx')}.int8.onnx")


def int8_variant(path: Path) -> Path | None:
    """The int8 file beside a float32 model; None where there is none made from this very file."""
    variant = int8_path(path)
    if not variant.is_file():
        return None
    source = read_spec(variant).training.get(QUANTIZED_FROM)
    return variant if source == file_sha256(path) else None
