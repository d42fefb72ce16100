"""Which scenes are in memory at a step, and which of their frames the step learns from.

A pure function of (seed, step), so that a run that was interrupted goes on with the same frames.
Scenes 0, 1, 2, ... pass through a window of fixed length; a step draws its batch from the frames
of the window, so a frame is drawn ``uses`` times on average before its scene leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Schedule:
    """window: scenes in memory; frames: of each; uses: how often a frame is seen on average.

    batch: frames a step on this rank; rank, world: this process among those of the run, each of
    which has scenes of its own.
    """

    window: int
    frames: int
    uses: float
    batch: int
    seed: int
    rank: int = 0
    world: int = 1

    def first(self, step: int) -> int:
        """The oldest scene in memory at a step, counted on this rank."""
        return int(step * self.batch / (self.frames * self.uses))

    def scenes(self, step: int) -> range:
        """All scenes in memory at a step, counted on this rank."""
        return range(self.first(step), self.first(step) + self.window)

    def index(self, scene: int) -> int:
        """The scene of this rank among those of all ranks."""
        return scene * self.world + self.rank

    def picks(self, step: int) -> list[tuple[int, int]]:
        """(scene, frame) of every image of a step, none twice."""
        rng = np.random.default_rng((self.seed, self.rank, step))
        chosen = rng.choice(self.window * self.frames, self.batch, replace=False)
        first = self.first(step)
        return [(first + int(c) // self.frames, int(c) % self.frames) for c in chosen]
