"""OpenVINO on the CPU: optional; the faster one for int8 files and on CPUs with bfloat16."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.base import INPUT_NAME, OUTPUT_DTYPES, Engine, EngineInfo, Tensors
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import read_spec

_HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


def is_available() -> bool:
    """Whether the runtime is installed."""
    try:
        import openvino  # noqa: F401
    except ImportError:
        return False
    return True


def cpu_has_bf16() -> bool:
    """Whether OpenVINO finds bfloat16 arithmetic in this CPU."""
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def _core() -> Any:
    """The one core of the process, which keeps OpenVINO's CPU plugin loaded for good.

    Where the CPU has AVX-512, a plugin gives the thread a signal stack of its own and puts the
    one before back when it goes. With two cores, the first one's memory is freed while the second
    still remembers it: the next signal that Python handles (Ctrl-C, a loader's child) crashes.
    """
    import openvino as ov

    return ov.Core()


class OpenVinoEngine(Engine):
    """An ONNX file in OpenVINO's CPU plugin."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int | None = None,
        precision: str | None = None,
        batch: int = 1,
    ) -> None:
        """threads: cores to use; None leaves the choice to the runtime.

        precision: None computes as the file says (float32 stays float32 even where the CPU has
        bfloat16); ``bf16`` only on a CPU that has it.
        batch: images a call.
        """
        try:
            import openvino as ov
        except ImportError as e:
            raise EngineError("backend openvino is not installed; run: pip install openvino") from e
        inside = read_spec(path).precision
        precision = _checked_precision(path, inside, precision)
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            # Pinned threads fight the robot's other processes for the first cores.
            "ENABLE_CPU_PINNING": False,
        }
        if threads:
            config["INFERENCE_NUM_THREADS"] = threads
        core = _core()
        try:
            model = core.read_model(str(path))
            _check_interface(model, path)
            _, height, width, _ = model.input(INPUT_NAME).get_partial_shape()
            model.reshape({INPUT_NAME: [batch, height.get_length(), width.get_length(), 3]})
            compiled = core.compile_model(model, "CPU", config)
        except RuntimeError as e:
            raise EngineError(f"OpenVINO cannot load {path}: {e}") from e
        self._request: Any = compiled.create_infer_request()
        self._outputs = [name for name in OUTPUT_DTYPES if name in _names(compiled.outputs)]
        self.info = EngineInfo(
            backend="openvino",
            version=ov.__version__.split("-")[0],
            device=str(core.get_property("CPU", "FULL_DEVICE_NAME")).strip(),
            precision=precision,
            input_shape=(batch, height.get_length(), width.get_length(), 3),
            outputs=tuple(self._outputs),
            details={"threads": int(compiled.get_property("INFERENCE_NUM_THREADS"))},
        )

    def _infer(self, image: npt.NDArray[np.uint8]) -> Tensors:
        self._request.infer({INPUT_NAME: image}, share_inputs=True)
        return {name: self._request.get_tensor(name).data for name in self._outputs}

    def close(self) -> None:
        self._request = None


def _checked_precision(path: Path, inside: str, wanted: str | None) -> str:
    """What to compute in; EngineError where file or CPU cannot."""
    if wanted is None or wanted == inside:
        wanted = inside
    elif wanted == "bf16" and inside == "fp32":
        if not cpu_has_bf16():
            raise EngineError("this CPU has no bfloat16 arithmetic; use precision fp32 or int8")
    else:
        raise EngineError(f"{path} is {inside}; OpenVINO cannot run it as {wanted}")
    if wanted not in _HINTS:
        raise EngineError(f"a {wanted} file is meant for TensorRT; give OpenVINO fp32 or int8")
    return wanted


def _names(ports: Any) -> set[str]:
    return {name for port in ports for name in port.get_names()}


def _check_interface(model: Any, path: Path) -> None:
    """uint8 [B, h, w, 3] in, the contract's tensors out."""
    inputs = [(i.get_any_name(), i.get_element_type().get_type_name()) for i in model.inputs]
    shape = model.inputs[0].get_partial_shape() if model.inputs else None
    fixed = shape is not None and len(shape) == 4 and all(d.is_static for d in list(shape)[1:])
    if inputs != [(INPUT_NAME, "u8")] or not fixed:
        found = ", ".join(f"{n} {t}" for n, t in inputs)
        raise EngineError(
            f"{path} must take one input {INPUT_NAME!r} uint8 [B, h, w, 3], found {found} {shape}"
        )
    expected = {"depth": "f32", "labels": "u8", "confidence": "u8"}
    for output in model.outputs:
        name, kind = output.get_any_name(), output.get_element_type().get_type_name()
        if expected.get(name) != kind:
            raise EngineError(
                f"{path} gives {name!r} {kind}; expected depth float32, labels uint8, "
                "confidence uint8"
            )


open_engine = OpenVinoEngine
