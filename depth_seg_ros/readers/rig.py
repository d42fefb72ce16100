"""How the camera of a data set's frame hung above the ground: from its pose and its own truth.

What carries a camera near the ground stands on it: its own frame (``base_link``) knows how the
camera hangs above the plane under the wheels, on a slope as on the level. So that plane is fitted
to the true depth of the nearest ground. What flies knows gravity instead: poses say which way is
down, and how far down the ground lies is read off the true depth, because the ground of a world
rises and falls and origins differ between data sets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import CITYSCAPES, GROUND_NAMES
from depth_seg_ros.plane import plane_through
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.types import Float32Array, Intrinsics, Rig, UInt8Array, sinks

STEP = 3
"""Every third row and column is enough."""
NEAR_SHARE = 0.25
"""The nearest quarter of the ground's pixels: what the carrier stands on, or nearly."""
FEWEST = 50
STANDS_BELOW_M = 2.5
"""A camera higher than this is taken for a flying one."""
NEAREST = 0.02
"""Of the ground's pixels: where it begins, free of stray ones."""
PLANE_REACH = 3.0
"""The plane is fitted up to so many times as far: a longer base steadies its tilt, a much longer
one follows the road over the hill."""
ROUNDS, LEAST = 8, 0.003
"""Of the fit: true depth is exact, so kerbs and tufts are told from the way, and do not tilt it."""
STEEPEST_RAD = np.radians(15.0)
"""Between the plane and the level: more is a bank beside the way, not the way."""


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
    ground = np.isin(labels[::STEP, ::STEP], CITYSCAPES.ids(GROUND_NAMES)) & np.isfinite(depth)
    if np.count_nonzero(ground) < FEWEST:
        return None
    rays = sinks(tuple(down.tolist()), camera)[::STEP, ::STEP]
    near = depth[ground] <= np.quantile(depth[ground], NEAR_SHARE)
    height_m = float(np.median((depth * rays)[ground][near]))
    if height_m <= 0:
        return None
    level = Rig.from_down(height_m, down)
    return level if height_m > STANDS_BELOW_M else _on_plane(level, camera, depth, ground) or level


def _on_plane(
    level: Rig, camera: Intrinsics, depth: Float32Array, ground: npt.NDArray[np.bool_]
) -> Rig | None:
    """The rig above the plane through the nearest ground; None where that is none to stand on."""
    reach = PLANE_REACH * np.quantile(depth[ground], NEAREST)
    rows, columns = np.nonzero(ground & (depth <= reach))
    if len(rows) < FEWEST:
        return None
    metres = depth[rows, columns].astype(np.float64)
    x = (columns * STEP - camera.cx) / camera.fx
    y = (rows * STEP - camera.cy) / camera.fy
    rays = np.stack([x, y, np.ones_like(x)], 1)
    plane = plane_through(rays, metres, ROUNDS, LEAST)
    steepness = float(np.linalg.norm(plane))
    if steepness == 0 or level.down() @ plane < np.cos(STEEPEST_RAD) * steepness:
        return None
    return Rig.from_down(1 / steepness, plane)


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
