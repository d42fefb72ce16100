"""ROS message types as DDS types whose values stay CDR bytes.

A DDS topic needs a type object so that peers can tell that they mean the same type. It is built
from rosbags' definitions. The values never pass through it: a sample holds the CDR bytes of its
message (``sequence[uint8]`` as a Python list would cost 40 ms an image).
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

from cyclonedds.idl import make_idl_struct
from cyclonedds.idl import types as idl_types

from depth_seg_ros.messages.names import dds_type
from depth_seg_ros.messages.typestore import Kind, Nested, Repeated, Scalar, fields

types: Any = idl_types  # its generics are made by hand, which type checkers do not see

_BASE = {
    "bool": bool,
    "byte": types.uint8,
    "char": types.uint8,
    "string": str,
    **{n: getattr(types, n) for n in ("int8", "int16", "int32", "int64")},
    **{n: getattr(types, n) for n in ("uint8", "uint16", "uint32", "uint64")},
    "float32": types.float32,
    "float64": types.float64,
}


class Sample(Protocol):
    """One message: its CDR bytes, encapsulation header included."""

    cdr: bytes
    sample_info: Any  # set by Cyclone's reader


@cache
def sample_class(ros_type: str) -> Any:
    """The DDS type of a ROS message type; LiveError if it is not known.

    Make samples with :func:`make_sample`. The coding methods are replaced on the class itself:
    Cyclone takes base classes for parts of the type.
    """
    made: Any = _struct(ros_type)
    made.serialize = lambda self, *_, **__: _padded(self.cdr)
    made.deserialize = classmethod(lambda cls, data, *_, **__: make_sample(cls, data))
    # A writer that went away says so with a sample that has only a key; ROS topics have none.
    made.deserialize_key = made.deserialize
    return made


def make_sample(kind: Any, cdr: bytes) -> Sample:
    """A sample of a :func:`sample_class`."""
    sample: Sample = kind.__new__(kind)
    sample.cdr = cdr
    return sample


def _padded(cdr: bytes) -> bytes:
    """To whole words of four bytes, as DDS wants it."""
    return cdr + bytes(-len(cdr) % 4)


@cache
def _struct(ros_type: str) -> Any:
    members = {name: _field(kind) for name, kind in fields(ros_type)}
    if not members:
        members = {"structure_needs_at_least_one_member": types.uint8}
    return make_idl_struct(ros_type.split("/")[-1], dds_type(ros_type), members)


def _field(kind: Kind) -> Any:
    if isinstance(kind, Scalar):
        bounded = kind.name == "string" and kind.bound
        return types.bounded_str[kind.bound] if bounded else _BASE[kind.name]
    if isinstance(kind, Nested):
        return _struct(kind.ros_type)
    return _repeated(kind)


def _repeated(kind: Repeated) -> Any:
    inner = _field(kind.of)
    if kind.fixed:
        return types.array[inner, kind.count]
    return types.sequence[inner, kind.count] if kind.count else types.sequence[inner]
