"""Batches of augmented frames of a stream of scenes, prepared one step ahead."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from training.config import AugmentConfig
from training.data.augment import augment
from training.data.loader import Batch, collate
from training.data.resample import NetworkSample
from training.stream.renderers import Make, Renderers
from training.stream.schedule import Schedule

_THREADS = 4
"""That augment: OpenCV works outside Python's lock."""


def stream_batches(
    make: Make,
    schedule: Schedule,
    variation: AugmentConfig | None,
    workers: int,
    start: int,
    steps: int,
) -> Generator[Batch, None, None]:
    """The batches of steps ``start`` to ``steps``; ``make`` renders a scene by its index.

    Returns when the first window is in memory, so that the clock of a run does not count it.
    """
    renderers = Renderers(_OfRank(make, schedule), workers)
    try:
        _fill(renderers, schedule, start)
    except BaseException:
        renderers.close()
        raise
    return _steps(renderers, schedule, variation, start, steps)


def _steps(
    renderers: Renderers,
    schedule: Schedule,
    variation: AugmentConfig | None,
    start: int,
    steps: int,
) -> Generator[Batch, None, None]:
    with renderers, ThreadPoolExecutor(_THREADS) as threads, ThreadPoolExecutor(1) as ahead:

        def batch(step: int) -> Batch:
            renderers.keep(schedule.scenes(step))
            chosen = [renderers.scene(scene)[frame] for scene, frame in schedule.picks(step)]
            seeds = [(schedule.seed, schedule.rank, step, n) for n in range(len(chosen))]
            return collate(list(threads.map(_vary, chosen, seeds, [variation] * len(chosen))))

        following = ahead.submit(batch, start)
        for step in range(start, steps):
            ready = following.result()
            if step + 1 < steps:
                following = ahead.submit(batch, step + 1)
            yield ready


def _fill(renderers: Renderers, schedule: Schedule, start: int) -> None:
    """Wait for the first window, and show that something is happening."""
    first = schedule.scenes(start)
    renderers.keep(first)
    for scene in tqdm(first, desc="first scenes", unit="scene", disable=schedule.rank > 0):
        renderers.scene(scene)


class _OfRank:
    """Makes the scenes of one rank by their number there (picklable, for worker processes)."""

    def __init__(self, make: Make, schedule: Schedule) -> None:
        self._make, self._schedule = make, schedule

    def __call__(self, number: int) -> list[NetworkSample]:
        return self._make(self._schedule.index(number))


def _vary(
    sample: NetworkSample, seed: tuple[int, ...], variation: AugmentConfig | None
) -> NetworkSample:
    if variation is None:
        return sample
    return augment(sample, variation, np.random.default_rng(seed))
