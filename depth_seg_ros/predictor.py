"""The only way from a Frame to a Prediction.

Node, live participant, bag evaluation, command line and parity check all pass through here; a
network, its preprocessing and its undoing are handed out together so that they cannot disagree.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines import Engine, EngineInfo, open_engine
from depth_seg_ros.engines.base import Tensors
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.engines.choose import GPU_BACKENDS
from depth_seg_ros.engines.reshape import DETAIL, OtherShapes, for_camera, reshaped
from depth_seg_ros.engines.resize import RESIZED, faster_way, open_like
from depth_seg_ros.errors import EngineError, FrameError
from depth_seg_ros.models import resolve_model
from depth_seg_ros.postprocess import Correction, finish
from depth_seg_ros.preprocess import (
    Geometry,
    plan_geometry,
    prepare,
    prepare_ground,
    shape_for,
)
from depth_seg_ros.spec import ModelSpec, read_spec
from depth_seg_ros.types import Float32Array, Frame, Intrinsics, Prediction, Rig, UInt8Array

CAMERAS = 16
"""How many cameras' geometries are remembered."""
_log = logging.getLogger(__name__)

INPUT_SHAPES = ("camera", "file")
"""What a network's input has the shape of, where the file allows a choice."""


@dataclass(frozen=True)
class StageTimes:
    """Wall time of one frame's stages [ms]."""

    preprocess_ms: float
    inference_ms: float
    postprocess_ms: float

    @property
    def total_ms(self) -> float:
        return self.preprocess_ms + self.inference_ms + self.postprocess_ms


Outcome = tuple[Prediction, StageTimes] | FrameError
"""What became of one frame of several."""


@dataclass(frozen=True)
class _Placed:
    """A frame, how it sits in the network's input, and the ground that the network is told."""

    frame: Frame
    spec: ModelSpec
    geometry: Geometry
    ground: Float32Array | None


