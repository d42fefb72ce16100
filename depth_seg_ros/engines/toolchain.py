"""What a backend that compiles ahead of time has to offer, and what a user may choose about it.

The steps around it (cache, parity, refusal) are the same for all and live in
:mod:`.ahead_of_time`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.errors import EngineError

Progress = Callable[[str], None]
"""Told one line a step."""


@dataclass(frozen=True)
class BuildOptions:
    """What a user may choose about a build; all of it is part of the cache key.

    precision: None keeps the file's; ``fp16`` converts a float32 file; ``int8`` wants a QDQ file.
    batch: images a call (several cameras).
    device: index of the GPU.
    workspace_mib: memory the builder's kernels may use; None leaves it to the backend.
    tf32: let float32 arithmetic round to TF32 (10 bits of mantissa); off, float32 means float32.
    optimization_level: 0..5, build time against speed; None is the backend's default.
    dla_core: put what can be there on this DLA core, the rest on the GPU.
    version_compatible: the engine also loads in later versions of the backend.
    hardware_compatible: the engine also runs on other GPUs of Ampere or later (slower).
    camera: the engine takes this camera's images and shrinks them itself; None: the network's.
    """

    precision: str | None = None
    batch: int = 1
    device: int = 0
    workspace_mib: int | None = None
    tf32: bool = False
    optimization_level: int | None = None
    dla_core: int | None = None
    version_compatible: bool = False
    hardware_compatible: bool = False
    camera: CameraInput | None = None

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise EngineError(f"batch is {self.batch}; give at least 1")
        if self.workspace_mib is not None and self.workspace_mib < 1:
            raise EngineError(f"workspace_mib is {self.workspace_mib}; give at least 1")
        level = self.optimization_level
        if level is not None and not 0 <= level <= 5:
            raise EngineError(f"optimization_level is {level}; give 0..5")


@dataclass(frozen=True)
class Target:
    """The machine an engine is for."""

    backend_version: str
    device: str
    compute_capability: str
    driver: str


class Toolchain(ABC):
    """How one backend makes and runs engine files.

    name: of the backend.
    """

    name: str

    @abstractmethod
    def identify(self, device: int) -> Target:
        """The machine here; EngineError where it cannot build or run."""

    @abstractmethod
    def build(self, onnx: bytes, options: BuildOptions, kept: Path, progress: Progress) -> bytes:
        """An engine file from ONNX bytes whose types are to be taken as they are.

        kept: folder of this GPU and version for what makes later builds and starts shorter.
        """

    @abstractmethod
    def load(self, plan: bytes, options: BuildOptions, precision: str, kept: Path) -> Engine:
        """A running engine; its ``details["layers"]`` counts layers by precision, if known."""
