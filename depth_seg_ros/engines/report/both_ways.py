"""From a camera's uint8 image on the host to metres on the host, both ways: shrunk by OpenCV
before the upload, and uploaded whole and shrunk by the engine.

The network's outputs count as the end: making them as large as the camera's image is the same for
both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from depth_seg_ros.engines import Engine, open_engine
from depth_seg_ros.engines.base import Tensors
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.engines.parity import grounds
from depth_seg_ros.engines.resize import GAIN, open_like, times_in_turn_ms
from depth_seg_ros.errors import EngineError
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.preprocess import plan_geometry, prepare
from depth_seg_ros.spec import read_spec
from depth_seg_ros.types import UInt8Array


def measure(
    model: Path, backend: str, options: Mapping[str, Any], image: UInt8Array, calls: int,
    long_s: float,
) -> dict[str, Any]:  # fmt: skip
    """Latency of both ways, how far their outputs are apart, and which would be taken.

    calls: of each way, fewer where they take longer than ``long_s``. EngineError where the host's
    way fails; why the device's does is in ``device_error``.
    """
    spec = read_spec(model)
    height, width = image.shape[:2]
    geometry = plan_geometry(spec, width, height, None)
    found: dict[str, Any] = {"image": [width, height]}
    ways: dict[str, Callable[[], Tensors]] = {}
    with ExitStack() as engines:
        host = engines.enter_context(open_engine(model, backend, **options))
        ways["host"] = lambda: _infer(host, prepare(image, geometry, spec))
        try:
            camera = CameraInput.of(geometry, spec)
            device = engines.enter_context(open_like(host.info, model, camera, options))
            ways["device"] = partial(_infer, device, image[None])
        except EngineError as e:
            found["device_error"] = str(e)
        times = times_in_turn_ms(*ways.values(), rounds=calls, long_s=long_s)
        found |= {n: latency_statistics(v) for n, v in zip(ways, times, strict=True)}
        if "device" in ways:
            faster = found["device"]["p50_ms"] < GAIN * found["host"]["p50_ms"]
            found["taken"] = "device" if faster else "host"
            wanted = {k: v.copy() for k, v in ways["host"]().items()}
            found |= _apart(ways["device"](), wanted)
    return found


def _infer(engine: Engine, image: UInt8Array) -> Tensors:
    height, width = engine.info.map_shape[1:]
    return engine.infer(image, grounds(height, width, 1) if engine.info.takes_ground else None)


def _apart(found: Tensors, wanted: Tensors) -> dict[str, float]:
    """What one step of 255 in the network's input comes to in its outputs."""
    depth = np.asarray(wanted["depth"], np.float64)
    apart = {"depth_mean_relative": float((np.abs(found["depth"] - depth) / depth.clip(1)).mean())}
    if "labels" in wanted:
        apart["label_agreement"] = float((found["labels"] == wanted["labels"]).mean())
    return apart
