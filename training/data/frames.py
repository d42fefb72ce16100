"""The frames of a split: caches of one or more sources, numbered through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depth_seg_ros.types import Intrinsics
from training.config import DataConfig, Source
from training.data.cache import Cache, open_cache
from training.data.resample import NetworkSample
from training.data.sources import camera_of, open_source
from training.errors import DatasetError


@dataclass(frozen=True)
class Frames:
    """A sized, indexable sequence of frames at network resolution, of one or more shapes."""

    caches: tuple[Cache, ...]
    index: npt.NDArray[np.int64]  # [N, 2]: cache, row

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, i: int) -> NetworkSample:
        cache, row = self.position(i)
        return self.caches[cache].frame(row)

    def key(self, i: int) -> str:
        cache, row = self.position(i)
        return self.caches[cache].keys[row]

    def position(self, i: int) -> tuple[int, int]:
        """(cache, row) of frame ``i``."""
        return int(self.index[i, 0]), int(self.index[i, 1])

    def camera(self, i: int) -> Intrinsics:
        """The training camera of frame ``i``."""
        return self.caches[self.position(i)[0]].camera

    def by_shape(self) -> list[npt.NDArray[np.int64]]:
        """The numbers of the frames of each shape, the first source's shape first."""
        shapes = [(c.camera.width, c.camera.height) for c in self.caches]
        number = {shape: n for n, shape in enumerate(dict.fromkeys(shapes))}
        of_cache = np.array([number[shape] for shape in shapes])
        of_frame = of_cache[self.index[:, 0]]
        groups = (np.flatnonzero(of_frame == n) for n in range(len(number)))
        return [group for group in groups if len(group)]

    def alike(self) -> Frames:
        """Only those of one shape, the first."""
        return Frames(self.caches, self.index[self.by_shape()[0]])

    def first(self, count: int) -> Frames:
        """Only the first ``count`` frames."""
        return Frames(self.caches, self.index[:count])

    def spread(self, count: int) -> Frames:
        """``count`` frames evenly spread over all (all of them for 0)."""
        if count <= 0 or count >= len(self):
            return self
        chosen = np.linspace(0, len(self) - 1, count).round().astype(int)
        return Frames(self.caches, self.index[chosen])

    def class_pixels(self) -> npt.NDArray[np.int64]:
        """int64 [256]: pixels of each class id."""
        total = np.zeros(256, np.int64)
        for number, cache in enumerate(self.caches):
            rows = self.index[self.index[:, 0] == number, 1]
            total += cache.arrays["classes"][np.sort(rows)].sum(0, dtype=np.int64)
        return total


def open_frames(sources: Sequence[Source], data: DataConfig, limit: int = 0) -> Frames:
    """Open (and build where needed) the caches of a split."""
    if not sources:
        raise DatasetError("the experiment names no data; set data.train and data.validation")
    caches = tuple(open_cache(open_source(s), data.cache, camera_of(s, data)) for s in sources)
    index = [
        np.stack([np.full(len(c.usable), number), c.usable], axis=1)
        for number, c in enumerate(caches)
    ]
    return Frames(caches, np.concatenate(index)).spread(limit)
