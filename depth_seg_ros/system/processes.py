"""Processes that do not outlive the one that started them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_CLEANING_S = 0.5
"""Time a worker gets to remove what it had half written."""
_PATIENCE_S = 15.0
"""How long all workers together get before they are killed."""


def end_with_parent() -> None:
    """To be called in a worker process: when its parent is gone, however it ended, so is it.

    Without this, the workers of a killed command go on working, and writing, for hours. SIGTERM
    (:func:`end_workers`) unwinds the work, so that nothing half written stays; Ctrl-C, which the
    terminal sends to workers too, is the parent's to deal with.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _unwind)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="end_with_parent", daemon=True).start()


_unwinding_since = float("-inf")


def _unwind(number: int, frame: object) -> None:
    """Drop the work in hand; a second signal at once must not interrupt the cleaning up."""
    global _unwinding_since
    if time.monotonic() - _unwinding_since < _CLEANING_S:
        return
    _unwinding_since = time.monotonic()
    raise SystemExit(128 + number)


def end_workers() -> None:
    """Make every worker process of this one drop its work: the command was interrupted.

    A pool's worker survives the end of one piece and begins the next that waits in its queue: it is
    told again, and killed in the end.
    """
    end = time.monotonic() + _PATIENCE_S
    while (workers := multiprocessing.active_children()) and time.monotonic() < end:
        for worker in workers:
            worker.terminate()
        workers[0].join(2 * _CLEANING_S)
    for worker in multiprocessing.active_children():
        worker.kill()


def die_with_parent() -> None:
    """``preexec_fn`` of a child process on Linux: when its parent is killed (SIGKILL leaves nobody
    to end it), it is told to end. Elsewhere nothing happens."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end_processes(processes: Collection[subprocess.Popen[bytes]], patience_s: float) -> None:
    """Ask all of them to end (SIGTERM), wait, and kill those that do not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + patience_s
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