class Predictor:
    """A network ready for frames of any camera. Not thread-safe; use as a context manager."""

    def __init__(self, engine: Engine, spec: ModelSpec, fit: str | None = None) -> None:
        self.spec = spec
        self._engine = engine
        self._at_camera: Engine | None = None
        """Takes images of one camera as they are, where that was found faster."""
        self._fit = fit
        self._others: OtherShapes | None = None
        """Engines of other shapes, where that is wanted and possible."""
        self.details: dict[str, str] = {}
        """Added to those of :attr:`info`: what was chosen, and why."""
        self.correction: Correction | None = None
        """Corrects every depth from the next frame on."""
        self.rig: Rig | None = None
        """Of every frame, whatever the frame says; None leaves it to the frames."""
        self._views: dict[tuple[int, int, Intrinsics | None], tuple[ModelSpec, Geometry]] = {}
        _check_agreement(engine.info, spec)

    @classmethod
    def open(
        cls,
        model: str | Path,
        backend: str = "auto",
        *,
        fit: str | None = None,
        camera_size: tuple[int, int] | None = None,
        input_shape: str = "camera",
        detail: float = 1.0,
        **engine_options: Any,
    ) -> Predictor:
        """Load ``model`` (a shipped name such as ``ds_net``, or an ONNX file with a spec).

        camera_size: (width, height) of the images to come, if known: they are then made small on
            the engine's device where that is faster, which is measured now. Other images still do.
        input_shape: ``camera``: a file that knows several shapes of its input gets the one that
            shows most of each camera's image: of ``camera_size`` now; where no engine has to be
            built for it (on CPUs), of every other camera with its first frame. ``file``: its own.
        detail: how many times the file's pixels such a network sees of every image, for as many
            times the cost: 2 finds smaller and thinner things, 0.5 is for slow computers.
        Raises SpecError or EngineError with one clear line.
        """
        if input_shape not in INPUT_SHAPES:
            raise EngineError(f"input_shape is {input_shape!r}; known: {', '.join(INPUT_SHAPES)}")
        path = resolve_model(model)
        spec = read_spec(path).at_detail(detail)
        path = reshaped(path, spec)
        follows = input_shape == "camera"
        if follows and camera_size is not None:
            path, spec = for_camera(path, spec, camera_size, fit)
        predictor = cls(open_engine(path, backend, **engine_options), spec, fit)
        if detail != 1:
            predictor.details[DETAIL] = f"{detail:g}"
        follows = follows and spec.stride > 0 and (fit or spec.fit) != "crop"
        if follows and predictor.info.backend not in GPU_BACKENDS:
            predictor._others = OtherShapes(
                path, partial(open_engine, backend=backend, **engine_options)
            )
        try:
            if camera_size is not None:
                predictor._choose_resize(path, camera_size, engine_options)
        except BaseException:
            predictor.close()
            raise
        return predictor

    @property
    def info(self) -> EngineInfo:
        """Of the engine in use; its ``batch`` is how many frames a call takes."""
        info = (self._at_camera or self._engine).info
        return replace(info, details={**info.details, **self.details}) if self.details else info

    def geometry(self, frame: Frame) -> Geometry:
        """How this frame's camera sits in the network's input (cached for the last cameras)."""
        return self._view(frame)[1]

    def _view(self, frame: Frame) -> tuple[ModelSpec, Geometry]:
        """The network at the shape that this frame's camera gets, and how it sits there."""
        height, width = frame.image.shape[:2]
        key = (width, height, frame.intrinsics)
        if key not in self._views:
            if len(self._views) >= CAMERAS:
                self._views.clear()
            spec = self._shaped(key)
            self._views[key] = spec, plan_geometry(spec, *key, self._fit)
        return self._views[key]

    def _shaped(self, camera: tuple[int, int, Intrinsics | None]) -> ModelSpec:
        """The network at the shape that a camera gets."""
        spec = self.spec.at_shape(*shape_for(self.spec, *camera))
        if self._others is None or spec == self.spec:
            return self.spec
        try:
            _check_agreement(self._others.at(spec).info, spec)
        except EngineError as e:
            _log.warning("the network's input keeps the file's shape: %s", e)
            return self.spec
        return spec

    def predict(self, frame: Frame) -> Prediction:
        """Depth in metres (and labels) for every pixel the network sees."""
        return self.predict_timed(frame)[0]

    def predict_timed(
        self, frame: Frame, shown: Frame | None = None
    ) -> tuple[Prediction, StageTimes]:
        """:meth:`predict`, and how long each stage took.

        shown: the same picture at another size, which the prediction is to have.
        """
        (outcome,) = self._run([frame], [shown or frame], [self.correction])
        if isinstance(outcome, FrameError):
            raise outcome
        return outcome

    def predict_batch(
        self, frames: Sequence[Frame], corrections: Sequence[Correction | None] | None = None
    ) -> list[Outcome]:
        """Frames of one or several cameras, of any sizes, in as few calls as the engine's batch
        allows; in their order, a FrameError in the place of one that cannot be used.

        corrections: of each frame (what is steadied over time belongs to one camera); None takes
            :attr:`correction` for all. EngineError where the engine fails: no frame has a result.
        """
        chosen = [self.correction] * len(frames) if corrections is None else list(corrections)
        size = self._engine.info.batch
        found: list[Outcome] = []
        for i in range(0, len(frames), size):
            now = list(frames[i : i + size])
            found += self._run(now, now, chosen[i : i + size])
        return found

    def _run(
        self, frames: list[Frame], shown: list[Frame], corrections: list[Correction | None]
    ) -> list[Outcome]:
        """At most a batch of frames in one call; what each became, and its share of the time."""
        start = perf_counter()
        outcomes: dict[int, Outcome] = {}
        used: dict[int, _Placed] = {}
        for place, frame in enumerate(frames):
            try:
                used[place] = self._placed(frame)
            except FrameError as e:
                outcomes[place] = e
        if not used:
            return list(outcomes.values())
        for alike in _by_shape(used):
            group = list(alike.values())
            engine = self._engine_for(group)
            inputs = self._inputs(engine, group)
            prepared = perf_counter()
            tensors = engine.infer(*inputs)
            done = perf_counter()
            before_ms = 1e3 * (prepared - start) / len(group)
            inside_ms = 1e3 * (done - prepared) / len(group)
            for row, (place, placed) in enumerate(alike.items()):
                begun = perf_counter()
                one = {name: values[row : row + 1] for name, values in tensors.items()}
                other = None if shown[place] is frames[place] else shown[place]
                try:
                    prediction = _finished(one, placed, other, corrections[place])
                except FrameError as e:
                    outcomes[place] = e
                    continue
                times = StageTimes(before_ms, inside_ms, (perf_counter() - begun) * 1e3)
                outcomes[place] = prediction, times
            start = perf_counter()
        return [outcomes[place] for place in range(len(frames))]

    def _placed(self, frame: Frame) -> _Placed:
        if self.rig is not None:
            frame = replace(frame, rig=self.rig)
        (spec, geometry), ground = self._view(frame), None
        if spec.rig_input:
            ground = prepare_ground(frame.rig, geometry, spec, frame.intrinsics)
        return _Placed(frame, spec, geometry, ground)

    def _engine_for(self, used: list[_Placed]) -> Engine:
        """Of their shape; the one that shrinks images itself, where all these are its camera's."""
        special, spec = self._at_camera, used[0].spec
        if self._others is not None and spec != self.spec:
            return self._others.at(spec)
        if special is None:
            return self._engine
        same = all(CameraInput.of(p.geometry, self.spec) == special.info.camera for p in used)
        return special if same else self._engine

    def _inputs(
        self, engine: Engine, used: list[_Placed]
    ) -> tuple[UInt8Array, Float32Array | None]:
        """A whole batch of images and grounds; the last frame fills the places that are free."""
        if engine.info.camera is None:
            images = [prepare(p.frame.image, p.geometry, p.spec) for p in used]
        else:
            images = [p.frame.image[None] for p in used]
        grounds = [p.ground for p in used if p.ground is not None]
        free = engine.info.batch - len(used)
        return (
            _joined(images + [images[-1]] * free),
            _joined(grounds + [grounds[-1]] * free) if grounds else None,
        )

    def _choose_resize(
        self, path: Path, camera_size: tuple[int, int], options: Mapping[str, Any]
    ) -> None:
        """Open the engine that takes this camera's images too, time both ways, keep the faster."""
        shape = (camera_size[1], camera_size[0], 3)
        frame = Frame(0, "", np.random.default_rng(0).integers(0, 256, shape, np.uint8))
        used = [self._placed(frame)] * self._engine.info.batch
        camera = CameraInput.of(self.geometry(frame), self.spec)
        way = faster_way(
            self._engine,
            lambda: open_like(self._engine.info, path, camera, options),
            lambda engine: engine.infer(*self._inputs(engine, used)),
        )
        self._at_camera, self.details[RESIZED] = way.engine, str(way)

    def close(self) -> None:
        self._engine.close()
        if self._others is not None:
            self._others.close()
        if self._at_camera is not None:
            self._at_camera.close()

    def __enter__(self) -> Predictor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _finished(
    tensors: Tensors, placed: _Placed, shown: Frame | None, correction: Correction | None
) -> Prediction:
    """shown: the same picture at another size, which the prediction is to have."""
    if shown is None:
        return finish(tensors, placed.geometry, placed.frame, correction)
    height, width = shown.image.shape[:2]
    return finish(tensors, placed.geometry.at_size(width, height), shown, correction)


def _by_shape(used: Mapping[int, _Placed]) -> list[dict[int, _Placed]]:
    """Frames that go through one engine together; by place, as they were given."""
    groups: dict[tuple[int, int], dict[int, _Placed]] = {}
    for place, placed in used.items():
        shape = placed.spec.input_width, placed.spec.input_height
        groups.setdefault(shape, {})[place] = placed
    return list(groups.values())


def _joined(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """[1, …] each -> [B, …]; no copy of a single one."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


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
