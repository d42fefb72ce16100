"""The way from a camera's image to the network's input, as the first operators of its graph.

``preprocess.prepare`` crops, blurs, shrinks and pads with OpenCV: linear maps of rows and columns.
Here the same maps are two matrix products in front of a network, so that any runtime can compute
them where the network runs: the image goes to the device once, as the camera gave it. The weights
are measured off ``preprocess.shrink`` itself, which is the only place that knows how it is done.

OpenCV rounds to whole colours after the blur and after the resize, here only the end is rounded:
no colour differs by more than one step of 255, two where OpenVINO computes all of it in bfloat16
(``test/engines/test_camera_input.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.engines.onnx_file import (
    FLOAT,
    FLOAT16,
    UINT8,
    Array,
    Node,
    OnnxFile,
    value_info,
)
from depth_seg_ros.errors import EngineError
from depth_seg_ros.preprocess import PADDING_RGB, Geometry, Rect, shrink
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Float32Array

_IMAGE = "image"
_SEEN = "image.seen"


@dataclass(frozen=True)
class CameraInput:
    """How an engine brings a camera's image to the network's input itself.

    camera_size, network_size: (width, height). camera_rect: the part of the camera's image that the
    network sees; network_rect: where it lies in the input, the rest of which is padding.
    """

    camera_size: tuple[int, int]
    network_size: tuple[int, int]
    camera_rect: Rect
    network_rect: Rect

    @classmethod
    def of(cls, geometry: Geometry, spec: ModelSpec) -> CameraInput:
        """What ``geometry`` asks for; the focal length plays no part in it."""
        size = spec.input_width, spec.input_height
        return cls(geometry.camera_size, size, geometry.camera_rect, geometry.network_rect)

    def image_shape(self, batch: int) -> tuple[int, int, int, int]:
        """[B, H, W, 3] of the camera's images."""
        return batch, self.camera_size[1], self.camera_size[0], 3

    def weights(self) -> tuple[Float32Array, Float32Array]:
        """(rows [h, H], columns [w, W]): network row i is the sum of ``rows[i]`` times the camera's
        rows, columns alike. Padding and what was cropped away have no weight."""
        (left, top), (right, bottom) = self.network_size, self.camera_size
        rows, columns = np.zeros((top, bottom), np.float32), np.zeros((left, right), np.float32)
        seen, place = self.camera_rect, self.network_rect
        rows[place.slices()[0], seen.slices()[0]] = _weights(seen.height, place.height)
        columns[place.slices()[1], seen.slices()[1]] = _weights(seen.width, place.width)
        return rows, columns

    def offset(self) -> Float32Array:
        """float32 [h, w, 3], or [1] where nothing is padded: half a step (rounding is a floor), and
        the padding's colour."""
        width, height = self.network_size
        if self.network_rect.size == self.network_size:
            return np.array([0.5], np.float32)
        offset = np.empty((height, width, 3), np.float32)
        offset[:] = np.array(PADDING_RGB, np.float32) + 0.5
        offset[self.network_rect.slices()] = 0.5
        return offset


def _weights(size: int, smaller: int) -> Float32Array:
    """float32 [smaller, size]: what :func:`shrink` does to one axis, column by column."""
    return np.asarray(shrink(np.eye(size, dtype=np.float32), size, smaller), np.float32)


def take_camera_images(model: OnnxFile, camera: CameraInput, batch: int) -> None:
    """Let the graph's ``image`` be the camera's, uint8 [B, H, W, 3].

    The network goes on with float32 whole numbers where it casts its input anyway, as all of ours
    do (TensorRT has no uint8 inside a graph), else with uint8. EngineError without such an input.
    """
    place = next((i for i, info in enumerate(model.inputs) if info.text(1) == _IMAGE), None)
    if place is None:
        raise EngineError(f"the graph has no input {_IMAGE!r}")
    model.inputs[place] = value_info(_IMAGE, UINT8, camera.image_shape(batch))
    used = [node for node in model.nodes if _IMAGE in node.inputs]
    casts = all(n.op == "Cast" and n.attribute("to").integer(3) in (FLOAT, FLOAT16) for n in used)
    first = _operators(model, camera, _SEEN if casts else f"{_SEEN}.float")
    if not casts:
        first.append(Node.make("Cast", [f"{_SEEN}.float"], [_SEEN], to=UINT8))
    for node in used:
        node.inputs = [_SEEN if name == _IMAGE else name for name in node.inputs]
    model.nodes = [*first, *model.nodes]


def _operators(model: OnnxFile, camera: CameraInput, out: str) -> list[Node]:
    """``image`` uint8 [B, H, W, 3] -> ``out`` float32 [B, h, w, 3], whole numbers."""
    height, camera_width = camera.network_size[1], camera.camera_size[0]
    rows, columns = camera.weights()

    def constant(name: str, value: Array) -> str:
        model.initializers[f"{_SEEN}.{name}"] = value
        return f"{_SEEN}.{name}"

    def inner(name: str) -> str:
        return f"{_SEEN}.{name}"

    flat = constant("flat", np.array([-1, camera.camera_size[1], 3 * camera_width]))
    low = constant("low", np.array([-1, height, camera_width, 3]))
    swap = [0, 1, 3, 2]
    return [
        Node.make("Cast", [_IMAGE], [inner("image")], to=FLOAT),
        Node.make("Reshape", [inner("image"), flat], [inner("lines")]),
        # Rows first: they lie in memory as they are, and what is left, [B, h, 3 W], is small.
        Node.make("MatMul", [constant("rows", rows), inner("lines")], [inner("fewer")]),
        Node.make("Reshape", [inner("fewer"), low], [inner("pixels")]),
        Node.make("Transpose", [inner("pixels")], [inner("colours")], perm=swap),  # [B, h, 3, W]
        Node.make("MatMul", [inner("colours"), constant("columns", columns.T)], [inner("small")]),
        Node.make("Transpose", [inner("small")], [inner("shrunk")], perm=swap),  # [B, h, w, 3]
        Node.make("Add", [inner("shrunk"), constant("offset", camera.offset())], [inner("raised")]),
        Node.make("Floor", [inner("raised")], [out]),
    ]
