"""Watches what arrives: stamps and their rhythm, the highest rate, silence."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Arrivals:
    """What :class:`ArrivalWatch` has counted."""

    skipped: int = 0
    backwards: int = 0
    duplicates: int = 0


class ArrivalWatch:
    """Looks at the stamps of arriving images; thins them out to a highest rate.

    A stamp that goes back (a bag played in a loop) or comes twice is counted, and the image is
    taken all the same: the newest image is the one that arrived last. Used from one thread, read
    from any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Arrivals()
        self._last_stamp_ns: int | None = None
        self._next_s = float("-inf")

    def take(self, stamp_ns: int, now_s: float, max_rate_hz: float) -> bool:
        """Whether this image is to be processed. ``now_s``: any steady clock; rate 0 takes all."""
        with self._lock:
            back, twice = self._compare(stamp_ns)
            skipped = max_rate_hz > 0 and not self._due(now_s, 1 / max_rate_hz)
            c = self._counts
            self._counts = Arrivals(c.skipped + skipped, c.backwards + back, c.duplicates + twice)
            return not skipped

    def counts(self) -> Arrivals:
        with self._lock:
            return self._counts

    def _compare(self, stamp_ns: int) -> tuple[bool, bool]:
        last, self._last_stamp_ns = self._last_stamp_ns, stamp_ns
        if last is None:
            return False, False
        return stamp_ns < last, stamp_ns == last

    def _due(self, now_s: float, interval_s: float) -> bool:
        # A grid rather than "interval after the last": 30 Hz thinned to 20 Hz must give 20, not 15.
        # A tenth of jitter is forgiven, or a 10 Hz camera limited to 10 Hz would lose images.
        if now_s < self._next_s - 0.1 * interval_s:
            return False
        on_grid = self._next_s + interval_s
        self._next_s = on_grid if on_grid > now_s else now_s + interval_s
        return True


class SilenceWatch:
    """Notices once when images stop coming, and once when they come again."""

    def __init__(self) -> None:
        self._silent = False

    def look(self, since_input_s: float, after_s: float) -> bool | None:
        """True when silence begins, False when it ends, None while nothing changes."""
        silent = since_input_s > after_s
        if silent == self._silent:
            return None
        self._silent = silent
        return silent


def explain_silence(
    topic: str,
    expected_type: str,
    publishers: int,
    offered: Mapping[str, Collection[str]],
) -> str:
    """Why nothing may be coming on a topic, in words.

    publishers: how many offer it; offered: topics of the graph worth suggesting -> types.
    """
    others = sorted(set(offered.get(topic, ())) - {expected_type})
    if others:
        return f"it carries {', '.join(others)}, not {expected_type}"
    if publishers:
        return (
            f"{publishers} publisher(s) there, but nothing arrives (stopped camera, incompatible "
            "QoS, or receive buffers too small for the image)"
        )
    alike = sorted(t for t, kinds in offered.items() if expected_type in kinds)
    there = f"; {expected_type} is on: {', '.join(alike)}" if alike else ""
    return f"nobody publishes it (remap image:=<your camera's topic>){there}"


@dataclass(frozen=True)
class Gaps:
    """Images that the rhythm of the stamps says are missing, among the last ones."""

    lost: int
    seen: int

    @property
    def share(self) -> float:
        total = self.lost + self.seen
        return self.lost / total if total else 0.0


class RhythmWatch:
    """Finds lost images by gaps in the stamps' own rhythm; silent where there is no rhythm.

    The period is a low quantile of the intervals, so that it is found while most images get lost;
    it counts only while nearly all intervals are multiples of it.
    """

    _WINDOW, _FEWEST = 60, 6
    _QUANTILE, _OFF, _REGULAR = 0.1, 0.2, 0.8

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamps_ns: deque[int] = deque(maxlen=self._WINDOW)

    def add(self, stamp_ns: int) -> None:
        """One arrived image; a stamp that goes back begins anew."""
        with self._lock:
            if self._stamps_ns and stamp_ns < self._stamps_ns[-1]:
                self._stamps_ns.clear()
            self._stamps_ns.append(stamp_ns)

    def gaps(self) -> Gaps | None:
        """What is missing among the last images; None without enough of them, or a rhythm."""
        with self._lock:
            stamps = np.array(self._stamps_ns, np.int64)
        intervals = np.diff(stamps).astype(np.float64)
        intervals = intervals[intervals > 0]
        if len(intervals) < self._FEWEST:
            return None
        periods = intervals / np.quantile(intervals, self._QUANTILE, method="lower")
        whole = np.maximum(np.rint(periods), 1)
        if np.mean(np.abs(periods - whole) <= self._OFF) < self._REGULAR:
            return None
        return Gaps(lost=int((whole - 1).sum()), seen=len(intervals))
