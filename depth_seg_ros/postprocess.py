"""From the network's tensors to a Prediction at the camera's resolution: preprocess, undone.

What lies outside the network's view is NaN (depth), 255 (labels) and 0 (confidence), not invented.
"""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.base import Tensors
from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.preprocess import Geometry
from depth_seg_ros.types import (
    Float32Array,
    Frame,
    Ground,
    Intrinsics,
    Prediction,
    UInt8Array,
)


class Correction(Protocol):
    """What knows better than the network how far things are, e.g. by the ground's height."""

    def __call__(
        self, depth_m: Float32Array, labels: UInt8Array | None, camera: Intrinsics, frame: Frame
    ) -> tuple[Float32Array, Ground | None]:
        """depth_m, labels: [h, w] at network resolution, seen through ``camera``, which is that of
        this very array; the depth [h, w] to go on with, and what was found."""


def finish(
    tensors: Tensors, geometry: Geometry, frame: Frame, correct: Correction | None = None
) -> Prediction:
    """Undo crop, padding and resize, and apply the focal ratio (and ``correct``).

    Depth is interpolated linearly, labels and confidence are taken from the nearest network pixel.
    A network depth of 0 or less (a ReLU that says nothing) is no measurement: NaN.
    """
    depth = tensors["depth"][0] * np.float32(geometry.depth_scale)
    np.copyto(depth, np.nan, where=~(depth > 0))
    ground = None
    if correct is not None and frame.intrinsics is not None:
        seen, labels = geometry.network_rect.slices(), tensors.get("labels")
        depth[seen], ground = correct(
            depth[seen],
            None if labels is None else labels[0][seen],
            geometry.seen_camera(frame.intrinsics),
            frame,
        )
    return Prediction(
        stamp_ns=frame.stamp_ns,
        frame_id=frame.frame_id,
        depth_m=_to_camera(depth, geometry, cv2.INTER_LINEAR, np.nan),
        labels=_ids(tensors, "labels", geometry, UNLABELED),
        confidence=_ids(tensors, "confidence", geometry, 0),
        intrinsics=frame.intrinsics,
        depth_confidence=_ids(tensors, "depth_confidence", geometry, 0),
        ground=ground,
    )


def _ids(tensors: Tensors, name: str, geometry: Geometry, outside: int) -> UInt8Array | None:
    if name not in tensors:
        return None
    # INTER_NEAREST_EXACT follows the pixel-centre convention, INTER_NEAREST does not.
    return _to_camera(tensors[name][0], geometry, cv2.INTER_NEAREST_EXACT, outside)


def _to_camera(
    values: npt.NDArray[Any], geometry: Geometry, interpolation: int, outside: float
) -> npt.NDArray[Any]:
    """[h, w] at network resolution -> [H, W] at the camera's."""
    seen = cv2.resize(
        values[geometry.network_rect.slices()],
        geometry.camera_rect.size,
        interpolation=interpolation,
    )
    if geometry.sees_everything:
        return np.asarray(seen)
    width, height = geometry.camera_size
    full = np.full((height, width), outside, values.dtype)
    full[geometry.camera_rect.slices()] = seen
    return full
