"""Opening a network for live work: loaded, and run once, so that no real frame is the slow one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import image_size
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame


def open_warm(
    model: str | Path,
    backend: str = "auto",
    *,
    fit: str | None = None,
    threads: int | None = None,
    precision: str | None = None,
    fallback: str = "none",
    camera_size: str = "",
    input_shape: str = "camera",
    detail: float = 1.0,
    progress: Callable[[str], None] | None = None,
) -> Predictor:
    """A predictor that has predicted already; SpecError or EngineError with one clear line.

    threads, precision, fit: None leaves it to backend, file and spec.
    fallback: an engine whose device fails is opened again at growing intervals; ``cpu``: and after
        some tries in vain the CPU takes over.
    camera_size: of the images to come, where known, as in ``1242x375``: shrunk on the engine's
        device if that proves faster. ConfigError where it is none.
    input_shape, detail: see :meth:`Predictor.open`.
    progress: told the steps of an engine that is built first, which takes minutes.
    """
    chosen = {
        "threads": threads, "precision": precision, "progress": progress,
        "camera_size": _size(camera_size), "input_shape": input_shape,
        "detail": None if detail == 1 else detail,
    }  # fmt: skip
    options: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    predictor = Predictor.open(model, backend, fit=fit, fallback=fallback, **options)
    spec = predictor.spec
    predictor.predict(Frame(0, "", np.zeros((spec.input_height, spec.input_width, 3), np.uint8)))
    return predictor


def _size(text: str) -> tuple[int, int] | None:
    try:
        return image_size(text) if text else None
    except ValueError as e:
        raise ConfigError(f"the camera's size: {e}") from None
