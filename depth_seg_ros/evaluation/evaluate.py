"""Score a network on a reader: predict every sample once, add it up, make the report.

The reader decodes in a thread of its own. Every image ends up either scored or listed with the
reason why not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tqdm import tqdm

from depth_seg_ros.engines import EngineInfo
from depth_seg_ros.errors import DepthSegError, EvaluationError, FrameError
from depth_seg_ros.evaluation.ground_tally import GroundTally
from depth_seg_ros.evaluation.pipeline import Prefetch, groups, samples
from depth_seg_ros.evaluation.report.pictures import Picture, frame_picture
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.leak import leak_note
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.evaluation.score.scorer import (
    CONSTANT,
    MODEL,
    WITHOUT_CLONES,
    FrameScore,
    Scorer,
)
from depth_seg_ros.evaluation.score.steadiness import SteadinessProfile
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.perception.ground import GroundScale
from depth_seg_ros.predictor import Outcome, Predictor, StageTimes
from depth_seg_ros.readers.base import Reader, Sample, Unpaired
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.system.machine import machine_name
from depth_seg_ros.types import Float32Array, Frame, Prediction

CONSTANT_SAMPLES = 64


class FramePredictor(Protocol):
    """What the evaluation needs of :class:`~depth_seg_ros.predictor.Predictor`."""

    spec: ModelSpec

    @property
    def info(self) -> EngineInfo: ...

    def predict_timed(self, frame: Frame) -> tuple[Prediction, StageTimes]: ...


@dataclass(frozen=True)
class Options:
    """What a user may choose about an evaluation.

    mean_depth: float32 [h, w] metres, the mean depth at each pixel of some training set; resized to
        each frame. label_names: classes a benchmark scores. drive: KITTI drive of all frames.
    model_sha256: digest of the model file. pictures: best, median and worst frame in the report.
    """

    title: str = "Evaluation"
    mean_depth: Float32Array | None = None
    label_names: tuple[str, ...] | None = None
    drive: str = ""
    model_sha256: str = ""
    pictures: bool = True
    progress: bool = True
    extra_notes: tuple[str, ...] = field(default_factory=tuple)


class Evaluation:
    """One run in progress: give it every sample and prediction, then ask for the report."""

    def __init__(
        self, reader: Reader, predictor: FramePredictor, protocol: EvalProtocol, options: Options
    ) -> None:
        self.reader, self.protocol, self.options = reader, protocol, options
        self.predictor = predictor
        self.constant_note, baselines = _baselines(reader, predictor.spec, options)
        classes = predictor.spec.classes
        self.scorer = Scorer(protocol, classes, baselines, options.label_names, options.drive)
        self.steadiness = SteadinessProfile()
        self._grounds = GroundTally(reader.told_rig)
        self._told = 0
        if reader.told_rig and isinstance(predictor, Predictor):
            predictor.correction = GroundScale(predictor.spec, steady=reader.in_time)
        self.unpaired: list[Unpaired] = list(reader.unpaired)
        self.times: list[StageTimes] = []

    def predicted(
        self, items: Iterable[Sample | Unpaired]
    ) -> Iterator[tuple[Sample, Prediction, StageTimes] | None]:
        """What :meth:`add` takes, for each item in its order, in calls of as many as the engine
        takes at once; None for what cannot be predicted, which is counted."""
        for group in groups(items, self.predictor.info.batch):
            frames = [item.frame for item in group if isinstance(item, Sample)]
            outcomes = iter(_outcomes(self.predictor, frames))
            for item in group:
                outcome = FrameError(item.reason) if isinstance(item, Unpaired) else next(outcomes)
                if isinstance(outcome, FrameError) or isinstance(item, Unpaired):
                    self.unpaired.append(Unpaired(item.key, str(outcome)))
                    yield None
                else:
                    yield item, *outcome

    def add(self, sample: Sample, prediction: Prediction, times: StageTimes) -> None:
        """Score one prediction."""
        self.times.append(times)
        self._grounds.add(prediction.ground)
        self._told += sample.frame.rig is not None and sample.frame.rig.attitude_known
        if self.reader.in_time:
            truth = sample.truth
            dense_m = None if self.reader.lidar else truth.depth_m
            self.steadiness.add(prediction, sample.pose, dense_m, truth.labels)
        try:
            reason = self.scorer.add(sample.key, prediction, sample.truth)
        except EvaluationError as e:
            reason = str(e)
        if reason is not None:
            self.unpaired.append(Unpaired(sample.key, reason))

    def report(self) -> Report:
        """EvaluationError where nothing at all could be scored."""
        scorer, spec = self.scorer, self.predictor.spec
        if not scorer.frames:
            raise EvaluationError(
                f"none of the {self.total} images of {self.reader.name} could be scored: "
                + "; ".join(f"{u.key}: {u.reason}" for u in self.unpaired[:3])
            )
        return Report(
            title=self.options.title,
            data=self.reader.name,
            protocol_name=self.protocol.name,
            protocol=self.protocol.describe(),
            headline=self.protocol.headline,
            model=model_facts(spec, self.options.model_sha256),
            engine=_engine_facts(self.predictor.info),
            machine=machine_name(),
            total=self.total,
            frames=scorer.frames,
            unpaired=self.unpaired,
            rows=depth_rows(scorer),
            label_rows=label_rows(scorer),
            class_iou=scorer.class_ious(),
            distance=scorer.distance(),
            doubt=scorer.doubt(),
            steadiness=self.steadiness.result(),
            latency=_latency(self.times),
            times_ms=[t.total_ms for t in self.times],
            notes=self._notes(),
            in_time=self.reader.in_time,
            pictures=self._pictures() if self.options.pictures else (),
        )

    @property
    def total(self) -> int:
        return len(self.reader.keys) + len(self.reader.unpaired)

    def _notes(self) -> list[str]:
        notes = [*self.reader.notes, *self.options.extra_notes]
        notes += self._grounds.notes()
        if self.predictor.spec.rig_input:
            notes.append(
                "The network was told the camera's height, pitch and roll in "
                f"{self._told} of {len(self.times)} frames."
            )
        keys = [f"{self.options.drive} {f.key}" for f in self.scorer.frames]
        if note := leak_note(keys):
            notes.append(note)
        if self.scorer.has_depth:
            notes.append(self.constant_note)
        if self.scorer.has_labels:
            names = ", ".join(self.scorer.class_ious())
            notes.append(
                "Labels: one confusion matrix over all images; classes that both sides know and "
                f"the truth shows: {names}."
            )
        return notes

    def _pictures(self) -> list[Picture]:
        """Best, median and worst frame, read and predicted once more."""
        pictures = []
        for name, frame, score in _chosen(self.scorer.frames, self.protocol.headline[0]):
            sample = self.reader.load(self.reader.keys.index(frame.key))
            prediction, _ = self.predictor.predict_timed(sample.frame)
            caption = f"{name} frame, {score}: {frame.key}"
            pictures.append(
                frame_picture(
                    caption, sample, prediction, self.protocol, self.predictor.spec.classes
                )
            )
        return pictures


def evaluate(
    reader: Reader, predictor: FramePredictor, protocol: EvalProtocol, options: Options
) -> Report:
    """Score every sample of the reader."""
    return run_through(reader, predictor, protocol, options).report()


def run_through(
    reader: Reader, predictor: FramePredictor, protocol: EvalProtocol, options: Options
) -> Evaluation:
    """Predict and score every sample of the reader; the report is the caller's to ask for."""
    run = Evaluation(reader, predictor, protocol, options)
    bar = tqdm(total=len(reader), desc="evaluate", unit="frame", disable=not options.progress)
    with bar, Prefetch(samples(reader)) as items:
        for predicted in run.predicted(items):
            if predicted is not None:
                run.add(*predicted)
            bar.update()
    return run


