"""Cars and people as a measure: how large they are is known, whatever the camera's height.

What a correction by height does to depth, it does to the size of what is seen. The size of a thing
is the square root of its silhouette's area: a car's is about 2 m from the side, from behind and
from above, a person's about 1 m. Measured: of 732 cars and people that both networks saw whole
and on the ground in 487 frames of rendered cars', robots' and drones' drives, corrected by their
true height, half come within 0.90 and 1.55 times those sizes, 96 % within 0.35 and 2.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import LabelClass
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array

SIZES_M = {"car": 2.0, "person": 1.0, "rider": 1.0}
LEAST_SHARE = 0.0025
"""Of the picture's pixels: smaller ones are mostly pieces of what something hides."""
STANDS = 0.5
"""Share of the pixels just below a thing that must be ground."""


@dataclass(frozen=True)
class Thing:
    """log_size: ln of its size at 1 m over its known size; log_z: ln of its depth [m].

    At depth Z it looks exp(log_size) Z times as large as it is.
    """

    name: str
    log_size: float
    log_z: float


class KnownSizes:
    """Finds whole things of known size that stand on the ground."""

    def __init__(self, classes: Iterable[LabelClass], ground: npt.NDArray[np.bool_]) -> None:
        """ground: bool [256], which labels are."""
        self._ids = {c.id: c.name for c in classes if c.name in SIZES_M}
        self._ground = ground

    def __call__(
        self, depth_m: Float32Array, labels: UInt8Array, camera: Intrinsics
    ) -> list[Thing]:
        """depth_m, labels: [h, w] as ``camera`` sees them."""
        least = max(1, round(LEAST_SHARE * labels.size))
        pixels = np.bincount(labels.ravel(), minlength=256)
        found = []
        for number, name in self._ids.items():
            if pixels[number] >= least:
                found += self._things(depth_m, labels, camera, number, name, least)
        return found

    def _things(
        self, depth_m: Float32Array, labels: UInt8Array, camera: Intrinsics, number: int,
        name: str, least: int,
    ) -> list[Thing]:  # fmt: skip
        mask = (labels == number).astype(np.uint8)
        _, parts, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        rows, columns = labels.shape
        things = []
        for part, (x, y, width, height, area) in enumerate(boxes.tolist()):
            right, below = x + width, y + height
            whole = x > 0 and y > 0 and right < columns and below < rows
            if part == 0 or area < least or not whole:
                continue
            if self._ground[labels[below, x:right]].mean() < STANDS:
                continue
            depths = depth_m[y:below, x:right][parts[y:below, x:right] == part]
            depths = depths[np.isfinite(depths)]
            if len(depths):
                size = 0.5 * np.log(area / (camera.fx * camera.fy)) - np.log(SIZES_M[name])
                things.append(Thing(name, float(size), float(np.log(np.median(depths)))))
        return things
