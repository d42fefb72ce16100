"""The pictures of a report: image, prediction, truth and relative error of one frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.labels import CITYSCAPES, ClassTable
from depth_seg_ros.readers.base import Sample
from depth_seg_ros.types import Float32Array, Prediction, UInt8Array
from depth_seg_ros.visualize import colorize_depth, colorize_labels, fit_width

WIDTH = 720
MAX_ERROR = 0.5
"""Relative error at which the colours of the error map end."""

_NOT_SCORED = (38, 38, 42)
_QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """One frame of the report: caption, (title, JPEG bytes) panels, and the classes they show."""

    caption: str
    panels: tuple[tuple[str, bytes], ...]
    classes: frozenset[str] = frozenset()


def frame_picture(
    caption: str,
    sample: Sample,
    prediction: Prediction,
    protocol: EvalProtocol,
    classes: ClassTable | None,
) -> Picture:
    """Panels of whatever the frame has."""
    panels = [("image", fit_width(sample.frame.image, WIDTH))]
    truth = sample.truth
    shown: set[str] = set()
    panels.append(("predicted depth", fit_width(colorize_depth(prediction.depth_m), WIDTH)))
    if truth.depth_m is not None:
        error = protocol.select(prediction.depth_m, truth.depth_m).error_map()
        depth_m = np.where(np.isposinf(truth.depth_m), np.float32(np.nan), truth.depth_m)
        panels.append(("true depth", _sparse(depth_m, colorize_depth(depth_m))))
        panels.append(("relative error", _sparse(error, colorize_error(error))))
    if prediction.labels is not None and classes is not None:
        labels = colorize_labels(prediction.labels, classes)
        panels.append(("predicted labels", _nearest(labels)))
        shown |= names_in(prediction.labels, classes)
        if truth.labels is not None:
            panels.append(("true labels", _nearest(colorize_labels(truth.labels))))
            shown |= names_in(truth.labels, CITYSCAPES)
    return Picture(caption, tuple((title, jpeg(p)) for title, p in panels), frozenset(shown))


def names_in(labels: UInt8Array, classes: ClassTable) -> set[str]:
    """Names of the classes that a label image [H, W] shows in a thousandth of it or more."""
    counts = np.bincount(labels.ravel(), minlength=256)
    return {c.name for c in classes if counts[c.id] * 1000 >= labels.size}


def colorize_error(error: Float32Array) -> UInt8Array:
    """Relative error [H, W]: dark blue 0, white half of MAX_ERROR, red MAX_ERROR and more."""
    scaled = np.clip(np.nan_to_num(error) / MAX_ERROR * 255, 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.applyColorMap(scaled, _ERROR_TABLE)[..., ::-1], np.uint8).copy()
    picture[np.isnan(error)] = _NOT_SCORED
    return picture


def _error_table() -> UInt8Array:
    """BGR look-up table [256, 1, 3], readable for colour-blind eyes."""
    stops = np.array(
        [[33, 60, 130], [110, 160, 205], [247, 244, 236], [233, 130, 82], [150, 20, 30]]
    )
    at = np.linspace(0, 255, len(stops))
    ramp = np.stack([np.interp(np.arange(256), at, stops[:, c]) for c in (2, 1, 0)], axis=1)
    return np.ascontiguousarray(ramp.astype(np.uint8)[:, None])


_ERROR_TABLE = _error_table()


def _sparse(values: Float32Array, picture: UInt8Array) -> UInt8Array:
    """Shrunk to the page; LiDAR points, lost in a plain resize, are drawn as blobs."""
    known = ~np.isnan(values)
    if known.any() and known.mean() < 0.35:
        picture = _spread(picture, known)
    return fit_width(picture, WIDTH)


def _spread(picture: UInt8Array, known: np.typing.NDArray[np.bool_]) -> UInt8Array:
    """Each unknown pixel within three of a known one takes the colour of the nearest."""
    distance, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colours[nearest[known]] = picture[known]
    spread: UInt8Array = colours[nearest]
    spread[distance > 3] = _NOT_SCORED
    return spread


def _nearest(picture: UInt8Array) -> UInt8Array:
    height = max(2, round(picture.shape[0] * WIDTH / picture.shape[1] / 2) * 2)
    return np.asarray(
        cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_NEAREST_EXACT), np.uint8
    )


def jpeg(picture: UInt8Array) -> bytes:
    """A JPEG file of uint8 [H, W, 3] RGB."""
    bgr = np.ascontiguousarray(picture[..., ::-1])
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise EvaluationError(f"OpenCV cannot encode a JPEG of {picture.shape}")
    return bytes(data)
