"""Sums that do not depend on the order or the grouping of their terms.

Scores of many recordings are added up on many machines. Floating-point addition would give other
last digits for every grouping; here each term is rounded once, to a multiple of 2^-60, and the rest
is whole numbers. So the mean over all frames is the same number, bit for bit, however the frames
were dealt out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

UNIT = 1 << 60


def whole(value: float) -> int:
    """``value`` in units of 2^-60 (exact from 2^-8 on)."""
    return int(value * UNIT)


@dataclass
class ExactSum:
    """total: in units of 2^-60. unknown: terms that were no finite number; they make it NaN."""

    total: int = 0
    unknown: int = 0

    def add(self, value: float) -> None:
        if math.isfinite(value):
            self.total += whole(value)
        else:
            self.unknown += 1

    def merge(self, other: ExactSum) -> None:
        self.total += other.total
        self.unknown += other.unknown

    def over(self, count: int) -> float:
        """The sum divided by ``count``, rounded once."""
        return math.nan if self.unknown else self.total / (UNIT * count)

    def to_json(self) -> list[int]:
        return [self.total, self.unknown]

    @classmethod
    def from_json(cls, data: Sequence[int]) -> ExactSum:
        return cls(*map(int, data))
