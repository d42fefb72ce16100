"""ONNX files read and written without the ``onnx`` package.

A robot that builds a TensorRT engine has NumPy and TensorRT, often nothing else; why the ``onnx``
package is not asked of it is in docs/engines.md. What has to change in a file before a parser sees
it (precision, batch, folded constants) is here. It does *not* know what operators compute;
:mod:`.precision` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EngineError
from depth_seg_ros.system.protobuf import BYTES, Bytes, Message, encode_varint

Array = npt.NDArray[Any]

FLOAT, UINT8, INT8, INT32, INT64, FLOAT16 = 1, 2, 3, 6, 7, 10  # TensorProto.DataType
_DTYPES = {
    FLOAT: np.float32, UINT8: np.uint8, INT8: np.int8, INT32: np.int32,
    INT64: np.int64, FLOAT16: np.float16,
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}


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
            length = encode_varint(len(head) + len(numbers))
            parts += [encode_varint(5 << 3 | BYTES), length, head, numbers]
        length = encode_varint(sum(len(part) for part in parts))
        rest = self.model.put(7).encode()
        return b"".join([rest, encode_varint(7 << 3 | BYTES), length, *parts])


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
    length = encode_varint(len(numbers))
    return proto.encode() + encode_varint(9 << 3 | BYTES) + length, numbers
