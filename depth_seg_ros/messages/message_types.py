"""ROS message types without ROS: definitions, CDR and type hashes, through rosbags.

The definitions are those of ROS 2 Jazzy (the messages used here are the same in Humble and
Kilted), plus vision_msgs, which rosbags does not carry.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages import ros_types

PARTICIPANT_ENTITIES = "rmw_dds_common/msg/ParticipantEntitiesInfo"

_VISION_MSGS = {
    "vision_msgs/msg/VisionClass": "uint16 class_id\nstring class_name\n",
    "vision_msgs/msg/LabelInfo": (
        "std_msgs/Header header\nvision_msgs/VisionClass[] class_map\nfloat32 threshold\n"
    ),
}

# ROS turns `char` into `uint8` before it hashes; rosbags hashes `char`.
_KNOWN_HASHES = {
    PARTICIPANT_ENTITIES: "RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e",
}


@lru_cache(maxsize=1)
def typestore() -> Typestore:
    """All message types of Jazzy, and vision_msgs/LabelInfo."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for name, text in _VISION_MSGS.items():
        store.register(get_types_from_msg(text, name))
    return store


def message_class(ros_type: str) -> Any:
    """The dataclass of a message type, e.g. ``sensor_msgs/msg/Image``."""
    check_known(ros_type)
    return typestore().types[ros_type]


def check_known(ros_type: str) -> None:
    """LiveError for a type whose definition is not here."""
    if ros_type not in typestore().fielddefs:
        raise LiveError(
            f"message type {ros_type} is not known without ROS; only the standard packages of "
            "Jazzy and vision_msgs/LabelInfo are"
        )


def prepare(ros_type: str) -> None:
    """Compile the coder of a type now: the first message would wait for it."""
    check_known(ros_type)
    for store in (typestore(), ros_types.typestore()):
        if ros_type in store.fielddefs:
            store.get_msgdef(ros_type)


def type_hash(ros_type: str) -> str:
    """``RIHS01_...``, as ROS computes it (REP-2016)."""
    check_known(ros_type)
    return _KNOWN_HASHES.get(ros_type) or typestore().hash_rihs01(ros_type)


def serialize(message: Any, ros_type: str) -> bytes:
    """Message -> CDR with its encapsulation header, padded to 4 bytes as DDS wants it."""
    data = bytes(typestore().serialize_cdr(message, ros_type))
    return data + bytes(-len(data) % 4)


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
    return int(sec) * 1_000_000_000 + int(nanosec)
