"""A session of ONNX Runtime as an engine, whatever provider computes in it."""

from __future__ import annotations

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
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.errors import EngineError


def import_runtime() -> Any:
    """The ``onnxruntime`` module; EngineError where it is not installed."""
    try:
        import onnxruntime
    except ImportError as e:
        raise EngineError("ONNX Runtime is not installed; run: pip install onnxruntime") from e
    return onnxruntime


def session_options(threads: int | None = None) -> Any:
    """Options every session here shares. threads: None leaves the choice to the runtime."""
    options = import_runtime().SessionOptions()
    # Spinning threads burn a robot's cores between frames and win nothing here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    if threads:
        options.intra_op_num_threads = threads
    return options


def runtime_errors() -> tuple[type[Exception], ...]:
    """ONNX Runtime's exceptions: unrelated classes, each derived from Exception alone."""
    state = import_runtime().capi.onnxruntime_pybind11_state
    found = [v for v in vars(state).values() if isinstance(v, type) and issubclass(v, Exception)]
    return (RuntimeError, *found)


class OrtEngine(Engine):
    """A session whose tensors are those of the contract."""

    def __init__(
        self, session: Any, path: Path, *, backend: str, device: str, precision: str,
        details: dict[str, Any], camera: CameraInput | None = None,
    ) -> None:  # fmt: skip
        """path: of the model, for messages. camera: whose images its graph takes. EngineError
        where the interface is another one."""
        self.foreign_errors = runtime_errors()
        self._session = session
        # Its Python wrapper keeps the model's bytes for a change of providers that never comes.
        self._session._model_bytes = None
        self._outputs = [o.name for o in session.get_outputs()]
        self.info = EngineInfo(
            backend=backend,
            version=import_runtime().__version__,
            device=device,
            precision=precision,
            input_shape=_input_shape(session, path, camera),
            outputs=tuple(self._outputs),
            details=details,
            takes_ground=any(i.name == GROUND_NAME for i in session.get_inputs()),
            camera=camera,
        )

    def _infer(self, inputs: Tensors) -> Tensors:
        if self._session is None:
            raise EngineError("the engine is closed")
        values = self._session.run(self._outputs, dict(inputs))
        return dict(zip(self._outputs, values, strict=True))

    def close(self) -> None:
        self._session = None


_TYPES: dict[Any, str] = {np.float32: "tensor(float)", np.uint8: "tensor(uint8)"}


def _input_shape(session: Any, path: Path, camera: CameraInput | None) -> tuple[int, int, int, int]:
    """Static shape of the image input, after checking the whole interface."""
    inputs, outputs = ({p.name: p for p in ports()} for ports in (
        session.get_inputs, session.get_outputs
    ))  # fmt: skip
    kinds = {name: _TYPES[kind] for name, kind in {**INPUT_DTYPES, **OUTPUT_DTYPES}.items()}
    typed = all(kinds.get(p.name) == p.type for p in (*inputs.values(), *outputs.values()))
    shape = list(inputs[INPUT_NAME].shape) if INPUT_NAME in inputs else []
    fixed = len(shape) == 4 and all(isinstance(n, int) for n in shape[1:]) and shape[3] == 3
    image = (shape[0] if fixed and isinstance(shape[0], int) else 1, *shape[1:])
    ground = inputs.get(GROUND_NAME)
    same = ground is None or (fixed and tuple(ground.shape) == map_shape(image, camera))
    if not (typed and fixed and same and inputs.keys() <= INPUT_DTYPES.keys()):
        found = ", ".join(
            f"{p.name} {p.type} {p.shape}" for p in (*inputs.values(), *outputs.values())
        )
        raise EngineError(f"{path} has {found}; expected {CONTRACT}")
    return image
