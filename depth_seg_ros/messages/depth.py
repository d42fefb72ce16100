"""Depth images as ROS wants them: REP-118 (metres along Z, 32FC1 or millimetres, 16UC1), REP-117.

========= ================================ =======
meaning   32FC1                            16UC1
========= ================================ =======
invalid   NaN                              0
too far   +Inf                             0
too near  -Inf                             0
========= ================================ =======
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.messages.payloads import Header, ImagePayload, image_payload
from depth_seg_ros.types import Float32Array

ENCODINGS = ("32FC1", "16UC1")


def mark_out_of_range(
    depth_m: Float32Array, near_m: float, far_m: float, out: Float32Array | None = None
) -> Float32Array:
    """float32 [H, W] metres -> a copy with -Inf below ``near_m`` and +Inf beyond ``far_m``.

    NaN stays NaN. ``out``: where the copy goes; None makes one.
    """
    if not 0 <= near_m < far_m:
        raise ConfigError(f"depth limits near {near_m} m, far {far_m} m: need 0 <= near < far")
    marked = np.empty(depth_m.shape, np.float32) if out is None else out
    np.copyto(marked, depth_m)
    np.copyto(marked, np.inf, where=marked > far_m)
    if near_m > 0:
        np.copyto(marked, -np.inf, where=marked < near_m)
    return marked


def depth_payload(header: Header, marked: Float32Array, encoding: str = "32FC1") -> ImagePayload:
    """Pack what :func:`mark_out_of_range` gives."""
    if encoding == "32FC1":
        return image_payload(header, marked.astype("<f4", copy=False), encoding)
    if encoding == "16UC1":
        return image_payload(header, millimetres(marked), encoding)
    raise ConfigError(f"depth encoding {encoding!r}; known: {', '.join(ENCODINGS)}")


def millimetres(marked: Float32Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """uint16 [H, W] millimetres, 0 where there is no number or it does not fit (65.535 m)."""
    mm = np.rint(marked * np.float32(1000))
    with np.errstate(invalid="ignore"):
        fits = (mm >= 1) & (mm <= 65535)  # False for NaN and both infinities
    return np.where(fits, mm, 0).astype("<u2")
