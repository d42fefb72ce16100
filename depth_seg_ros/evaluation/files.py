"""Predictions as files: 16-bit depth PNG, exact ``.npy``, label PNG, overlay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.annotate import annotate
from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.legends import depth_picture, with_legend
from depth_seg_ros.labels import ClassTable
from depth_seg_ros.messages.depth import millimetres
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.system.atomic import write_array, write_bytes, write_text
from depth_seg_ros.types import Frame, Intrinsics, Prediction
from depth_seg_ros.visualize import depth_overlay, overlay

FARTHEST_M = 65.535
"""What 16 bits of millimetres hold; farther is written as this."""

DEPTH_FILE = {
    "_depth.png": "16 bit, millimetres along the optical axis; 0 = no value; "
    f"65535 = {FARTHEST_M} m or farther",
    "_depth.npy": "float32, metres along the optical axis; NaN = no value",
    "_depth_view.jpg": "for eyes, with its scale",
}
LABEL_FILE = {"_labels.png": "8 bit, class ids; 255 = no value"}
OVERLAY_FILE = {"_overlay.jpg": "for eyes: the image and its labels (or depth)"}


def write_prediction(
    folder: Path, key: str, frame: Frame, prediction: Prediction, classes: ClassTable | None
) -> list[Path]:
    """Everything known about one image, under names that begin with ``key``."""
    depth_m = prediction.depth_m
    array = folder / f"{key}_depth.npy"
    write_array(array, depth_m)
    paths = [
        _write_image(folder / f"{key}_depth.png", millimetres(np.minimum(depth_m, FARTHEST_M))),
        array,
        _write_image(folder / f"{key}_depth_view.jpg", depth_picture(depth_m)[..., ::-1]),
    ]
    if prediction.labels is not None and classes is not None:
        paths.append(_write_image(folder / f"{key}_labels.png", prediction.labels))
        picture = annotate(overlay(frame.image, prediction.labels, classes), prediction)
        picture = with_legend(picture, prediction.labels, classes)
    else:
        picture = annotate(depth_overlay(frame.image, depth_m), prediction)
    return [*paths, _write_image(folder / f"{key}_overlay.jpg", picture[..., ::-1])]


def write_sidecar(
    folder: Path, predictor: Predictor, sha256: str, camera: Intrinsics | None
) -> Path:
    """``predict.json``: what the files hold, and which model and camera they come from."""
    spec, info = predictor.spec, predictor.info
    files = {**DEPTH_FILE, **(LABEL_FILE if spec.has_labels else {}), **OVERLAY_FILE}
    facts = {
        "files": files,
        "model": {"name": spec.name, "sha256": sha256},
        "engine": f"{info.backend} {info.version} {info.precision}",
        "camera": vars(camera) if camera else "not given: metric for the training camera alone",
        "classes": {c.id: c.name for c in spec.classes or ()},
    }
    path = folder / "predict.json"
    write_text(path, json.dumps(facts, indent=1) + "\n")
    return path


def _write_image(path: Path, image: npt.NDArray[Any]) -> Path:
    done, data = cv2.imencode(path.suffix, np.ascontiguousarray(image))
    if not done:
        raise EvaluationError(f"OpenCV cannot encode {path.name}")
    write_bytes(path, data.tobytes())
    return path
