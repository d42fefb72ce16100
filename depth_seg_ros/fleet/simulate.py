"""What more workers would bring, from times measured here. A simulation, and said to be one.

The scheduler hands out tasks one after another, a worker draws one at a time, and the results are
summed up at the end by the client. Every worker is taken to be as fast as one measured here, and
the disk to be fast enough for all of them.
"""

from __future__ import annotations

import heapq
import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from distributed import Client, wait


@dataclass(frozen=True)
class Measured:
    """task_s: of each task measured; start_s: of a worker until its first task (imports, kernels);
    hand_out_s: of the scheduler a task; ship_s: of what a worker is sent once; reduce_s: of the
    client a task, at the end."""

    task_s: Sequence[float]
    start_s: float
    hand_out_s: float
    ship_s: float
    reduce_s: float


def simulated_s(measured: Measured, tasks: int, workers: int, seed: int = 0) -> float:
    """Seconds until ``tasks`` tasks, drawn from those measured, are done and summed up."""
    durations = np.random.default_rng(seed).choice(np.asarray(measured.task_s), tasks)
    # What is sent once goes out to one worker after another.
    free_at = [measured.start_s + measured.ship_s * (n + 1) for n in range(workers)]
    heapq.heapify(free_at)
    handed_out = 0.0
    for duration in durations.tolist():
        start = max(heapq.heappop(free_at), handed_out)
        handed_out = start + measured.hand_out_s
        heapq.heappush(free_at, handed_out + duration)
    return max(free_at) + tasks * measured.reduce_s


def table(measured: Measured, tasks: int, workers: Sequence[int]) -> list[list[str]]:
    """With a head row: workers, seconds, speed-up over one worker, efficiency."""
    one = simulated_s(measured, tasks, 1)
    rows = [["workers (simulated)", "time [s]", "times faster", "of the ideal"]]
    for count in workers:
        seconds = simulated_s(measured, tasks, count)
        rows.append(
            [str(count), f"{seconds:.0f}", f"{one / seconds:.1f}", f"{one / seconds / count:.0%}"]
        )
    return rows


def warm(number: int = 0) -> int:
    """A task that only imports what draws."""
    importlib.import_module("depth_seg_ros.virtual_world.data.drive")
    return number


def hand_out_seconds(client: Client, tasks: int = 500) -> float:
    """Seconds a task that does nothing takes, many in a row on all workers."""
    started = time.perf_counter()
    wait(client.map(warm, range(tasks), pure=False))
    return (time.perf_counter() - started) / tasks
