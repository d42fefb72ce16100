"""TensorRT for RTX through ONNX Runtime's plugin: a fast GPU without a TensorRT install.

``pip install "onnxruntime>=1.24" onnxruntime-ep-nv-tensorrt-rtx`` brings NVIDIA's parser, builder
and runtime (GeForce RTX 30 and later; ``…-rtx-cu12`` for drivers of CUDA 12). An engine file is the
model compiled by ONNX Runtime (an EP context); the kernels that the GPU compiles at its first run
are kept beside it. Not run on a GPU by this project so far.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
from functools import cache, partial
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.ahead_of_time import open_for
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.gpu import gpu, probe
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.ort_device import open_on_device
from depth_seg_ros.engines.ort_session import import_runtime, runtime_errors, session_options
from depth_seg_ros.engines.toolchain import BuildOptions, Progress, Target, Toolchain
from depth_seg_ros.errors import EngineError

PACKAGE = "onnxruntime_ep_nv_tensorrt_rtx"
INSTALL = 'pip install "onnxruntime>=1.24" onnxruntime-ep-nv-tensorrt-rtx'
_log = logging.getLogger(__name__)

COMPILED = "EPContext"
"""The operator that stands for what the plugin compiled."""


def is_available() -> bool:
    """Whether the driver finds a GPU and the plugin is installed; registering it may still fail."""
    return not why_not()


def why_not() -> str:
    """Why :func:`is_available` is False, in words; "" where it is True."""
    if not (found := probe()).gpus:
        return found.reason
    if importlib.util.find_spec(PACKAGE) is None:
        return f"the plugin is not installed: {INSTALL}"
    try:
        ort = import_runtime()
    except EngineError as e:
        return str(e)
    if tuple(int(n) for n in ort.__version__.split(".")[:2]) < (1, 24):
        return f"ONNX Runtime {ort.__version__} is too old: {INSTALL}"
    driver = found.gpus[0].cuda
    if driver < (13, 0) and _installed("onnxruntime-ep-nv-tensorrt-rtx-cu13"):
        return (
            f"the driver offers CUDA {driver[0]}.{driver[1]}, the plugin is the one for 13: in its "
            "place, pip install onnxruntime-ep-nv-tensorrt-rtx-cu12"
        )
    return ""


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


@cache
def devices() -> tuple[Any, ...]:
    """Register the plugin, once in a process; its devices. EngineError where it does not load."""
    ort, plugin = import_runtime(), importlib.import_module(PACKAGE)
    name = plugin.get_ep_name()
    try:
        ort.register_execution_provider_library(name, plugin.get_library_path())
    except runtime_errors() as e:
        raise EngineError(
            f"the plugin of TensorRT for RTX does not load: {e}; it needs an NVIDIA driver of its "
            "CUDA version (…-rtx-cu13 is the default, …-rtx-cu12 for older drivers)"
        ) from e
    return tuple(d for d in ort.get_ep_devices() if d.ep_name == name)


class RtxToolchain(Toolchain):
    """Compiles with, and runs in, ONNX Runtime's plugin on the GPU of this machine."""

    name = "tensorrt_rtx"

    def identify(self, device: int) -> Target:
        card = gpu(device)
        if reason := why_not():
            raise EngineError(f"backend tensorrt_rtx does not run here: {reason}")
        plugin = importlib.import_module(PACKAGE)
        version = f"{plugin.__version__} in onnxruntime {import_runtime().__version__}"
        return Target(version, card.name, card.compute_capability, card.driver)

    def build(self, onnx: bytes, options: BuildOptions, kept: Path, progress: Progress) -> bytes:
        ort = import_runtime()
        try:
            compiler = ort.ModelCompiler(
                _session_options(options, kept), onnx, embed_compiled_data_into_model=True
            )
            plan = bytes(compiler.compile_to_bytes())
        except runtime_errors() as e:
            raise EngineError(f"TensorRT for RTX did not build the engine: {e}") from e
        compiled, left = compiled_parts(plan)
        if not compiled:
            raise EngineError("TensorRT for RTX took no part of the graph; use another backend")
        if left:
            progress(f"TensorRT for RTX leaves {left} operators to the CPU")
        return plan

    def load(self, plan: bytes, options: BuildOptions, precision: str, kept: Path) -> Engine:
        compiled, left = compiled_parts(plan)
        card = gpu(options.device)

        def make_session(stream: int | None, graph: bool) -> Any:
            made = _session_options(options, kept, stream, graph)
            try:
                return import_runtime().InferenceSession(plan, made)
            except runtime_errors() as e:
                raise EngineError(f"TensorRT for RTX cannot load this engine: {e}") from e

        return open_on_device(
            make_session,
            options.device,
            path=Path("the compiled graph"),
            backend=self.name,
            device=card.name,
            precision=precision,
            camera=options.camera,
            details={"driver": card.driver, "compiled_parts": compiled, "operators_on_cpu": left},
        )


def compiled_parts(plan: bytes) -> tuple[int, int]:
    """Compiled parts of a model, and the operators left outside them."""
    operators = [node.op for node in OnnxFile(plan).nodes]
    compiled = operators.count(COMPILED)
    return compiled, len(operators) - compiled


def _session_options(
    options: BuildOptions, kept: Path, stream: int | None = None, graph: bool = False
) -> Any:
    found = devices()
    if options.device >= len(found):
        raise EngineError(
            f"TensorRT for RTX offers {len(found)} devices, not number {options.device}; it takes "
            "GeForce RTX 30 and later, use backend cuda on others"
        )
    settings = {"enable_cuda_graph": str(int(graph))}
    try:
        kept.mkdir(parents=True, exist_ok=True)
        settings["nv_runtime_cache_path"] = str(kept)
    except OSError as e:  # it costs the next start some time, not this one its engine
        _log.warning("compiled kernels are not kept: %s", e)
    if stream is not None:
        settings |= {"has_user_compute_stream": "1", "user_compute_stream": str(stream)}
    if options.workspace_mib is not None:
        settings["nv_max_workspace_size"] = str(options.workspace_mib << 20)
    made = session_options()
    made.add_provider_for_devices([found[options.device]], settings)
    return made


open_engine = partial(open_for, RtxToolchain)
