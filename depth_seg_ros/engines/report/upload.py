"""Would resizing on the GPU pay? Measured before anything is built for it.

Today the host shrinks the image to the network's input and uploads that. The other way uploads the
whole image and shrinks it there. What the GPU's own kernels would take is left out, so the answer
is the most that could be gained.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from depth_seg_ros.engines.device import Buffer, Device
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.preprocess import plan_geometry, prepare
from depth_seg_ros.spec import read_spec
from depth_seg_ros.types import UInt8Array


def measure(model: Path, image: UInt8Array, frames: int) -> dict[str, Any]:
    """Median milliseconds of each step, and the most that moving the resizing could gain.

    Without a GPU the uploads stay out; ``copy_image_ms`` alone, from the message into the buffer,
    already says much.
    """
    spec = read_spec(model)
    height, width = image.shape[:2]
    geometry = plan_geometry(spec, width, height, None, None)
    small = prepare(image, geometry, spec)
    target = np.empty_like(image)
    found: dict[str, Any] = {
        "image": [width, height],
        "prepare_ms": _median_ms(lambda: prepare(image, geometry, spec), frames),
        "copy_image_ms": _median_ms(lambda: np.copyto(target, image), frames),
    }
    if probe().gpus:
        found |= _uploads(image, small, frames)
        saved = found["prepare_ms"] + found["upload_input_ms"] - found["upload_image_ms"]
        found["gain_at_most_ms"] = round(saved, 4)
    return found


def _uploads(image: UInt8Array, small: UInt8Array, frames: int) -> dict[str, float]:
    """From pageable memory through pinned memory to the GPU, waited for."""
    device = Device()
    try:
        with device.current():
            stream = device.new_stream()
            buffers = [Buffer(device, values.shape, np.uint8) for values in (image, small)]

            def upload(buffer: Buffer, values: UInt8Array) -> None:
                np.copyto(buffer.host, values)
                buffer.upload(stream)
                device.synchronize(stream)

            times = [
                _median_ms(lambda b=b, v=v: upload(b, v), frames)  # type: ignore[misc]
                for b, v in zip(buffers, (image, small), strict=True)
            ]
            for buffer in buffers:
                buffer.free()
            device.free_stream(stream)
    finally:
        device.release()
    return {"upload_image_ms": times[0], "upload_input_ms": times[1]}


def _median_ms(work: Callable[[], object], frames: int) -> float:
    times = []
    for _ in range(frames + 1):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) * 1e3)
    return round(median(times[1:]), 4)
