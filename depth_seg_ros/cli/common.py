"""What every command shares: known errors become one line and exit status 1; numbers of options
are checked where they are read, so that a bad one ends with argparse's line and exit status 2."""

from __future__ import annotations

import math
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable

from depth_seg_ros.errors import DepthSegError


def run(work: Callable[[], object]) -> int:
    """Do the work; 0, or 1 after one line on stderr. Ctrl-C ends with 130, quietly."""
    try:
        work()
    except DepthSegError as e:
        print(f"error: {e}", file=sys.stderr)
        return 1
    except OSError as e:
        # A full disk, a missing permission, a vanished file: the system's words name it.
        print(f"error: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


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
