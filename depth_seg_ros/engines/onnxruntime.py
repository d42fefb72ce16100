"""ONNX Runtime on the CPU: the reference every other backend is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.arithmetic import tensor_shapes
from depth_seg_ros.engines.base import INPUT_NAME, OUTPUT_DTYPES, Engine, EngineInfo, Tensors
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.precision import fold_constants
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


class OnnxRuntimeEngine(Engine):
    """An ONNX file in ONNX Runtime's CPU provider."""

    def __init__(
        self, path: Path, *, threads: int | None = None, rewrite_graph: bool = True
    ) -> None:
        """threads: cores to use; None leaves the choice to the runtime.
        rewrite_graph: compute convolutions in fewer multiplications (:mod:`.winograd`); the same
            numbers up to rounding, for a second more and half as much memory again at loading."""
        try:
            import onnxruntime as ort
        except ImportError as e:
            raise EngineError(
                "backend onnxruntime is not installed; run: pip install onnxruntime"
            ) from e
        options = ort.SessionOptions()
        # Spinning threads burn a robot's cores between frames and win nothing here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        if threads:
            options.intra_op_num_threads = threads
        model, graph = _rewritten(path) if rewrite_graph else (str(path), "as stored")
        try:
            self._session: Any = ort.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as e:  # onnxruntime raises its own unrelated classes
            raise EngineError(f"ONNX Runtime cannot load {path}: {e}") from e
        # Its Python wrapper keeps the model's bytes for a change of providers that never comes.
        self._session._model_bytes = None
        self._outputs = [o.name for o in self._session.get_outputs()]
        self.info = EngineInfo(
            backend="onnxruntime",
            version=ort.__version__,
            device="CPU",
            precision=read_spec(path).precision,
            input_shape=_input_shape(self._session, path),
            outputs=tuple(self._outputs),
            details={"threads": threads or "all cores", "graph": graph},
        )

    def _infer(self, image: npt.NDArray[np.uint8]) -> Tensors:
        values = self._session.run(self._outputs, {INPUT_NAME: image})
        return dict(zip(self._outputs, values, strict=True))

    def close(self) -> None:
        self._session = None


def _rewritten(path: Path) -> tuple[str | bytes, str]:
    """A faster graph of a float32 file, and what was changed; else the path, and why."""
    try:
        model = OnnxFile.read(path)
        fold_constants(model)
        shapes = tensor_shapes(model, [n.inputs[0] for n in model.nodes if n.op == "Conv"])
    except Exception as e:  # a foreign graph; what ails it, the runtime will say when it loads it
        return str(path), f"as stored ({e})"
    count = use_winograd(model, shapes)
    if not count:
        return str(path), "as stored"
    model.drop_unused()
    return model.encode(), f"{count} convolutions by Winograd's filtering"


def _input_shape(session: Any, path: Path) -> tuple[int, int, int, int]:
    """Static shape of the image input, after checking the whole interface."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].name != INPUT_NAME or inputs[0].type != "tensor(uint8)":
        found = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs)
        raise EngineError(
            f"{path} must take one input {INPUT_NAME!r} uint8 [B, h, w, 3], found {found}"
        )
    shape = inputs[0].shape
    if len(shape) != 4 or not all(isinstance(n, int) for n in shape[1:]) or shape[3] != 3:
        raise EngineError(f"{path} takes {shape}; expected a fixed [B, h, w, 3]")
    for output in session.get_outputs():
        kind = OUTPUT_DTYPES.get(output.name)
        expected = {np.float32: "tensor(float)", np.uint8: "tensor(uint8)"}.get(kind)  # type: ignore[arg-type]
        if kind is None or output.type != expected:
            raise EngineError(
                f"{path} gives {output.name!r} {output.type}; expected depth float32, "
                "labels uint8, confidence uint8"
            )
    batch = shape[0] if isinstance(shape[0], int) else 1
    return batch, shape[1], shape[2], shape[3]


open_engine = OnnxRuntimeEngine
