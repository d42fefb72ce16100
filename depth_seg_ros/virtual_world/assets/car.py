"""Whole cars and vans: body, glass, lamps, wheels, mirrors, plates, put together once a model."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depth_seg_ros.virtual_world.assets.body import Skirt, add_deck, add_skirt, sample_skirt
from depth_seg_ros.virtual_world.assets.body_plan import BodyPlan
from depth_seg_ros.virtual_world.assets.car_models import STYLES, body_plan
from depth_seg_ros.virtual_world.assets.greenhouse import (
    add_greenhouse,
    add_roof,
    sample_greenhouse,
)
from depth_seg_ros.virtual_world.assets.wheels import add_wheel, far_wheel, wheel
from depth_seg_ros.virtual_world.geometry.shapes import Float, Shape, ShapeBuilder

PLATE_M = (0.52, 0.115)


@lru_cache(maxsize=256)
def car_shape(style_name: str, seed: int, far: bool) -> Shape:
    """Model ``seed`` of a body style; the same shape for every call with the same arguments."""
    plan, style = body_plan(style_name, seed), STYLES[style_name]
    rng = np.random.default_rng([seed, 77, len(style_name)])
    cladding = 2 if rng.random() < style.cladding_chance else 0
    rails = rng.random() < style.rails_chance
    skirt = sample_skirt(plan, far)
    house = sample_greenhouse(plan, style.windows, far)
    b = ShapeBuilder()
    add_skirt(b, skirt, 0 if far else cladding, far)
    add_deck(b, skirt, far)
    add_greenhouse(b, house)
    add_roof(b, plan, house, far)
    _add_lamps(b, skirt, rng)
    _add_front(b, skirt, rng, far)
    corner = house.points[2 if far else 3, 0]
    if far:
        b.box((corner[0] + 0.14, corner[1] + 0.09, corner[2] - 0.08), (0.17, 0.12, 0.09), "body")
    else:
        _add_mirror(b, plan, corner)
        if rails:
            _add_rail(b, house.points[:, -1])
    b.mirror()
    _add_plates(b, skirt, far)
    lamp = house.points[-1, -1] + [0.0, -0.035, -0.012]
    b.box(lamp, (0.26, 0.025, 0.02), "brake_lamp", faces="zyY")
    _add_wheels(b, plan, far)
    return b.build()


def _add_lamps(b: ShapeBuilder, skirt: Skirt, rng: np.random.Generator) -> None:
    plan = skirt.plan
    top = plan.nose_y - rng.uniform(0.06, 0.10)
    tall, sweep = rng.uniform(0.09, 0.16), rng.uniform(0.01, 0.09)
    inner = skirt.station_of_x(plan.half_width * rng.uniform(0.50, 0.64))
    outer = rng.uniform(0.88, 0.98)
    points, uv = skirt.patch(
        (inner, outer), (top - tall, top - tall * 0.75 + sweep), (top - 0.2 * tall, top + sweep)
    )
    b.grid(points, "headlamp", uv=uv)
    tall_body = plan.height > 1.7
    low = plan.sill_y + (0.42 if tall_body else 0.48) * (plan.tail_y - plan.sill_y)
    high = plan.tail_y - rng.uniform(0.05, 0.09)
    upright = tall_body or rng.random() < 0.35
    inner = skirt.station_of_x(
        plan.half_width * (0.84 if upright else rng.uniform(0.5, 0.66)), tail=True
    )
    if not upright:
        low = high - rng.uniform(0.13, 0.20)
    points, uv = skirt.patch((inner, rng.uniform(2.06, 2.15)), low, high, 0.008)
    b.grid(points, "tail_lamp", uv=uv)


def _add_front(b: ShapeBuilder, skirt: Skirt, rng: np.random.Generator, far: bool) -> None:
    """Grille, lower intake, fog lamps, rear reflectors and the black foot of the rear bumper."""
    plan = skirt.plan
    edge = skirt.station_of_x(plan.half_width * rng.uniform(0.40, 0.50))
    high = plan.nose_y - rng.uniform(0.05, 0.09)
    low = high - rng.uniform(0.10, 0.22)
    points, uv = skirt.patch((0.0, edge), low, (high, high - 0.02))
    b.grid(points, "grille", uv=uv * [0.5, 1] + [0.5, 0])
    if far:
        return
    foot = plan.sill_y + 0.06
    points, uv = skirt.patch(
        (0.0, skirt.station_of_x(plan.half_width * rng.uniform(0.5, 0.75))),
        foot,
        foot + rng.uniform(0.07, 0.13),
    )
    b.grid(points, "intake", uv=uv * [0.5, 1] + [0.5, 0])
    if rng.random() < 0.6:
        fog = skirt.station_of_x(plan.half_width * 0.80)
        points, uv = skirt.patch((fog, fog + 0.12), foot + 0.02, foot + 0.10)
        b.grid(points, "fog_lamp", uv=uv)
    points, uv = skirt.patch(
        (skirt.station_of_x(plan.half_width * 0.72, tail=True), 3.0),
        plan.sill_y + 0.02,
        plan.sill_y + rng.uniform(0.08, 0.15),
    )
    b.grid(points, "plastic", uv=uv)
    at = skirt.station_of_x(plan.half_width * 0.86, tail=True)
    points, uv = skirt.patch((at, at - 0.22), plan.sill_y + 0.16, plan.sill_y + 0.20)
    b.grid(points, "reflector", uv=uv)


def _add_mirror(b: ShapeBuilder, plan: BodyPlan, corner: Float) -> None:
    """A door mirror: housing ahead, glass behind, on a short arm."""
    x, y, z = corner[0] + 0.145, corner[1] + 0.09, corner[2] - 0.08
    scale = 1.35 if plan.height > 2.2 else 1.0
    b.ellipsoid((x, y, z), (0.095, 0.068 * scale, 0.055), "body", sides=8, rings=4)
    b.box((x, y, z - 0.05), (0.14, 0.095 * scale, 0.012), "mirror_glass", faces="z")
    b.box((x - 0.09, y - 0.05, z), (0.12, 0.03, 0.05), "plastic", faces="yYzZ")


def _add_rail(b: ShapeBuilder, roof_edge: Float) -> None:
    zs = np.linspace(roof_edge[3, 2] - 0.1, roof_edge[10, 2] + 0.05, 6)
    order = np.argsort(roof_edge[3:11, 2])
    side = roof_edge[3:11][order]
    x = np.interp(zs, side[:, 2], side[:, 0]) - 0.05
    y = np.interp(zs, side[:, 2], side[:, 1]) + np.array([0.01, 0.05, 0.055, 0.055, 0.05, 0.01])
    b.tube(np.stack([x, y, zs], -1), 0.016, "rail", sides=4)


def _add_plates(b: ShapeBuilder, skirt: Skirt, far: bool) -> None:
    plan = skirt.plan
    for column, sign, y in ((0, 1, plan.sill_y + 0.22), (-1, -1, None)):
        profile = skirt.points[column]
        height = plan.sill_y + 0.5 * (plan.tail_y - plan.sill_y) if y is None else y
        z = float(np.interp(height, profile[:, 1], profile[:, 2])) + sign * 0.02
        b.box(
            (0, height, z),
            (*PLATE_M, 0.012),
            "plate_front" if sign > 0 else "plate_rear",
            faces="Z" if sign > 0 else "z",
            uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
        )
        if far:
            continue
        b.box(
            (0, height, z - sign * 0.01),
            (PLATE_M[0] + 0.02, PLATE_M[1] + 0.02, 0.012),
            "plastic",
            faces="xXyYzZ",
        )


def _add_wheels(b: ShapeBuilder, plan: BodyPlan, far: bool) -> None:
    width = 0.62 * plan.tyre_radius
    shape = (far_wheel if far else wheel)(plan.tyre_radius, width)
    x = plan.half_width - width / 2 - 0.025
    for z in (plan.front_axle_z, plan.rear_axle_z):
        for side in (-1, 1):
            add_wheel(b, shape, side * x, plan.tyre_radius, z)
