"""Pictures for people: coloured depth and labels, overlay, and the four side by side.

All pictures are uint8 [H, W, 3] RGB. Colouring goes through OpenCV look-up tables, which a node
can afford where indexing a NumPy palette costs ten times more.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.annotate import annotate
from depth_seg_ros.labels import CITYSCAPES, ClassTable
from depth_seg_ros.types import Frame, Prediction, UInt8Array

NEAR_M, FAR_M = 2.0, 80.0
"""Range of the depth colours: logarithmic, near is bright, far is dark."""

_INVALID = (40, 40, 40)


def colorize_depth(depth_m: npt.NDArray[np.float32]) -> UInt8Array:
    """Depth [H, W] in metres as colours; grey where it is NaN."""
    invalid = np.isnan(depth_m)
    # Inverse of a logarithmic scale: equal steps of colour are equal relative steps of distance.
    scale = 254.0 / np.log(FAR_M / NEAR_M)
    log_depth = cv2.log(np.clip(depth_m, NEAR_M, FAR_M))
    index = cv2.convertScaleAbs(log_depth, alpha=-scale, beta=scale * float(np.log(FAR_M)) + 1)
    picture = np.asarray(cv2.applyColorMap(index, _DEPTH_RGB), np.uint8)
    picture[invalid] = _INVALID
    return picture


def colorize_labels(labels: UInt8Array, classes: ClassTable = CITYSCAPES) -> UInt8Array:
    """Class ids [H, W] in the colours of their table; black = unlabelled."""
    # The colours come out in the table's order: RGB here, whatever OpenCV calls it.
    table = np.ascontiguousarray(classes.palette()[:, None])
    return np.asarray(cv2.applyColorMap(labels, table), np.uint8)


def overlay(
    image: UInt8Array,
    labels: UInt8Array,
    classes: ClassTable = CITYSCAPES,
    out: UInt8Array | None = None,
) -> UInt8Array:
    """The image with its labels' colours shining through; in ``out``, where that is given."""
    colours = colorize_labels(labels, classes)
    return np.asarray(cv2.addWeighted(image, 0.6, colours, 0.4, 0, dst=out), np.uint8)


def depth_overlay(
    image: UInt8Array, depth_m: npt.NDArray[np.float32], out: UInt8Array | None = None
) -> UInt8Array:
    """The image with its depth's colours shining through (networks without labels)."""
    colours = colorize_depth(depth_m)
    return np.asarray(cv2.addWeighted(image, 0.5, colours, 0.5, 0, dst=out), np.uint8)


def side_by_side(
    frame: Frame, prediction: Prediction, classes: ClassTable | None = None, width: int = 640
) -> UInt8Array:
    """Image | depth over labels | overlay, each ``width`` pixels wide, with captions.

    A network without labels leaves the lower row to the depth overlay alone.
    """
    table = classes or CITYSCAPES
    panels = [("image", frame.image), ("depth [m]", colorize_depth(prediction.depth_m))]
    if prediction.labels is None:
        shown = depth_overlay(frame.image, prediction.depth_m)
        panels += [("image and depth", annotate(shown, prediction))]
    else:
        panels += [
            ("labels", colorize_labels(prediction.labels, table)),
            ("overlay", annotate(overlay(frame.image, prediction.labels, table), prediction)),
        ]
    return grid([caption(fit_width(p, width), text) for text, p in panels], columns=2)


def fit_width(picture: UInt8Array, width: int) -> UInt8Array:
    """Resize to ``width`` pixels, keeping the aspect; even height (video codecs ask for it)."""
    height = max(2, round(picture.shape[0] * width / picture.shape[1] / 2) * 2)
    method = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)


def caption(picture: UInt8Array, text: str) -> UInt8Array:
    """The picture with a line of text in its corner."""
    out = np.ascontiguousarray(picture).copy()
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(
            out, text, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA
        )
    return out


def grid(pictures: list[UInt8Array], columns: int) -> UInt8Array:
    """Pictures of one size in rows of ``columns``; missing ones are black."""
    blank = np.zeros_like(pictures[0])
    padded = pictures + [blank] * (-len(pictures) % columns)
    rows = [np.hstack(padded[i : i + columns]) for i in range(0, len(padded), columns)]
    return np.vstack(rows)


def _depth_table() -> UInt8Array:
    """RGB look-up table [256, 1, 3]: turbo, from far (dark blue) to near (red)."""
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    turbo_bgr = np.asarray(cv2.applyColorMap(ramp, cv2.COLORMAP_TURBO), np.uint8)
    return np.ascontiguousarray(turbo_bgr[..., ::-1])


_DEPTH_RGB = _depth_table()
