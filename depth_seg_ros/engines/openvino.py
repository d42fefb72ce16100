"""OpenVINO on the CPU: optional; the faster one for int8 files and on CPUs with bfloat16."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from depth_seg_ros.engines.base import (
    CONTRACT,
    GROUND_NAME,
    INPUT_DTYPES,
    INPUT_NAME,
    OUTPUT_DTYPES,
    Engine,
    EngineInfo,
    Tensors,
    map_shape,
)
from depth_seg_ros.engines.camera_input import CameraInput, take_camera_images
from depth_seg_ros.engines.onnx_file import OnnxFile
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
        camera: CameraInput | None = None,
    ) -> None:
        """threads: cores to use; None leaves the choice to the runtime.

        precision: None computes as the file says (float32 stays float32 even where the CPU has
        bfloat16); ``bf16`` only on a CPU that has it.
        batch: images a call. camera: whose images it takes and shrinks; None: the network's input.
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
            model = core.read_model(_with_camera(path, camera) if camera else str(path))
            _check_interface(model, path)
            _, height, width, _ = model.input(INPUT_NAME).get_partial_shape()
            shape = (batch, height.get_length(), width.get_length(), 3)
            shapes = {INPUT_NAME: shape, GROUND_NAME: map_shape(shape, camera)}
            names = _names(model.inputs)
            model.reshape({name: list(shapes[name]) for name in names})
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
            input_shape=shape,
            outputs=tuple(self._outputs),
            details={"threads": int(compiled.get_property("INFERENCE_NUM_THREADS"))},
            takes_ground=GROUND_NAME in names,
            camera=camera,
        )

    def _infer(self, inputs: Tensors) -> Tensors:
        self._request.infer(dict(inputs), share_inputs=True)
        return {name: self._request.get_tensor(name).data for name in self._outputs}

    def close(self) -> None:
        self._request = None


def _with_camera(path: Path, camera: CameraInput) -> bytes:
    model = OnnxFile.read(path)
    take_camera_images(model, camera, 1)
    return model.encode()


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
    """The contract's tensors in and out, the image with a fixed size."""
    ports = [(p.get_any_name(), p.get_element_type().get_type_name()) for p in model.inputs]
    image = next((p for p in model.inputs if p.get_any_name() == INPUT_NAME), None)
    shape = None if image is None else image.get_partial_shape()
    fixed = shape is not None and len(shape) == 4 and all(d.is_static for d in list(shape)[1:])
    known = {INPUT_NAME, GROUND_NAME} if fixed else set()
    ports_fit = all(name in known for name, _ in ports)
    ports += [(p.get_any_name(), p.get_element_type().get_type_name()) for p in model.outputs]
    kinds = {name: _TYPES[kind] for name, kind in {**INPUT_DTYPES, **OUTPUT_DTYPES}.items()}
    if not (fixed and ports_fit and all(kinds.get(name) == kind for name, kind in ports)):
        found = ", ".join(f"{name} {kind}" for name, kind in ports)
        raise EngineError(f"{path} has {found}, image {shape}; expected {CONTRACT}")


_TYPES: dict[Any, str] = {np.float32: "f32", np.uint8: "u8"}


open_engine = OpenVinoEngine
