"""Predictions as files: 16-bit depth PNG, exact ``.npy``, label PNG, overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.labels import ClassTable
from depth_seg_ros.messages.depth import millimetres
from depth_seg_ros.system.atomic import write_array, write_bytes
from depth_seg_ros.types import Frame, Prediction
from depth_seg_ros.visualize import depth_overlay, overlay


def write_prediction(
    folder: Path, key: str, frame: Frame, prediction: Prediction, classes: ClassTable | None
) -> list[Path]:
    """Everything known about one image, under names that begin with ``key``."""
    array = folder / f"{key}_depth.npy"
    write_array(array, prediction.depth_m)
    paths = [
        _write_image(folder / f"{key}_depth.png", millimetres(prediction.depth_m)),
        array,
    ]
    if prediction.labels is not None and classes is not None:
        paths.append(_write_image(folder / f"{key}_labels.png", prediction.labels))
        picture = overlay(frame.image, prediction.labels, classes)
    else:
        picture = depth_overlay(frame.image, prediction.depth_m)
    return [*paths, _write_image(folder / f"{key}_overlay.jpg", picture[..., ::-1])]


def _write_image(path: Path, image: npt.NDArray[Any]) -> Path:
    done, data = cv2.imencode(path.suffix, np.ascontiguousarray(image))
    if not done:
        raise EvaluationError(f"OpenCV cannot encode {path.name}")
    write_bytes(path, data.tobytes())
    return path
