"""ModelSpec: every fact that must agree with the weights, stored inside the ONNX file itself.

The file is the whole artefact: size, colour order, geometry, focal length, depth range, classes,
what it was trained on and how well it did travel with the weights, so that nothing about them is
written down twice. Any ONNX file with a spec runs in the node.

Reading needs neither ``onnx`` nor a runtime (a Jetson with TensorRT alone has neither): the
metadata is found by walking the outermost protobuf fields of ``ModelProto`` and skipping the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from depth_seg_ros.errors import ConfigError, SpecError
from depth_seg_ros.labels import ClassTable, LabelClass

METADATA_KEY = "depth_seg_ros.spec"
FORMAT_VERSION = 1

_ONNX_METADATA_PROPS = 14  # field number of ModelProto.metadata_props
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class ModelSpec:
    """Facts that belong to one set of weights.

    name: network, e.g. ``ds_net``.
    input_width, input_height: pixels of the network's input.
    fx, fy: focal length [px] of the training camera *at network resolution*: predicted depth is
        scaled by f_camera / f_training, and the crop or padding keeps their ratio.
    max_depth_m: farthest depth the network was taught; larger predictions say "beyond".
    classes: what a label means; None for a depth-only network.
    fit: how an image of another shape is brought into the input: ``pad`` keeps all of it and fills
        the rest, ``crop`` fills the input and leaves the rest unseen (NaN).
    precision: ``fp32``, ``fp16`` or ``int8``: what the numbers inside the file are.
    training: free facts for humans: data, steps, recipe, scores.
    git_commit: of the code that exported it, or ``unknown``.
    """

    name: str
    input_width: int
    input_height: int
    fx: float
    fy: float
    max_depth_m: float
    classes: ClassTable | None = None
    fit: str = "pad"
    precision: str = "fp32"
    training: Mapping[str, Any] = field(default_factory=dict)
    license: str = "Apache-2.0"
    git_commit: str = "unknown"

    def __post_init__(self) -> None:
        if self.input_width < 1 or self.input_height < 1:
            raise SpecError(f"input size {self.input_width}x{self.input_height} is empty")
        if not (self.fx > 0 and self.fy > 0 and self.max_depth_m > 0):
            raise SpecError(
                f"fx={self.fx} fy={self.fy} max_depth_m={self.max_depth_m} must be positive"
            )
        if self.fit not in ("pad", "crop"):
            raise SpecError(f"fit is {self.fit!r}; known: pad, crop")
        if self.precision not in ("fp32", "fp16", "int8"):
            raise SpecError(f"precision is {self.precision!r}; known: fp32, fp16, int8")

    @property
    def has_labels(self) -> bool:
        return self.classes is not None

    def with_training(self, **facts: Any) -> ModelSpec:
        """A copy with more facts about its training."""
        return replace(self, training={**self.training, **facts})

    def to_json(self) -> str:
        data = {k: v for k, v in vars(self).items() if k != "classes"}
        data["training"] = dict(self.training)
        data["classes"] = None if self.classes is None else [asdict(c) for c in self.classes]
        return json.dumps({"format": FORMAT_VERSION, **data}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        """Parse; SpecError where the text is not a spec of a known format."""
        try:
            data = json.loads(text)
            version = data.pop("format")
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise SpecError(f"model spec is not readable ({e}); export the model again") from e
        if version != FORMAT_VERSION:
            raise SpecError(
                f"model spec has format {version}, this version reads {FORMAT_VERSION}; "
                "export the model again or install the matching version"
            )
        try:
            if data.get("classes") is not None:
                data["classes"] = ClassTable(
                    LabelClass(c["id"], c["name"], tuple(c["color"]), c["evaluated"])
                    for c in data["classes"]
                )
            return cls(**data)
        except (TypeError, KeyError, ConfigError) as e:
            raise SpecError(f"model spec has wrong fields ({e}); export the model again") from e


def read_spec(path: str | Path) -> ModelSpec:
    """The spec inside an ONNX file; SpecError naming the file where there is none."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            metadata = dict(_metadata_props(stream))
    except FileNotFoundError:
        raise SpecError(f"no model file {path}; give an ONNX file or the name of one") from None
    except (OSError, ValueError) as e:
        raise SpecError(f"{path} is not an ONNX file ({e})") from e
    if METADATA_KEY not in metadata:
        raise SpecError(
            f"{path} has no model spec (metadata {METADATA_KEY!r}): it was not exported by "
            "training/export.py; see 'bring your own network' in the README"
        )
    try:
        return ModelSpec.from_json(metadata[METADATA_KEY])
    except SpecError as e:
        raise SpecError(f"{path}: {e}") from e


def file_sha256(path: str | Path) -> str:
    """Hex digest of a file: the identity of a model in caches and reports."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


# --- the few lines of protobuf that finding the metadata takes


def _metadata_props(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """(key, value) of every ``metadata_props`` entry of an ONNX ``ModelProto``."""
    for number, value in _fields(stream, wanted=_ONNX_METADATA_PROPS):
        if number == _ONNX_METADATA_PROPS:
            yield _key_value(value)


def _fields(stream: BinaryIO, wanted: int) -> Iterator[tuple[int, bytes]]:
    """Length-delimited fields of one message; the bodies of unwanted ones are skipped unread."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if size == 0:
        raise ValueError("empty file")
    while stream.tell() < size:
        tag = _varint(stream)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("not protobuf")
        if wire == _BYTES:
            length = _varint(stream)
            if stream.tell() + length > size:
                raise ValueError("truncated")
            if number == wanted:
                yield number, stream.read(length)
            else:
                stream.seek(length, 1)
        elif wire == _VARINT:
            _varint(stream)
        elif wire in (_FIXED32, _FIXED64):
            stream.seek(4 if wire == _FIXED32 else 8, 1)
        else:
            raise ValueError("not protobuf")


def _varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            raise ValueError("truncated")
        value |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return value
    raise ValueError("not protobuf")


def _key_value(entry: bytes) -> tuple[str, str]:
    """Decode ``StringStringEntryProto`` (1 = key, 2 = value)."""
    parts = {1: "", 2: ""}
    position = 0
    while position < len(entry):
        number = entry[position] >> 3
        position += 1
        length = shift = 0
        while True:
            byte = entry[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        parts[number] = entry[position : position + length].decode("utf-8")
        position += length
    return parts[1], parts[2]
