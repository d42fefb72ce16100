"""From an ONNX file to a checked engine for this machine: find it in the cache, or build it.

The steps are the same for every backend that compiles ahead of time; what differs (identify the
machine, build, load) is its :class:`.toolchain.Toolchain`. An engine is handed out only after it
agreed with ONNX Runtime on this machine, now or when it was built.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from depth_seg_ros.engines import parity as parity_check
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.cache import CacheKey, EngineCache
from depth_seg_ros.engines.onnxruntime import OnnxRuntimeEngine
from depth_seg_ros.engines.precision import prepare_for_build
from depth_seg_ros.engines.toolchain import BuildOptions, Progress, Toolchain
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import file_sha256, read_spec

_log = logging.getLogger(__name__)

FOUND = "found_in_cache"
"""Key of ``info.details``: whether the engine was there, or was built now."""
_LAYER_NAMES = {"fp32": ("fp32", "tf32"), "fp16": ("fp16",), "int8": ("int8",)}


def open_for(
    toolchain: Callable[[], Toolchain],
    path: str | Path,
    *,
    precision: str | None = None,
    batch: int = 1,
    threads: int | None = None,
    cache_dir: str | Path | None = None,
    rebuild: bool = False,
    parity: bool = True,
    progress: Progress | None = None,
    **build: Any,
) -> Engine:
    """``open_engine`` of every backend that builds: from the cache, or built now (minutes).

    threads: means nothing here; accepted because every CPU backend takes it.
    build: further fields of BuildOptions.
    """
    options = BuildOptions(precision=precision, batch=batch, **build)
    return open_built(
        path,
        toolchain(),
        options,
        cache=EngineCache(cache_dir),
        rebuild=rebuild,
        parity=parity,
        progress=progress,
    )


def open_built(
    path: str | Path,
    toolchain: Toolchain,
    options: BuildOptions | None = None,
    *,
    cache: EngineCache | None = None,
    rebuild: bool = False,
    parity: bool = True,
    progress: Progress | None = None,
) -> Engine:
    """A running engine for ``path`` on this machine, built if the cache has none that fits.

    rebuild: build even if there is one. parity: False skips the check (``details`` say so).
    progress: called with one line a step; the log where None.
    """
    job = _Job(Path(path), toolchain, options or BuildOptions(), parity, progress or _log.info)
    cache = cache or EngineCache()
    with cache.lock(job.key):  # a second node waits here, then finds the engine
        engine = None if rebuild else job.from_cache(cache)
        return engine or job.build(cache)


class _Job:
    """One request, with what is derived from it."""

    def __init__(
        self,
        path: Path,
        toolchain: Toolchain,
        options: BuildOptions,
        parity: bool,
        progress: Progress,
    ) -> None:
        self.path = path
        self.options = options
        self.parity = parity
        self.progress = progress
        self.toolchain = toolchain
        spec = read_spec(path)
        self.precision = options.precision or spec.precision
        target = toolchain.identify(options.device)
        chosen = {k: v for k, v in asdict(options).items() if k not in ("precision", "batch")}
        image = options.batch, spec.input_height, spec.input_width, 3
        self.key = CacheKey(
            model=spec.name,
            model_sha256=file_sha256(path),
            backend=toolchain.name,
            precision=self.precision,
            shape=options.camera.image_shape(options.batch) if options.camera else image,
            options=chosen,
            **asdict(target),
        )

    def from_cache(self, cache: EngineCache) -> Engine | None:
        """The cached engine; None (with the reason in the log) where it must be built."""
        try:
            entry = cache.find(self.key)
            if entry is None:
                return None
            if self.parity and entry.facts.get("parity") is None:
                raise EngineError(f"cached engine {entry.path} was never compared")
            engine = self._load(entry.read_plan(), cache)
        except EngineError as e:
            self.progress(f"{e}; building anew")
            return None
        self.progress(f"engine found in {entry.path}")
        return _with_facts(engine, {**entry.described(), FOUND: True})

    def build(self, cache: EngineCache) -> Engine:
        """Build, check and store."""
        key = self.key
        self.progress(
            f"building {key.model} {key.precision} {list(key.shape)} for {key.device} "
            f"({key.backend} {key.backend_version}); this can take minutes"
        )
        batch, camera = self.options.batch, self.options.camera
        onnx = prepare_for_build(self.path.read_bytes(), self.precision, batch, camera)
        start = time.monotonic()
        plan = self.toolchain.build(onnx, self.options, cache.kept(key), self.progress)
        seconds = time.monotonic() - start
        engine = self._load(plan, cache)
        try:
            facts = {"build_seconds": round(seconds, 1), **self._checked(engine)}
        except BaseException:
            engine.close()
            raise
        try:
            entry = cache.store(key, plan, facts)
        except (
            EngineError
        ) as e:  # a full disk costs the next start a build, not this one its engine
            self.progress(f"engine built in {seconds:.0f} s but not kept: {e}")
            return _with_facts(engine, {**facts, FOUND: False})
        self.progress(f"engine of {entry.size_mib:.1f} MiB built in {seconds:.0f} s: {entry.path}")
        return _with_facts(engine, {**entry.described(), FOUND: False})

    def _load(self, plan: bytes, cache: EngineCache) -> Engine:
        return self.toolchain.load(plan, self.options, self.precision, cache.kept(self.key))

    def _checked(self, engine: Engine) -> dict[str, Any]:
        """Facts to store; EngineError where precision or numbers are not what was asked for."""
        layers: Mapping[str, int] = engine.info.details.get("layers", {})
        if layers and not any(name in layers for name in _LAYER_NAMES[self.precision]):
            raise EngineError(
                f"engine refused: {self.precision} was asked for, its layers are {dict(layers)}"
            )
        facts: dict[str, Any] = {"layers": dict(layers), "parity": None}
        if self.parity:
            with self._reference() as reference:
                found = parity_check.measure(engine, reference)
            self.progress(f"parity: {found}")
            parity_check.check(found, self.precision)
            facts["parity"] = found.to_dict()
        return facts

    @contextmanager
    def _reference(self) -> Iterator[Engine]:
        """ONNX Runtime on the user's file; for int8 on the very graph that was built, whose
        rounding is part of the model and was accepted when it was quantised."""
        camera = self.options.camera
        if self.precision != "int8":
            with OnnxRuntimeEngine(self.path, camera=camera) as engine:
                yield engine
            return
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / "built.onnx"
            built.write_bytes(prepare_for_build(self.path.read_bytes(), self.precision, 1))
            with OnnxRuntimeEngine(built, camera=camera) as engine:
                yield engine


def _with_facts(engine: Engine, facts: Mapping[str, Any]) -> Engine:
    """Put what is known of its build into an engine's identity, for logs and diagnostics."""
    engine.info = replace(engine.info, details={**engine.info.details, **facts})
    return engine
