"""Which protocol suits the truth: dense depth and a LiDAR's points are scored differently."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.evaluation.score.protocols import EvalProtocol, get_protocol
from depth_seg_ros.readers.base import Reader

DENSE_SHARE = 0.3
"""Share of an image's pixels with depth (sky counts) from which on it is dense: a renderer's has
nearly all of them, KITTI's accumulated LiDAR a sixth, one scan a twentieth."""

LOOKED_AT = 8
"""Samples read to find one with depth."""


def is_dense(reader: Reader) -> bool | None:
    """Whether the first depth there is covers its image; None where there is none."""
    if reader.lidar:
        return False
    for index in range(min(len(reader), LOOKED_AT)):
        try:
            depth_m = reader.load(index).truth.depth_m
        except DepthSegError:
            continue  # the evaluation counts and reports it
        if depth_m is not None:
            return float(np.mean(~np.isnan(depth_m))) >= DENSE_SHARE
    return None


def protocol_for(reader: Reader) -> EvalProtocol:
    """``eigen`` for a LiDAR's depth, ``dense`` for all other."""
    return get_protocol("eigen" if is_dense(reader) is False else "dense")


def warning(reader: Reader, protocol: EvalProtocol) -> str | None:
    """What to say where a protocol was chosen that is about another kind of truth."""
    dense = is_dense(reader)
    if dense and protocol.garg_crop:
        return (
            f"The truth here is dense, while {protocol.name} is about raw LiDAR and looks at the "
            "central crop alone: --protocol dense scores all of it."
        )
    if dense is False and protocol.name == "dense":
        return "The truth here is sparse, as a LiDAR's; --protocol eigen is the usual one for it."
    return None
