"""PNG files, written directly: zlib and one fixed row filter an image.

Trying every filter on every row, as the common encoders do, takes longer than compressing; what is
in an image is known here, and so is the filter that suits it.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError

Filter = Literal["none", "left", "up"]
_FILTER_CODES = {"none": 0, "left": 1, "up": 2}
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(image: NDArray[Any], *, row_filter: Filter = "up", level: int = 1) -> bytes:
    """PNG of u1 [H, W, 3] (RGB), u1 or u2 [H, W]; each byte less its neighbour's (``row_filter``):
    "up" suits pictures, "left" depth, "none" images of few colours."""
    shape = image.shape
    channels = shape[2] if image.ndim == 3 else 1
    if (
        image.dtype not in (np.uint8, np.uint16)
        or image.ndim not in (2, 3)
        or (image.ndim == 3 and (channels != 3 or image.dtype != np.uint8))
        or not image.size
    ):
        raise VirtualWorldError(
            f"a PNG cannot hold {image.dtype} {list(shape)}; give uint8 [H, W, 3], or uint8 or "
            "uint16 [H, W]"
        )
    depth = 8 * image.dtype.itemsize
    data = np.ascontiguousarray(image, image.dtype.newbyteorder(">")).view(np.uint8)
    rows = data.reshape(shape[0], -1)
    packed = zlib.compress(_filtered(rows, channels * image.dtype.itemsize, row_filter), level)
    color = 2 if image.ndim == 3 else 0
    header = struct.pack(">IIBBBBB", shape[1], shape[0], depth, color, 0, 0, 0)
    return b"".join(
        [_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b"")]
    )


def _filtered(rows: NDArray[np.uint8], pixel_bytes: int, row_filter: Filter) -> bytes:
    """Each row behind its filter's code."""
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[:, 0] = _FILTER_CODES[row_filter]
    out[:, 1:] = rows
    if row_filter == "up":
        np.subtract(rows[1:], rows[:-1], out=out[1:, 1:])
    elif row_filter == "left":
        np.subtract(rows[:, pixel_bytes:], rows[:, :-pixel_bytes], out=out[:, 1 + pixel_bytes :])
    return out.tobytes()


def _chunk(name: bytes, data: bytes) -> bytes:
    return b"".join(
        [
            struct.pack(">I", len(data)),
            name,
            data,
            struct.pack(">I", zlib.crc32(data, zlib.crc32(name))),
        ]
    )
