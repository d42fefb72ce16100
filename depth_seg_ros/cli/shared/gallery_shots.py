"""What the gallery shows: single frames of virtual drives, and what networks say about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depth_seg_ros.evaluation.report.pictures import colorize_error
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame, GroundTruth, Prediction, UInt8Array
from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.cameras import CAMERAS, CameraKind
from depth_seg_ros.virtual_world.data.drive import Drive
from depth_seg_ros.virtual_world.light.environment import MORE, WEATHER
from depth_seg_ros.visualize import caption, colorize_depth, colorize_labels, fit_width, grid


@dataclass(frozen=True)
class Shot:
    """One frame of a virtual drive, with its name."""

    name: str
    frame: Frame
    truth: GroundTruth


def shots_of_places(camera: CameraKind, seed: int) -> Iterator[Shot]:
    """Every kind of place, in plain light."""
    for name in places.names():
        yield _shot(name, seed, camera, place=name)


def shots_of_cameras(seed: int, scale: float) -> Iterator[Shot]:
    """The same city through every named camera."""
    for name, camera in CAMERAS.items():
        yield _shot(name, seed, camera.scaled(scale), place="city")


def shots_of_lights(camera: CameraKind, seed: int) -> Iterator[Shot]:
    """One moment in every weather and light."""
    for name in (*WEATHER, *MORE):
        yield _shot(name, seed, camera, place="residential", variation=name)


def _shot(
    name: str, seed: int, camera: CameraKind, *, place: str, variation: str = "clone"
) -> Shot:
    with Drive(seed, camera, places=place) as drive:
        at = drive.frames(1.0, variation, start_s=0.4 * drive.duration_s, seconds=0.5)
        moment = next(at)
    return Shot(name, moment.frame, moment.truth)


@dataclass(frozen=True)
class Answer:
    """What a network says about a shot, and its relative error there (dense, up to 80 m)."""

    shot: Shot
    network: str
    prediction: Prediction
    abs_rel: float
    error: UInt8Array


def answers(shots: Iterable[Shot], models: Sequence[str | Path]) -> list[Answer]:
    """One answer a shot and network, in the order of the networks."""
    shots, found = list(shots), []
    for model in models:
        with Predictor.open(model, "onnxruntime") as predictor:
            for shot in shots:
                prediction = predictor.predict(shot.frame)
                assert shot.truth.depth_m is not None
                pixels = get_protocol("dense").select(prediction.depth_m, shot.truth.depth_m)
                score = DEPTH_METRICS["abs_rel"].function(pixels.prediction, pixels.truth)
                error = colorize_error(pixels.error_map())
                found.append(Answer(shot, predictor.spec.name, prediction, score, error))
    return found


def sheet(panels: Sequence[tuple[str, UInt8Array]], columns: int, width: int) -> UInt8Array:
    """Pictures with their names, in rows; all as high as the highest."""
    pictures = [caption(fit_width(p, width), name) for name, p in panels]
    height = max(p.shape[0] for p in pictures)
    padded = [np.pad(p, ((0, height - p.shape[0]), (0, 0), (0, 0))) for p in pictures]
    return grid(padded, columns)


def truth_panels(shot: Shot) -> list[tuple[str, UInt8Array]]:
    """Picture, exact depth, exact labels."""
    assert shot.truth.depth_m is not None and shot.truth.labels is not None
    return [
        (shot.name, shot.frame.image),
        ("true depth", colorize_depth(_finite(shot.truth.depth_m))),
        ("true labels", colorize_labels(shot.truth.labels)),
    ]


def answer_panels(answer: Answer) -> list[tuple[str, UInt8Array]]:
    """The network's depth, the error of it, and its labels (black where it has none)."""
    labels = answer.prediction.labels
    named = np.zeros_like(answer.error) if labels is None else colorize_labels(labels)
    return [
        (f"{answer.network}: depth", colorize_depth(answer.prediction.depth_m)),
        (f"relative error, mean {answer.abs_rel:.2f}", answer.error),
        (f"{answer.network}: {'no labels' if labels is None else 'labels'}", named),
    ]


def _finite(depth_m: np.typing.NDArray[np.float32]) -> np.typing.NDArray[np.float32]:
    return np.where(np.isposinf(depth_m), np.float32(np.nan), depth_m)
