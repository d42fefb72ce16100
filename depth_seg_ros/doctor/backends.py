"""Inference backends, what ``auto`` would take for each model, and what is one install away."""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path

from depth_seg_ros.doctor.findings import BROKEN, HINT, Finding
from depth_seg_ros.doctor.machine import cpu_features
from depth_seg_ros.doctor.software import import_problem, version
from depth_seg_ros.engines import tensorrt_rtx
from depth_seg_ros.engines.choose import (
    BACKENDS,
    GPU_BACKENDS,
    backend_module,
    candidates,
    is_available,
)
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.engines.ort_session import import_runtime
from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.models import resolve_model, shipped_models
from depth_seg_ros.spec import file_sha256

RUNTIMES = {"tensorrt": "tensorrt", "openvino": "openvino", "onnxruntime": "onnxruntime"}
"""Module of each runtime; RTX and CUDA are ONNX Runtime's."""
SECTION = "engines"


def findings() -> list[Finding]:
    """Runtimes, backends, models, hints."""
    broken = [f for f in map(_broken, RUNTIMES) if f]
    return [*broken, *map(_backend, BACKENDS), *_models(), *_hints()]


def _broken(runtime: str) -> Finding | None:
    """A runtime that is installed and does not import."""
    if importlib.util.find_spec(RUNTIMES[runtime]) is None:
        return None
    if problem := import_problem(RUNTIMES[runtime]):
        cure = f"pip install --force-reinstall {runtime}"
        return Finding(SECTION, runtime, f"installed, but does not import: {problem}", BROKEN, cure)
    return None


def _backend(name: str) -> Finding:
    if not is_available(name):
        module = backend_module(name)
        why = module.why_not() if name in GPU_BACKENDS else f"not installed: pip install {name}"
        return Finding(SECTION, f"backend {name}", f"no ({why})")
    if name == "tensorrt_rtx":
        return _rtx()
    if name == "onnxruntime":
        runtime = import_runtime()
        providers = ", ".join(runtime.get_available_providers())
        return Finding(SECTION, f"backend {name}", f"{runtime.__version__} with {providers}")
    return Finding(SECTION, f"backend {name}", version(RUNTIMES.get(name, "onnxruntime-gpu")))


def _rtx() -> Finding:
    """Registering the plugin is the only way to know whether it loads and takes the GPU."""
    name = "backend tensorrt_rtx"
    try:
        count = len(tensorrt_rtx.devices())
    except DepthSegError as e:
        return Finding(SECTION, name, str(e), BROKEN, tensorrt_rtx.INSTALL)
    if count:
        return Finding(
            SECTION, name, f"{version('onnxruntime-ep-nv-tensorrt-rtx')}, {count} devices"
        )
    told = "the plugin loads and takes none of the GPUs here"
    cure = "it is for GeForce RTX 30 and later; on others use tensorrt or onnxruntime-gpu"
    return Finding(SECTION, name, told, HINT, cure)


def _models() -> list[Finding]:
    names = shipped_models()
    if not names:
        cure = "install the package again, with its weights"
        return [Finding("models", "shipped", "none", BROKEN, cure, blocks=True)]
    found = [_model(name) for name in names if not name.endswith(".int8")]
    usable = any(f.verdict != BROKEN for f in found)
    return found if usable else [_blocking(f) for f in found]


def _model(name: str) -> Finding:
    path = resolve_model(name)
    try:
        choices = candidates(path)
        digest = file_sha256(path)[:12]
    except (DepthSegError, OSError) as e:
        return Finding("models", name, str(e), BROKEN, "install the package again")
    if not choices:
        return Finding("models", name, "no backend can run it", BROKEN, "pip install onnxruntime")
    first = choices[0]
    taken = " ".join(filter(None, (first.backend, first.precision)))
    return Finding("models", name, f"sha256 {digest}…; auto takes {taken}: {first.reason}")


def _blocking(finding: Finding) -> Finding:
    return Finding(finding.section, finding.name, finding.value, BROKEN, finding.cure, blocks=True)


def _hints() -> list[Finding]:
    """One ``pip install`` away from faster."""
    hints = []
    if probe().gpus and not any(is_available(b) for b in GPU_BACKENDS):
        ways = f"{tensorrt_rtx.INSTALL}  (GeForce RTX 30 and later), or pip install tensorrt"
        hints.append(Finding(SECTION, "faster", "an NVIDIA GPU is here and unused", HINT, ways))
    features = cpu_features(Path("/proc/cpuinfo"))
    fast = [f for f in features if "bf16" in f or "VNNI" in f or "int8" in f]
    if fast and not is_available("openvino") and platform.machine() in ("x86_64", "AMD64"):
        told = f"this processor has {', '.join(fast)}, which OpenVINO uses"
        hints.append(Finding(SECTION, "faster", told, HINT, "pip install openvino"))
    return hints
