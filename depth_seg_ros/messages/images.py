"""sensor_msgs/Image -> RGB, for the encodings cameras really send.

Every 8-bit encoding of sensor_msgs that shows a picture, and NV12. A step, a size or an encoding
that does not add up is a FrameError naming what was found. 16-bit encodings are refused, because
the number of bits that carry the picture (10, 12, 16) is not in the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.payloads import StampMessage
from depth_seg_ros.types import UInt8Array


class HeaderMessage(Protocol):
    """std_msgs/Header, whoever made it."""

    stamp: StampMessage
    frame_id: str


class ImageMessage(Protocol):
    """sensor_msgs/Image, whoever made it; ``data`` is anything with the buffer protocol."""

    header: HeaderMessage
    height: int
    width: int
    encoding: str
    step: int
    data: Any


@dataclass(frozen=True)
class _Layout:
    """How an encoding lies in memory.

    channels: bytes per pixel in a row (1 for the planar NV formats' luma).
    rows: rows of data per 2 image rows (3 for 4:2:0, 6 for 4:4:4 in planes, 2 otherwise).
    convert: uint8 [rows, W, channels] (contiguous) -> RGB [H, W, 3].
    even_width, even_height: whether they must be.
    wide_chroma: the chroma plane's lines are twice as long as the luma's, padding included.
    """

    channels: int
    convert: Callable[[UInt8Array], Any]
    rows: int = 2
    even_width: bool = False
    even_height: bool = False
    wide_chroma: bool = False


def _cv(code: int) -> Callable[[UInt8Array], Any]:
    return lambda image: cv2.cvtColor(image, code)


def _bayer(code: int) -> _Layout:
    return _Layout(1, _cv(code), even_width=True, even_height=True)


# Y, U, V -> R, G, B: BT.601, limited range, as OpenCV converts the other YUV encodings.
_BT601 = np.array(
    [
        [1.164, 0.0, 1.596, -1.164 * 16 - 1.596 * 128],
        [1.164, -0.391, -0.813, -1.164 * 16 + (0.391 + 0.813) * 128],
        [1.164, 2.018, 0.0, -1.164 * 16 - 2.018 * 128],
    ],
    np.float32,
)


def _nv24(planes: UInt8Array) -> Any:
    """uint8 [3 H, W], luma over interleaved chroma (OpenCV knows no 4:4:4) -> RGB."""
    height, width = planes.shape[0] // 3, planes.shape[1]
    chroma = planes[height:].reshape(height, width, 2)
    yuv = cv2.merge([planes[:height], chroma[..., 0], chroma[..., 1]])
    return cv2.transform(yuv, _BT601)


_UYVY = _Layout(2, _cv(cv2.COLOR_YUV2RGB_UYVY), even_width=True)
_YUYV = _Layout(2, _cv(cv2.COLOR_YUV2RGB_YUY2), even_width=True)
_GRAY = _Layout(1, _cv(cv2.COLOR_GRAY2RGB))
_BGR = _Layout(3, _cv(cv2.COLOR_BGR2RGB))
_BGRA = _Layout(4, _cv(cv2.COLOR_BGRA2RGB))

_LAYOUTS = {
    "rgb8": _Layout(3, lambda image: image),
    "bgr8": _BGR,
    "rgba8": _Layout(4, _cv(cv2.COLOR_RGBA2RGB)),
    "bgra8": _BGRA,
    "mono8": _GRAY,
    # What cv_bridge calls an image whose colours it was not told: OpenCV's order.
    "8UC1": _GRAY,
    "8UC3": _BGR,
    "8UC4": _BGRA,
    # OpenCV names a mosaic after its second row, second column on; ROS after its first pixel.
    "bayer_rggb8": _bayer(cv2.COLOR_BayerBG2RGB),
    "bayer_bggr8": _bayer(cv2.COLOR_BayerRG2RGB),
    "bayer_gbrg8": _bayer(cv2.COLOR_BayerGR2RGB),
    "bayer_grbg8": _bayer(cv2.COLOR_BayerGB2RGB),
    # "yuv422" is ROS's old name of UYVY, "yuv422_yuy2" of YUYV.
    "uyvy": _UYVY,
    "yuv422": _UYVY,
    "yuyv": _YUYV,
    "yuv422_yuy2": _YUYV,
    "nv12": _Layout(1, _cv(cv2.COLOR_YUV2RGB_NV12), rows=3, even_width=True, even_height=True),
    "nv21": _Layout(1, _cv(cv2.COLOR_YUV2RGB_NV21), rows=3, even_width=True, even_height=True),
    "nv24": _Layout(1, _nv24, rows=6, wide_chroma=True),
}

ENCODINGS = tuple(_LAYOUTS)
"""What :func:`rgb_from_image` reads."""


def rgb_from_image(message: ImageMessage) -> UInt8Array:
    """Decode to uint8 [H, W, 3] RGB (a view of the message's memory for unpadded ``rgb8``)."""
    layout = _LAYOUTS.get(message.encoding)
    if layout is None:
        raise FrameError(
            f"image encoding {message.encoding!r} is not supported{_why_not(message.encoding)}; "
            f"let the camera driver or image_proc publish one of: {', '.join(ENCODINGS)}"
        )
    data = np.frombuffer(memoryview(message.data), np.uint8)
    rows = _rows(message, layout)
    step = message.step or implied_step(data.size, rows)
    _check_size(message, layout, step)
    expected = rows * step
    if data.size != expected:
        raise FrameError(
            f"{message.encoding} image {message.width}x{message.height} with step {step} "
            f"needs {expected} bytes, the message holds {data.size}; check the camera driver"
        )
    lines = _lines(data.reshape(rows, step), message, layout)
    if layout.channels > 1:
        lines = lines.reshape(rows, message.width, layout.channels)
    return np.asarray(layout.convert(np.ascontiguousarray(lines)), np.uint8)


def implied_step(size: int, rows: int) -> int:
    """Bytes of a row where a driver left the step at zero although all data are there; 0 where
    they do not make whole rows."""
    return size // rows if rows > 0 and size % rows == 0 else 0


def demosaic(mosaic: UInt8Array, encoding: str) -> UInt8Array:
    """uint8 [H, W] of one of the 8-bit Bayer encodings -> RGB [H, W, 3]."""
    height, width = mosaic.shape
    if width % 2 or height % 2:
        raise FrameError(f"a {encoding} image cannot be {width}x{height}: its size must be even")
    return np.asarray(_LAYOUTS[encoding].convert(np.ascontiguousarray(mosaic)), np.uint8)


def _why_not(encoding: str) -> str:
    """The reason behind a refusal, where there is one worth telling."""
    if re.fullmatch(r"(rgb|rgba|bgr|bgra|mono|bayer_....)16|16[US]C[1-4]", encoding):
        return " (how many of its 16 bits carry the picture is not in the message)"
    if re.fullmatch(r"(8S|32S|32F|64F)C[1-4]|8UC2", encoding):
        return " (not a colour image)"
    return ""


def _lines(rows: UInt8Array, message: ImageMessage, layout: _Layout) -> UInt8Array:
    """The rows without their padding."""
    if not layout.wide_chroma:
        return rows[:, : message.width * layout.channels]
    height, width = message.height, message.width
    chroma = rows[height:].reshape(height, -1)[:, : 2 * width]
    return np.vstack([rows[:height, :width], chroma.reshape(-1, width)])


def _rows(message: ImageMessage, layout: _Layout) -> int:
    return message.height * layout.rows // 2


def _check_size(message: ImageMessage, layout: _Layout, step: int) -> None:
    width, height = message.width, message.height
    if width < 1 or height < 1:
        raise FrameError(f"image message of size {width}x{height} is empty; check the driver")
    if (layout.even_width and width % 2) or (layout.even_height and height % 2):
        raise FrameError(
            f"a {message.encoding} image cannot be {width}x{height}: its size must be even"
        )
    if step < width * layout.channels:
        raise FrameError(
            f"step {step} is too small for {width} pixels of {message.encoding} "
            f"({width * layout.channels} bytes); check the camera driver"
        )
