"""Payloads (what is to be published, see :mod:`depth_seg_ros.messages`) -> rclpy messages.

The only trap is ``data``: rclpy takes a list or ndarray element by element (70 ms an image of
1.4 MB) but an ``array('B')`` as it is. A fresh one costs a page fault every 4 kB, so what is
published once a frame is written into a :class:`DataBuffer`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseStamped, Quaternion, TransformStamped, Vector3
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2, PointField
from std_msgs.msg import Header, String

from depth_seg_ros.messages import payloads
from depth_seg_ros.messages.payloads import split_stamp
from depth_seg_ros.messages.transforms import Transform, quaternion
from depth_seg_ros.types import UInt8Array

# A checked message takes an array('B') as it is; an unchecked one, Jazzy's default, copies it.
# Older ones know no such choice and always check.
_CHECKED = {"check_fields": True} if "_check_fields" in Image.__slots__ else {}

Filled = Callable[[UInt8Array], "array[int]"]
"""Bytes -> the ``array('B')`` that becomes a message's ``data``."""


class DataBuffer:
    """The ``data`` of one topic's messages, the same memory for every frame.

    Publishing serialises at once, so a message may be overwritten after ``publish`` returns.
    """

    def __init__(self) -> None:
        self._array = array("B")

    def room(self, size: int) -> UInt8Array:
        """The memory of the next message, uint8 [size]: what is written here needs no copy."""
        if len(self._array) != size:
            self._array = array("B", bytes(size))
        return np.frombuffer(self._array, np.uint8)

    def __call__(self, data: UInt8Array) -> array[int]:
        """``data`` for a message: as it is where it was written into :meth:`room`, else a copy."""
        if data.ctypes.data == self._array.buffer_info()[0] and data.size == len(self._array):
            return self._array
        self.room(data.size)[:] = data
        return self._array


def fresh(data: UInt8Array) -> array[int]:
    """Memory of its own."""
    filled = array("B")
    filled.frombytes(data.data)
    return filled


def to_message(payload: payloads.Payload, fill: Filled = fresh) -> Any:
    """The ROS message of a payload; ``fill`` makes its ``data``."""
    if isinstance(payload, payloads.TextPayload):
        return String(data=payload.data)
    if isinstance(payload, payloads.CameraInfoPayload):
        return _camera_info(payload)
    if isinstance(payload, payloads.PosePayload):
        return _pose(payload)
    if isinstance(payload, payloads.LabelInfoPayload):
        return _label_info(payload)
    if isinstance(payload, payloads.ImagePayload):
        message = _image(payload)
    elif isinstance(payload, payloads.CompressedPayload):
        message = CompressedImage(header=header(payload.header), format=payload.format, **_CHECKED)
    else:
        message = _cloud(payload)
    message.data = fill(payload.data)  # the constructor would copy it
    return message


def header(h: payloads.Header) -> Header:
    """std_msgs/Header."""
    return Header(stamp=time(h.stamp_ns), frame_id=h.frame_id)


def time(stamp_ns: int) -> Time:
    """builtin_interfaces/Time."""
    sec, nanosec = split_stamp(stamp_ns)
    return Time(sec=sec, nanosec=nanosec)


def _image(p: payloads.ImagePayload) -> Image:
    return Image(
        header=header(p.header),
        height=p.height,
        width=p.width,
        encoding=p.encoding,
        is_bigendian=0,
        step=p.step,
        **_CHECKED,
    )


def _camera_info(p: payloads.CameraInfoPayload) -> CameraInfo:
    return CameraInfo(
        header=header(p.header),
        height=p.height,
        width=p.width,
        distortion_model=p.distortion_model,
        d=p.d,
        k=p.k,
        r=p.r,
        p=p.p,
    )


def _cloud(p: payloads.CloudPayload) -> PointCloud2:
    return PointCloud2(
        header=header(p.header),
        height=p.height,
        width=p.width,
        fields=[
            PointField(name=f.name, offset=f.offset, datatype=f.datatype, count=f.count)
            for f in p.fields
        ],
        is_bigendian=False,
        point_step=p.point_step,
        row_step=p.row_step,
        is_dense=p.is_dense,
        **_CHECKED,
    )


def _pose(p: payloads.PosePayload) -> PoseStamped:
    message = PoseStamped(header=header(p.header))
    for name, value in zip("xyz", p.position, strict=True):
        setattr(message.pose.position, name, value)
    for name, value in zip("xyzw", p.orientation, strict=True):
        setattr(message.pose.orientation, name, value)
    return message


def _label_info(p: payloads.LabelInfoPayload) -> Any:
    from vision_msgs.msg import LabelInfo, VisionClass  # only where it is installed

    return LabelInfo(
        header=header(p.header),
        class_map=[VisionClass(class_id=i, class_name=name) for i, name in p.classes],
        threshold=p.threshold,
    )


def to_tf_message(transforms: Sequence[Transform]) -> Any:
    """tf2_msgs/TFMessage."""
    from tf2_msgs.msg import TFMessage  # only where it is installed

    return TFMessage(transforms=[_transform(t) for t in transforms])


def _transform(t: Transform) -> TransformStamped:
    x, y, z, w = quaternion(t.matrix[:3, :3])
    message = TransformStamped(header=header(payloads.Header(t.stamp_ns, t.parent)))
    message.child_frame_id = t.child
    message.transform.translation = Vector3(
        **{axis: float(v) for axis, v in zip("xyz", t.matrix[:3, 3], strict=True)}
    )
    message.transform.rotation = Quaternion(x=x, y=y, z=z, w=w)
    return message
