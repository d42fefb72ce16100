"""City buses and coaches: a rounded box of glass and panels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depth_seg_ros.virtual_world.assets.body import Skirt, add_deck, add_underside, sample_skirt
from depth_seg_ros.virtual_world.assets.body_plan import BodyPlan, Section, box_plan
from depth_seg_ros.virtual_world.assets.wheels import add_wheel, far_wheel, wheel
from depth_seg_ros.virtual_world.geometry.shapes import Shape, ShapeBuilder

BAY_M = 1.45
_TYRE_R = 0.48
_SILL = 0.32


def bus_plan(seed: int) -> BodyPlan:
    """Sizes of bus model ``seed``."""
    rng = np.random.default_rng([seed, 991])
    length, top = float(rng.uniform(10.2, 12.3)), float(rng.uniform(2.85, 3.10))
    front = length / 2 - float(rng.uniform(2.55, 2.75))
    rear = -length / 2 + float(rng.uniform(3.0, 3.4))
    low, high = float(rng.uniform(0.92, 1.15)), float(rng.uniform(2.22, 2.36))
    heights = np.array([_SILL, 0.45, low - 0.03, low, high, high + 0.12, top - 0.16, top])
    section = Section(
        rows=tuple((heights - _SILL) / (top - _SILL)),
        side=(0.03, 0.0, 0.0, 0.012, 0.045, 0.045, 0.06, 0.17),
        nose=(0.06, 0.0, 0.02, 0.04, 0.20, 0.23, 0.30, 0.46),
        tail=(0.04, 0.0, 0.02, 0.03, 0.08, 0.09, 0.13, 0.25),
        far_rows=(0, 1, 3, 4, 7),
    )
    bays = np.arange(-length / 2 + 0.6, length / 2 - 0.6, BAY_M)
    return box_plan(
        length=length,
        width=2.55,
        height=top,
        front_axle_z=front,
        rear_axle_z=rear,
        tyre_radius=_TYRE_R,
        sill_y=_SILL,
        screen_m=0.3,
        roundness=float(rng.uniform(4.0, 6.0)),
        taper=0.01,
        section=section,
        end_depth=(0.45, 0.30),
        extra_z=tuple(float(z) for z in bays),
    )


@lru_cache(maxsize=48)
def bus_shape(seed: int, far: bool) -> Shape:
    """Bus model ``seed``."""
    plan = bus_plan(seed)
    rng = np.random.default_rng([seed, 992])
    skirt = sample_skirt(plan, far)
    band = float(plan.section.rows[3] * (plan.height - _SILL) + _SILL)
    b = ShapeBuilder()
    _panels(b, skirt, band)
    add_deck(b, skirt, far)
    add_underside(b, skirt, far)
    _lamps(b, skirt, rng)
    if not far:
        _mirror(b, plan)
    b.mirror()
    high = float(plan.section.rows[4] * (plan.height - _SILL) + _SILL)
    _display(b, skirt, high)
    _doors(b, skirt, rng, high)
    _plates(b, skirt)
    if not far:
        for z in (-0.22 * plan.length, 0.2 * plan.length):
            b.box((0, plan.height + 0.11, z), (1.6, 0.22, 1.9), "body")
    shape = (far_wheel if far else wheel)(_TYRE_R, 0.29, rim=0.58)
    for z in (plan.front_axle_z, plan.rear_axle_z):
        for x in (-1.10, 1.10):
            add_wheel(b, shape, x, _TYRE_R, z)
    return b.build()


def _panels(b: ShapeBuilder, skirt: Skirt, band: float) -> None:
    """Panels below and above, a band of windows along the side, screens at both ends."""
    plan, points = skirt.plan, skirt.points
    columns, rows = points.shape[:2]
    middle_s = (skirt.s[:-1] + skirt.s[1:]) / 2
    heights = (skirt.f[:-1] + skirt.f[1:]) / 2 * (plan.height - _SILL) + _SILL
    glass_top = plan.section.rows[4] * (plan.height - _SILL) + _SILL + 0.05
    cells = np.full((columns - 1, rows - 1), b.slot("body_panel"))
    glass_rows = (heights > band) & (heights < glass_top)
    side = (middle_s > 1.0) & (middle_s < 2.0)
    cells[np.ix_(side, glass_rows)] = b.slot("bus_glass")
    cells[np.ix_(middle_s <= 1.0, glass_rows)] = b.slot("glass_front")
    cells[np.ix_(middle_s > 2.3, glass_rows)] = b.slot("glass_rear")
    cells[:, 0] = b.slot("plastic")
    v = np.clip((points[..., 1] - band) / (glass_top - 0.05 - band), -4, 4)
    across = 0.5 + 0.5 * points[..., 0] / plan.half_width
    panel_v = (points[..., 1] - _SILL) / (plan.height - _SILL)
    for low, high in (
        (0, one := int(np.searchsorted(skirt.s, 1.0))),
        (one, two := int(np.searchsorted(skirt.s, 2.0))),
        (two, columns - 1),
    ):
        part, inner = slice(low, high + 1), slice(low, high)
        uu = points[part, :, 2] / BAY_M if low == one else across[part]
        for glazed in (True, False):
            chosen = np.isin(
                cells[inner], [b.slot(n) for n in ("bus_glass", "glass_front", "glass_rear")]
            )
            b.cells(
                points[part],
                cells[inner],
                skirt.normals[part],
                np.stack([uu, v[part] if glazed else panel_v[part]], -1),
                chosen if glazed else ~chosen,
            )


def _lamps(b: ShapeBuilder, skirt: Skirt, rng: np.random.Generator) -> None:
    at = skirt.station_of_x(0.62)
    low = rng.uniform(0.50, 0.62)
    points, uv = skirt.patch((at, 0.90), low, low + 0.19, 0.01)
    b.grid(points, "headlamp", uv=uv)
    at = skirt.station_of_x(1.05, tail=True)
    low = rng.uniform(0.75, 1.0)
    points, uv = skirt.patch((at, 2.12), low, low + rng.uniform(0.3, 0.6), 0.01)
    b.grid(points, "tail_lamp", uv=uv)
    points, uv = skirt.patch((skirt.station_of_x(0.62, tail=True), 3.0), 0.62, 1.25, 0.01)
    b.grid(points, "intake", uv=uv)


def _mirror(b: ShapeBuilder, plan: BodyPlan) -> None:
    z = plan.length / 2 - 0.05
    b.tube(
        [(1.1, 2.45, z - 0.25), (1.33, 2.4, z + 0.12), (1.36, 2.2, z + 0.14)],
        0.03,
        "plastic",
        sides=4,
    )
    b.ellipsoid((1.36, 2.0, z + 0.14), (0.10, 0.24, 0.07), "plastic", sides=6, rings=4)


def _display(b: ShapeBuilder, skirt: Skirt, high: float) -> None:
    """The destination display above the windscreen."""
    edge = skirt.station_of_x(0.85)
    points, uv = skirt.patch((0.0, edge), high + 0.04, high + 0.32, 0.02)
    u = 0.5 - 0.5 * points[..., 0] / points[..., 0].max()
    b.grid(points, "display", uv=np.stack([u, uv[..., 1]], -1))
    b.grid((points * [-1, 1, 1])[::-1], "display", uv=np.stack([1 - u, uv[..., 1]], -1)[::-1])


def _doors(b: ShapeBuilder, skirt: Skirt, rng: np.random.Generator, high: float) -> None:
    """Two doors on the right-hand side, ahead of the front wheel and amidships."""
    plan = skirt.plan
    middle = float(rng.uniform(-0.6, 0.4))
    for z0, z1 in (
        (plan.length / 2 - 0.62, plan.length / 2 - 1.78),
        (middle + 0.65, middle - 0.65),
    ):
        points, uv = skirt.patch((plan.station(z0), plan.station(z1)), 0.36, high + 0.05, 0.012)
        b.grid(points, "bus_door", uv=uv)


def _plates(b: ShapeBuilder, skirt: Skirt) -> None:
    for column, sign in ((0, 1), (-1, -1)):
        z = float(skirt.points[column, 1, 2]) + sign * 0.02
        b.box(
            (0, 0.52, z),
            (0.52, 0.115, 0.012),
            "plate_front" if sign > 0 else "plate_rear",
            faces="Z" if sign > 0 else "z",
            uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
        )
