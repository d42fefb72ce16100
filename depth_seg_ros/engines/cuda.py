"""ONNX Runtime's CUDA provider: a GPU without any TensorRT (``pip install onnxruntime-gpu``).

A session that cannot load the provider computes on the CPU without a word; here that is an error.
What is kept in the cache is the rewritten file (precision, batch) and how far it was from the CPU.
Not run on a GPU by this project so far.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.ahead_of_time import open_for
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.gpu import gpu, probe
from depth_seg_ros.engines.ort_device import open_on_device
from depth_seg_ros.engines.ort_session import import_runtime, runtime_errors, session_options
from depth_seg_ros.engines.toolchain import BuildOptions, Progress, Target, Toolchain
from depth_seg_ros.errors import EngineError

PROVIDER = "CUDAExecutionProvider"


def is_available() -> bool:
    """Whether the driver finds a GPU and ONNX Runtime was built with the provider."""
    return not why_not()


def why_not() -> str:
    """Why :func:`is_available` is False, in words; "" where it is True."""
    if not (found := probe()).gpus:
        return found.reason
    try:
        return "" if PROVIDER in import_runtime().get_available_providers() else _MISSING
    except EngineError as e:
        return str(e)


_MISSING = "this ONNX Runtime is the CPU's; in its place: pip install onnxruntime-gpu"


class CudaToolchain(Toolchain):
    """Its engine file is the ONNX file as it is to be computed."""

    name = "cuda"

    def identify(self, device: int) -> Target:
        card = gpu(device)
        if reason := why_not():
            raise EngineError(f"backend cuda does not run here: {reason}")
        version = import_runtime().__version__
        return Target(version, card.name, card.compute_capability, card.driver)

    def build(self, onnx: bytes, options: BuildOptions, kept: Path, progress: Progress) -> bytes:
        return onnx

    def load(self, plan: bytes, options: BuildOptions, precision: str, kept: Path) -> Engine:
        if precision == "int8":
            raise EngineError("the CUDA provider has no int8 convolutions; build fp16")
        ort = import_runtime()
        if hasattr(ort, "preload_dlls"):
            ort.preload_dlls()  # CUDA and cuDNN from pip's packages, where those are installed
        card = gpu(options.device)
        return open_on_device(
            partial(_session, plan, options),
            options.device,
            path=Path("the rewritten graph"),
            backend=self.name,
            device=card.name,
            precision=precision,
            camera=options.camera,
            details={"driver": card.driver},
        )


def _session(plan: bytes, options: BuildOptions, stream: int | None, graph: bool) -> Any:
    """A session on the GPU; EngineError where ONNX Runtime took the CPU, or gave a reason."""
    ort = import_runtime()
    settings = {"device_id": str(options.device), "use_tf32": str(int(options.tf32))}
    if options.workspace_mib is not None:
        settings["gpu_mem_limit"] = str(options.workspace_mib << 20)
    if stream is not None:
        settings["user_compute_stream"] = str(stream)
    if graph:
        settings["enable_cuda_graph"] = "1"
    try:
        session = ort.InferenceSession(plan, session_options(), providers=[(PROVIDER, settings)])
    except runtime_errors() as e:
        raise EngineError(f"the CUDA provider cannot load the graph: {e}") from e
    if session.get_providers()[0] != PROVIDER:
        raise EngineError(
            f"ONNX Runtime {ort.__version__} could not load its CUDA provider and fell back to "
            "the CPU (its own message names the library); CUDA and cuDNN of the version it "
            "was built for are needed: pip install 'onnxruntime-gpu[cuda,cudnn]'"
        )
    return session


open_engine = partial(open_for, CudaToolchain)
