"""The contract every inference backend keeps.

An engine knows tensors, not images, cameras or classes: uint8 ``[B, h, w, 3]`` in, named arrays
out. The exported graph holds normalisation, depth decoding, softmax and argmax, so all backends
see the same interface:

================ ======= ========= ===============================================================
name             dtype   shape     meaning
================ ======= ========= ===============================================================
image            uint8   [B,h,w,3] RGB; [B,H,W,3] where the engine shrinks it (``camera``)
ground           float32 [B,h,w]   1/m: inverse depth of flat ground (only ``rig_input``)
depth            float32 [B,h,w]   metres along Z, for the training camera
labels           uint8   [B,h,w]   class ids (only networks with semantics)
confidence       uint8   [B,h,w]   255 x probability of the label
depth_confidence uint8   [B,h,w]   255 x probability that depth is within 25 % (if it says so)
================ ======= ========= ===============================================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.errors import EngineError

INPUT_NAME = "image"
GROUND_NAME = "ground"
INPUT_DTYPES: Mapping[str, type[np.generic]] = {INPUT_NAME: np.uint8, GROUND_NAME: np.float32}
OUTPUT_DTYPES: Mapping[str, type[np.generic]] = {
    "depth": np.float32,
    "labels": np.uint8,
    "confidence": np.uint8,
    "depth_confidence": np.uint8,
}
CONTRACT = (
    "image uint8 [B, h, w, 3] and perhaps ground float32 [B, h, w] in; depth float32, labels "
    "uint8, confidence uint8, depth_confidence uint8 out; fixed sizes"
)
"""The table above, for error messages."""

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class EngineInfo:
    """Identity of a loaded engine, for logs, diagnostics and reports.

    backend: ``onnxruntime``, ``openvino``, ``tensorrt``.
    version: of the backend.
    device: where it runs, in words.
    precision: what is really inside it, as far as the backend tells.
    input_shape: [B, h, w, 3].
    outputs: names of the tensors it returns.
    takes_ground: whether it wants the second input, ``ground``.
    camera: what it does itself to a camera's image of that shape; None: it takes the network's
        input.
    details: anything else worth showing (parity, threads, cache path, reason of the choice).
    """

    backend: str
    version: str
    device: str
    precision: str
    input_shape: tuple[int, int, int, int]
    outputs: tuple[str, ...]
    details: Mapping[str, Any] = field(default_factory=dict)
    takes_ground: bool = False
    camera: CameraInput | None = None

    @property
    def batch(self) -> int:
        """Images a call."""
        return self.input_shape[0]

    @property
    def map_shape(self) -> tuple[int, int, int]:
        """[B, h, w] of the outputs, and of the ground."""
        return map_shape(self.input_shape, self.camera)

    @property
    def input_shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every input."""
        ground = {GROUND_NAME: self.map_shape} if self.takes_ground else {}
        return {INPUT_NAME: self.input_shape, **ground}


def map_shape(
    image_shape: tuple[int, int, int, int], camera: CameraInput | None
) -> tuple[int, int, int]:
    """[B, h, w] of the maps that belong to images of this shape."""
    width, height = camera.network_size if camera else (image_shape[2], image_shape[1])
    return image_shape[0], height, width


class Engine(ABC):
    """One loaded network. Use as a context manager; not thread-safe (one engine, one thread)."""

    info: EngineInfo
    foreign_errors: tuple[type[Exception], ...] = (RuntimeError,)
    """What the backend's runtime raises when it cannot run."""

    def infer(
        self, image: npt.NDArray[np.uint8], ground: npt.NDArray[np.float32] | None = None
    ) -> Tensors:
        """Run the network on uint8 [B, h, w, 3] (and float32 [B, h, w], exactly where
        ``info.takes_ground``); EngineError on anything else, and for whatever class of its own the
        backend's runtime raises.

        The arrays returned may be reused by the next call: copy what must outlive it.
        """
        inputs: dict[str, npt.NDArray[Any]] = {INPUT_NAME: image}
        if ground is not None:
            inputs[GROUND_NAME] = ground
        shapes = self.info.input_shapes
        if shapes.keys() != inputs.keys():
            raise EngineError(
                f"{self.info.backend} takes {' and '.join(shapes)}, found {' and '.join(inputs)}"
            )
        for name, values in inputs.items():
            if values.dtype != INPUT_DTYPES[name] or values.shape != shapes[name]:
                raise EngineError(
                    f"{self.info.backend} takes {np.dtype(INPUT_DTYPES[name])} "
                    f"{list(shapes[name])}, found {values.dtype} {list(values.shape)}"
                )
        try:
            return self._infer({name: np.ascontiguousarray(v) for name, v in inputs.items()})
        except self.foreign_errors as e:
            raise EngineError(f"{self.info.backend} on {self.info.device} failed: {e}") from e

    @abstractmethod
    def _infer(self, inputs: Tensors) -> Tensors:
        """The backend's part of :meth:`infer`; the inputs, by name, are checked and contiguous."""

    def close(self) -> None:  # noqa: B027 - most backends free themselves
        """Free what the backend holds; a second call does nothing."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
