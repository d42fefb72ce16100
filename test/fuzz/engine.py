"""Runs targets on damaged copies of their seeds, the same cases for the same seed."""

from __future__ import annotations

import random
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from mutate import damaged_bytes, damaged_text
from targets import Target

from depth_seg_ros.errors import DepthSegError

HANG_S = 20


@dataclass(frozen=True)
class Finding:
    """An input that did what none may do."""

    target: str
    number: int
    data: bytes
    what: str


class HangError(Exception):
    """One case took longer than any may."""


def case(target: Target, seed: int, number: int) -> bytes:
    """The ``number``-th damaged input of a seed."""
    rng = random.Random(f"{seed}/{number}")
    good = rng.choice(target.seeds())
    if target.text:
        return damaged_text(good.decode("utf-8"), rng).encode("utf-8", "surrogatepass")
    return damaged_bytes(good, rng)


def attempt(name: str, target: Target, number: int, data: bytes) -> Finding | None:
    """Run one input; what it did wrong, or None."""
    try:
        with _watched():
            target.run(data)
    except DepthSegError as e:
        if "\n" in str(e):
            return Finding(name, number, data, f"an error of several lines: {e}")
    except (Exception, HangError):
        return Finding(name, number, data, traceback.format_exc())
    return None


@contextmanager
def _watched() -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise HangError(f"still at it after {HANG_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANG_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
