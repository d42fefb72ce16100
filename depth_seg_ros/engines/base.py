"""The contract every inference backend keeps.

An engine knows tensors, not images, cameras or classes: uint8 ``[B, h, w, 3]`` in, named arrays
out. The exported graph holds normalisation, depth decoding, softmax and argmax, so all backends
see the same interface:

========== ======= ========= ===========================================
name       dtype   shape     meaning
========== ======= ========= ===========================================
image      uint8   [B,h,w,3] RGB
depth      float32 [B,h,w]   metres along Z, for the training camera
labels     uint8   [B,h,w]   class ids (only networks with semantics)
confidence uint8   [B,h,w]   255 x probability of the label
========== ======= ========= ===========================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EngineError

INPUT_NAME = "image"
OUTPUT_DTYPES: Mapping[str, type[np.generic]] = {
    "depth": np.float32,
    "labels": np.uint8,
    "confidence": np.uint8,
}

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
    details: anything else worth showing (parity, threads, cache path, reason of the choice).
    """

    backend: str
    version: str
    device: str
    precision: str
    input_shape: tuple[int, int, int, int]
    outputs: tuple[str, ...]
    details: Mapping[str, Any] = field(default_factory=dict)


class Engine(ABC):
    """One loaded network. Use as a context manager; not thread-safe (one engine, one thread)."""

    info: EngineInfo
    foreign_errors: tuple[type[Exception], ...] = (RuntimeError,)
    """What the backend's runtime raises when it cannot run."""

    def infer(self, image: npt.NDArray[np.uint8]) -> Tensors:
        """Run the network on uint8 [B, h, w, 3]; EngineError on anything else, and for whatever
        class of its own the backend's runtime raises.

        The arrays returned may be reused by the next call: copy what must outlive it.
        """
        expected = self.info.input_shape
        if image.dtype != np.uint8 or image.shape != expected:
            raise EngineError(
                f"{self.info.backend} takes uint8 {list(expected)}, "
                f"found {image.dtype} {list(image.shape)}"
            )
        try:
            return self._infer(np.ascontiguousarray(image))
        except self.foreign_errors as e:
            raise EngineError(f"{self.info.backend} on {self.info.device} failed: {e}") from e

    @abstractmethod
    def _infer(self, image: npt.NDArray[np.uint8]) -> Tensors:
        """The backend's part of :meth:`infer`; the input is checked and contiguous."""

    def close(self) -> None:  # noqa: B027 - most backends free themselves
        """Free what the backend holds; a second call does nothing."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
