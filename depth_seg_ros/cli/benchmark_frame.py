"""How long everything but the network takes: from an image message's bytes to finished arrays.

The engine is replaced by one that answers at once with fixed tensors, so that what is timed is
decoding, preprocessing and postprocessing of the real path (Predictor), on one core.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.base import Engine, EngineInfo, Tensors
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.machine import machine_name
from depth_seg_ros.types import Frame, Intrinsics

NETWORK_WIDTH, NETWORK_HEIGHT = 256, 160
STAGES = ("decode", "preprocess", "postprocess", "total")


class InstantEngine(Engine):
    """Answers at once with the same tensors: the network's part taken out."""

    def __init__(self) -> None:
        shape = (1, NETWORK_HEIGHT, NETWORK_WIDTH)
        rng = np.random.default_rng(0)
        self._tensors: dict[str, npt.NDArray[np.generic]] = {
            "depth": rng.uniform(2, 80, shape).astype(np.float32),
            "labels": rng.integers(7, 27, shape, dtype=np.uint8),
            "confidence": rng.integers(0, 256, shape, dtype=np.uint8),
        }
        self.info = EngineInfo(
            "instant", "1", "CPU", "fp32", (*shape, 3), ("depth", "labels", "confidence")
        )

    def _infer(self, inputs: Tensors) -> Tensors:
        return self._tensors


def measure(width: int, height: int, frames: int) -> dict[str, float]:
    """Wall milliseconds per frame, p50 and p95, of each stage and of the whole, on one core."""
    cv2.setNumThreads(1)
    camera = Intrinsics(
        width, height, 0.58 * width, 0.58 * width, (width - 1) / 2, (height - 1) / 2
    )
    training = camera.resized(NETWORK_WIDTH, NETWORK_HEIGHT)
    spec = ModelSpec(
        "benchmark",
        NETWORK_WIDTH,
        NETWORK_HEIGHT,
        training.fx,
        training.fy,
        80.0,
        classes=NETWORK_CLASSES,
    )
    message = np.random.default_rng(1).integers(0, 256, width * height * 3, np.uint8).tobytes()
    rows = []
    with Predictor(InstantEngine(), spec) as predictor:
        for _ in range(frames + 10):
            start = perf_counter()
            image = np.frombuffer(message, np.uint8).reshape(height, width, 3)
            frame = Frame(0, "camera", image, camera)
            decoded = perf_counter()
            _, times = predictor.predict_timed(frame)
            decode_ms, total_ms = (decoded - start) * 1e3, (perf_counter() - start) * 1e3
            rows.append((decode_ms, times.preprocess_ms, times.postprocess_ms, total_ms))
    found: dict[str, float] = {}
    for name, of_stage in zip(STAGES, zip(*rows[10:], strict=True), strict=True):
        statistics = latency_statistics(of_stage)
        found |= {f"{name}_{key}": round(statistics[key], 3) for key in ("p50_ms", "p95_ms")}
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("benchmark_frame", __doc__)
    parser.add_argument("--width", type=ranged("width"), default=1242)
    parser.add_argument("--height", type=ranged("height"), default=375)
    parser.add_argument("--frames", type=ranged("frames"), default=500)
    arguments = parser.parse_args(argv)

    def work() -> None:
        result = measure(arguments.width, arguments.height, arguments.frames)
        machine = {"machine": machine_name(), "cores_used": 1}
        print(json.dumps({**machine, **vars(arguments), **result}, indent=2))

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
