"""Does what is seen contradict the height that a camera is said to have? Evidence over time.

A network sees little of its camera's height: told 0.4 m or 2 m, the ground alone looks nearly the
same to it. So single frames cannot tell a height that is wrong by 5 times, and true frames of a
drone look stranger than wrong ones of a robot. Two things add up over seconds:

- **things of known size** (:mod:`.known_sizes`): after the correction cars and people must have
  their sizes. Each counts once for each size and place it is seen at, so that one that is looked at
  for long weighs no more than others;
- **the ground**, where the attitude is known and the network is not told its rig: how far it is off
  from what is usual at that height (``GroundFit.rest``), beyond the range that true frames had.

Bounds and how often they err are measured: docs/ros.md, Any height.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from depth_seg_ros.perception.ground_fit import CONTRADICTION, GroundFit
from depth_seg_ros.perception.known_sizes import Thing
from depth_seg_ros.types import Rig

WINDOW_S = 10.0
LOOK_S = 0.2
"""Evidence is taken so often, by the stamps."""
FEWEST_LOOKS = 10
"""And so at least 2 s of them."""
FEWEST_SIGHTINGS = 3
SIZE_BOUND = 0.7
"""In ln: a quarter of the sightings at most may lie on this side of it (2 times too large)."""
CELL = 0.2
"""In ln: sightings of one size and depth are one."""
RELEASE = 0.8
"""A contradiction ends where the evidence is within this share of the bounds."""
JUMP = math.log(1.25)
"""Of the height from one look to the next: another height was given; old evidence says nothing."""

RATIOS = np.log(np.array([0.3, 0.5, 0.9, 1.65, 3.5, 7.0, 14.0, 28.0]) / 1.65)
LOWEST = np.array([-0.20, -0.25, -0.37, -0.35, -0.78, -0.50, -0.30, -0.10])
HIGHEST = np.array([0.72, 0.70, 0.52, 0.42, 0.42, 0.72, 0.95, 1.75])
"""Range of ``rest`` of true frames by ln (height / taught height): the 99.5 % range of each bin of
heights, and 0.05 to 0.1 more."""

MEASURED = (0.25 / 1.65, 35 / 1.65)
"""Heights, over the taught one, that all this was measured at (0.3 to 30 m), and a little more."""


class HeightDoubt:
    """One camera's evidence; see :meth:`add` and :attr:`words`."""

    def __init__(self, taught_m: float | None) -> None:
        """taught_m: height the network was taught; None: it is told its rig."""
        self._taught_m = taught_m
        self._rests: deque[tuple[int, float]] = deque()
        self._sightings: dict[tuple[str, int, int], tuple[int, float]] = {}
        self._log_height = math.nan
        self._next_ns = 0
        self.words = ""
        """What contradicts the height, for people; "" while nothing does."""

    @property
    def sizes(self) -> float | None:
        """How many times too large things of known size look (median); None: none were seen."""
        sizes = [size for _, size in self._sightings.values()]
        return math.exp(float(np.median(sizes))) if sizes else None

    def wants(self, stamp_ns: int) -> bool:
        """Whether it is time for another look."""
        return stamp_ns >= self._next_ns

    def add(self, stamp_ns: int, rig: Rig, fit: GroundFit, things: Sequence[Thing]) -> None:
        """Take one frame's evidence; fit: one that has numbers."""
        self._next_ns = stamp_ns + round(LOOK_S * 1e9)
        if abs(math.log(rig.height_m) - self._log_height) > JUMP:
            self._rests.clear()
            self._sightings.clear()
            self.words = ""
        self._log_height = math.log(rig.height_m)
        self._rests.append((stamp_ns, fit.rest))
        for thing in things:
            cell = thing.name, round(thing.log_size / CELL), round(thing.log_z / CELL)
            self._sightings[cell] = stamp_ns, log_size(thing, fit)
        oldest = stamp_ns - round(WINDOW_S * 1e9)
        while self._rests and self._rests[0][0] < oldest:
            self._rests.popleft()
        for cell in [c for c, (seen_ns, _) in self._sightings.items() if seen_ns < oldest]:
            del self._sightings[cell]
        self.words = self._judge(rig, RELEASE if self.words else 1.0)

    def _judge(self, rig: Rig, share: float) -> str:
        if len(self._rests) < FEWEST_LOOKS:
            return ""
        sizes = [size for _, size in self._sightings.values()]
        if len(sizes) >= FEWEST_SIGHTINGS and (words := size_doubt(sizes, share)):
            return words
        return ground_doubt([rest for _, rest in self._rests], rig, self._taught_m, share)


def unmeasured(height_m: float, taught_m: float | None) -> str:
    """Why nothing can be said of a height; "" = something can."""
    if taught_m is None or MEASURED[0] <= height_m / taught_m <= MEASURED[1]:
        return ""
    low, high = (share * taught_m for share in MEASURED)
    return f"{height_m:.3g} m is none of the heights that were measured ({low:.2g} to {high:.2g} m)"


def log_size(thing: Thing, fit: GroundFit) -> float:
    """ln of how many times too large a thing looks after the correction."""
    return thing.log_size + fit.corrected(thing.log_z)


def size_doubt(sizes: Sequence[float], share: float = 1.0) -> str:
    """What is wrong with the sizes of things, in ln of how many times too large; "" = nothing."""
    low, middle, high = np.quantile(sizes, (0.25, 0.5, 0.75)).tolist()
    if low <= share * SIZE_BOUND and high >= -share * SIZE_BOUND:
        return ""
    side = "large" if middle > 0 else "small"
    return f"cars and people look {math.exp(abs(middle)):.1f} times too {side}"


def ground_doubt(
    rests: Sequence[float], rig: Rig, taught_m: float | None, share: float = 1.0
) -> str:
    """What is wrong with the ground for that height; "" = nothing.

    Without the attitude, or where the network is told its rig, only the widest bound is known.
    """
    rest, low, high = float(np.median(rests)), -CONTRADICTION, CONTRADICTION
    if rig.attitude_known and taught_m is not None:
        ratio = math.log(rig.height_m / taught_m)
        low, high = (float(np.interp(ratio, RATIOS, bounds)) for bounds in (LOWEST, HIGHEST))
    if share * low <= rest <= share * min(high, CONTRADICTION):
        return ""
    side = "near" if rest > 0 else "far"
    return f"the ground looks {math.exp(abs(rest)):.1f} times as {side} as is usual"
