"""SIGINT, SIGTERM and SIGHUP unwind the work of a command, like Ctrl-C: what it holds is let go.

A live process, which ends in order instead, asks :mod:`depth_seg_ros.system.signals`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAME_S = 1.0
"""A second signal within this time is the same wish, told by terminal and parent."""


class Stopped(KeyboardInterrupt):
    """The command was told to end by a signal; unwinds everything, like Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def signals_unwind() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise :class:`Stopped`; the old handlers come back at the end,
    unless a signal came: the process is on its way out, and a second one must not cut that short.

    A signal that the caller ignores (``nohup``, a background job) stays ignored.
    """
    owner, first = os.getpid(), 0.0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal first
        if os.getpid() != owner:  # a forked child: nothing of the parent's is its to unwind
            os._exit(128 + number)
        now = time.monotonic()
        if first and now - first < _SAME_S:
            return
        first = now
        raise Stopped(number)

    before: dict[int, Any] = {}
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handle)
    except ValueError:
        pass  # not the main thread: signals are its business
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if first else handler)
