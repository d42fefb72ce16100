"""Latency statistics of per-frame times: percentiles over all frames, no warm-up hidden.

Published "ms per frame" is often the mean of a batch or the first frame of one run; a robot feels
the tail, so p95, p99 and the maximum are always part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]

LATENCY_STATISTICS: dict[str, Callable[[Times], float]] = {
    "mean_ms": lambda t: float(np.mean(t)),
    "p50_ms": lambda t: float(np.percentile(t, 50)),
    "p95_ms": lambda t: float(np.percentile(t, 95)),
    "p99_ms": lambda t: float(np.percentile(t, 99)),
    "max_ms": lambda t: float(np.max(t)),
    "min_ms": lambda t: float(np.min(t)),
}


def latency_statistics(times_ms: Sequence[float]) -> dict[str, float]:
    """Every statistic of the table, and the number of frames; {} for no frames."""
    times = np.asarray(times_ms, np.float64)
    if times.size == 0:
        return {}
    return {"frames": float(times.size)} | {k: f(times) for k, f in LATENCY_STATISTICS.items()}


def histogram(times_ms: Sequence[float], bins: int = 30) -> tuple[Times, npt.NDArray[np.int64]]:
    """(edges [bins + 1], counts [bins]) from 0 to the 99.5th percentile; slower frames are put
    into the last bin so that every frame is counted."""
    times = np.asarray(times_ms, np.float64)
    top = max(float(np.percentile(times, 99.5)), 1e-6)
    counts, edges = np.histogram(np.minimum(times, top), bins=bins, range=(0.0, top))
    return edges, counts.astype(np.int64)
