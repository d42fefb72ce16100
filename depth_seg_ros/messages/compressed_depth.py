"""Depth as image_transport's compressedDepth carries it: a 12-byte header and a 16-bit PNG.

Convention (compressed_depth_image_transport): 16UC1 travels as it is. 32FC1 travels as quantised
inverse depth, v = A / depth + B, depth = A / (v - B), v = 0 where there is none; A and B are in the
header. A step of v is depth^2 / A metres: fine near the camera, coarse far from it. Infinities
(too near, too far) become none.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.depth import millimetres
from depth_seg_ros.messages.payloads import CompressedPayload, Header, flat_bytes
from depth_seg_ros.types import Float32Array

NEAREST_M = 0.3
"""Nearer depth does not fit into the 16 bits, unless the user's own limit is farther."""

_HEADER = struct.Struct("<iff")  # ConfigHeader: format, depthParam[2]
_INVERSE_DEPTH = 1
_STEPS = 65535
_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def compressed_depth_payload(
    header: Header, marked: Float32Array, encoding: str, near_m: float, far_m: float
) -> CompressedPayload:
    """Pack what :func:`~depth_seg_ros.messages.depth.mark_out_of_range` gives.

    near_m, far_m: what the 16 bits of a 32FC1 image are spread over.
    """
    if encoding == "16UC1":
        values, a, b = millimetres(marked), 0.0, 0.0
    else:
        a, b = _quantisation(max(near_m, NEAREST_M), far_m)
        values = _inverse(marked, a, b)
    ok, png = cv2.imencode(".png", values, _FAST)
    if not ok:
        raise FrameError(f"OpenCV cannot encode a PNG of {values.shape[1]}x{values.shape[0]}")
    front = np.frombuffer(_HEADER.pack(_INVERSE_DEPTH, a, b), np.uint8)
    data = np.concatenate([front, flat_bytes(png)])
    return CompressedPayload(header, f"{encoding}; compressedDepth png", data)


def _quantisation(near_m: float, far_m: float) -> tuple[float, float]:
    """(A, B): v is 1 at ``far_m`` and 65535 at ``near_m``; as float32, which the header holds."""
    a = np.float32((_STEPS - 1) / (1 / near_m - 1 / far_m))
    return float(a), float(np.float32(1 - a / np.float32(far_m)))


def _inverse(marked: Float32Array, a: float, b: float) -> npt.NDArray[np.uint16]:
    with np.errstate(invalid="ignore", divide="ignore"):
        v = np.rint(np.float32(a) / marked + np.float32(b))
        fits = np.isfinite(marked) & (v >= 1) & (v <= _STEPS)
    return np.where(fits, v, 0).astype(np.uint16)
