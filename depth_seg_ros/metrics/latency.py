"""Latency statistics of per-frame times: percentiles over all frames, no warm-up hidden.

Published "ms per frame" is often the mean of a batch or the first frame of one run; a robot feels
the tail, so p95, p99 and the maximum are always part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.metrics.sums import ExactSum

Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Percentiles:
    """Summary of measurements [ms]. ``count`` says how many it rests on."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, values_ms: Iterable[float]) -> Percentiles | None:
        """The summary, or None of nothing: there is no percentile of no measurement."""
        values = np.fromiter(values_ms, np.float64)
        if values.size == 0:
            return None
        p50, p95, p99 = np.percentile(values, (50, 95, 99))
        return cls(values.size, float(p50), float(p95), float(p99), float(values.max()))

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f} p95 {self.p95:.1f} p99 {self.p99:.1f} max {self.max:.1f} ms"


def latency_statistics(times_ms: Sequence[float]) -> dict[str, float]:
    """Number of frames, mean, percentiles and extremes for a report; {} for no frames."""
    p = Percentiles.of(times_ms)
    if p is None:
        return {}
    return {
        "frames": float(p.count),
        "mean_ms": float(np.mean(times_ms)),
        "p50_ms": p.p50,
        "p95_ms": p.p95,
        "p99_ms": p.p99,
        "max_ms": p.max,
        "min_ms": float(np.min(times_ms)),
    }


def histogram(times_ms: Sequence[float], bins: int = 30) -> tuple[Times, npt.NDArray[np.int64]]:
    """(edges [bins + 1], counts [bins]) from 0 to the 99.5th percentile; slower frames are put
    into the last bin so that every frame is counted."""
    times = np.asarray(times_ms, np.float64)
    top = max(float(np.percentile(times, 99.5)), 1e-6)
    counts, edges = np.histogram(np.minimum(times, top), bins=bins, range=(0.0, top))
    return edges, counts.astype(np.int64)


class LatencyHistogram:
    """Times in bins 1 % wide, to be added up over recordings: percentiles good to 1 %."""

    _RATIO = 1.01

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.total_ms = ExactSum()

    def add(self, time_ms: float) -> None:
        index = math.floor(math.log(max(time_ms, 1e-6), self._RATIO))
        self.counts[index] = self.counts.get(index, 0) + 1
        self.total_ms.add(time_ms)

    def merge(self, other: LatencyHistogram) -> None:
        for index, count in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + count
        self.total_ms.merge(other.total_ms)

    def statistics(self) -> dict[str, float]:
        """As :func:`latency_statistics`; percentiles are the upper edges of their bins."""
        count = sum(self.counts.values())
        if not count:
            return {}
        ordered = sorted(self.counts.items())
        edges = [self._RATIO ** (index + 1) for index, _ in ordered]
        reached = np.cumsum([n for _, n in ordered])
        at = {
            f"p{p}_ms": float(edges[int(np.searchsorted(reached, p / 100 * count))])
            for p in (50, 95, 99)
        }
        lowest = float(self._RATIO ** ordered[0][0])
        extremes = {"max_ms": float(edges[-1]), "min_ms": lowest}
        return {"frames": float(count), "mean_ms": self.total_ms.over(count), **at, **extremes}

    def to_json(self) -> dict[str, Any]:
        counts = {str(k): v for k, v in sorted(self.counts.items())}
        return {"counts": counts, "total_ms": self.total_ms.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LatencyHistogram:
        one = cls()
        one.counts = {int(k): int(v) for k, v in data["counts"].items()}
        one.total_ms = ExactSum.from_json(data["total_ms"])
        return one
