"""sensor_msgs/CameraInfo <-> Intrinsics.

Convention: for a rectified image (``image_rect``, or any image of a camera without distortion) the
projection matrix P counts, as in ``depth_image_proc``; for a raw image K does, and its distortion
is ignored. The other matrix stands in where a driver leaves one at zero.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.images import HeaderMessage
from depth_seg_ros.messages.payloads import CameraInfoPayload, Header
from depth_seg_ros.types import Intrinsics


class RegionMessage(Protocol):
    """sensor_msgs/RegionOfInterest."""

    x_offset: int
    y_offset: int
    height: int
    width: int


class CameraInfoMessage(Protocol):
    """sensor_msgs/CameraInfo, whoever made it."""

    header: HeaderMessage
    height: int
    width: int
    distortion_model: str
    d: Any
    k: Any
    r: Any
    p: Any
    binning_x: int
    binning_y: int
    roi: RegionMessage


def intrinsics_from_info(
    info: CameraInfoMessage, width: int, height: int, rectified: bool = True
) -> Intrinsics | None:
    """The pinhole camera of a ``width`` x ``height`` image; None for an uncalibrated camera.

    Binning and region of interest are applied. FrameError where the sizes still disagree: a
    CameraInfo that was not updated after a resize gives wrong depth, quietly.
    """
    full = _full_resolution(info, rectified)
    if full is None:
        return None
    camera = full
    if info.roi.width and info.roi.height:
        roi = info.roi
        camera = camera.cropped(roi.x_offset, roi.y_offset, roi.width, roi.height)
    binning = max(1, info.binning_x), max(1, info.binning_y)
    if binning != (1, 1):
        camera = camera.resized(camera.width // binning[0], camera.height // binning[1])
    if (camera.width, camera.height) == (width, height):
        return camera
    if (full.width, full.height) == (width, height):
        return full  # the driver fills roi or binning but sends the full image
    raise FrameError(
        f"camera_info describes {camera.width}x{camera.height}, the image is {width}x{height}; "
        "publish the camera_info that belongs to this image (image_proc/resize does)"
    )


def _full_resolution(info: CameraInfoMessage, rectified: bool) -> Intrinsics | None:
    """Intrinsics of the whole sensor at full resolution; None where all of them are zero."""
    k, p = np.asarray(info.k, np.float64), np.asarray(info.p, np.float64)
    of_k, of_p = (k[0], k[4], k[2], k[5]), (p[0], p[5], p[2], p[6])
    for fx, fy, cx, cy in (of_p, of_k) if rectified else (of_k, of_p):
        if fx != 0:
            return Intrinsics(info.width, info.height, float(fx), float(fy), float(cx), float(cy))
    return None


def is_distorted(info: CameraInfoMessage) -> bool:
    """Whether the raw image of this camera needs rectification before it means anything metric."""
    return bool(np.any(np.asarray(info.d, np.float64)))


def repeated_info(info: CameraInfoMessage, header: Header) -> CameraInfoPayload | None:
    """The camera's own CameraInfo under another header: outputs are pixel-aligned with the input.

    None where binning or a region of interest is set: then the intrinsics of the image itself
    (:func:`info_from_intrinsics`) say it without them.
    """
    if max(info.binning_x, info.binning_y) > 1 or info.roi.width or info.roi.height:
        return None
    return copied_info(info, header)


def copied_info(info: CameraInfoMessage, header: Header) -> CameraInfoPayload:
    """The message as a payload, without binning and region of interest."""
    return CameraInfoPayload(
        header=header,
        height=int(info.height),
        width=int(info.width),
        distortion_model=info.distortion_model,
        d=_floats(info.d),
        k=_floats(info.k),
        r=_floats(info.r),
        p=_floats(info.p),
    )


def info_from_intrinsics(camera: Intrinsics, header: Header) -> CameraInfoPayload:
    """CameraInfo of a camera without distortion."""
    fx, fy, cx, cy = camera.fx, camera.fy, camera.cx, camera.cy
    return CameraInfoPayload(
        header=header,
        height=camera.height,
        width=camera.width,
        distortion_model="plumb_bob",
        d=(0.0,) * 5,
        k=(fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0),
        r=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        p=(fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0),
    )


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(np.asarray(values, np.float64).tolist())
