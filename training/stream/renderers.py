"""Processes that render scenes ahead of the training, in order, as far as memory allows."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import cv2

from depth_seg_ros.system.processes import end_with_parent, end_workers
from training.data.resample import NetworkSample
from training.errors import TrainingError

Scene = list[NetworkSample]
Make = Callable[[int], Scene]


class Renderers:
    """Scenes by number, made by ``workers`` processes, or on the spot with 0.

    ``keep`` says which scenes are wanted: those are begun in order, older ones are forgotten.
    """

    def __init__(self, make: Make, workers: int) -> None:
        self._make = make
        self._workers = workers
        self._scenes: dict[int, Future[Scene]] = {}
        self._pool: ProcessPoolExecutor | None = None
        if workers > 0:
            context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
            self._pool = ProcessPoolExecutor(workers, context, _start_worker)

    def __enter__(self) -> Renderers:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            end_workers()
        self.close()

    def close(self) -> None:
        """End the processes; what they are at is thrown away."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def keep(self, wanted: range) -> None:
        """Begin what is wanted (with a few more than processes in hand), forget what is older."""
        for number in [n for n in self._scenes if n < wanted.start]:
            del self._scenes[number]
        for number in range(wanted.start, wanted.stop + 2 * self._workers):
            if number not in self._scenes and (self._pool is not None or number in wanted):
                self._scenes[number] = self._begin(number)

    def scene(self, number: int) -> Scene:
        """Waits until the scene is there."""
        try:
            return self._scenes[number].result()
        except BrokenProcessPool as e:
            raise TrainingError(
                "a process that renders scenes died (killed, or out of memory); --resume the run, "
                "with fewer data.stream.workers if memory is short"
            ) from e

    def _begin(self, number: int) -> Future[Scene]:
        if self._pool is not None:
            return self._pool.submit(self._make, number)
        future: Future[Scene] = Future()
        future.set_result(self._make(number))
        return future


def _start_worker() -> None:
    end_with_parent()
    os.nice(5)  # the training's own thread comes first
    cv2.setNumThreads(1)
