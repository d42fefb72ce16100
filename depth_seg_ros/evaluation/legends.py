"""Pictures that explain themselves: a scale in metres, or the classes' names, in a strip below.

All pictures are uint8 [H, W, 3] RGB.
"""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.evaluation.report.pictures import names_in
from depth_seg_ros.labels import ClassTable
from depth_seg_ros.types import Float32Array, UInt8Array
from depth_seg_ros.visualize import FAR_M, NEAR_M, colorize_depth

PAPER, INK = (250, 250, 248), (40, 44, 50)
LINE = 22
"""Pixels a line of the strip takes."""
NARROW = 160
"""Pictures of fewer columns are left alone: no word would fit."""

_MARGIN = 8
_TICKS_M = (2, 5, 10, 20, 40, 80)


def depth_picture(depth_m: Float32Array) -> UInt8Array:
    """Depth [H, W] in colours, with the scale of the colours below; grey = no value."""
    picture = colorize_depth(depth_m)
    width = picture.shape[1]
    if width < NARROW:
        return picture
    strip = _strip(width, 2)
    left, right = _MARGIN, max(_MARGIN + 2, width - _MARGIN - 34)
    ramp_m = np.geomspace(NEAR_M, FAR_M, right - left, dtype=np.float32)[None]
    strip[4 : LINE - 4, left:right] = colorize_depth(ramp_m)
    for metres in _TICKS_M:
        share = np.log(metres / NEAR_M) / np.log(FAR_M / NEAR_M)
        x = round(left + float(share) * (right - left - 1))
        strip[LINE - 4 : LINE, x] = INK
        words = f"{metres} m" if metres in (NEAR_M, FAR_M) else str(metres)
        _write(strip, words, x - (0 if metres == NEAR_M else 4 * len(words)), LINE + 12)
    return np.vstack([picture, strip])


def with_legend(picture: UInt8Array, labels: UInt8Array, classes: ClassTable) -> UInt8Array:
    """The picture, with a swatch and a name below for each class that ``labels`` [H, W] shows."""
    shown = names_in(labels, classes)
    entries = [(c.name, c.color) for c in classes if c.name in shown]
    width = picture.shape[1]
    if width < NARROW:
        return picture
    places, x, line = [], _MARGIN, 0
    for name, color in entries:
        taken = 24 + _text_width(name) + 10
        if x > _MARGIN and x + taken > width:
            x, line = _MARGIN, line + 1
        places.append((name, color, x, line))
        x += taken
    strip = _strip(width, line + 1)
    for name, color, left, row in places:
        top = row * LINE + 5
        cv2.rectangle(strip, (left, top), (left + 14, top + 12), color, -1)
        _write(strip, name, left + 20, top + 11)
    return np.vstack([picture, strip])


def _strip(width: int, lines: int) -> UInt8Array:
    return np.full((lines * LINE, width, 3), PAPER, np.uint8)


def _text_width(text: str) -> int:
    return int(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)[0][0])


def _write(picture: UInt8Array, text: str, x: int, y: int) -> None:
    cv2.putText(picture, text, (max(2, x), y), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
