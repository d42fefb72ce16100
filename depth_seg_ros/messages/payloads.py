"""What is published, with the field names of the ROS messages and no ROS: frozen nouns.

Stamps are nanoseconds (``stamp_ns``); an adapter splits them into ``sec`` and ``nanosec`` with
:func:`split_stamp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError
from depth_seg_ros.types import UInt8Array

NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class Header:
    """std_msgs/Header."""

    stamp_ns: int
    frame_id: str


@dataclass(frozen=True)
class ImagePayload:
    """sensor_msgs/Image, little endian. data: uint8 [step * height]."""

    header: Header
    height: int
    width: int
    encoding: str
    step: int
    data: UInt8Array


@dataclass(frozen=True)
class CompressedPayload:
    """sensor_msgs/CompressedImage. data: uint8 [n], the file."""

    header: Header
    format: str
    data: UInt8Array


@dataclass(frozen=True)
class CameraInfoPayload:
    """sensor_msgs/CameraInfo without binning and region of interest."""

    header: Header
    height: int
    width: int
    distortion_model: str
    d: tuple[float, ...]
    k: tuple[float, ...]
    r: tuple[float, ...]
    p: tuple[float, ...]


@dataclass(frozen=True)
class PointField:
    """sensor_msgs/PointField."""

    name: str
    offset: int
    datatype: int
    count: int = 1


@dataclass(frozen=True)
class CloudPayload:
    """sensor_msgs/PointCloud2, organised, little endian. data: uint8 [row_step * height]."""

    header: Header
    height: int
    width: int
    fields: tuple[PointField, ...]
    point_step: int
    row_step: int
    data: UInt8Array
    is_dense: bool


@dataclass(frozen=True)
class LabelInfoPayload:
    """vision_msgs/LabelInfo. classes: (class_id, class_name)."""

    header: Header
    classes: tuple[tuple[int, str], ...]
    threshold: float


@dataclass(frozen=True)
class PosePayload:
    """geometry_msgs/PoseStamped. position: x y z; orientation: the quaternion x y z w."""

    header: Header
    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float]


@dataclass(frozen=True)
class TextPayload:
    """std_msgs/String. header: not sent; when and for which frame it was made."""

    header: Header
    data: str


Payload = (
    ImagePayload
    | CompressedPayload
    | CameraInfoPayload
    | CloudPayload
    | LabelInfoPayload
    | PosePayload
    | TextPayload
)


class StampMessage(Protocol):
    """builtin_interfaces/Time, whoever made it."""

    sec: int
    nanosec: int


def split_stamp(stamp_ns: int) -> tuple[int, int]:
    """(sec, nanosec) of builtin_interfaces/Time."""
    return divmod(stamp_ns, NS_PER_S)


def join_stamp(stamp: StampMessage) -> int:
    """Nanoseconds of a builtin_interfaces/Time; FrameError where it is none (its nanoseconds fill
    a second or more, so what it says twice would differ)."""
    seconds, nanoseconds = int(stamp.sec), int(stamp.nanosec)
    if not 0 <= nanoseconds < NS_PER_S or not -(2**31) <= seconds < 2**31:
        raise FrameError(
            f"stamp {seconds} s {nanoseconds} ns is no time (nanosec must be below {NS_PER_S}); "
            "check the driver's clock"
        )
    return seconds * NS_PER_S + nanoseconds


def unchecked_stamp_ns(stamp: StampMessage) -> int:
    """What a stamp says, were it a time: for counting and comparing messages as they arrive."""
    return int(stamp.sec) * NS_PER_S + int(stamp.nanosec)


def flat_bytes(values: npt.NDArray[Any]) -> UInt8Array:
    """The memory of an array as flat uint8, without a copy where it is contiguous already."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)


def image_payload(header: Header, image: npt.NDArray[Any], encoding: str) -> ImagePayload:
    """Pack [H, W] or [H, W, C] of any little-endian type without row padding."""
    data = flat_bytes(image)
    height, width = image.shape[:2]
    return ImagePayload(header, height, width, encoding, data.size // height, data)
