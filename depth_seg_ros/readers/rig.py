"""How the camera of a data set's frame hung above the ground: from its pose and its own truth.

Poses say which way is down; how far below the camera the ground lies is read off the true depth,
because the ground of a world rises and falls and origins differ between data sets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import CITYSCAPES, GROUND_NAMES
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.types import Float32Array, Intrinsics, Rig, UInt8Array, sinks

STEP = 3
"""Every third row and column is enough."""
NEAR_SHARE = 0.25
"""The nearest quarter of the ground's pixels: what the carrier stands on, or nearly."""
FEWEST = 50


def rig_from_truth(
    down: npt.NDArray[np.float64],
    camera: Intrinsics,
    depth_m: Float32Array,
    labels: UInt8Array,
) -> Rig | None:
    """The rig of a frame with true depth and Cityscapes labels; None where it shows no ground.

    down: float [3], the direction of gravity in the optical frame.
    """
    depth = depth_m[::STEP, ::STEP]
    rays = sinks(tuple(down.tolist()), camera)[::STEP, ::STEP]
    ground = np.isin(labels[::STEP, ::STEP], CITYSCAPES.ids(GROUND_NAMES)) & np.isfinite(depth)
    if np.count_nonzero(ground) < FEWEST:
        return None
    depth, rays = depth[ground], rays[ground]
    near = depth <= np.quantile(depth, NEAR_SHARE)
    height_m = float(np.median((depth * rays)[near]))
    return Rig.from_down(height_m, down) if height_m > 0 else None


class WithRig(Reader):
    """A reader whose frames tell their own rig, to be corrected by it."""

    def __init__(self, reader: Reader, attitude: bool) -> None:
        """attitude: False tells the height alone."""
        self._reader, self._attitude = reader, attitude
        self.name, self.unpaired, self.notes = reader.name, reader.unpaired, reader.notes
        self.keys, self.in_time = reader.keys, False
        self.told_rig = f"of the data set{', pitch and roll too' if attitude else ' alone'}"

    def load(self, index: int) -> Sample:
        sample = self._reader.load(index)
        rig = sample.frame.rig
        if rig is None or self._attitude:
            return sample
        return replace(sample, frame=replace(sample.frame, rig=Rig(rig.height_m)))


class WithoutRig(Reader):
    """A reader whose frames say nothing of how the camera hung, as where nobody told the robot."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.name, self.unpaired, self.notes = reader.name, reader.unpaired, reader.notes
        self.keys, self.in_time = reader.keys, False

    def load(self, index: int) -> Sample:
        sample = self._reader.load(index)
        return replace(sample, frame=replace(sample.frame, rig=None))
