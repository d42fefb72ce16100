"""Inference backends: one file each, the file's name is the backend's name.

A backend module offers ``is_available() -> bool`` and ``open_engine(path, **options) -> Engine``,
and imports its runtime only inside them: the package loads where none is installed. Which one
``auto`` takes is decided in :mod:`.choose`.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.base import Engine, EngineInfo
from depth_seg_ros.engines.choose import (
    BACKENDS,
    GPU_BACKENDS,
    Choice,
    backend_module,
    candidates,
    is_available,
    named,
)
from depth_seg_ros.engines.recovery import RecoveringEngine
from depth_seg_ros.engines.toolchain import BuildOptions
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import read_spec

__all__ = [
    "BACKENDS",
    "FALLBACKS",
    "Engine",
    "EngineInfo",
    "available_backends",
    "open_engine",
]

FALLBACKS = ("none", "cpu")
"""What may take over from an engine whose device is gone."""

_log = logging.getLogger(__name__)


def available_backends() -> list[str]:
    """Backends whose runtime (and device) is here, preferred first."""
    return [name for name in BACKENDS if is_available(name)]


def open_engine(
    path: str | Path,
    backend: str = "auto",
    *,
    precision: str | None = None,
    batch: int = 1,
    fallback: str | None = None,
    **options: Any,
) -> Engine:
    """Load an ONNX file; EngineError with one clear line where that cannot be.

    backend: a name of BACKENDS, or ``auto``: the best that works here. What was taken and why is
        in ``info.details["chosen"]`` and in the log.
    precision: ``fp32``, ``fp16``, ``bf16``, ``int8``; None lets ``auto`` choose, and a named
        backend run the file as it is.
    batch: images a call.
    fallback: what an engine does whose device fails later. None: it raises EngineError ever after
        (for commands); ``none``: it is opened again, at growing intervals; ``cpu``: so too, and
        after some tries in vain a backend on the CPU takes over (for what has to keep running).
    options: of the backends (``threads``, ``cache_dir``, ``progress``, …). One that only another
        backend knows is dropped, so that a robot's configuration works on every machine; one that
        none knows is an error.
    """
    path = Path(path)
    _check_options(options)
    if fallback is not None:
        if fallback not in FALLBACKS:
            raise EngineError(f"no fallback {fallback!r}; known: {', '.join(FALLBACKS)}")
        again = partial(open_engine, path, backend, precision=precision, batch=batch, **options)
        on_cpu = [c for c in candidates(path) if c.backend not in GPU_BACKENDS]
        other = partial(_open_first, on_cpu, batch, options) if fallback == "cpu" else None
        return RecoveringEngine(again, other)
    if backend != "auto":
        if backend not in BACKENDS:
            raise EngineError(f"no backend {backend!r}; known: auto, {', '.join(BACKENDS)}")
        return _open(named(backend, path, precision), batch, options)
    return _open_first(candidates(path, precision), batch, options)


def _open_first(choices: Sequence[Choice], batch: int, options: Mapping[str, Any]) -> Engine:
    """The first choice that opens; EngineError with what each one said."""
    failures = ""
    for choice in choices:
        try:
            return _open(replace(choice, reason=choice.reason + failures), batch, options)
        except EngineError as e:
            _log.warning("backend %s failed: %s", choice.backend, e)
            failures += f"; {choice.backend} failed: {e}"
    raise EngineError(
        failures.removeprefix("; ") or "no inference backend is installed: pip install onnxruntime"
    )


def _open(choice: Choice, batch: int, options: Mapping[str, Any]) -> Engine:
    module = backend_module(choice.backend)
    known = _option_names(choice.backend)
    given = {k: v for k, v in options.items() if k in known}
    if "precision" in known:
        given["precision"] = choice.precision
    elif choice.precision not in (None, inside := read_spec(choice.path).precision):
        raise EngineError(
            f"{choice.path} is {inside}, {choice.backend} cannot run it as {choice.precision}"
        )
    if "batch" in known:
        given["batch"] = batch
    engine: Engine = module.open_engine(choice.path, **given)
    if engine.info.input_shape[0] != batch:
        found = engine.info.input_shape[0]
        engine.close()
        raise EngineError(f"{choice.backend} runs {choice.path} with batch {found}, not {batch}")
    engine.info = replace(
        engine.info, details={**engine.info.details, "chosen": f"{choice.backend}: {choice.reason}"}
    )
    level = logging.WARNING if choice.gpu_unused else logging.INFO
    _log.log(level, "engine %s %s: %s", choice.backend, engine.info.precision, choice.reason)
    return engine


def _check_options(options: Mapping[str, Any]) -> None:
    known = {name for backend in BACKENDS for name in _option_names(backend)}
    if unknown := sorted(set(options) - known):
        raise EngineError(
            f"no backend knows the option {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )


def _option_names(backend: str) -> set[str]:
    """Options of a backend's ``open_engine``; ``**build`` stands for BuildOptions."""
    parameters = inspect.signature(backend_module(backend).open_engine).parameters.values()
    names = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names |= {f.name for f in fields(BuildOptions)}
    return names