def _outcomes(predictor: FramePredictor, frames: list[Frame]) -> list[Outcome]:
    """In one call where the predictor can."""
    if isinstance(predictor, Predictor):
        return predictor.predict_batch(frames)
    found: list[Outcome] = []
    for frame in frames:
        try:
            found.append(predictor.predict_timed(frame))
        except FrameError as e:
            found.append(e)
    return found


def depth_rows(scorer: Scorer) -> dict[str, dict[str, float]]:
    """The model's means first, its subset and the baselines after it."""
    rows = {name: row.means() for name, row in scorer.rows.items()}
    model = rows.pop(MODEL)
    rest = rows.pop(WITHOUT_CLONES)
    ordered = {MODEL: model}
    if len(scorer.rows[WITHOUT_CLONES]) < len(scorer.rows[MODEL]):
        ordered[WITHOUT_CLONES] = rest
    return {name: row for name, row in (ordered | rows).items() if row}


def label_rows(scorer: Scorer) -> dict[str, dict[str, float]]:
    """The model's label scores, and those of naming everything alike."""
    if not scorer.has_labels:
        return {}
    name, scores = scorer.label_baseline()
    return {MODEL: scorer.label_scores(), f"everything is {name}": scores}


def _baselines(
    reader: Reader, spec: ModelSpec, options: Options
) -> tuple[str, dict[str, float | Float32Array]]:
    """(how the constant was found, baselines by row name)."""
    baselines: dict[str, float | Float32Array] = {}
    trained = spec.training.get("median_depth_m")
    if isinstance(trained, int | float):
        baselines[f"{CONSTANT} {trained:.1f} m"] = float(trained)
        note = f"Constant row: the training set's median depth, {trained:.2f} m, everywhere."
    else:
        count, median = _median_depth(reader)
        note = ""
        if count:
            baselines[f"{CONSTANT} {median:.1f} m"] = median
            note = (
                f"Constant row: {median:.2f} m everywhere, the median of the ground truth of "
                f"{count} frames spread over this very data set (it is told what the model is not)."
            )
    if options.mean_depth is not None:
        baselines["mean depth per pixel"] = options.mean_depth
    return note, baselines


