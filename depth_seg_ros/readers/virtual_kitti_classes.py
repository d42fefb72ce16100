"""Virtual KITTI's class images: which colour stands for which category, and that one's class id.

One colour a class (2.0.3) or an instance (1.3.1, a table per video).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.readers.files import read_text
from depth_seg_ros.types import UInt8Array

CATEGORY_IDS = {
    "Road": 7, "Building": 11, "GuardRail": 14, "Pole": 17, "TrafficLight": 19, "TrafficSign": 20,
    "Tree": 21, "Vegetation": 21, "Terrain": 22, "Sky": 23, "Car": 26, "Van": 26, "Truck": 27,
    "Misc": UNLABELED, "Undefined": UNLABELED,
    # Beyond the official fourteen, used by our own world:
    "Sidewalk": 8, "Wall": 12, "Fence": 13, "Bridge": 15, "Person": 24, "Rider": 25, "Bus": 28,
    "Motorcycle": 32, "Bicycle": 33, "Ground": 6, "Parking": 9, "RailTrack": 10, "Tunnel": 16,
    "Caravan": 29, "Trailer": 30, "Train": 31,
}  # fmt: skip
"""Virtual KITTI category -> Cityscapes id (255 = nothing to learn there)."""


class ColorTable:
    """Colours of one video's class images -> Cityscapes ids, by a sorted lookup of 24-bit keys."""

    def __init__(self, path: Path) -> None:
        codes, ids = [], []
        for line in read_text(path).splitlines()[1:]:
            fields = line.split()
            if not fields:
                continue
            # ``Car:12 200 200 200`` (1.3.1) or ``Car 255 127 80`` (2.0.3)
            category = fields[0].split(":")[0]
            if len(fields) != 4 or category not in CATEGORY_IDS:
                raise ReaderError(
                    f"{path} has the row {line!r}; expected `Category[:id] r g b` with one of "
                    + ", ".join(CATEGORY_IDS)
                )
            red, green, blue = (int(v) for v in fields[1:])
            codes.append(red << 16 | green << 8 | blue)
            ids.append(CATEGORY_IDS[category])
        order = np.argsort(codes)
        self._codes = np.array(codes, np.int32)[order]
        self._ids = np.array(ids, np.uint8)[order]
        if len(self._codes) == 0:
            raise ReaderError(f"{path} names no colours")

    def decode(self, colors: UInt8Array, path: Path) -> UInt8Array:
        """uint8 [H, W] ids of uint8 [H, W, 3] colours; an unknown colour is an error."""
        code = _pack(colors)
        position = np.searchsorted(self._codes, code)
        position[position == len(self._codes)] = 0
        unknown = self._codes[position] != code
        if unknown.any():
            row, column = np.argwhere(unknown)[0]
            raise ReaderError(
                f"{path} has the colour {tuple(int(v) for v in colors[row, column])} at row {row}, "
                f"column {column} ({int(unknown.sum())} such pixels), which its colour table lacks"
            )
        return self._ids[position]


def _pack(colors: UInt8Array) -> npt.NDArray[np.int32]:
    """int32 [H, W]: 0xRRGGBB."""
    wide = colors.astype(np.int32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
