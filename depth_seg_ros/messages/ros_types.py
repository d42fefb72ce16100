"""Payloads -> rosbags' message objects and CDR bytes: the fields copied, nothing decided."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from depth_seg_ros.messages.payloads import (
    CameraInfoPayload,
    CloudPayload,
    CompressedPayload,
    Header,
    ImagePayload,
    LabelInfoPayload,
    Payload,
    split_stamp,
)

IMAGE = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
POINT_CLOUD = "sensor_msgs/msg/PointCloud2"
LABEL_INFO = "vision_msgs/msg/LabelInfo"
TF_MESSAGE = "tf2_msgs/msg/TFMessage"

MESSAGE_TYPES: dict[type[Payload], str] = {
    ImagePayload: IMAGE,
    CompressedPayload: COMPRESSED_IMAGE,
    CameraInfoPayload: CAMERA_INFO,
    CloudPayload: POINT_CLOUD,
    LabelInfoPayload: LABEL_INFO,
}

_VISION_CLASS = "uint16 class_id\nstring class_name\n"
_LABEL_INFO = "std_msgs/Header header\nvision_msgs/VisionClass[] class_map\nfloat32 threshold\n"


@lru_cache(maxsize=1)
def typestore() -> Typestore:
    """The message definitions of ROS 2 Humble, which later distributions share for these types."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    store.register(get_types_from_msg(_VISION_CLASS, "vision_msgs/msg/VisionClass"))
    store.register(get_types_from_msg(_LABEL_INFO, LABEL_INFO))
    return store


def serialize(payload: Payload) -> tuple[str, memoryview]:
    """(message type, CDR bytes) of a payload."""
    name = MESSAGE_TYPES[type(payload)]
    return name, memoryview(typestore().serialize_cdr(_message(payload), name))


def serialize_transforms(transforms: list[Transform]) -> memoryview:
    """CDR bytes of a tf2_msgs/TFMessage."""
    types = typestore().types
    message = types[TF_MESSAGE](transforms=[_transform(t) for t in transforms])
    return memoryview(typestore().serialize_cdr(message, TF_MESSAGE))


class Transform:
    """``parent`` <- ``child``: takes points of the child frame into the parent frame."""

    def __init__(
        self, stamp_ns: int, parent: str, child: str, matrix: np.typing.NDArray[np.float64]
    ) -> None:
        self.stamp_ns, self.parent, self.child, self.matrix = stamp_ns, parent, child, matrix


def _message(payload: Payload) -> Any:
    types = typestore().types
    header = ros_header(payload.header)
    if isinstance(payload, ImagePayload):
        return types[IMAGE](
            header, payload.height, payload.width, payload.encoding, 0, payload.step, payload.data
        )
    if isinstance(payload, CompressedPayload):
        return types[COMPRESSED_IMAGE](header, payload.format, payload.data)
    if isinstance(payload, CameraInfoPayload):
        region = types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
        matrices = (np.array(m, np.float64) for m in (payload.d, payload.k, payload.r, payload.p))
        return types[CAMERA_INFO](
            header, payload.height, payload.width, payload.distortion_model, *matrices, 0, 0, region
        )
    if isinstance(payload, CloudPayload):
        field = types["sensor_msgs/msg/PointField"]
        return types[POINT_CLOUD](
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
    vision_class = types["vision_msgs/msg/VisionClass"]
    return types[LABEL_INFO](
        header, [vision_class(i, name) for i, name in payload.classes], payload.threshold
    )


def ros_header(header: Header) -> Any:
    """std_msgs/Header."""
    types = typestore().types
    stamp = types["builtin_interfaces/msg/Time"](*split_stamp(header.stamp_ns))
    return types["std_msgs/msg/Header"](stamp, header.frame_id)


def _transform(t: Transform) -> Any:
    types = typestore().types
    x, y, z, w = quaternion(t.matrix[:3, :3])
    return types["geometry_msgs/msg/TransformStamped"](
        ros_header(Header(t.stamp_ns, t.parent)),
        t.child,
        types["geometry_msgs/msg/Transform"](
            types["geometry_msgs/msg/Vector3"](*(float(v) for v in t.matrix[:3, 3])),
            types["geometry_msgs/msg/Quaternion"](x, y, z, w),
        ),
    )


def quaternion(rotation: np.typing.NDArray[np.float64]) -> tuple[float, float, float, float]:
    """(x, y, z, w) of a rotation matrix [3, 3]: the eigenvector of Bar-Itzhack's symmetric K."""
    r = rotation
    k = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0],
            [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
            [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], 0],
            [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], np.trace(r)],
        ]
    )
    values, vectors = np.linalg.eigh(k / 3.0)  # reads the lower triangle
    x, y, z, w = (float(v) for v in vectors[:, np.argmax(values)])
    return (x, y, z, w) if w >= 0 else (-x, -y, -z, -w)


def rotation_matrix(x: float, y: float, z: float, w: float) -> np.typing.NDArray[np.float64]:
    """Rotation [3, 3] of a quaternion, which is normalised first."""
    x, y, z, w = np.array([x, y, z, w], np.float64) / np.sqrt(x * x + y * y + z * z + w * w)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
