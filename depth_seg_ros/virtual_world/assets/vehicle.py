"""Vehicles for a scene: pick a model, paint it, hang plates on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets.bus import bus_shape
from depth_seg_ros.virtual_world.assets.car import car_shape
from depth_seg_ros.virtual_world.assets.car_models import CAR_SHARES, VAN_SHARES
from depth_seg_ros.virtual_world.assets.paints import (
    Rgb,
    bus_paint,
    car_paint,
    truck_paint,
    van_paint,
)
from depth_seg_ros.virtual_world.assets.truck import truck_shape
from depth_seg_ros.virtual_world.assets.vehicle_looks import (
    BUS_ID,
    CAR_ID,
    TRUCK_ID,
    heavy_looks,
    tile,
    vehicle_looks,
)
from depth_seg_ros.virtual_world.geometry.dress import Layers, Look, dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh

Detail = Literal["near", "far"]
MODELS_PER_STYLE = 24
"""Shapes are cached by model, so this bounds memory; colours and plates vary per instance."""

VEHICLE_KINDS = ("car", "van", "truck", "semi", "bus", *CAR_SHARES, *VAN_SHARES)


def make_vehicle(
    rng: np.random.Generator,
    kind: str,
    layers: Layers,
    *,
    detail: Detail = "near",
    brake: bool = False,
    headlights: bool = False,
    driven: bool = False,
    models: Sequence[int] = range(MODELS_PER_STYLE),
) -> Mesh:
    """A vehicle standing on the ground at the origin (middle of its length), nose to +z.

    ``kind``: "car" and "van" draw a body style by its share of the traffic; a style's own name
    (see VEHICLE_KINDS) asks for that one. ``detail`` "far" has about a tenth of the triangles and
    the same sizes for the same ``rng``; ``driven`` ones shine after dark. ``models`` are those of
    each style that there are: a street sees the same models again in other colours, which are then
    built once. Raises VirtualWorldError on an unknown kind.
    """
    style = _style(rng, kind)
    model = int(models[int(rng.integers(len(models)))])
    far = detail == "far"
    tidy = 1 - 0.35 * float(rng.random()) ** 3

    def looks(class_id: int, paint: Rgb) -> dict[str, Look]:
        common = vehicle_looks(
            rng, class_id, paint, brake=brake, headlights=headlights, tidy=tidy, driven=driven
        )
        return common | heavy_looks(rng, class_id, paint) if class_id != CAR_ID else common

    if style in ("truck", "semi"):
        cab = dress(
            truck_shape(style, model, far), _lorry(looks(TRUCK_ID, truck_paint(rng))), layers
        )
        return cab
    if style == "bus":
        return dress(bus_shape(model, far), _lorry(looks(BUS_ID, bus_paint(rng))), layers)
    paint = van_paint(rng) if style in VAN_SHARES else car_paint(rng)
    return dress(car_shape(style, model, far), looks(CAR_ID, paint), layers)


def _lorry(looks: dict[str, Look]) -> dict[str, Look]:
    """Heavy vehicles have steel wheels and plain roofs."""
    steel = replace(looks["rim"], tile=tile(1, 1, 2, 2), tint=(0.5, 0.5, 0.5))
    return looks | {"rim": steel, "body_top": looks["body"]}


def _style(rng: np.random.Generator, kind: str) -> str:
    shares = {"car": CAR_SHARES, "van": VAN_SHARES}.get(kind)
    draw = float(rng.random())
    if shares is None:
        if kind not in VEHICLE_KINDS:
            raise VirtualWorldError(
                f"no vehicle kind is named {kind!r}; known: {', '.join(VEHICLE_KINDS)}"
            )
        return kind
    edges = np.cumsum(list(shares.values()))
    return list(shares)[int(np.searchsorted(edges, draw * edges[-1]))]
