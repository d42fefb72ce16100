"""What is tried, in the order of what matters, where time may run out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depth_seg_ros.engines.choose import BACKENDS, GPU_BACKENDS, int8_variant, is_available
from depth_seg_ros.engines.openvino import cpu_has_bf16
from depth_seg_ros.spec import read_spec

BATCHES = (1, 4, 8)


@dataclass(frozen=True)
class Trial:
    """One row of the engines' table."""

    backend: str
    precision: str
    batch: int

    @property
    def name(self) -> str:
        return f"{self.backend} {self.precision} batch {self.batch}"


def engines(model: Path, batches: tuple[int, ...] = BATCHES) -> list[Trial]:
    """Every backend that is here in every precision and batch: batch 1 of all, float16 first, then
    the largest batches, on a CPU only where there is nothing else."""
    here = [backend for backend in BACKENDS if is_available(backend)]
    gpu = any(backend in GPU_BACKENDS for backend in here)
    found = [
        Trial(backend, precision, batch)
        for batch in (batches[0], *reversed(batches[1:]))
        for backend in here
        for precision in precisions(backend, model)
        if batch == 1 or backend in GPU_BACKENDS or not gpu
    ]
    order = {p: i for i, p in enumerate(("fp16", "bf16", "int8", "fp32"))}
    return sorted(found, key=lambda t: (t.batch != batches[0], order[t.precision]))


def precisions(backend: str, model: Path) -> list[str]:
    """What a backend can make of a model and the files beside it."""
    inside = read_spec(model).precision
    found = [inside]
    if inside == "fp32" and backend in GPU_BACKENDS:
        found.append("fp16")
    if inside == "fp32" and backend == "openvino" and cpu_has_bf16():
        found.append("bf16")
    if inside == "fp32" and int8_variant(model) and backend != "cuda":
        found.append("int8")
    return found


def builder(trials: list[Trial]) -> Trial | None:
    """A row whose backend builds, for what concerns builds and the cache."""
    return next((t for t in trials if t.backend in GPU_BACKENDS), None)
