"""Jams: drives that stand among lorries, for those who ask for more of them (``queues``).

A lorry beside the camera fills half of the picture; as places draw their traffic, a network meets
too few to learn them.
"""

from __future__ import annotations

from dataclasses import replace

from depth_seg_ros.virtual_world.plan.drawing import chance, uniform
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters
from depth_seg_ros.virtual_world.plan.templates import length_s


def jammed(p: PlaceParameters, share: float) -> PlaceParameters:
    """The place of the start as it is, or in a ``share`` of the seeds with its lanes full of
    standing traffic, many lorries among it. Where nobody else drives, nothing jams."""
    rng = p.rng("jam")
    if p.traffic.closed or p.traffic.lane_density <= 0 or not chance(rng, share):
        return p
    traffic = replace(
        p.traffic, queue=True, ego_speed_mps=uniform(rng, 0.0, 3.0),
        lane_density=uniform(rng, 7.0, 9.0), first_gap_m=uniform(rng, 4.0, 8.0),
        heavy_share=max(p.traffic.heavy_share, uniform(rng, 0.35, 0.8)),
    )  # fmt: skip
    changed = replace(p, traffic=traffic)
    return replace(changed, duration_s=length_s(changed))
