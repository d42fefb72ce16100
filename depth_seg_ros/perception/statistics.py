"""What a live loop measures about itself: percentiles over recent frames, and rates.

Bounded windows, so that a node that runs for a month reports the last seconds and not the month.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Percentiles:
    """Summary of recent measurements [ms]. ``count`` says how many it rests on."""

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


class Rate:
    """Events per second over the last ``span_s`` seconds; by the caller's clock [s]."""

    def __init__(self, span_s: float = 5.0) -> None:
        self._span_s = span_s
        self._times: deque[float] = deque()
        self._first: float | None = None

    def add(self, now: float) -> None:
        """Count one event."""
        if self._first is None:
            self._first = now
        self._times.append(now)
        self._forget(now)

    def hertz(self, now: float) -> float:
        """Rate up to ``now``; falls to zero when events stop coming."""
        self._forget(now)
        if self._first is None or not self._times:
            return 0.0
        if now - self._first >= self._span_s:
            return len(self._times) / self._span_s
        # Young: n events mark n - 1 intervals.
        elapsed = self._times[-1] - self._first
        return (len(self._times) - 1) / elapsed if elapsed > 0 else 0.0

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - self._span_s:
            self._times.popleft()
