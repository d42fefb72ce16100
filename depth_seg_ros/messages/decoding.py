"""Ground truth messages -> arrays: depth images, label images, point clouds."""

from __future__ import annotations

from typing import Any

import numpy as np

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.images import implied_step
from depth_seg_ros.types import Float32Array, UInt8Array

_POINT_TYPES = {7: "f4", 8: "f8"}


def depth_from_message(message: Any) -> Float32Array:
    """float32 [H, W] metres of a 32FC1 (m) or 16UC1 (mm) image; NaN = none, +Inf = beyond.

    0, negative values and -Inf (too near, REP-117) say nothing about the distance: NaN.
    """
    if message.encoding == "32FC1":
        depth_m = _pixels(message, "f4").astype(np.float32)
    elif message.encoding in ("16UC1", "mono16"):
        depth_m = _pixels(message, "u2").astype(np.float32) / np.float32(1000)
    else:
        raise ReaderError(
            f"depth image has encoding {message.encoding!r}; known: 32FC1 [m], 16UC1 [mm]. "
            "An 8-bit image has lost the depth"
        )
    depth_m[~(depth_m > 0)] = np.nan
    return depth_m


def labels_from_message(message: Any) -> UInt8Array:
    """uint8 [H, W] class ids of a mono8 image."""
    if message.encoding not in ("mono8", "8UC1"):
        raise ReaderError(f"label image has encoding {message.encoding!r}; known: mono8 class ids")
    return np.ascontiguousarray(_pixels(message, "u1"))


def points_from_message(message: Any) -> Float32Array:
    """float32 [N, 3] of a PointCloud2 with float fields x, y, z [m]."""
    fields = {f.name: f for f in message.fields}
    order = ">" if message.is_bigendian else "<"
    missing = [n for n in "xyz" if n not in fields or fields[n].datatype not in _POINT_TYPES]
    if missing:
        raise ReaderError(
            f"point cloud has no float field {', '.join(missing)}; it has "
            + (", ".join(fields) or "none")
        )
    data = np.frombuffer(memoryview(message.data), np.uint8)
    # Drivers of unorganised clouds leave sizes at zero although the points are all there.
    point_step, height = message.point_step, message.height or 1
    row_step = message.row_step or implied_step(data.size, height)
    width = message.width or implied_step(row_step, point_step)
    if point_step < 1 or row_step < point_step * width:
        raise ReaderError(
            f"point cloud of width {width} has point step {point_step} and row step {row_step}: "
            "damaged"
        )
    if data.size != row_step * height:
        raise ReaderError(f"point cloud should hold {row_step * height} bytes, has {data.size}")
    rows = data.reshape(height, row_step)
    points = rows[:, : point_step * width].reshape(-1, point_step)
    columns = []
    for name in "xyz":
        kind = np.dtype(order + _POINT_TYPES[fields[name].datatype])
        offset = fields[name].offset
        if offset + kind.itemsize > point_step:
            raise ReaderError(
                f"point cloud has {name} at byte {offset} of points of {point_step}: damaged"
            )
        raw = np.ascontiguousarray(points[:, offset : offset + kind.itemsize])
        columns.append(raw.view(kind)[:, 0].astype(np.float32))
    return np.stack(columns, axis=1)


def _pixels(message: Any, kind: str) -> np.typing.NDArray[Any]:
    """[H, W] of a single-channel image message; its step, size and byte order checked."""
    pixel = np.dtype((">" if message.is_bigendian else "<") + kind)
    height, width = message.height, message.width
    data = np.frombuffer(memoryview(message.data), np.uint8)
    step = message.step or implied_step(data.size, height)
    if min(height, width) < 1 or step < width * pixel.itemsize or data.size != step * height:
        raise ReaderError(
            f"{message.encoding} image {width}x{height} with step {step} holds {data.size} bytes: "
            "size, step and data do not agree"
        )
    lines = np.ascontiguousarray(data.reshape(height, step)[:, : width * pixel.itemsize])
    return lines.view(pixel)
