"""How many images a call, for commands with many of them: measured where it may pay.

On a GPU several images a call keep it busier, at the price of building a second engine. On a CPU
they gain nothing (docs/engines.md), so one is taken there without asking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from depth_seg_ros.engines.choose import GPU_BACKENDS
from depth_seg_ros.engines.resize import GAIN, in_turn_ms
from depth_seg_ros.errors import EngineError
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame

BATCH = 8
MANY = 256
"""Images from which a second engine is worth its build."""
BATCHED = "batch"
"""Key of ``info.details``: how many images a call, and why."""

_log = logging.getLogger(__name__)


def open_for_many(
    open_one: Callable[..., Predictor], backend: str, options: Mapping[str, Any], images: int
) -> Predictor:
    """A predictor with the batch that was asked for, else with the one that is faster here.

    open_one: takes the backend and its options. images: how many are to come.
    """
    single = open_one(backend, **options)
    info = single.info
    if "batch" in options or images < MANY or info.backend not in GPU_BACKENDS:
        return single
    try:
        wanted = {**options, "precision": info.precision, "batch": BATCH}
        several = open_one(info.backend, **wanted)
    except EngineError as e:
        _log.warning("one image a call: no engine for %d (%s)", BATCH, e)
        return single
    return _faster(single, several)


def _faster(single: Predictor, several: Predictor) -> Predictor:
    """Time both on whole frames; the slower one is closed."""
    size = single.spec.input_height, single.spec.input_width, 3
    image = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    frames = [Frame(i, "", image) for i in range(BATCH)]
    try:
        one_ms, many_ms = in_turn_ms(
            lambda: single.predict_batch(frames), lambda: several.predict_batch(frames)
        )
    except BaseException:
        single.close()
        several.close()
        raise
    chosen, other = (several, single) if many_ms < GAIN * one_ms else (single, several)
    other.close()
    told = f"{BATCH} images take {many_ms:.3g} ms in one call, {one_ms:.3g} one by one"
    chosen.details[BATCHED] = f"{chosen.info.batch}: {told}"
    _log.info("images a call: %s", chosen.details[BATCHED])
    return chosen
