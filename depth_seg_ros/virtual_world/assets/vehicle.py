"""Vehicles for a scene: pick a model, paint it, hang plates on it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets.car import car_shape
from depth_seg_ros.virtual_world.assets.car_models import CAR_SHARES, VAN_SHARES
from depth_seg_ros.virtual_world.assets.paints import car_paint, van_paint
from depth_seg_ros.virtual_world.assets.shapes import Layers, dress
from depth_seg_ros.virtual_world.assets.vehicle_looks import CAR_ID, vehicle_looks
from depth_seg_ros.virtual_world.mesh import Mesh

Detail = Literal["near", "far"]
MODELS_PER_STYLE = 24
"""Shapes are cached by model, so this bounds memory; colours and plates vary per instance."""

VEHICLE_KINDS = ("car", "van", *CAR_SHARES, *VAN_SHARES)


def make_vehicle(rng: np.random.Generator, kind: str, layers: Layers, *, detail: Detail = "near",
                 brake: bool = False, headlights: bool = False) -> Mesh:
    """A vehicle standing on the ground at the origin (middle of its length), nose to +z.

    ``kind``: "car" and "van" draw a body style by its share of the traffic; a style's own name
    (see VEHICLE_KINDS) asks for that one. ``detail`` "far" has about a tenth of the triangles and
    the same sizes for the same ``rng``. Raises VirtualWorldError on an unknown kind.
    """
    style = _style(rng, kind)
    model = int(rng.integers(MODELS_PER_STYLE))
    van = style in VAN_SHARES
    paint = van_paint(rng) if van else car_paint(rng)
    looks = vehicle_looks(rng, CAR_ID, paint, brake=brake, headlights=headlights,
                          tidy=1 - 0.35 * float(rng.random()) ** 3)
    return dress(car_shape(style, model, detail == "far"), looks, layers)


def _style(rng: np.random.Generator, kind: str) -> str:
    shares = {"car": CAR_SHARES, "van": VAN_SHARES}.get(kind)
    draw = float(rng.random())
    if shares is None:
        if kind not in VEHICLE_KINDS:
            raise VirtualWorldError(
                f"no vehicle kind is named {kind!r}; known: {', '.join(VEHICLE_KINDS)}")
        return kind
    edges = np.cumsum(list(shares.values()))
    return list(shares)[int(np.searchsorted(edges, draw * edges[-1]))]
