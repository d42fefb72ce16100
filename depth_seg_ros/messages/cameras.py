"""sensor_msgs/CameraInfo <-> Intrinsics.

Convention: for a rectified image (``image_rect``, or any image of a camera without distortion) the
projection matrix P counts, as in ``depth_image_proc``; for a raw image K does, and its distortion
is ignored. The other matrix stands in where a driver leaves one at zero.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from depth_seg_ros.errors import FrameError
from depth_seg_ros.limits import within
from depth_seg_ros.messages.images import HeaderMessage
from depth_seg_ros.messages.payloads import CameraInfoPayload, Header
from depth_seg_ros.types import Intrinsics

_SAME_FOCAL = 0.01
"""Relative difference of focal lengths that is worth a word."""

_FOCAL_P = (0, 5, 2, 6)
"""Where fx, fy, cx, cy are in P."""


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

    Binning and region of interest are applied (:func:`windowed`). FrameError where the sizes still
    disagree: a CameraInfo that was not updated after a resize gives wrong depth, quietly.
    """
    full = _full_resolution(info, rectified, (width, height))
    if full is None:
        return None
    roi = info.roi
    camera = windowed(
        full,
        (roi.x_offset, roi.y_offset, roi.width, roi.height),
        (info.binning_x, info.binning_y),
    )
    if (camera.width, camera.height) == (width, height):
        return camera
    if (full.width, full.height) == (width, height):
        return full  # the driver fills roi or binning but sends the full image
    raise FrameError(
        f"camera_info describes {camera.width}x{camera.height}, the image is {width}x{height}; "
        "publish the camera_info that belongs to this image (image_proc/resize does)"
    )


def windowed(
    full: Intrinsics, roi: tuple[int, int, int, int], binning: tuple[int, int]
) -> Intrinsics:
    """The camera of the image that a driver delivers: region of interest (x, y, width, height at
    full resolution; 0 x 0 = all of it), then binning (0 = 1)."""
    x, y, width, height = roi
    camera = full.cropped(x, y, width, height) if width and height else full
    bin_x, bin_y = max(1, binning[0]), max(1, binning[1])
    if (bin_x, bin_y) == (1, 1):
        return camera
    return camera.resized(camera.width // bin_x, camera.height // bin_y)


def _full_resolution(
    info: CameraInfoMessage, rectified: bool, image_size: tuple[int, int]
) -> Intrinsics | None:
    """Intrinsics of the whole sensor at full resolution; None where they say nothing: all zero (an
    uncalibrated camera) or not a number (a calibration that failed).

    A size that the driver left at zero is the image's, if the principal point lies within it.
    """
    of_k, of_p = _stated(info)
    for values in (of_p, of_k) if rectified else (of_k, of_p):
        if values is None:
            continue
        if info.width or info.height:
            return Intrinsics(info.width, info.height, *values)
        width, height = image_size
        if not (within(values[2], 0.75 * width, 0.25 * width) and within(values[3], height, 0)):
            raise FrameError(
                f"camera_info gives no size, and its principal point {values[2]:g}, {values[3]:g} "
                f"is far off the middle of the {width}x{height} image; fill in width and height"
            )
        return Intrinsics(width, height, *values)
    return None


def is_calibrated(info: CameraInfoMessage) -> bool:
    """Whether K or P say anything."""
    return any(values is not None for values in _stated(info))


def _stated(info: CameraInfoMessage) -> list[tuple[float, float, float, float] | None]:
    """(fx, fy, cx, cy) of K and of P; None for the one that says nothing."""
    k, p = np.asarray(info.k, np.float64), np.asarray(info.p, np.float64)
    found: list[tuple[float, float, float, float] | None] = []
    for fx, fy, cx, cy in ((k[0], k[4], k[2], k[5]), (p[0], p[5], p[2], p[6])):
        says = bool(np.isfinite((fx, fy, cx, cy)).all()) and fx != 0
        found.append((float(fx), float(fy), float(cx), float(cy)) if says else None)
    return found


def calibration_doubt(info: CameraInfoMessage, image_topic: str, rectified: bool) -> str:
    """What a user should know before trusting metric depth from this camera_info; empty if nothing.

    image_topic: its last part says whether the driver calls the image rectified (``image_rect``).
    """
    if not is_calibrated(info):
        return (
            "camera_info says nothing (its K and P are zero or not numbers): depth is metric only "
            "if the camera has the training camera's focal length; calibrate it"
        )
    if guess := wrong_guess(info, image_topic, rectified):
        return guess
    if not rectified and is_distorted(info):
        model = info.distortion_model or "unnamed"
        return (
            f"camera_info has lens distortion ({model}), which is ignored for a raw image: depth "
            "errs towards the edges; rectify it (image_proc)"
        )
    return ""


def wrong_guess(info: CameraInfoMessage, image_topic: str, rectified: bool) -> str:
    """Why the image is probably not what ``rectified`` says, so that metres are wrong without any
    other sign, and what to do; empty if nothing speaks against it."""
    of_k, of_p = _stated(info)
    ratio = of_p[0] / of_k[0] if of_k and of_p else 1.0
    name = image_topic.removesuffix("/compressed").rpartition("/")[2]
    called_rectified = name.startswith(("image_rect", "rect"))
    if called_rectified and not rectified and abs(ratio - 1) > _SAME_FOCAL:
        return (
            f"{image_topic} is called rectified but taken as raw: metres are {1 / ratio:.2f} x "
            "those of the camera_info's P. Set image_is_rectified true (leave out --raw-image)"
        )
    if called_rectified or not rectified:
        return ""
    reasons = []
    if is_distorted(info):
        reasons.append(f"lens distortion ({info.distortion_model or 'unnamed'})")
    if abs(ratio - 1) > _SAME_FOCAL:
        reasons.append(f"a P that makes metres {ratio:.2f} x those of K")
    if not reasons:
        return ""
    return (
        f"camera_info has {' and '.join(reasons)}, and nothing says that {image_topic} is "
        "rectified; its P is taken as if it were. Rectify it (image_proc), or say that it is "
        "raw (image_is_rectified false, --raw-image)"
    )


def is_distorted(info: CameraInfoMessage) -> bool:
    """Whether the raw image of this camera needs rectification before it means anything metric."""
    return bool(np.any(np.asarray(info.d, np.float64)))


def repeated_info(
    info: CameraInfoMessage, header: Header, camera: Intrinsics
) -> CameraInfoPayload | None:
    """The camera's own CameraInfo under another header: outputs are pixel-aligned with the input.

    P (and K, where it is zero) are those of ``camera``, with which depth was computed: whoever
    makes points of the depth image (depth_image_proc takes P) gets the same metres. None where
    binning or a region of interest is set, or outputs have another size: then the intrinsics of
    the output itself (:func:`info_from_intrinsics`) say it without them.
    """
    if max(info.binning_x, info.binning_y) > 1 or info.roi.width or info.roi.height:
        return None
    if (info.width, info.height) != (camera.width, camera.height):
        return None
    copied = copied_info(info, header)
    if not copied.d:  # image_geometry refuses to rectify by an unknown distortion
        model = copied.distortion_model or "plumb_bob"
        copied = replace(copied, d=(0.0,) * 5, distortion_model=model)
    matched = info_from_intrinsics(camera, header)
    used = [matched.p[i] for i in _FOCAL_P]
    if not np.allclose([copied.p[i] for i in _FOCAL_P], used, rtol=1e-9):
        copied = replace(copied, p=matched.p)
    return replace(copied, k=matched.k) if not copied.k[0] else copied


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
