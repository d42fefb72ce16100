"""Predictions as files: 16-bit depth PNG, exact ``.npy``, label PNG, overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.labels import ClassTable
from depth_seg_ros.system.atomic import write_array, write_bytes
from depth_seg_ros.types import Float32Array, Frame, Prediction
from depth_seg_ros.visualize import depth_overlay, overlay

_MAX_COUNT = 65535


def write_prediction(
    folder: Path, key: str, frame: Frame, prediction: Prediction, classes: ClassTable | None
) -> list[Path]:
    """Everything known about one image, under names that begin with ``key``."""
    array = folder / f"{key}_depth.npy"
    write_array(array, prediction.depth_m)
    paths = [
        _write_image(folder / f"{key}_depth.png", depth_millimetres(prediction.depth_m)),
        array,
    ]
    if prediction.labels is not None and classes is not None:
        paths.append(_write_image(folder / f"{key}_labels.png", prediction.labels))
        picture = overlay(frame.image, prediction.labels, classes)
    else:
        picture = depth_overlay(frame.image, prediction.depth_m)
    return [*paths, _write_image(folder / f"{key}_overlay.jpg", picture[..., ::-1])]


def depth_millimetres(depth_m: Float32Array) -> npt.NDArray[np.uint16]:
    """uint16 [H, W] millimetres; 0 = none. Beyond 65.535 m there is no number: 0 as well."""
    millimetres = np.rint(depth_m * 1000)
    with np.errstate(invalid="ignore"):
        fits = (millimetres >= 1) & (millimetres <= _MAX_COUNT)
    return np.where(fits, millimetres, 0).astype(np.uint16)


def _write_image(path: Path, image: npt.NDArray[Any]) -> Path:
    done, data = cv2.imencode(path.suffix, np.ascontiguousarray(image))
    if not done:
        raise EvaluationError(f"OpenCV cannot encode {path.name}")
    write_bytes(path, data.tobytes())
    return path
