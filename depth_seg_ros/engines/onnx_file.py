"""ONNX files read and written without the ``onnx`` package.

A robot that builds a TensorRT engine has NumPy and TensorRT, often nothing else. What it has to
change in a file before the parser sees it (precision, batch, folded constants) takes the few lines
of protobuf below. It does *not* know what operators compute; :mod:`.precision` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EngineError

Array = npt.NDArray[Any]
Bytes = bytes | memoryview

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FLOAT, UINT8, INT8, INT32, INT64, FLOAT16 = 1, 2, 3, 6, 7, 10  # TensorProto.DataType
_DTYPES = {
    FLOAT: np.float32, UINT8: np.uint8, INT8: np.int8, INT32: np.int32,
    INT64: np.int64, FLOAT16: np.float16,
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}


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
            parts.append(_encode_varint(f.number << 3 | f.wire))
            if isinstance(f.value, int):
                parts.append(_encode_varint(f.value))
            else:
                if f.wire == BYTES:
                    parts.append(_encode_varint(len(f.value)))
                parts.append(f.value)
        return b"".join(parts)


class Node:
    """One operator call (``NodeProto``)."""

    def __init__(self, data: Bytes) -> None:
        self.proto = Message(data)
        self.op = self.proto.text(4)
        self.domain = self.proto.text(7)

    @classmethod
    def make(
        cls, op: str, inputs: list[str], outputs: list[str], **integers: int | list[int]
    ) -> Node:
        """A node with attributes that are integers or lists of them."""
        proto = Message().put(1, *inputs).put(2, *outputs).put(3, outputs[0]).put(4, op)
        attributes = [
            Message().put(1, k).put(3, v).put(20, 2)
            if isinstance(v, int)
            else Message().put(1, k).put(8, *v).put(20, 7)
            for k, v in integers.items()
        ]
        return cls(proto.put(5, *attributes).encode())

    @property
    def inputs(self) -> list[str]:
        return self.proto.texts(1)

    @inputs.setter
    def inputs(self, names: list[str]) -> None:
        self.proto.put(1, *names)

    @property
    def outputs(self) -> list[str]:
        return self.proto.texts(2)

    @outputs.setter
    def outputs(self, names: list[str]) -> None:
        self.proto.put(2, *names)

    def attributes(self) -> dict[str, Message]:
        """``AttributeProto`` messages by name."""
        found = [Message(a) for a in self.proto.all_bytes(5)]
        return {a.text(1): a for a in found}

    def attribute(self, name: str) -> Message:
        """One ``AttributeProto``, empty where the node has none of that name."""
        return self.attributes().get(name, Message())

    def set_integer(self, name: str, value: int) -> None:
        """Set an integer attribute."""
        attributes = {**self.attributes(), name: Message().put(1, name).put(3, value).put(20, 2)}
        self.proto.put(5, *attributes.values())


class OnnxFile:
    """The parts of a model that this package changes; everything else is kept as it is.

    initializers: constant tensors by name. nodes: in the file's (topological) order.
    inputs, outputs: ``ValueInfoProto`` messages.
    """

    def __init__(self, data: Bytes) -> None:
        self.model = Message(data)
        self.graph = self.model.message(7)
        self.initializers = dict(_tensor(t) for t in self.graph.all_bytes(5))
        self.nodes = [Node(n) for n in self.graph.all_bytes(1)]
        self.inputs = [Message(v) for v in self.graph.all_bytes(11)]
        self.outputs = [Message(v) for v in self.graph.all_bytes(12)]
        if not self.nodes:
            raise EngineError("not an ONNX model: it has no nodes")

    @classmethod
    def read(cls, path: str | Path) -> OnnxFile:
        """Parse a file; EngineError naming it."""
        try:
            return cls(Path(path).read_bytes())
        except (OSError, ValueError, EngineError) as e:
            raise EngineError(f"cannot read {path}: {e}") from e

    def drop_unused(self) -> None:
        """Forget constants that no node takes any more."""
        used = {name for node in self.nodes for name in node.inputs}
        self.initializers = {k: v for k, v in self.initializers.items() if k in used}

    def encode(self) -> bytes:
        """The model as bytes. Recorded shapes and types of inner tensors are dropped: runtimes
        infer them, and a changed graph would contradict them."""
        self.graph.put(1, *(n.proto for n in self.nodes)).put(5)
        self.graph.put(11, *self.inputs).put(12, *self.outputs).put(13)
        parts: list[Bytes] = [self.graph.encode()]
        for name, values in self.initializers.items():
            # Weights are most of the file: their numbers are copied once, in the end.
            head, numbers = _tensor_parts(name, values)
            length = _encode_varint(len(head) + len(numbers))
            parts += [_encode_varint(5 << 3 | BYTES), length, head, numbers]
        length = _encode_varint(sum(len(part) for part in parts))
        rest = self.model.put(7).encode()
        return b"".join([rest, _encode_varint(7 << 3 | BYTES), length, *parts])


def make_model(
    node: Node, inputs: dict[str, tuple[int, tuple[int, ...]]], constants: dict[str, Array]
) -> bytes:
    """A model of one node; inputs: name -> (data type, shape). The output's type is inferred."""
    infos = [value_info(name, code, shape) for name, (code, shape) in inputs.items()]
    graph = Message().put(1, node.proto).put(2, "graph")
    graph.put(5, *(_tensor_proto(k, v) for k, v in constants.items()))
    graph.put(11, *infos).put(12, *(Message().put(1, name) for name in node.outputs))
    opset = Message().put(1, "").put(2, 17)
    return Message().put(1, 8).put(7, graph).put(8, opset).encode()


