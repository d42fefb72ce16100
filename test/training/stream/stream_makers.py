"""What renders scenes in these tests; importable by processes of their own."""

from __future__ import annotations

import os

import numpy as np

from training.data.resample import NetworkSample


def scene(index: int) -> list[NetworkSample]:
    """Three frames that say which they are."""
    made = []
    for frame in range(3):
        image = np.full((16, 32, 3), 10 * index + frame, np.uint8)
        depth_m = np.full((16, 32), 1.0 + index, np.float32)
        made.append(
            NetworkSample(image, depth_m, np.full((16, 32), 7, np.uint8), np.zeros(3, np.float32))
        )
    return made


def dying(index: int) -> list[NetworkSample]:
    """As a process does that runs out of memory."""
    os._exit(3)
