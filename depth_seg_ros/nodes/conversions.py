"""Payloads (what is to be published, see :mod:`depth_seg_ros.messages`) -> rclpy messages.

The only trap is ``data``: rclpy checks an assigned list or ndarray element by element (70 ms an
image of 1.4 MB); an ``array('B')`` filled by ``frombytes`` costs 0.03 ms.
"""

from __future__ import annotations

from array import array

from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2, PointField
from std_msgs.msg import Header
from vision_msgs.msg import LabelInfo, VisionClass

from depth_seg_ros.messages import payloads
from depth_seg_ros.messages.payloads import split_stamp
from depth_seg_ros.types import UInt8Array


def to_message(
    payload: payloads.Payload,
) -> Image | CompressedImage | CameraInfo | PointCloud2 | LabelInfo:
    """The ROS message of a payload."""
    if isinstance(payload, payloads.ImagePayload):
        return _image(payload)
    if isinstance(payload, payloads.CompressedPayload):
        return CompressedImage(
            header=header(payload.header), format=payload.format, data=_bytes(payload.data)
        )
    if isinstance(payload, payloads.CameraInfoPayload):
        return _camera_info(payload)
    if isinstance(payload, payloads.CloudPayload):
        return _cloud(payload)
    return _label_info(payload)


def header(h: payloads.Header) -> Header:
    """std_msgs/Header."""
    return Header(stamp=time(h.stamp_ns), frame_id=h.frame_id)


def time(stamp_ns: int) -> Time:
    """builtin_interfaces/Time."""
    sec, nanosec = split_stamp(stamp_ns)
    return Time(sec=sec, nanosec=nanosec)


def _bytes(data: UInt8Array) -> array[int]:
    filled = array("B")
    filled.frombytes(data.data)
    return filled


def _image(p: payloads.ImagePayload) -> Image:
    return Image(
        header=header(p.header),
        height=p.height,
        width=p.width,
        encoding=p.encoding,
        is_bigendian=0,
        step=p.step,
        data=_bytes(p.data),
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
        data=_bytes(p.data),
        is_dense=p.is_dense,
    )


def _label_info(p: payloads.LabelInfoPayload) -> LabelInfo:
    return LabelInfo(
        header=header(p.header),
        class_map=[VisionClass(class_id=i, class_name=name) for i, name in p.classes],
        threshold=p.threshold,
    )