def _median_depth(reader: Reader) -> tuple[int, float]:
    """(frames used, median depth [m]) of frames spread evenly over the data set."""
    total = len(reader)
    chosen = sorted({round(i) for i in np.linspace(0, total - 1, min(total, CONSTANT_SAMPLES))})
    medians = []
    for index in chosen if total else []:
        try:
            depth_m = reader.load(index).truth.depth_m
        except DepthSegError:
            continue  # the main pass counts and reports it
        if depth_m is not None and (known := depth_m[np.isfinite(depth_m)]).size:
            medians.append(float(np.median(known)))
    return len(medians), float(np.median(medians)) if medians else float("nan")


def _chosen(frames: list[FrameScore], metric: str) -> Iterator[tuple[str, FrameScore, str]]:
    """(best/median/worst, frame, its score in words)."""
    if any(f.depth for f in frames):
        ranked = sorted((f for f in frames if f.depth), key=lambda f: f.depth[metric])
        title = DEPTH_METRICS[metric].title
        words = {f.key: f"{title} {f.depth[metric]:.3f}" for f in ranked}
    else:
        ranked = sorted(frames, key=lambda f: -f.accuracy)
        words = {f.key: f"pixel accuracy {f.accuracy:.3f}" for f in ranked}
    picks = {"Best": ranked[0], "Median": ranked[len(ranked) // 2], "Worst": ranked[-1]}
    seen: set[str] = set()
    for name, frame in picks.items():
        if frame.key not in seen:
            seen.add(frame.key)
            yield name, frame, words[frame.key]


def _latency(times: list[StageTimes]) -> dict[str, dict[str, float]]:
    return {name: latency_statistics(v) for name, v in stage_times(times).items() if v}


def stage_times(times: list[StageTimes]) -> dict[str, list[float]]:
    """Milliseconds of every frame, by stage."""
    return {
        "preprocess": [t.preprocess_ms for t in times],
        "inference": [t.inference_ms for t in times],
        "postprocess": [t.postprocess_ms for t in times],
        "whole frame": [t.total_ms for t in times],
    }


def model_facts(spec: ModelSpec, sha256: str) -> dict[str, Any]:
    facts = {k: v for k, v in json.loads(spec.to_json()).items() if k not in ("format", "classes")}
    facts["training"] = dict(spec.training)
    facts["classes"] = None if spec.classes is None else [c.name for c in spec.classes]
    return {**facts, "sha256": sha256}


def _engine_facts(info: EngineInfo) -> dict[str, Any]:
    return {**vars(info), "details": {k: str(v) for k, v in info.details.items()}}


def load_mean_depth(path: Path | None) -> Float32Array | None:
    """float32 [h, w] of a ``.npy`` file; EvaluationError where it is something else."""
    if path is None:
        return None
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as e:
        raise EvaluationError(f"{path} is no plain .npy array ({e})") from e
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.floating):
        raise EvaluationError(f"{path} should hold float [h, w] metres, found {array.dtype}")
    return np.asarray(array, np.float32)