def value_info(name: str, code: int, shape: tuple[int, ...]) -> Message:
    """``ValueInfoProto`` of a graph input or output; code: its data type."""
    dims = Message().put(1, *(Message().put(1, n) for n in shape))
    tensor = Message().put(1, code).put(2, dims)
    return Message().put(1, name).put(2, Message().put(1, tensor))


def data_type(values: Array) -> int:
    """ONNX's code of an array's type."""
    return _CODES[values.dtype]


def element_type(info: Message) -> int:
    """Data type of a graph input or output."""
    return info.message(2).message(1).integer(1)


def constant_value(node: Node) -> tuple[str, Array]:
    """Name and value of a ``Constant`` node that holds a tensor."""
    name = node.outputs[0]
    if not node.attribute("value").all_bytes(5):
        raise EngineError(f"constant {name!r} is not a plain tensor; export it as an initializer")
    return name, _tensor(node.attribute("value").all_bytes(5)[0])[1]


def _tensor(data: Bytes) -> tuple[str, Array]:
    """Decode ``TensorProto``."""
    proto = Message(data)
    name, code = proto.text(8), proto.integer(2)
    if proto.integer(14) or proto.all_bytes(13):
        raise EngineError(f"weights of {name!r} are in another file; save them inside the model")
    if code not in _DTYPES:
        raise EngineError(f"tensor {name!r} has ONNX data type {code}; known: {sorted(_DTYPES)}")
    shape = proto.integers(1)
    if raw := proto.all_bytes(9):
        values = np.frombuffer(raw[0], _DTYPES[code])
    elif code == FLOAT:
        values = np.frombuffer(b"".join(proto.all_bytes(4)), np.float32)
    elif code == FLOAT16:
        values = np.array(proto.integers(5), np.uint16).view(np.float16)
    else:
        values = np.array(proto.integers(7 if code == INT64 else 5)).astype(_DTYPES[code])
    return name, values.reshape(shape)


def _tensor_proto(name: str, values: Array) -> bytes:
    return b"".join(_tensor_parts(name, values))


def _tensor_parts(name: str, values: Array) -> tuple[bytes, memoryview]:
    """``TensorProto``: everything before its numbers, and the numbers."""
    proto = Message().put(1, *values.shape).put(2, _CODES[values.dtype]).put(8, name)
    flat = np.ascontiguousarray(values).reshape(-1)
    numbers = memoryview(flat.view(np.uint8))  # type: ignore[arg-type]  # before Python 3.12
    length = _encode_varint(len(numbers))
    return proto.encode() + _encode_varint(9 << 3 | BYTES) + length, numbers


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


def _encode_varint(value: int) -> bytes:
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
