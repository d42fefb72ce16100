"""Built engines on disk: found again only where every fact they depend on is the same.

An entry is one folder, ``<model>-<precision>-<digest>/``, with ``engine.plan`` and ``engine.json``;
the folder appears when both are whole. The digest covers the key; the JSON holds the
key in full and the plan's SHA-256, so a corrupt, foreign or hand-copied entry is noticed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import EngineError
from depth_seg_ros.system.atomic import atomic_output, remove

FORMAT_VERSION = 1
_PLAN, _FACTS = "engine.plan", "engine.json"


def default_folder() -> Path:
    """``$DEPTH_SEG_ROS_CACHE``, else depth_seg_ros/engines in $XDG_CACHE_HOME or ``~/.cache``."""
    if chosen := os.environ.get("DEPTH_SEG_ROS_CACHE"):
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "depth_seg_ros" / "engines"


@dataclass(frozen=True)
class CacheKey:
    """Everything a built engine depends on.

    model: name, for humans. model_sha256: of the ONNX file it was built from.
    backend, backend_version: and the exact version of the library.
    device, compute_capability, driver: of the GPU.
    precision, shape: of the engine; shape is [B, h, w, 3].
    options: of the build (DLA core, compatibility, …).
    """

    model: str
    model_sha256: str
    backend: str
    backend_version: str
    device: str
    compute_capability: str
    driver: str
    precision: str
    shape: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """For JSON, as it comes back from JSON."""
        found: dict[str, Any] = json.loads(json.dumps({"format": FORMAT_VERSION, **asdict(self)}))
        return found

    @property
    def folder_name(self) -> str:
        text = json.dumps(self.to_dict(), sort_keys=True)
        name = "".join(c if c.isalnum() or c in "._+-" else "_" for c in self.model).lstrip(".")
        return f"{name}-{self.precision}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Entry:
    """One engine on disk. facts: what was stored with it (parity, layers, build time)."""

    path: Path
    key: Mapping[str, Any]
    plan_sha256: str
    facts: Mapping[str, Any]

    @property
    def plan_path(self) -> Path:
        return self.path / _PLAN

    @property
    def size_mib(self) -> float:
        return self.plan_path.stat().st_size / 2**20

    def described(self) -> dict[str, Any]:
        """What a loaded engine says of its build: the facts, and where its file is."""
        return {**self.facts, "engine_file": str(self.plan_path)}

    def read_plan(self) -> bytes:
        """The engine's bytes; EngineError where they are not the ones that were written."""
        try:
            plan = self.plan_path.read_bytes()
        except OSError as e:
            raise EngineError(f"cached engine {self.path} cannot be read ({e})") from e
        if hashlib.sha256(plan).hexdigest() != self.plan_sha256:
            raise EngineError(f"cached engine {self.path} is damaged (its SHA-256 differs)")
        return plan

    def difference(self, key: CacheKey) -> list[str]:
        """Names of the facts in which it differs from ``key``."""
        wanted = key.to_dict()
        return [k for k in wanted if self.key.get(k) != wanted[k]]


class EngineCache:
    """A folder of built engines."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder else default_folder()

    def find(self, key: CacheKey) -> Entry | None:
        """The entry for this key; None where there is none.

        EngineError where its place holds something else (unreadable, foreign): build anew.
        """
        path = self.folder / key.folder_name
        if not path.exists():
            return None
        entry = _read(path)
        if differing := entry.difference(key):
            raise EngineError(f"cached engine {path} is for another {', '.join(differing)}")
        return entry

    def store(self, key: CacheKey, plan: bytes, facts: Mapping[str, Any]) -> Entry:
        """Write an entry whole, in place of any old one."""
        place = self.folder / key.folder_name
        digest = hashlib.sha256(plan).hexdigest()
        data = {"key": key.to_dict(), "plan_sha256": digest, "facts": dict(facts)}
        try:
            with atomic_output(place) as partial:
                partial.mkdir()
                (partial / _PLAN).write_bytes(plan)
                (partial / _FACTS).write_text(json.dumps(data, indent=1), encoding="utf-8")
        except OSError as e:
            raise self._refusal(e) from e
        return _read(place)

    def kept(self, key: CacheKey) -> Path:
        """Folder of a backend, version and GPU for kernel timings and compiled kernels, which make
        later builds and starts shorter; it may not exist yet."""
        words = f"{key.backend}-{key.backend_version}-{key.device}-{key.compute_capability}"
        return self.folder / f"kept_{''.join(c if c.isalnum() else '_' for c in words)}"

    def entries(self) -> list[Entry]:
        """All readable entries by name."""
        found = []
        for path in sorted(self.folder.glob("*-*")):
            if path.is_dir() and not path.name.startswith("."):
                try:
                    found.append(_read(path))
                except EngineError:
                    found.append(Entry(path, {}, "", {"damaged": True}))
        return found

    def clear(self) -> list[Path]:
        """Remove every entry and what interrupted writers left; returns what was removed."""
        removed = [e.path for e in self.entries()] + list(self.folder.glob(".*.partial"))
        for path in removed:
            remove(path)
        for leftover in [*self.folder.glob("kept_*"), *self.folder.glob("*.lock")]:
            remove(leftover)
        return removed

    @contextmanager
    def lock(self, key: CacheKey) -> Iterator[None]:
        """One builder at a time for a key: a second node waits, then finds the engine."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = (self.folder / f".{key.folder_name}.lock").open("w")
        except OSError as e:
            raise self._refusal(e) from e
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _refusal(self, error: OSError) -> EngineError:
        why = error.strerror or error
        return EngineError(
            f"engine cache {self.folder} cannot be written ({why}); free some space or set "
            "DEPTH_SEG_ROS_CACHE"
        )


def _read(path: Path) -> Entry:
    try:
        data = json.loads((path / _FACTS).read_text(encoding="utf-8"))
        return Entry(path, data["key"], data["plan_sha256"], data["facts"])
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise EngineError(f"cached engine {path} has no readable description ({e})") from e
