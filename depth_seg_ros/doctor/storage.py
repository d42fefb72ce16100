"""Caches, their sizes, and the room they have."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from depth_seg_ros.doctor.findings import HINT, Finding
from depth_seg_ros.engines.cache import EngineCache

ROOM_MIB = 512
"""A few engines with their kernels."""


def findings(environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """The engine cache and Numba's."""
    return [*_engines(EngineCache()), _numba(environment)]


def _engines(cache: EngineCache) -> list[Finding]:
    entries = cache.entries()
    damaged = [e.path.name for e in entries if e.facts.get("damaged")]
    value = f"{cache.folder}: {len(entries)} engines, {size_mib(cache.folder):.0f} MiB"
    found = [Finding("caches", "engines", value)]
    if damaged:
        cure = "they are built again when needed; or depth-seg build_engine --clear"
        found.append(Finding("caches", "damaged engines", ", ".join(damaged), HINT, cure))
    place = next(p for p in (cache.folder, *cache.folder.parents) if p.exists())
    free = shutil.disk_usage(place).free >> 20
    if free < ROOM_MIB or not os.access(place, os.W_OK):
        told = f"{free} MiB free{'' if os.access(place, os.W_OK) else ', not writable'}"
        cure = "free some space, or set DEPTH_SEG_ROS_CACHE to another folder"
        found.append(Finding("caches", "room for engines", told, HINT, cure))
    return found


def _numba(environment: Mapping[str, str]) -> Finding:
    folder = environment.get("NUMBA_CACHE_DIR", "")
    if not folder:
        return Finding("caches", "Numba (virtual worlds)", "beside the sources")
    return Finding(
        "caches", "Numba (virtual worlds)", f"{folder}: {size_mib(Path(folder)):.0f} MiB"
    )


def size_mib(folder: Path) -> float:
    """Of all files in a folder; 0 where there is none."""
    sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return sum(sizes) / 2**20
