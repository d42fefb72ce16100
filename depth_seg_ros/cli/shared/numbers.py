"""Numbers of options are checked where they are read: a bad one ends with argparse's line and exit
status 2."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable


def whole(low: int) -> Callable[[str], int]:
    """Type of an option: a whole number of at least ``low``."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low:
            raise ArgumentTypeError(f"{text!r} is not a whole number; give {low} or more")
        return number

    return parse


def positive(text: str) -> float:
    """Type of an option: a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ArgumentTypeError(f"{text!r} is not a positive number; give one such as 0.5 or 10")
    return number
