"""One measurement, in a process of its own: ``python -m depth_seg_ros.engines.report.trials JSON``.

Prints one JSON object as its last line: what was found, or ``error`` with one line of reason.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from depth_seg_ros.engines import Engine, open_engine
from depth_seg_ros.engines import parity as parity_check
from depth_seg_ros.engines.choose import GPU_BACKENDS
from depth_seg_ros.engines.device import Device
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.engines.report import both_ways
from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.system.process_cost import memory_mb
from depth_seg_ros.types import Frame, UInt8Array

WARM_UP = 10
LONG_S = 20.0
"""A row takes fewer calls than asked for where they would take longer than this."""
CAMERA_WIDTH, CAMERA_HEIGHT = 1242, 375
"""Of the node path's image: a KITTI frame."""


def engine(request: Mapping[str, Any]) -> dict[str, Any]:
    """Open (build, or find in the cache), compare with the CPU, time."""
    before = _memory(request["backend"])
    start = perf_counter()
    with _open(request) as opened:
        seconds = perf_counter() - start
        found = {
            "open_s": round(seconds, 2),
            "info": _info(opened),
            "parity": _parity(opened, request),
            **_timed(opened, int(request["frames"])),
        }
        after = _memory(request["backend"])
    used = {k: round(after[k] - before[k], 1) for k in before}
    return {**found, "memory_mib": used}


def node_path(request: Mapping[str, Any]) -> dict[str, Any]:
    """uint8 image of a camera on the host to metres at its resolution on the host."""
    image = _camera_image()
    stages: dict[str, list[float]] = {"preprocess": [], "inference": [], "postprocess": []}
    options = {"cache_dir": request["cache_dir"], "precision": request["precision"]}
    size = CAMERA_WIDTH, CAMERA_HEIGHT
    with Predictor.open(
        request["model"], request["backend"], camera_size=size, **options
    ) as predictor:
        for i in range(WARM_UP + int(request["frames"])):
            _, times = predictor.predict_timed(Frame(i, "camera", image))
            if i >= WARM_UP:
                for name, values in stages.items():
                    values.append(getattr(times, f"{name}_ms"))
        info = asdict(predictor.info)
    whole = np.sum(list(stages.values()), axis=0)
    latency = {name: latency_statistics(v) for name, v in {**stages, "whole": whole}.items()}
    return {"info": info, "latency": latency}


def shrinking(request: Mapping[str, Any]) -> dict[str, Any]:
    """A camera's image made small on the host, and by the engine."""
    options = {"cache_dir": request["cache_dir"], "precision": request["precision"]}
    calls = int(request["frames"])
    return both_ways.measure(
        request["model"], request["backend"], options, _camera_image(), calls, LONG_S
    )


TRIALS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "engine": engine,
    "node_path": node_path,
    "both_ways": shrinking,
}


def _camera_image() -> UInt8Array:
    return np.asarray(parity_check.frames(CAMERA_HEIGHT, CAMERA_WIDTH, 1)[0])


def _open(request: Mapping[str, Any]) -> Engine:
    return open_engine(
        request["model"],
        request["backend"],
        precision=request["precision"],
        batch=request["batch"],
        cache_dir=request["cache_dir"],
        progress=lambda line: print(line, flush=True),
    )


def _info(opened: Engine) -> dict[str, Any]:
    return {**asdict(opened.info), "details": dict(opened.info.details)}


def _parity(opened: Engine, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """As stored at build; measured now for backends that do not build."""
    stored = opened.info.details.get("parity")
    if isinstance(stored, Mapping):
        return stored
    with open_engine(request["model"], "onnxruntime") as reference:
        return parity_check.measure(opened, reference).to_dict()


def _timed(opened: Engine, frames: int) -> dict[str, Any]:
    """Milliseconds of each call, from arrays on the host to arrays on the host."""
    batch, height, width, _ = opened.info.input_shape
    images = parity_check.frames(height, width, 2 * batch).reshape(2, batch, height, width, 3)
    inputs = [parity_check.inputs_like(opened, i) for i in images]
    times: list[float] = []
    begun = perf_counter()
    for i in range(WARM_UP + frames):
        start = perf_counter()
        opened.infer(*inputs[i % 2])
        times.append((perf_counter() - start) * 1e3)
        if i > WARM_UP and perf_counter() - begun > LONG_S:
            break
    latency = latency_statistics(times[WARM_UP:])
    return {"latency": latency, "images_per_s": round(batch * 1e3 / latency["mean_ms"], 1)}


def _memory(backend: str) -> dict[str, float]:
    """In use now [MiB]: of this process on the host, of everybody on the GPU."""
    found = {"host": memory_mb(os.getpid()) or 0.0}
    if backend in GPU_BACKENDS and probe().gpus:
        device = Device()
        try:
            with device.current():
                found["gpu"] = -float(device.free_memory_mib())
        finally:
            device.release()
    return found


def main(text: str) -> None:
    """Run the trial that the JSON object ``text`` asks for."""
    request = json.loads(text)
    request["model"] = Path(request["model"])
    try:
        found = TRIALS[request["kind"]](request)
    except DepthSegError as e:
        found = {"error": str(e)}
    print(json.dumps(found, default=str), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
