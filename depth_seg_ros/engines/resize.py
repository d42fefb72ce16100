"""Where a camera's image is made small, on the host or on the engine's device: timed, then chosen.

On the host OpenCV shrinks it and little is uploaded; on the device the whole image is uploaded and
shrunk there (:mod:`.camera_input`). Which is faster depends on camera, bus, GPU and host, so both
are run here, from the image to the network's outputs, in turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines.base import Engine, EngineInfo
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.errors import EngineError

RESIZED = "resized"
"""Key of ``info.details``: where images are made small, and why there."""
ROUNDS, LEAST_ROUNDS, LONG_S = 20, 3, 1.0
"""Of each way, after one that is not counted; fewer where they take longer than this together."""
GAIN = 0.95
"""Share of the host's time below which the device is taken: a second engine costs memory."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Way:
    """The way chosen. engine: that takes the camera's images, None where the host shrinks them.

    host_ms, device_ms: medians of a call, image to outputs; None where the device could not.
    """

    engine: Engine | None
    reason: str
    host_ms: float | None = None
    device_ms: float | None = None

    def __str__(self) -> str:
        return f"on the {'device' if self.engine else 'host'}: {self.reason}"


def open_like(
    info: EngineInfo, path: Path, camera: CameraInput, options: Mapping[str, Any]
) -> Engine:
    """The engine of ``info`` once more, but one that takes ``camera``'s images; EngineError where
    that cannot be. options: those that the first was opened with."""
    wanted = {**options, "precision": info.precision, "batch": info.batch, "camera": camera}
    return open_engine(path, info.backend, **wanted)


def faster_way(
    host: Engine, open_device: Callable[[], Engine], call: Callable[[Engine], object]
) -> Way:
    """Time both, close the slower one if it is the device's. call: one call, image to outputs."""
    try:
        device = open_device()
    except EngineError as e:
        way = Way(None, f"no engine that shrinks images itself ({e})")
        _log.warning("images are made small %s", way)
        return way
    try:
        host_ms, device_ms = in_turn_ms(lambda: call(host), lambda: call(device))
    except BaseException:
        device.close()
        raise
    told = f"{device_ms:.3g} ms from image to outputs on the device, {host_ms:.3g} on the host"
    faster = device_ms < GAIN * host_ms
    if not faster:
        device.close()
    way = Way(device if faster else None, told, host_ms, device_ms)
    _log.info("images are made small %s", way)
    return way


def in_turn_ms(*ways: Callable[[], object]) -> list[float]:
    """Median milliseconds of each."""
    return [median(times) for times in times_in_turn_ms(*ways)]


def times_in_turn_ms(
    *ways: Callable[[], object], rounds: int = ROUNDS, long_s: float | None = None
) -> list[list[float]]:
    """Milliseconds of every call of each way, run in turn so that a busy moment meets all; the
    first round is not counted. long_s: seconds after which no more rounds begin."""
    times: list[list[float]] = [[] for _ in ways]
    begun, end_s = perf_counter(), LONG_S if long_s is None else long_s
    for i in range(rounds + 1):
        for way, found in zip(ways, times, strict=True):
            start = perf_counter()
            way()
            found.append((perf_counter() - start) * 1e3)
        if i >= LEAST_ROUNDS and perf_counter() - begun > end_s:
            break
    return [found[1:] for found in times]
