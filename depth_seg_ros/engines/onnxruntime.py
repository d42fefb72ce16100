"""ONNX Runtime on the CPU: the reference every other backend is compared with."""

from __future__ import annotations

from pathlib import Path

from depth_seg_ros.engines.arithmetic import tensor_shapes
from depth_seg_ros.engines.camera_input import CameraInput, take_camera_images
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.ort_session import (
    OrtEngine,
    import_runtime,
    runtime_errors,
    session_options,
)
from depth_seg_ros.engines.precision import fold_constants, set_batch, stores_int8
from depth_seg_ros.engines.winograd import use_winograd
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import read_spec


def is_available() -> bool:
    """Whether the runtime is installed."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError:
        return False
    return True


class OnnxRuntimeEngine(OrtEngine):
    """An ONNX file in ONNX Runtime's CPU provider."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int | None = None,
        rewrite_graph: bool = True,
        batch: int = 1,
        camera: CameraInput | None = None,
    ) -> None:
        """threads: cores to use; None leaves the choice to the runtime.
        rewrite_graph: compute convolutions in fewer multiplications (:mod:`.winograd`); the same
            numbers up to rounding, for a second more and half as much memory again at loading.
        batch: images a call. camera: whose images it takes and shrinks; None: the network's input.
        """
        ort, options = import_runtime(), session_options(threads)
        model, graph = _rewritten(path, rewrite_graph, batch, camera)
        try:
            session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except runtime_errors() as e:
            raise EngineError(f"ONNX Runtime cannot load {path}: {e}") from e
        super().__init__(
            session,
            path,
            backend="onnxruntime",
            device="CPU",
            precision=read_spec(path).precision,
            details={"threads": threads or "all cores", "graph": graph},
            camera=camera,
        )


def _rewritten(
    path: Path, winograd: bool, batch: int, camera: CameraInput | None
) -> tuple[str | bytes, str]:
    """A faster graph of a float32 file, and what was changed; else the path, and why.

    Weights stored in 8 bits are unpacked in any case: the runtime would do it for every frame.
    """
    asked = batch > 1 or camera is not None
    try:
        model = OnnxFile.read(path)
        unpacked = stores_int8(model)
        if not (unpacked or winograd or asked):
            return str(path), "as stored"
        fold_constants(model)
        if batch > 1:
            set_batch(model, batch)
        shapes = tensor_shapes(model, [n.inputs[0] for n in model.nodes if n.op == "Conv"])
    except Exception as e:  # a foreign graph; what ails it, the runtime will say when it loads it
        if asked:
            raise EngineError(f"{path} cannot be changed to another input: {e}") from e
        return str(path), f"as stored ({e})"
    count = use_winograd(model, shapes) if winograd else 0
    changes = ["weights unpacked"] * unpacked
    changes += [f"{count} convolutions by Winograd's filtering"] * (count > 0)
    if camera:
        take_camera_images(model, camera, batch)
        changes.append("camera images shrunk first")
    if not (changes or asked):
        return str(path), "as stored"
    model.drop_unused()
    return model.encode(), ", ".join(changes) or f"for batch {batch}"


open_engine = OnnxRuntimeEngine
