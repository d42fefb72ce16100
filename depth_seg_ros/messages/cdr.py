"""Payloads and message objects <-> CDR bytes: the fields copied, nothing decided.

CDR begins with four bytes of encapsulation, the second of which says little endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages.payloads import (
    NS_PER_S,
    CameraInfoPayload,
    CloudPayload,
    CompressedPayload,
    Header,
    ImagePayload,
    LabelInfoPayload,
    Payload,
    PosePayload,
    TextPayload,
    split_stamp,
)
from depth_seg_ros.messages.transforms import Transform, quaternion
from depth_seg_ros.messages.type_names import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    IMAGE,
    LABEL_INFO,
    POINT_CLOUD,
    POSE,
    STRING,
    TF_MESSAGE,
    VISION_CLASS,
)
from depth_seg_ros.messages.typestore import message_class, typestore

MESSAGE_TYPES: dict[type[Payload], str] = {
    ImagePayload: IMAGE,
    CompressedPayload: COMPRESSED_IMAGE,
    CameraInfoPayload: CAMERA_INFO,
    CloudPayload: POINT_CLOUD,
    LabelInfoPayload: LABEL_INFO,
    PosePayload: POSE,
    TextPayload: STRING,
}


def serialize(payload: Payload) -> tuple[str, memoryview]:
    """(message type, CDR bytes) of a payload."""
    name = MESSAGE_TYPES[type(payload)]
    return name, serialize_message(_message(payload), name)


def serialize_message(message: Any, ros_type: str) -> memoryview:
    """CDR bytes of a message object."""
    return memoryview(typestore().serialize_cdr(message, ros_type))


def serialize_transforms(transforms: Sequence[Transform]) -> memoryview:
    """CDR bytes of a tf2_msgs/TFMessage."""
    message = message_class(TF_MESSAGE)(transforms=[_transform(t) for t in transforms])
    return serialize_message(message, TF_MESSAGE)


def deserialize(data: bytes, ros_type: str) -> Any:
    """CDR -> message; LiveError where the bytes do not fit the type."""
    try:
        return typestore().deserialize_cdr(data, ros_type)
    except Exception as e:  # rosbags has no error of its own here: struct, index, unicode errors
        raise LiveError(
            f"{len(data)} bytes are no {ros_type} ({e}); is the sender's type the same?"
        ) from e


def peek_stamp_ns(data: bytes) -> int:
    """The stamp of a message that begins with a std_msgs/Header, without reading the rest."""
    little = len(data) >= 12 and data[1] & 1
    try:
        sec, nanosec = struct.unpack_from("<iI" if little else ">iI", data, 4)
    except struct.error as e:
        raise LiveError(f"{len(data)} bytes are too short for a message with a header") from e
    return int(sec) * NS_PER_S + int(nanosec)


def ros_header(header: Header) -> Any:
    """std_msgs/Header."""
    stamp = message_class("builtin_interfaces/msg/Time")(*split_stamp(header.stamp_ns))
    return message_class("std_msgs/msg/Header")(stamp, header.frame_id)


def _message(payload: Payload) -> Any:
    make = message_class(MESSAGE_TYPES[type(payload)])
    if isinstance(payload, TextPayload):
        return make(payload.data)
    header = ros_header(payload.header)
    if isinstance(payload, ImagePayload):
        return make(
            header, payload.height, payload.width, payload.encoding, 0, payload.step, payload.data
        )
    if isinstance(payload, CompressedPayload):
        return make(header, payload.format, payload.data)
    if isinstance(payload, CameraInfoPayload):
        region = message_class("sensor_msgs/msg/RegionOfInterest")(0, 0, 0, 0, False)
        matrices = (np.array(m, np.float64) for m in (payload.d, payload.k, payload.r, payload.p))
        return make(
            header, payload.height, payload.width, payload.distortion_model, *matrices, 0, 0, region
        )
    if isinstance(payload, CloudPayload):
        field = message_class("sensor_msgs/msg/PointField")
        return make(
            header,
            payload.height,
            payload.width,
            [field(f.name, f.offset, f.datatype, f.count) for f in payload.fields],
            False,
            payload.point_step,
            payload.row_step,
            payload.data,
            payload.is_dense,
        )
    if isinstance(payload, PosePayload):
        point = message_class("geometry_msgs/msg/Point")(*payload.position)
        turned = message_class("geometry_msgs/msg/Quaternion")(*payload.orientation)
        return make(header, message_class("geometry_msgs/msg/Pose")(point, turned))
    named = message_class(VISION_CLASS)
    return make(header, [named(i, name) for i, name in payload.classes], payload.threshold)


def _transform(t: Transform) -> Any:
    return message_class("geometry_msgs/msg/TransformStamped")(
        ros_header(Header(t.stamp_ns, t.parent)),
        t.child,
        message_class("geometry_msgs/msg/Transform")(
            message_class("geometry_msgs/msg/Vector3")(*(float(v) for v in t.matrix[:3, 3])),
            message_class("geometry_msgs/msg/Quaternion")(*quaternion(t.matrix[:3, :3])),
        ),
    )
