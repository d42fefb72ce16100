"""ModelSpec: every fact that must agree with the weights, stored inside the ONNX file itself.

The file is the whole artefact: size, colour order, geometry, focal length, depth range, classes,
what it was trained on and how well it did travel with the weights, so that nothing about them is
written down twice. Any ONNX file with a spec runs in the node.

Reading needs neither ``onnx`` nor a runtime (a Jetson with TensorRT alone has neither), and leaves
the weights on the disk: only the outermost fields of ``ModelProto`` are walked.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import ConfigError, FrameError, SpecError
from depth_seg_ros.labels import ClassTable, LabelClass
from depth_seg_ros.limits import LIMITS
from depth_seg_ros.system.protobuf import Message
from depth_seg_ros.types import Rig

METADATA_KEY = "depth_seg_ros.spec"
FORMAT_VERSION = 1

_NAME = re.compile(r"[A-Za-z0-9][\w.+ -]{0,99}", re.ASCII)

MAX_STRIDE = 256

METADATA_PROPS = 14
"""Field number of ``ModelProto.metadata_props``."""

DEFAULT_RIG = Rig(1.65, 0.0, 0.0)
"""KITTI's car: what our data sets were drawn with unless they say otherwise."""

_USUAL = {
    "rig_input": False, "default_rig": DEFAULT_RIG, "depth_confidence": False, "stride": 0,
}  # fmt: skip
"""Field -> the value at which it is left out: such files stay as older versions read them."""


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
    rig_input: the graph also takes ``ground``, the inverse depth of flat ground in every pixel.
    default_rig: how the camera hung that the network was taught with; what one that takes
        ``ground`` is told where nothing is known. None: it is then told of no ground at all.
    depth_confidence: the graph also gives ``depth_confidence``.
    stride: it was taught several shapes of its input and runs at any whose sides are multiples of
        this (0: at its own only), with the same focal length in pixels.
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
    rig_input: bool = False
    default_rig: Rig | None = DEFAULT_RIG
    depth_confidence: bool = False
    stride: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    license: str = "Apache-2.0"
    git_commit: str = "unknown"

    def __post_init__(self) -> None:
        for key in ("input_width", "input_height", "fx", "fy", "max_depth_m"):
            try:
                _in_range(key, getattr(self, key))
            except SpecError as e:
                size = f"input size {self.input_width}x{self.input_height}: "
                raise SpecError((size if "input" in key else "") + str(e)) from e
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise SpecError(
                f"name is {self.name!r}; give letters, digits and . _ + - (it names files), 100 at "
                "most, beginning with a letter or digit"
            )
        for key in ("fit", "precision", "license", "git_commit"):
            if not isinstance(getattr(self, key), str):
                raise SpecError(f"{key} is {getattr(self, key)!r}; expected text")
        for key in ("rig_input", "depth_confidence"):
            if not isinstance(getattr(self, key), bool):
                raise SpecError(f"{key} is {getattr(self, key)!r}; expected true or false")
        if type(self.stride) is not int or not 0 <= self.stride <= MAX_STRIDE:
            raise SpecError(f"stride is {self.stride!r}; expected 0 to {MAX_STRIDE}")
        if self.default_rig is None and not self.rig_input:
            raise SpecError("default_rig is None; only a network with rig_input can do without")
        if not isinstance(self.training, Mapping):
            raise SpecError(f"training is {self.training!r}; expected facts by name")
        if self.fit not in ("pad", "crop"):
            raise SpecError(f"fit is {self.fit!r}; known: pad, crop")
        if self.precision not in ("fp32", "fp16", "int8"):
            raise SpecError(f"precision is {self.precision!r}; known: fp32, fp16, int8")

    @property
    def has_labels(self) -> bool:
        return self.classes is not None

    def at_shape(self, width: int, height: int) -> ModelSpec:
        """The same network at another shape of its input."""
        return replace(self, input_width=width, input_height=height)

    def at_detail(self, detail: float) -> ModelSpec:
        """The same network with ``detail`` times the pixels in its input, about; SpecError where it
        was taught one shape only, ConfigError for a number out of range."""
        if detail == 1:
            return self
        LIMITS["detail"].check("detail", detail)
        if not self.stride:
            raise SpecError(
                f"{self.name} knows no input but {self.input_width}x{self.input_height}, so not "
                f"{detail:g} times its pixels; leave detail at 1, or take a model with a stride"
            )
        rows, columns = (
            max(1, round(side * math.sqrt(detail) / self.stride))
            for side in (self.input_height, self.input_width)
        )
        return self.at_shape(columns * self.stride, rows * self.stride)

    def with_training(self, **facts: Any) -> ModelSpec:
        """A copy with more facts about its training."""
        return replace(self, training={**self.training, **facts})

    def to_json(self) -> str:
        data = {k: v for k, v in vars(self).items() if k != "classes"}
        data["training"] = dict(self.training)
        data["classes"] = None if self.classes is None else [asdict(c) for c in self.classes]
        data["default_rig"] = asdict(self.default_rig) if self.default_rig else None
        for name, usual in _USUAL.items():
            if getattr(self, name) == usual and not (name == "default_rig" and self.rig_input):
                del data[name]
        return json.dumps({"format": FORMAT_VERSION, **data}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        """Parse; SpecError where the text is not a spec of a known format."""
        try:
            data = json.loads(text)
            version = data.pop("format")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
            raise SpecError(f"model spec is not readable ({e}); export the model again") from e
        if version != FORMAT_VERSION:
            raise SpecError(
                f"model spec has format {version}, this version reads {FORMAT_VERSION}; "
                "export the model again or install the matching version"
            )
        try:
            if data.get("classes") is not None:
                data["classes"] = ClassTable(_label_class(c) for c in data["classes"])
            if data.get("default_rig") is not None:
                data["default_rig"] = Rig(**data["default_rig"])
            return cls(**data)
        except SpecError as e:
            raise SpecError(f"model spec: {e}; export the model again") from e
        except (TypeError, KeyError, ValueError, AttributeError, ConfigError, FrameError) as e:
            told = " ".join(str(e).split())  # a field may be called anything
            raise SpecError(f"model spec has wrong fields ({told}); export the model again") from e


def _label_class(c: Any) -> LabelClass:
    """One class of the JSON's list; SpecError, TypeError or KeyError where it is none."""
    _in_range("classes.id", c["id"])
    color = tuple(c["color"])
    for value in color:
        _in_range("classes.color", value)
    named = isinstance(c["name"], str) and isinstance(c["evaluated"], bool)
    if len(color) != 3 or not named:
        raise SpecError(f"a class is {c!r}; expected id, name, color [r, g, b] and evaluated")
    return LabelClass(c["id"], c["name"], color, c["evaluated"])


def _in_range(key: str, value: object) -> None:
    try:
        LIMITS[f"spec.{key}"].check(key, value)
    except ConfigError as e:
        raise SpecError(str(e)) from e


def read_spec(path: str | Path) -> ModelSpec:
    """The spec inside an ONNX file; SpecError naming the file where there is none."""
    path = Path(path)
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise SpecError(f"{path} is not a file; give an ONNX file or the name of one")
    try:
        with path.open("rb") as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        found = metadata(Message(memoryview(data)))
    except FileNotFoundError:
        raise SpecError(f"no model file {path}; give an ONNX file or the name of one") from None
    except (OSError, ValueError) as e:
        raise SpecError(f"{path} is not an ONNX file ({e})") from e
    if METADATA_KEY not in found:
        raise SpecError(
            f"{path} has no model spec (metadata {METADATA_KEY!r}): it was not exported by "
            "training/export.py; docs/bring_your_own_network.md shows how to make one"
        )
    try:
        return ModelSpec.from_json(found[METADATA_KEY])
    except SpecError as e:
        raise SpecError(f"{path}: {e}") from e


def metadata(model: Message) -> dict[str, str]:
    """``metadata_props`` of a ``ModelProto``: entries of 1 = key, 2 = value."""
    entries = [Message(e) for e in model.all_bytes(METADATA_PROPS)]
    return {e.text(1): e.text(2) for e in entries}


def file_sha256(path: str | Path) -> str:
    """Hex digest of a file: the identity of a model in caches and reports."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
