"""A network's file at another shape of its input: the same weights, other borders.

A network of convolutions alone computes at any size that its stride divides. Files whose spec has a
``stride`` were taught several shapes; here such a file is written once more, to the cache, with
another shape in front and behind, and every backend takes it like any other file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.cache import default_folder
from depth_seg_ros.engines.choose import QUANTIZED_FROM, int8_path, int8_variant
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.errors import EngineError
from depth_seg_ros.preprocess import shape_for
from depth_seg_ros.spec import METADATA_KEY, METADATA_PROPS, ModelSpec, file_sha256, read_spec
from depth_seg_ros.system.atomic import refusal, write_bytes
from depth_seg_ros.system.protobuf import Message

DETAIL = "detail"
"""Key under which ``EngineInfo.details`` tells how many times the file's pixels are seen."""

KEPT = 3
"""Engines of other shapes that stay open."""

_log = logging.getLogger(__name__)


def reshaped(path: Path, spec: ModelSpec, folder: Path | None = None) -> Path:
    """The file ``path`` with the input of ``spec`` (see :meth:`ModelSpec.at_shape`), made where it
    is not in the cache yet, with the int8 file beside it. EngineError where that cannot be."""
    own = read_spec(path)
    if (own.input_width, own.input_height) == (spec.input_width, spec.input_height):
        return path
    shape = f"{spec.input_width}x{spec.input_height}"
    if not own.stride or spec.input_width % own.stride or spec.input_height % own.stride:
        raise EngineError(f"{path} does not run at {shape}: its stride is {own.stride or 'none'}")
    name = f"{path.stem}-{file_sha256(path)[:12]}-{shape}.onnx"
    target = (folder or default_folder() / "shapes") / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file():
            write_bytes(target, _with_shape(path, spec, {}))
        small = int8_variant(path)
        if small is not None and int8_variant(target) is None:
            facts = {QUANTIZED_FROM: file_sha256(target)}
            write_bytes(int8_path(target), _with_shape(small, spec, facts))
    except OSError as e:
        raise EngineError(str(refusal(target, e))) from e
    return target


def for_camera(
    path: Path, spec: ModelSpec, size: tuple[int, int], fit: str | None
) -> tuple[Path, ModelSpec]:
    """The file and its spec at the shape for images of ``size`` (width, height); as they are where
    images are cropped (fit as in ``plan_geometry``) or the file knows one shape only."""
    if (fit or spec.fit) == "crop":
        return path, spec
    spec = spec.at_shape(*shape_for(spec, *size, None))
    return reshaped(path, spec), spec


class OtherShapes:
    """Engines of one file at other shapes of its input, each opened when first asked for."""

    def __init__(self, path: Path, open_file: Callable[[Path], Engine]) -> None:
        self._path, self._open_file = path, open_file
        self._engines: dict[tuple[int, int], Engine] = {}

    def at(self, spec: ModelSpec) -> Engine:
        """The engine of the file at the shape of ``spec``; EngineError where none can be opened."""
        shape = spec.input_width, spec.input_height
        if shape not in self._engines:
            if len(self._engines) >= KEPT:
                self._engines.pop(next(iter(self._engines))).close()
            _log.info("opening the network at %dx%d, the shape of this camera", *shape)
            self._engines[shape] = self._open_file(reshaped(self._path, spec))
        return self._engines[shape]

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()


def _with_shape(path: Path, spec: ModelSpec, facts: dict[str, str]) -> bytes:
    """The file's bytes with another shape and more facts about its making."""
    own, model = read_spec(path), OnnxFile.read(path)
    old, new = (own.input_height, own.input_width), (spec.input_height, spec.input_width)
    for info in (*model.inputs, *model.outputs):
        _resize(info, old, new)
    changed = own.at_shape(spec.input_width, spec.input_height).with_training(**facts)
    entries = [Message(e) for e in model.model.all_bytes(METADATA_PROPS)]
    for entry in entries:
        if entry.text(1) == METADATA_KEY:
            entry.put(2, changed.to_json())
    model.model.put(METADATA_PROPS, *entries)
    return model.encode()


def _resize(info: Message, old: tuple[int, int], new: tuple[int, int]) -> None:
    """Change [B, h, w, ...] in a ``ValueInfoProto``."""
    kind = info.message(2)
    tensor = kind.message(1)
    dims = [Message(d) for d in tensor.message(2).all_bytes(1)]
    if tuple(d.integer(1) for d in dims[1:3]) != old:
        raise EngineError(f"{info.text(1)} does not have the network's shape")
    for dim, size in zip(dims[1:3], new, strict=True):
        dim.put(1, size)
    info.put(2, kind.put(1, tensor.put(2, Message().put(1, *dims))))
