"""Ctrl-C and SIGTERM end a process in order: summary written, bag closed, run saved."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from depth_seg_ros.system.atomic import write_text

_stopped_by = 0


def exit_status() -> int:
    """130 or 143 by the signal that :func:`stop_on_signals` last saw; 0 where it saw none."""
    return 128 + _stopped_by if _stopped_by else 0


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; the old handlers come back at the end."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        global _stopped_by
        _stopped_by = number
        stop.set()

    before = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def write_summary(path: Path | None, summary: Mapping[str, object]) -> None:
    """JSON, whole or not at all; nothing without a path."""
    if path is not None:
        write_text(path, json.dumps(summary, indent=2) + "\n")
