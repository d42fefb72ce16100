"""What every reader hands out: samples, lazily, in a fixed order, each under a unique key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depth_seg_ros.types import Frame, GroundTruth


@dataclass(frozen=True)
class Sample:
    """One image with what is known about it.

    key: unique inside its reader and stable between runs, e.g. ``0001/clone/00042``.
    frame: the image, with intrinsics where the data set gives them.
    truth: depth and labels of the same pixels (either may be None).
    pose: T_world_camera, float64 [4, 4], of the optical frame in one that stands still; None where
        nobody knows.
    """

    key: str
    frame: Frame
    truth: GroundTruth
    pose: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Unpaired:
    """An image that is not scored, and why."""

    key: str
    reason: str


class Reader(ABC):
    """A sized, indexable, lazily loading sequence of samples.

    Opening a reader lists files and reads calibrations; pixels are decoded by ``reader[i]`` alone.
    Whatever is missing, truncated or of the wrong kind raises
    :class:`~depth_seg_ros.errors.ReaderError` naming the file.
    """

    name: str
    """The data set, in words, for reports."""

    unpaired: Sequence[Unpaired] = ()
    """Images without ground truth, as far as known before decoding; not among ``keys``."""

    notes: Sequence[str] = ()
    """Whatever a reader of the scores must know about the data."""

    in_time: bool = True
    """Samples follow each other in time; False for a collection of stills."""

    lidar: bool = False
    """Known to have a LiDAR's depth: sparse, however much of it there is."""

    told_rig: str = ""
    """How the camera's height is known, in words, where depth is to be corrected by it."""

    keys: Sequence[str]
    """Keys of all samples, in order."""

    @abstractmethod
    def load(self, index: int) -> Sample:
        """Decode sample ``index`` (0 <= index < len)."""

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: int) -> Sample:
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        return self.load(index % len(self))

    def __iter__(self) -> Iterator[Sample]:
        for index in range(len(self)):
            yield self.load(index)
