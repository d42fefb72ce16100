"""From an ONNX file to a checked engine for this machine: find it in the cache, or build it.

The steps are the same for every backend that compiles ahead of time; what differs (identify the
machine, build, load) is a :class:`Toolchain` in the table ``TOOLCHAINS``. An engine is handed out
only after it agreed with ONNX Runtime on this machine, now or when it was built.
"""

from __future__ import annotations

import logging
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from depth_seg_ros.engines import parity as parity_check
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.cache import CacheKey, EngineCache, Entry
from depth_seg_ros.engines.onnxruntime import OnnxRuntimeEngine
from depth_seg_ros.engines.precision import prepare_for_build
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import file_sha256, read_spec

Progress = Callable[[str], None]
_log = logging.getLogger(__name__)

_LAYER_NAMES = {"fp32": ("fp32", "tf32"), "fp16": ("fp16",), "int8": ("int8",)}


@dataclass(frozen=True)
class BuildOptions:
    """What a user may choose about a build; all of it is part of the cache key.

    precision: None keeps the file's; ``fp16`` converts a float32 file; ``int8`` wants a QDQ file.
    batch: images a call (several cameras).
    device: index of the GPU.
    workspace_mib: memory the builder's kernels may use; None leaves it to the backend.
    tf32: let float32 arithmetic round to TF32 (10 bits of mantissa); off, float32 means float32.
    optimization_level: 0..5, build time against speed; None is the backend's default.
    dla_core: put what can be there on this DLA core, the rest on the GPU.
    version_compatible: the engine also loads in later versions of the backend.
    hardware_compatible: the engine also runs on other GPUs of Ampere or later (slower).
    """

    precision: str | None = None
    batch: int = 1
    device: int = 0
    workspace_mib: int | None = None
    tf32: bool = False
    optimization_level: int | None = None
    dla_core: int | None = None
    version_compatible: bool = False
    hardware_compatible: bool = False

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise EngineError(f"batch is {self.batch}; give at least 1")
        if self.workspace_mib is not None and self.workspace_mib < 1:
            raise EngineError(f"workspace_mib is {self.workspace_mib}; give at least 1")
        level = self.optimization_level
        if level is not None and not 0 <= level <= 5:
            raise EngineError(f"optimization_level is {level}; give 0..5")


@dataclass(frozen=True)
class Target:
    """The machine an engine is for."""

    backend_version: str
    device: str
    compute_capability: str
    driver: str


class Toolchain(ABC):
    """How one backend makes and runs engine files."""

    @abstractmethod
    def identify(self, device: int) -> Target:
        """The machine here; EngineError where it cannot build or run."""

    @abstractmethod
    def build(
        self, onnx: bytes, options: BuildOptions, timing_cache: Path, progress: Progress
    ) -> bytes:
        """An engine file from ONNX bytes whose types are to be taken as they are."""

    @abstractmethod
    def load(self, plan: bytes, options: BuildOptions, precision: str) -> Engine:
        """A running engine; its ``details["layers"]`` counts layers by precision, if known."""


def _tensorrt() -> Toolchain:
    from depth_seg_ros.engines.tensorrt import TensorRtToolchain

    return TensorRtToolchain()


TOOLCHAINS: dict[str, Callable[[], Toolchain]] = {"tensorrt": _tensorrt}


def open_built(
    path: str | Path,
    backend: str = "tensorrt",
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
    job = _Job(Path(path), backend, options or BuildOptions(), parity, progress or _log.info)
    cache = cache or EngineCache()
    with cache.lock(job.key):  # a second node waits here, then finds the engine
        engine = None if rebuild else job.from_cache(cache)
        return engine or job.build(cache)


class _Job:
    """One request, with what is derived from it."""

    def __init__(
        self, path: Path, backend: str, options: BuildOptions, parity: bool, progress: Progress
    ) -> None:
        self.path = path
        self.options = options
        self.parity = parity
        self.progress = progress
        self.toolchain = TOOLCHAINS[backend]()
        spec = read_spec(path)
        self.precision = options.precision or spec.precision
        target = self.toolchain.identify(options.device)
        chosen = {k: v for k, v in asdict(options).items() if k not in ("precision", "batch")}
        self.key = CacheKey(
            model=spec.name,
            model_sha256=file_sha256(path),
            backend=backend,
            precision=self.precision,
            shape=(options.batch, spec.input_height, spec.input_width, 3),
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
            engine = self.toolchain.load(entry.read_plan(), self.options, self.precision)
        except EngineError as e:
            self.progress(f"{e}; building anew")
            return None
        self.progress(f"engine found in {entry.path}")
        return _with_facts(engine, entry)

    def build(self, cache: EngineCache) -> Engine:
        """Build, check and store."""
        key = self.key
        self.progress(
            f"building {key.model} {key.precision} {list(key.shape)} for {key.device} "
            f"({key.backend} {key.backend_version}); this can take minutes"
        )
        onnx = prepare_for_build(self.path.read_bytes(), self.precision, self.options.batch)
        start = time.monotonic()
        plan = self.toolchain.build(onnx, self.options, _timing_cache(cache, key), self.progress)
        seconds = time.monotonic() - start
        engine = self.toolchain.load(plan, self.options, self.precision)
        try:
            facts = {"build_seconds": round(seconds, 1), **self._checked(engine, onnx)}
        except BaseException:
            engine.close()
            raise
        entry = cache.store(key, plan, facts)
        self.progress(f"engine of {entry.size_mib:.1f} MiB built in {seconds:.0f} s: {entry.path}")
        return _with_facts(engine, entry)

    def _checked(self, engine: Engine, onnx: bytes) -> dict[str, Any]:
        """Facts to store; EngineError where precision or numbers are not what was asked for."""
        layers: Mapping[str, int] = engine.info.details.get("layers", {})
        if layers and not any(name in layers for name in _LAYER_NAMES[self.precision]):
            raise EngineError(
                f"engine refused: {self.precision} was asked for, its layers are {dict(layers)}"
            )
        facts: dict[str, Any] = {"layers": dict(layers), "parity": None}
        if self.parity:
            with self._reference(onnx) as reference:
                found = parity_check.measure(engine, reference)
            self.progress(f"parity: {found}")
            parity_check.check(found, self.precision)
            facts["parity"] = found.to_dict()
        return facts

    @contextmanager
    def _reference(self, onnx: bytes) -> Iterator[Engine]:
        """ONNX Runtime on the user's file; for int8 on the very graph that was built, whose
        rounding is part of the model and was accepted when it was quantised."""
        if self.precision != "int8":
            with OnnxRuntimeEngine(self.path) as engine:
                yield engine
            return
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / "built.onnx"
            built.write_bytes(onnx)
            with OnnxRuntimeEngine(built) as engine:
                yield engine


def _timing_cache(cache: EngineCache, key: CacheKey) -> Path:
    """Where kernel timings of this GPU and version are kept: later builds are much shorter."""
    words = f"{key.backend}-{key.backend_version}-{key.device}-{key.compute_capability}"
    return cache.folder / f"timing-{''.join(c if c.isalnum() else '_' for c in words)}.cache"


def _with_facts(engine: Engine, entry: Entry) -> Engine:
    """Put what was stored with the engine into its identity, for logs and diagnostics."""
    details = {**engine.info.details, **entry.facts, "engine_file": str(entry.plan_path)}
    engine.info = replace(engine.info, details=details)
    return engine
