"""The only way from a Frame to a Prediction.

Node, live participant, bag evaluation, command line and parity check all pass through here; a
network, its preprocessing and its undoing are handed out together so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from depth_seg_ros.engines import Engine, EngineInfo, open_engine
from depth_seg_ros.errors import EngineError
from depth_seg_ros.models import resolve_model
from depth_seg_ros.postprocess import Correction, finish
from depth_seg_ros.preprocess import Geometry, plan_geometry, prepare, prepare_ground
from depth_seg_ros.spec import ModelSpec, read_spec
from depth_seg_ros.types import Frame, Intrinsics, Prediction, Rig


@dataclass(frozen=True)
class StageTimes:
    """Wall time of one frame's stages [ms]."""

    preprocess_ms: float
    inference_ms: float
    postprocess_ms: float

    @property
    def total_ms(self) -> float:
        return self.preprocess_ms + self.inference_ms + self.postprocess_ms


class Predictor:
    """A network ready for frames of any camera. Not thread-safe; use as a context manager."""

    def __init__(self, engine: Engine, spec: ModelSpec, fit: str | None = None) -> None:
        self.spec = spec
        self._engine = engine
        self._fit = fit
        self.correction: Correction | None = None
        """Corrects every depth from the next frame on."""
        self.rig: Rig | None = None
        """Of every frame, whatever the frame says; None leaves it to the frames."""
        self._geometry: Geometry | None = None
        self._geometry_of: tuple[int, int, Intrinsics | None] | None = None
        _check_agreement(engine.info, spec)

    @classmethod
    def open(
        cls,
        model: str | Path,
        backend: str = "auto",
        *,
        fit: str | None = None,
        **engine_options: Any,
    ) -> Predictor:
        """Load ``model`` (a shipped name such as ``ds_net``, or an ONNX file with a spec).

        Raises SpecError or EngineError with one clear line.
        """
        path = resolve_model(model)
        spec = read_spec(path)
        return cls(open_engine(path, backend, **engine_options), spec, fit)

    @property
    def info(self) -> EngineInfo:
        return self._engine.info

    def geometry(self, frame: Frame) -> Geometry:
        """How this frame's camera sits in the network's input (cached while the camera stays)."""
        height, width = frame.image.shape[:2]
        key = (width, height, frame.intrinsics)
        if self._geometry is None or key != self._geometry_of:
            self._geometry = plan_geometry(self.spec, width, height, frame.intrinsics, self._fit)
            self._geometry_of = key
        return self._geometry

    def predict(self, frame: Frame) -> Prediction:
        """Depth in metres (and labels) for every pixel the network sees."""
        return self.predict_timed(frame)[0]

    def predict_timed(
        self, frame: Frame, shown: Frame | None = None
    ) -> tuple[Prediction, StageTimes]:
        """:meth:`predict`, and how long each stage took.

        shown: the same picture at another size, which the prediction is to have.
        """
        start = perf_counter()
        if self.rig is not None:
            frame = replace(frame, rig=self.rig)
        geometry = self.geometry(frame)
        batch = prepare(frame.image, geometry, self.spec)
        ground = None
        if self.spec.rig_input:
            ground = prepare_ground(frame.rig, geometry, self.spec, frame.intrinsics)
        prepared = perf_counter()
        tensors = self._engine.infer(batch, ground)
        inferred = perf_counter()
        if shown is not None and shown is not frame:
            geometry = geometry.at_size(shown.image.shape[1], shown.image.shape[0])
        prediction = finish(tensors, geometry, shown or frame, self.correction)
        finished = perf_counter()
        return prediction, StageTimes(
            (prepared - start) * 1e3, (inferred - prepared) * 1e3, (finished - inferred) * 1e3
        )

    def close(self) -> None:
        self._engine.close()

    def __enter__(self) -> Predictor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check_agreement(info: EngineInfo, spec: ModelSpec) -> None:
    """The loaded graph must be the one the spec describes."""
    expected = (spec.input_height, spec.input_width, 3)
    if info.input_shape[1:] != expected:
        raise EngineError(
            f"the graph takes {list(info.input_shape)}, its spec says {[1, *expected]}; "
            "export the model again"
        )
    if info.takes_ground != spec.rig_input:
        takes = "takes" if info.takes_ground else "does not take"
        raise EngineError(
            f"the graph {takes} the ground, its spec says rig_input {spec.rig_input}; "
            "export the model again"
        )
    wanted = {"depth"} | ({"labels", "confidence"} if spec.has_labels else set())
    wanted |= {"depth_confidence"} if spec.depth_confidence else set()
    if missing := wanted - set(info.outputs):
        raise EngineError(
            f"the graph gives {', '.join(info.outputs)}; its spec also promises "
            f"{', '.join(sorted(missing))}; export the model again"
        )
