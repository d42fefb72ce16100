"""What the colours of pictures mean: scales of depth and error, swatches of classes."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from depth_seg_ros.evaluation.report.page import Color, Scale
from depth_seg_ros.evaluation.report.pictures import MAX_ERROR, colorize_error
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.types import UInt8Array
from depth_seg_ros.visualize import FAR_M, NEAR_M, colorize_depth

_STEPS = 24


def _css(colours: UInt8Array) -> list[str]:
    return [f"rgb({r}, {g}, {b})" for r, g, b in colours[0].tolist()]


def _row(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    return np.asarray(values[None], np.float32)


_DEPTHS_M = np.geomspace(NEAR_M, FAR_M, 5)
DEPTH_SCALE = Scale(
    "Depth [m], logarithmic; grey: none",
    _css(colorize_depth(_row(np.geomspace(NEAR_M, FAR_M, _STEPS)))),
    [f"{d:.2g}" for d in _DEPTHS_M],
)
ERROR_SCALE = Scale(
    "Relative error; dark grey: not scored",
    _css(colorize_error(_row(np.linspace(0, MAX_ERROR, _STEPS)))),
    [f"{e:.0%}" for e in np.linspace(0, MAX_ERROR, 5)[:-1]] + [f"{MAX_ERROR:.0%}+"],
)


def swatches(names: Collection[str]) -> list[tuple[str, Color]]:
    """(name, colour) of these classes, in the table's order."""
    return [(c.name, c.color) for c in CITYSCAPES if c.name in names]
