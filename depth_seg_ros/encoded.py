"""Image files and compressed messages -> pixels, checked before they are decoded.

What a decoder does with damaged or hostile bytes is not left to chance: an image is refused where
its own header claims more pixels than :func:`max_pixels` (a PNG of 57 bytes may claim 60000 x
60000), where it is cut off (OpenCV fills the rest with grey and says nothing), or where a PNG's
checksums fail. Bytes behind the end mark (phone trailers, padded MJPEG buffers) are no damage.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ConfigError, FrameError

MAX_PIXELS = 100_000_000
MAX_PIXELS_VARIABLE = "DEPTH_SEG_ROS_MAX_PIXELS"
"""Environment variable that raises (or lowers) the limit."""

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
_SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def max_pixels() -> int:
    """Pixels up to which an image is decoded; ConfigError where the variable is no number."""
    text = os.environ.get(MAX_PIXELS_VARIABLE, str(MAX_PIXELS))
    try:
        limit = int(text)
    except ValueError:
        limit = 0
    if limit < 1:
        raise ConfigError(f"{MAX_PIXELS_VARIABLE} is {text!r}; give a number of pixels")
    return limit


def decode(data: bytes | memoryview, flags: int) -> npt.NDArray[Any]:
    """Pixels of an image file held in memory, as ``cv2.imdecode`` gives them.

    FrameError says what is wrong: no image, too large, cut off, damaged.
    """
    view = memoryview(data)
    width, height = claimed_size(view)
    limit = max_pixels()
    if width * height > limit:
        raise FrameError(
            f"is {width}x{height}, more than {limit} pixels; make it smaller, or raise "
            f"{MAX_PIXELS_VARIABLE}"
        )
    if width < 1 or height < 1:
        raise FrameError(f"is {width}x{height}: empty")
    try:
        image: npt.NDArray[Any] | None = cv2.imdecode(np.frombuffer(view, np.uint8), flags)
    except cv2.error as e:
        raise FrameError(f"cannot be decoded ({' '.join(str(e).split())})") from e
    if image is None:
        raise FrameError(f"is damaged ({len(view)} bytes)")
    return image


def claimed_size(view: memoryview) -> tuple[int, int]:
    """(width, height) by the image's own header; FrameError where it is damaged, cut off, or no
    image of a kind this reads (PNG, JPEG, BMP, TIFF, WebP)."""
    head = view[:12].tobytes()
    try:
        if head.startswith(PNG):
            return _png_size(view)
        if head.startswith(JPEG):
            return _jpeg_size(view)
        if head.startswith(b"BM"):
            return _bmp_size(view)
        if head[:4] in (b"II*\0", b"MM\0*"):
            return _tiff_size(view)
        if head.startswith(b"RIFF") and head[8:] == b"WEBP":
            return _webp_size(view)
    except (struct.error, IndexError):
        raise FrameError(f"is truncated ({len(view)} bytes)") from None
    raise FrameError(
        f"is not a readable image ({len(view)} bytes); known: JPEG, PNG, BMP, TIFF, WebP"
    )


# --- PNG: chunks of length, type, data, CRC


def _png_size(view: memoryview) -> tuple[int, int]:
    size: tuple[int, int] | None = None
    for kind, start, length in _png_chunks(view):
        (stored,) = struct.unpack_from(">I", view, start + length)
        if zlib.crc32(view[start - 4 : start + length]) != stored:
            raise FrameError(f"is damaged: the checksum of its {_printable(kind)} chunk fails")
        if size is None:
            if kind != b"IHDR":
                raise FrameError("is damaged: a PNG without a header")
            size = struct.unpack_from(">II", view, start)
    if size is None:
        raise FrameError("is damaged: a PNG without a header")
    return size


def _png_chunks(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """(type, start of data, length) up to the end mark; FrameError where that does not come."""
    position = len(PNG)
    while position + 12 <= len(view):
        length, kind = struct.unpack_from(">I4s", view, position)
        if position + 12 + length > len(view):
            break
        yield kind, position + 8, length
        if kind == b"IEND":
            return
        position += 12 + length
    raise FrameError(f"is truncated ({len(view)} bytes, no end mark: it was cut off)")


def _printable(kind: bytes) -> str:
    return kind.decode("ascii", "replace")


def png_color_type(view: memoryview) -> int | None:
    """0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA; None of what is no PNG."""
    return view[25] if len(view) > 25 and view[:8] == PNG else None


# --- JPEG: marker segments up to the scan, then entropy-coded data without marker


def _jpeg_size(view: memoryview) -> tuple[int, int]:
    size: tuple[int, int] | None = None
    position = 2
    while True:
        if view[position] != 0xFF:
            raise FrameError("is damaged: a JPEG whose segments do not follow each other")
        marker = view[position + 1]
        if marker == 0xFF:  # filling
            position += 1
            continue
        if marker in _WITHOUT_LENGTH:
            position += 2
            continue
        (length,) = struct.unpack_from(">H", view, position + 2)
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", view, position + 5)
            size = width, height
        if marker == 0xDA:
            break
        position += 2 + length
    # A preview inside the header has an end mark of its own: only one behind the scan counts.
    if view[position:].tobytes().rfind(b"\xff\xd9") < 0:
        raise FrameError(f"is truncated ({len(view)} bytes, no end mark: it was cut off)")
    if size is None:
        raise FrameError("is damaged: a JPEG without a size")
    return size


# --- the rest: the size alone


def _bmp_size(view: memoryview) -> tuple[int, int]:
    (end,) = struct.unpack_from("<I", view, 2)
    if end > len(view):
        raise FrameError(f"is truncated ({len(view)} of {end} bytes)")
    (header,) = struct.unpack_from("<I", view, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", view, 18)
    return width, abs(height)


def _webp_size(view: memoryview) -> tuple[int, int]:
    (body,) = struct.unpack_from("<I", view, 4)
    if body + 8 > len(view):
        raise FrameError(f"is truncated ({len(view)} of {body + 8} bytes)")
    kind = view[12:16].tobytes()
    if kind == b"VP8X":
        low = view[24:30].tobytes()
        return int.from_bytes(low[:3], "little") + 1, int.from_bytes(low[3:], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", view, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", view, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff_size(view: memoryview) -> tuple[int, int]:
    order = "<" if view[0] == 0x49 else ">"
    (start,) = struct.unpack_from(order + "I", view, 4)
    (count,) = struct.unpack_from(order + "H", view, start)
    found = {}
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", view, entry)
        if tag in (256, 257):
            (found[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), view, entry + 8)
    if len(found) < 2:
        raise FrameError("is damaged: a TIFF without a size")
    return found[256], found[257]
