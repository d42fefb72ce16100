"""Rates of a live loop over its last seconds: a node that runs for a month reports those, not the
month."""

from __future__ import annotations

from collections import deque


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

    def count(self, now: float) -> int:
        """Events of the last ``span_s`` seconds."""
        self._forget(now)
        return len(self._times)

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
