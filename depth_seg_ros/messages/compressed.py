"""sensor_msgs/CompressedImage (JPEG, PNG) -> RGB.

The bytes decide what it is; of the ``format`` text (``bayer_rggb8; jpeg compressed``) the encoding
of the camera counts, because the picture of a mosaic looks like a grey one. What is cut off,
damaged or too large is refused by :mod:`depth_seg_ros.encoded` before it is decoded.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

import cv2
import numpy as np

from depth_seg_ros.encoded import JPEG, PNG, decode
from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.images import HeaderMessage, demosaic
from depth_seg_ros.types import UInt8Array

_GREY = re.compile(r"(mono|8UC1$|16UC1$)")
_MOSAIC = re.compile(r"bayer_(rggb|bggr|gbrg|grbg)\d+$")
_STORED_AS_RGB = re.compile(r"; *(jpeg|png) compressed rgba?8")
"""image_transport says so where a publisher compressed RGB as if it were OpenCV's BGR."""
_COLOUR = re.compile(r"(rgb|bgr|rgba|bgra)\d+$|8UC[34]$")


class CompressedImageMessage(Protocol):
    """sensor_msgs/CompressedImage, whoever made it."""

    header: HeaderMessage
    format: str
    data: Any


def rgb_from_compressed(message: CompressedImageMessage) -> UInt8Array:
    """Decode to uint8 [H, W, 3] RGB; FrameError says what is wrong with it."""
    told = f"compressed image ({message.format!r})"
    if "compressedDepth" in message.format:
        raise FrameError(
            f"compressed image of format {message.format!r} is a depth image; "
            "subscribe to the colour camera"
        )
    data = memoryview(message.data).cast("B")
    if data[:3] != JPEG and data[:8] != PNG:
        raise FrameError(
            f"{told} of {len(data)} bytes is neither JPEG nor PNG; "
            "set the transport's format to one of them"
        )
    try:
        decoded = decode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except FrameError as e:
        raise FrameError(f"{told} {e}") from e
    if decoded.dtype != np.uint8:
        raise FrameError(f"{told} has {decoded.dtype} pixels; 8 bit are needed")
    if decoded.ndim == 2:
        return _of_one_channel(decoded, message.format)
    if _STORED_AS_RGB.search(message.format):
        code = None if decoded.shape[2] == 3 else cv2.COLOR_RGBA2RGB
    else:
        code = cv2.COLOR_BGR2RGB if decoded.shape[2] == 3 else cv2.COLOR_BGRA2RGB
    return np.asarray(decoded if code is None else cv2.cvtColor(decoded, code), np.uint8)


def _of_one_channel(decoded: Any, text: str) -> UInt8Array:
    """Grey, or the mosaic that the format names; FrameError for what one channel cannot be."""
    encoding = text.partition(";")[0].strip() if ";" in text else ""
    if mosaic := _MOSAIC.match(encoding):
        return demosaic(decoded, f"bayer_{mosaic.group(1)}8")
    if encoding and not _GREY.match(encoding) and not _COLOUR.match(encoding):
        raise FrameError(
            f"compressed image ({text!r}) has one channel, which is no picture of encoding "
            f"{encoding!r}; let the driver compress a colour, mono8 or Bayer image"
        )
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_GRAY2RGB), np.uint8)
