"""sensor_msgs/CompressedImage (JPEG, PNG) -> RGB.

OpenCV fills what is missing from a truncated file with grey and says nothing; so the end marker is
looked for first, and a cut-off image is a FrameError instead of half a picture.
"""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.images import HeaderMessage
from depth_seg_ros.types import UInt8Array

_JPEG = (b"\xff\xd8\xff", b"\xff\xd9")
_PNG = (b"\x89PNG\r\n\x1a\n", b"IEND\xae\x42\x60\x82")
_TAIL = 4096  # some drivers pad the buffer behind the end marker


class CompressedImageMessage(Protocol):
    """sensor_msgs/CompressedImage, whoever made it."""

    header: HeaderMessage
    format: str
    data: Any


def rgb_from_compressed(message: CompressedImageMessage) -> UInt8Array:
    """Decode to uint8 [H, W, 3] RGB; the bytes decide what it is, not the ``format`` text."""
    if "compressedDepth" in message.format:
        raise FrameError(
            f"compressed image of format {message.format!r} is a depth image; "
            "subscribe to the colour camera"
        )
    data = np.frombuffer(memoryview(message.data), np.uint8)
    _check_whole(data, message.format)
    decoded = cv2.imdecode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None:
        raise FrameError(f"compressed image ({message.format!r}, {data.size} bytes) is damaged")
    if decoded.dtype != np.uint8:
        raise FrameError(
            f"compressed image ({message.format!r}) has {decoded.dtype} pixels; 8 bit are needed"
        )
    return _rgb(decoded)


def _check_whole(data: UInt8Array, text: str) -> None:
    head = data[:8].tobytes()
    for magic, end in (_JPEG, _PNG):
        if head.startswith(magic):
            if end not in data[-_TAIL:].tobytes():
                raise FrameError(f"compressed image ({text!r}, {data.size} bytes) is cut off")
            return
    raise FrameError(
        f"compressed image ({text!r}, {data.size} bytes) is neither JPEG nor PNG; "
        "set the transport's format to one of them"
    )


def _rgb(decoded: Any) -> UInt8Array:
    if decoded.ndim == 2:
        code = cv2.COLOR_GRAY2RGB
    else:
        code = cv2.COLOR_BGR2RGB if decoded.shape[2] == 3 else cv2.COLOR_BGRA2RGB
    return np.asarray(cv2.cvtColor(decoded, code), np.uint8)
