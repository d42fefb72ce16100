"""Protobuf's wire format, as far as reading and changing a message takes; no schema, no copy.

A message is a list of numbered fields whose bytes are slices of what was read: a file of weights
costs what is looked at, and fields nobody knows survive unchanged. It does *not* know ONNX;
:mod:`depth_seg_ros.spec` and :mod:`depth_seg_ros.engines.onnx_file` give the numbers their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Bytes = bytes | memoryview

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types."""


@dataclass
class Field:
    """One protobuf field: its number, wire type and undecoded value."""

    number: int
    wire: int
    value: int | Bytes


class Message:
    """A protobuf message as a list of fields, in the order of the file; unknown ones survive."""

    def __init__(self, data: Bytes = b"") -> None:
        self.fields = list(_parse(memoryview(data)))

    def all_bytes(self, number: int) -> list[Bytes]:
        """Values of a repeated length-delimited field."""
        return [f.value for f in self.fields if f.number == number and not isinstance(f.value, int)]

    def texts(self, number: int) -> list[str]:
        """Values of a repeated string field."""
        return [bytes(v).decode() for v in self.all_bytes(number)]

    def text(self, number: int) -> str:
        """Value of a string field, or ``""``."""
        return next(iter(self.texts(number)), "")

    def integer(self, number: int, default: int = 0) -> int:
        """Value of an integer field."""
        found = [f.value for f in self.fields if f.number == number and isinstance(f.value, int)]
        return found[-1] if found else default

    def integers(self, number: int) -> list[int]:
        """Values of a repeated integer field, packed or not."""
        values: list[int] = []
        for f in self.fields:
            if f.number == number:
                values += [f.value] if isinstance(f.value, int) else _unpack(f.value)
        return values

    def message(self, number: int) -> Message:
        """A sub-message (empty where there is none)."""
        return Message(next(iter(self.all_bytes(number)), b""))

    def put(self, number: int, *values: int | str | Bytes | Message) -> Message:
        """Replace every field of this number by ``values``, at the place of the first."""
        places = [i for i, f in enumerate(self.fields) if f.number == number]
        place = places[0] if places else len(self.fields)
        kept = [f for f in self.fields if f.number != number]
        self.fields = kept[:place] + [_field(number, v) for v in values] + kept[place:]
        return self

    def encode(self) -> bytes:
        """The message in protobuf's binary form."""
        parts: list[Bytes] = []
        for f in self.fields:
            parts.append(encode_varint(f.number << 3 | f.wire))
            if isinstance(f.value, int):
                parts.append(encode_varint(f.value))
            else:
                if f.wire == BYTES:
                    parts.append(encode_varint(len(f.value)))
                parts.append(f.value)
        return b"".join(parts)


def _field(number: int, value: int | str | Bytes | Message) -> Field:
    if isinstance(value, int):
        return Field(number, VARINT, value)
    if isinstance(value, Message):
        value = value.encode()
    return Field(number, BYTES, value.encode() if isinstance(value, str) else value)


def _parse(data: memoryview) -> Iterator[Field]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield Field(number, wire, value)
            continue
        if wire == BYTES:
            length, at = _varint(data, at)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        else:
            raise ValueError("not protobuf")
        if number == 0 or at + length > len(data):
            raise ValueError("truncated or not protobuf")
        yield Field(number, wire, data[at : at + length])
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value - (1 << 64) if value >> 63 else value, at  # int64, two's complement
    raise ValueError("truncated or not protobuf")


def encode_varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _unpack(data: Bytes) -> list[int]:
    values, at, view = [], 0, memoryview(data)
    while at < len(view):
        value, at = _varint(view, at)
        values.append(value)
    return values
