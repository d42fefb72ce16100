"""ROS message types without ROS: their definitions and hashes, through rosbags.

The definitions are those of ROS 2 Jazzy (the messages used here are the same in Humble and
Kilted), plus vision_msgs, which rosbags does not carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages.type_names import LABEL_INFO, PARTICIPANT_ENTITIES, VISION_CLASS

_VISION_MSGS = {
    VISION_CLASS: "uint16 class_id\nstring class_name\n",
    LABEL_INFO: "std_msgs/Header header\nvision_msgs/VisionClass[] class_map\nfloat32 threshold\n",
}

# ROS turns `char` into `uint8` before it hashes; rosbags hashes `char`.
_KNOWN_HASHES = {
    PARTICIPANT_ENTITIES: "RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e",
}


@dataclass(frozen=True)
class Scalar:
    """A number, a bool or a string; ``bound``: most characters of a string, 0 = any."""

    name: str
    bound: int = 0


@dataclass(frozen=True)
class Nested:
    """Another message."""

    ros_type: str


@dataclass(frozen=True)
class Repeated:
    """An array of exactly ``count``, or (not ``fixed``) a sequence of at most that, 0 = any."""

    of: Scalar | Nested
    count: int
    fixed: bool


Kind = Scalar | Nested | Repeated


@lru_cache(maxsize=1)
def typestore() -> Typestore:
    """All message types of Jazzy, and vision_msgs/LabelInfo."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for name, text in _VISION_MSGS.items():
        store.register(get_types_from_msg(text, name))
    return store


def is_known(ros_type: str) -> bool:
    """Whether the definition of a type is here."""
    return ros_type in typestore().fielddefs


def check_known(ros_type: str) -> None:
    """LiveError for a type whose definition is not here."""
    if not is_known(ros_type):
        raise LiveError(
            f"message type {ros_type} is not known without ROS; only the standard packages of "
            "Jazzy and vision_msgs/LabelInfo are"
        )


def message_class(ros_type: str) -> Any:
    """The dataclass of a message type, e.g. ``sensor_msgs/msg/Image``."""
    check_known(ros_type)
    return typestore().types[ros_type]


def fields(ros_type: str) -> list[tuple[str, Kind]]:
    """(name, kind) of every field of a message type, in order."""
    check_known(ros_type)
    return [(name, _kind(description)) for name, description in typestore().fielddefs[ros_type][1]]


def has_header(ros_type: str) -> bool:
    """Whether a message type begins with a std_msgs/Header."""
    found = fields(ros_type)
    return bool(found) and found[0] == ("header", Nested("std_msgs/msg/Header"))


def prepare(ros_type: str) -> None:
    """Compile the coder of a type now: the first message would wait for it."""
    check_known(ros_type)
    typestore().get_msgdef(ros_type)


def type_hash(ros_type: str) -> str:
    """``RIHS01_...``, as ROS computes it (REP-2016)."""
    check_known(ros_type)
    return _KNOWN_HASHES.get(ros_type) or typestore().hash_rihs01(ros_type)


def _kind(description: Any) -> Kind:
    node, detail = description
    if node == Nodetype.BASE:
        return Scalar(*detail)
    if node == Nodetype.NAME:
        return Nested(detail)
    inner = _kind(detail[0])
    assert not isinstance(inner, Repeated)  # ROS has no array of arrays
    return Repeated(inner, detail[1], node == Nodetype.ARRAY)
