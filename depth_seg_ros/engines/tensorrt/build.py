"""ONNX bytes to a TensorRT engine file: one path for TensorRT 10 and 11 (8.6 by its old flags).

The network is strongly typed: TensorRT computes in the types of the file, no more and no less.
Only names that exist in all these versions are used, the others behind ``hasattr``.
Not run on a GPU by this project so far; every name is checked against the real bindings
(``test/engines/test_tensorrt_names.py``).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.toolchain import BuildOptions, Progress
from depth_seg_ros.errors import EngineError, OutputError
from depth_seg_ros.system.atomic import write_bytes

_log = logging.getLogger(__name__)


def build_plan(
    trt: Any,
    onnx: bytes,
    options: BuildOptions,
    timing_cache: Path,
    progress: Progress,
) -> bytes:
    """Build for the current GPU; EngineError with what TensorRT said.

    trt: the ``tensorrt`` module. timing_cache: file of kernel timings, read and written.
    """
    logger = make_logger(trt)
    builder = start(trt, trt.Builder, logger)
    network = builder.create_network(_network_flags(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(onnx):
        problems = "; ".join(str(parser.get_error(i).desc()) for i in range(parser.num_errors))
        raise EngineError(f"TensorRT {trt.__version__} cannot read the graph: {problems}")
    config = builder.create_builder_config()
    _configure(trt, config, network, options)
    timings = _attach_timing_cache(config, timing_cache)
    if hasattr(trt, "IProgressMonitor"):
        config.progress_monitor = _make_monitor(trt, progress)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineError(
            f"TensorRT {trt.__version__} did not build the engine: {logger.last_error}; "
            "a larger workspace or another precision may help"
        )
    _write_timing_cache(timings, timing_cache)
    return bytes(plan)


def make_logger(trt: Any) -> Any:
    """TensorRT's messages in Python's log; the last error is kept for our own message."""

    class Logger(trt.ILogger):  # type: ignore[misc]  # TensorRT has no stubs
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.last_error = "it gave no reason"

        def log(self, severity: Any, message: str) -> None:
            levels = trt.ILogger.Severity
            if severity in (levels.INTERNAL_ERROR, levels.ERROR):
                self.last_error = message
                _log.error("TensorRT: %s", message)
            elif severity == levels.WARNING:
                _log.warning("TensorRT: %s", message)
            else:
                _log.debug("TensorRT: %s", message)

    return Logger()


def start(trt: Any, kind: Any, logger: Any) -> Any:
    """A Builder or a Runtime; EngineError where TensorRT does not start, as on too old a driver."""
    try:
        return kind(logger)
    except TypeError as e:  # how its binding says that the library gave nothing back
        raise EngineError(
            f"TensorRT {trt.__version__} does not start: {logger.last_error}; it may need a newer "
            "NVIDIA driver (its release notes name the oldest)"
        ) from e


def _network_flags(trt: Any) -> int:
    """Strongly typed where it exists (10 on); explicit batch where it must be said (before 10)."""
    flags = trt.NetworkDefinitionCreationFlag
    if hasattr(flags, "STRONGLY_TYPED"):
        return 1 << int(flags.STRONGLY_TYPED)
    return 1 << int(flags.EXPLICIT_BATCH)


def _configure(trt: Any, config: Any, network: Any, options: BuildOptions) -> None:
    flags = trt.BuilderFlag
    # Layer types are read back from the engine: see tensorrt.layers.
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if options.workspace_mib is not None:
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, options.workspace_mib << 20)
    if options.tf32:
        config.set_flag(flags.TF32)
    else:
        config.clear_flag(flags.TF32)  # on by default
    if options.optimization_level is not None:
        config.builder_optimization_level = options.optimization_level
    if options.version_compatible:
        config.set_flag(flags.VERSION_COMPATIBLE)
    if options.hardware_compatible:
        config.hardware_compatibility_level = trt.HardwareCompatibilityLevel.AMPERE_PLUS
    if options.dla_core is not None:
        config.default_device_type = trt.DeviceType.DLA
        config.DLA_core = options.dla_core
        config.set_flag(flags.GPU_FALLBACK)
    if not hasattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED"):
        _allow_types_of(trt, config, network)


def _allow_types_of(trt: Any, config: Any, network: Any) -> None:
    """Before TensorRT 10, types in the graph need the flag that allows them."""
    kinds = {network.get_layer(i).type for i in range(network.num_layers)}
    outputs = {
        network.get_layer(i).get_output(0).dtype
        for i in range(network.num_layers)
        if network.get_layer(i).num_outputs
    }
    if trt.LayerType.QUANTIZE in kinds:
        config.set_flag(trt.BuilderFlag.INT8)
    if trt.DataType.HALF in outputs:
        config.set_flag(trt.BuilderFlag.FP16)


def _attach_timing_cache(config: Any, path: Path) -> Any:
    """The cache in use, filled from the file where that is usable."""
    stored = path.read_bytes() if path.is_file() else b""
    timings = config.create_timing_cache(stored)
    if not config.set_timing_cache(timings, False):  # made on another machine: start afresh
        _log.warning("timing cache %s does not fit this machine; starting a new one", path)
        timings = config.create_timing_cache(b"")
        config.set_timing_cache(timings, False)
    return timings


def _write_timing_cache(timings: Any, path: Path) -> None:
    try:
        write_bytes(path, bytes(timings.serialize()))
    except OutputError as e:  # it costs the next build some time, not this one its engine
        _log.warning("kernel timings are not kept: %s", e)


def _make_monitor(trt: Any, progress: Progress) -> Any:
    """Reports each tenth of the outermost phase."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._steps: dict[str, int] = {}

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            if not parent_phase:
                self._steps[phase_name] = num_steps
                progress(f"TensorRT: {phase_name}")

        def step_complete(self, phase_name: str, step: int) -> bool:
            steps = self._steps.get(phase_name, 0)
            done = step + 1
            if steps and done * 10 // steps > step * 10 // steps:
                progress(f"TensorRT: {phase_name} {100 * done // steps} %")
            return True

        def phase_finish(self, phase_name: str) -> None:
            self._steps.pop(phase_name, None)

    return Monitor()
