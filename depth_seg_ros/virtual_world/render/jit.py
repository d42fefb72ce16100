"""How kernels are compiled and spread over threads.

Kernels release the GIL and work on a range of rows or triangles; Python threads share the ranges
out. Unlike Numba's own ``parallel=True`` this survives a fork, allows renderers in several threads
at once, compiles in a fraction of the time, and gives the same bits for any number of threads.

Numba's disk cache notices a change of the file a kernel is in, not of the files of the kernels it
calls: after editing a kernel, delete the cache (``__pycache__/*.nb?`` or ``NUMBA_CACHE_DIR``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

from depth_seg_ros.virtual_world.render.kernel_cache import HealingCache

Kernel = Callable[..., Any]


def kernel(function: Kernel) -> Kernel:
    """Compile for exact arithmetic: what decides depth and ids."""
    return _compile(function, fastmath=False)


def color_kernel(function: Kernel) -> Kernel:
    """Compile with re-association allowed: colour only."""
    return _compile(function, fastmath=True)


def _compile(function: Kernel, fastmath: bool) -> Kernel:
    """njit, cached on disk where any place for the cache is writable."""
    options = {"nogil": True, "fastmath": fastmath, "error_model": "numpy"}
    compiled: Any = numba.njit(**options)(function)
    # A RuntimeError: no writable cache location, so it is compiled anew in every process.
    with suppress(RuntimeError):
        compiled._cache = HealingCache(function)  # what njit(cache=True) puts there, but healing
    return compiled  # type: ignore[no-any-return]


def was_on_disk(kernel: Any) -> bool:
    """Whether a kernel that has run came from the disk cache."""
    return not sum(kernel.stats.cache_misses.values())


def say_if_compiling() -> None:
    """Tell, on stderr, that the first rendering of an installation compiles before it draws."""
    folder = Path(numba.config.CACHE_DIR or Path(__file__).parent / "__pycache__")
    if next(folder.rglob("*.nbi"), None) is None:
        print("compiling the renderer once, about 20 s ...", file=sys.stderr, flush=True)


class Workers:
    """Runs a kernel over ``[0, total)`` in contiguous ranges, on ``threads`` threads."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = max(1, threads or os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def ranges(self, total: int) -> list[tuple[int, int]]:
        """At most ``threads`` non-empty ranges that cover ``[0, total)`` in order."""
        parts = min(self.threads, total)
        return [(total * i // parts, total * (i + 1) // parts) for i in range(parts)]

    def run(self, total: int, work: Callable[[int, int], Any]) -> list[Any]:
        """``work(begin, end)`` for every range; results in the order of the ranges."""
        ranges = self.ranges(total)
        if self._pool is None or len(ranges) == 1:
            return [work(begin, end) for begin, end in ranges]
        return list(self._pool.map(lambda r: work(*r), ranges))

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
