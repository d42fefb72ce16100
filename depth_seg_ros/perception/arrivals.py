"""Watches what arrives: stamps, the highest rate, and silence."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass


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
