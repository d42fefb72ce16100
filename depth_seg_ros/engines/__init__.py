"""Inference backends: one file each, the file's name is the backend's name.

A backend module offers ``is_available() -> bool`` and ``open_engine(path, **options) -> Engine``,
and imports its runtime only inside them: the package loads where none is installed.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.base import Engine, EngineInfo
from depth_seg_ros.errors import EngineError

__all__ = ["BACKENDS", "Engine", "EngineInfo", "available_backends", "open_engine"]

BACKENDS = ("tensorrt", "openvino", "onnxruntime")
"""In the order ``auto`` prefers them."""


def available_backends() -> list[str]:
    """Backends whose runtime (and device) is here, preferred first."""
    return [name for name in BACKENDS if _is_available(name)]


def open_engine(path: str | Path, backend: str = "auto", **options: Any) -> Engine:
    """Load an ONNX file in a backend; EngineError says what to install."""
    if backend == "auto":
        found = available_backends()
        if not found:
            raise EngineError("no inference backend is installed; run: pip install onnxruntime")
        backend = found[0]
    if backend not in BACKENDS:
        raise EngineError(f"no backend {backend!r}; known: auto, {', '.join(BACKENDS)}")
    engine: Engine = _module(backend).open_engine(Path(path), **options)
    return engine


def _module(backend: str) -> Any:
    return importlib.import_module(f"{__name__}.{backend}")


def _is_available(backend: str) -> bool:
    try:
        return bool(_module(backend).is_available())
    except ModuleNotFoundError:
        return False
