"""Does an engine compute what ONNX Runtime computes? Asked on the target, at build.

Vendors' runtimes have shipped wrong numbers for valid graphs, and they differ by GPU, precision
and version: so every new engine runs a few frames beside ONNX Runtime on the original file, and
what they differ by is stored with it, or it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.base import Engine, Tensors
from depth_seg_ros.errors import EngineError
from depth_seg_ros.limits import within

_FLOOR_M = 1.0  # relative differences of smaller depths are taken against one metre


@dataclass(frozen=True)
class Parity:
    """Differences between an engine and the reference.

    depth_max_m, depth_mean_m: largest and mean absolute difference [m].
    depth_max_relative, depth_mean_relative: the same over max(reference depth, 1 m).
    label_agreement: share of pixels with the same label; None for a depth-only network.
    confidence_mean: mean absolute difference of the depth's confidence, 0..1; None without.
    """

    frames: int
    reference: str
    depth_max_m: float
    depth_mean_m: float
    depth_max_relative: float
    depth_mean_relative: float
    label_agreement: float | None = None
    confidence_mean: float | None = None

    def __str__(self) -> str:
        labels = "" if self.label_agreement is None else (
            f", {100 * self.label_agreement:.2f} % of the labels agree"
        )  # fmt: skip
        return (
            f"depth differs from {self.reference} by {100 * self.depth_mean_relative:.3f} % on "
            f"average, {self.depth_mean_m:.4f} m, at most {self.depth_max_m:.3f} m{labels} "
            f"({self.frames} frames)"
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Bound:
    """Largest differences that rounding explains; beyond, the engine is wrong."""

    depth_max_relative: float
    depth_mean_relative: float
    label_agreement: float
    confidence_mean: float


BOUNDS: Mapping[str, Bound] = {
    "fp32": Bound(0.01, 0.0005, 0.998, 0.002),
    "fp16": Bound(0.10, 0.005, 0.99, 0.01),
    "bf16": Bound(0.40, 0.02, 0.96, 0.03),
    # Against ONNX Runtime on the same quantised file: only rounding differs.
    "int8": Bound(0.40, 0.02, 0.96, 0.03),
}


def measure(
    engine: Engine, reference: Engine, images: npt.NDArray[np.uint8] | None = None
) -> Parity:
    """Run both engines on the same frames.

    images: uint8 [N, h, w, 3]; :func:`frames` where None. EngineError if a depth is not finite or
    the outputs differ in kind.
    """
    batch, height, width, _ = engine.info.input_shape
    if images is None:
        images = frames(height, width)
    inputs = inputs_like(engine, images)
    wanted = [_one(reference, [values[i] for values in inputs]) for i in range(len(images))]
    found = _batched(engine, inputs, batch)
    if set(found[0]) != set(wanted[0]):
        raise EngineError(f"engine gives {sorted(found[0])}, reference {sorted(wanted[0])}")
    depth = np.stack([t["depth"] for t in found]).astype(np.float64)
    truth = np.stack([t["depth"] for t in wanted]).astype(np.float64)
    if not np.isfinite(depth).all():
        raise EngineError(
            f"{engine.info.backend} {engine.info.precision} gives {np.sum(~np.isfinite(depth))} "
            "depths that are not finite; build fp32"
        )
    error = np.abs(depth - truth)
    relative = error / np.maximum(truth, _FLOOR_M)
    agreement = confidence = None
    if "labels" in wanted[0]:
        same = [f["labels"] == w["labels"] for f, w in zip(found, wanted, strict=True)]
        agreement = float(np.mean(same))
    if "depth_confidence" in wanted[0]:
        sure, known = (np.stack([t["depth_confidence"] for t in r]) for r in (found, wanted))
        confidence = float(np.abs(sure.astype(np.float64) - known).mean() / 255)
    return Parity(
        frames=len(images),
        reference=f"{reference.info.backend} {reference.info.precision}",
        depth_max_m=float(error.max()),
        depth_mean_m=float(error.mean()),
        depth_max_relative=float(relative.max()),
        depth_mean_relative=float(relative.mean()),
        label_agreement=agreement,
        confidence_mean=confidence,
    )


def check(parity: Parity, precision: str) -> None:
    """EngineError where the differences are beyond what this precision explains."""
    bound = BOUNDS[precision]
    wrong = []
    if not within(parity.depth_mean_relative, bound.depth_mean_relative):
        wrong.append(f"mean depth difference above {100 * bound.depth_mean_relative:g} %")
    if not within(parity.depth_max_relative, bound.depth_max_relative):
        wrong.append(f"largest depth difference above {100 * bound.depth_max_relative:g} %")
    agreement, confidence = parity.label_agreement, parity.confidence_mean
    if agreement is not None and not within(agreement, 1, bound.label_agreement):
        wrong.append(f"label agreement below {100 * bound.label_agreement:g} %")
    if confidence is not None and not within(confidence, bound.confidence_mean):
        wrong.append(f"mean confidence difference above {bound.confidence_mean:g}")
    if wrong:
        raise EngineError(
            f"engine refused, its {precision} does not explain the numbers "
            f"({'; '.join(wrong)}): {parity}; build another precision or another version"
        )


def frames(height: int, width: int, count: int = 4) -> npt.NDArray[np.uint8]:
    """uint8 [count, height, width, 3]: made-up scenes, the same on every machine.

    A sky over a textured ground with upright boxes: edges, smooth areas and noise in about the
    brightness a camera gives. All frames differ, so a batch that mixes them up shows.
    """
    rng = np.random.default_rng(20)
    return np.stack([_scene(rng, height, width) for _ in range(count)])


def grounds(height: int, width: int, count: int = 4) -> npt.NDArray[np.float32]:
    """float32 [count, height, width], 1/m: flat ground below cameras of several heights."""
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    tilt = np.arange(width, dtype=np.float32) / width - 0.5
    planes = [(rows - 0.5 + 0.1 * s * tilt) / (0.3 + s) for s in range(count)]
    return np.maximum(np.stack(planes), 0).astype(np.float32)


def inputs_like(engine: Engine, images: npt.NDArray[np.uint8]) -> list[npt.NDArray[Any]]:
    """``images`` uint8 [N, …] and, where the engine takes it, some ground for each."""
    _, height, width = engine.info.map_shape
    return [images, grounds(height, width, len(images))] if engine.info.takes_ground else [images]


def _scene(rng: np.random.Generator, height: int, width: int) -> npt.NDArray[np.uint8]:
    horizon = int(height * rng.uniform(0.35, 0.6))
    image = np.empty((height, width, 3), np.float32)
    image[:horizon] = np.linspace((150, 185, 230), (215, 225, 235), horizon)[:, None]
    ground = np.linspace((120, 115, 105), (80, 80, 85), height - horizon)
    image[horizon:] = ground[:, None]
    for _ in range(8):
        x, w = int(rng.integers(0, width)), int(rng.integers(2, width // 4 + 3))
        top, foot = sorted(rng.uniform((0.1, 0.9), (0.9, 1.4)) * horizon)
        image[int(top) : int(foot), x : x + w] = rng.uniform(20, 230, 3)
    for cells in (4, 16, 64):
        noise = rng.normal(0, 12, (cells, cells, 3)).astype(np.float32)
        grown = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        image += np.asarray(grown, np.float32)
    image += rng.normal(0, 3, image.shape).astype(np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)


def _one(engine: Engine, inputs: list[npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """One frame through an engine of any batch size (the first place of the batch)."""
    batch = engine.info.input_shape[0]
    repeated = [np.repeat(values[None], batch, 0) for values in inputs]
    return {k: v[0].copy() for k, v in engine.infer(*repeated).items()}


def _batched(
    engine: Engine, inputs: list[npt.NDArray[Any]], batch: int
) -> list[dict[str, npt.NDArray[Any]]]:
    """All frames through an engine, ``batch`` different ones at a time (the last ones repeat)."""
    found: list[dict[str, npt.NDArray[Any]]] = []
    count = len(inputs[0])
    for start in range(0, count, batch):
        chosen = [(start + i) % count for i in range(batch)]
        tensors: Tensors = engine.infer(*(values[chosen] for values in inputs))
        found += [{k: v[i].copy() for k, v in tensors.items()} for i in range(batch)]
    return found[:count]
