"""Lorries: a cab over its engine, a chassis, and what it carries (box, curtains, tank, tipper)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world.assets.body import Skirt, add_deck, add_underside, sample_skirt
from depth_seg_ros.virtual_world.assets.body_plan import BodyPlan, Section, box_plan
from depth_seg_ros.virtual_world.assets.wheels import add_wheel, far_wheel, wheel
from depth_seg_ros.virtual_world.geometry.shapes import Shape, ShapeBuilder

_SILL = 0.38
_FRAME_Y = 0.98
LOADS = ("box", "curtain", "tank", "tipper")


@lru_cache(maxsize=96)
def truck_shape(kind: str, seed: int, far: bool) -> Shape:
    """A rigid lorry ("truck") or a tractor with its trailer ("semi"), model ``seed``."""
    rng = np.random.default_rng([seed, 313, len(kind)])
    semi = kind == "semi"
    small = not semi and rng.random() < 0.4
    load = LOADS[int(rng.choice(4, p=[0.35, 0.45, 0.2, 0.0] if semi else [0.55, 0.22, 0.1, 0.13]))]
    width = 2.3 if small else 2.5
    cab_length = 1.9 if small else float(rng.uniform(2.1, 2.4))
    total = 16.3 if semi else float(rng.uniform(6.2, 7.6) if small else rng.uniform(8.2, 10.2))
    front = total / 2
    cab_top = 2.45 if small else float(rng.uniform(2.75, 3.05))
    radius = 0.42 if small else 0.50
    plan = _cab_plan(cab_length, width, cab_top, radius, rng)
    b = ShapeBuilder()
    b.add(_cab(plan, rng, far).moved(np.eye(3), (0, 0, front - cab_length / 2)))
    load_top = float(rng.uniform(3.2, 3.5)) if small else float(rng.uniform(3.6, 4.0))
    if not far and load in ("box", "curtain") and cab_top < load_top - 0.4:
        _deflector(b, front - 0.75, front - cab_length, cab_top, load_top, width)
    axle = front - cab_length / 2 + plan.front_axle_z
    axles = [axle]
    if semi:
        drive = axle - 3.7
        axles += [drive]
        trailer_front = front - cab_length - 0.45
        back = -total / 2
        axles += [back + 4.9, back + 3.6, back + 2.3]
        _frame(b, front - 0.6, drive - 0.7, far)
        _load(b, load, trailer_front, back, 1.15, load_top, width, far)
        _frame(b, trailer_front - 1.0, back + 0.3, far)
    else:
        back = -total / 2
        rear = back + float(rng.uniform(0.20, 0.26)) * total
        axles += [rear, rear + 1.3] if total > 9.3 else [rear]
        _frame(b, front - 0.6, back + 0.25, far)
        _load(b, load, front - cab_length - 0.12, back, 1.05, load_top, width, far)
    _wheels(b, axles, radius, width, far)
    _rear(b, back, width, far)
    if not far:
        _flanks(b, axles, front - cab_length, back, width)
    return b.build()


def _cab_plan(
    length: float, width: float, top: float, radius: float, rng: np.random.Generator
) -> BodyPlan:
    low, high = 0.56 * top, 0.87 * top
    heights = np.array([_SILL, 0.52, 0.85, low - 0.06, low, high, high + 0.08, top - 0.08, top])
    lean = float(rng.uniform(0.10, 0.22))
    section = Section(
        rows=tuple((heights - _SILL) / (top - _SILL)),
        side=(0.05, 0.012, 0.0, 0.0, 0.014, 0.05, 0.055, 0.08, 0.16),
        nose=(0.04, 0.0, 0.0, 0.05, 0.07, 0.07 + lean, 0.09 + lean, 0.16 + lean, 0.28 + lean),
        tail=(0.0,) * 9,
        far_rows=(0, 1, 4, 5, 8),
    )
    front_axle = length / 2 - 1.33 if length > 2 else length / 2 - 1.1
    return box_plan(
        length=length,
        width=width,
        height=top,
        front_axle_z=front_axle,
        rear_axle_z=-99,
        tyre_radius=radius,
        sill_y=_SILL,
        screen_m=0.2,
        b_pillar_z=front_axle,
        roundness=3.6,
        taper=0.03,
        section=section,
        arches=(front_axle,),
        end_depth=(0.40, 0.06),
        extra_z=(length / 2 - 0.42, length / 2 - 0.62, front_axle - 0.08, -length / 2 + 0.3),
    )


def _cab(plan: BodyPlan, rng: np.random.Generator, far: bool) -> Shape:
    skirt = sample_skirt(plan, far)
    b = ShapeBuilder()
    rows = plan.section.rows
    span = plan.height - _SILL
    low, high = rows[4] * span + _SILL, rows[5] * span + _SILL
    _cab_walls(b, skirt, low, high)
    add_deck(b, skirt, far)
    add_underside(b, skirt, far)
    points, uv = skirt.patch((skirt.station_of_x(0.72), 0.93), 0.58, 0.80, 0.012)
    b.grid(points, "headlamp", uv=uv)
    if not far:
        edge = skirt.station_of_x(0.80)
        points, uv = skirt.patch((0.0, edge), 0.86, low - 0.16, 0.012)
        b.grid(points, "grille", uv=uv * [0.5, 1] + [0.5, 0])
        points, uv = skirt.patch((0.0, skirt.station_of_x(0.66)), 0.44, 0.62, 0.012)
        b.grid(points, "intake", uv=uv)
        z = plan.length / 2 - 0.33
        x = plan.half_width + 0.13
        b.box((x, (low + high) / 2 + 0.05, z), (0.20, 0.52, 0.16), "plastic")
        b.tube(
            [(plan.half_width - 0.06, high, z - 0.05), (x, high - 0.02, z)],
            0.03,
            "plastic",
            sides=4,
        )
        step_z = -plan.length / 2 + 0.22
        b.box((plan.half_width - 0.10, 0.62, step_z), (0.14, 0.05, 0.36), "plastic")
        if rng.random() < 0.7:  # sun visor
            points, _ = skirt.patch((0.0, skirt.station_of_x(0.95)), high - 0.02, high + 0.10, 0.07)
            b.grid(points, "trim")
    b.mirror()
    z = float(skirt.points[0, 1, 2]) + 0.02
    b.box(
        (0, 0.66, z),
        (0.52, 0.115, 0.012),
        "plate_front",
        faces="Z",
        uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
    )
    return b.build()


def _cab_walls(b: ShapeBuilder, skirt: Skirt, low: float, high: float) -> None:
    """Paint with a windscreen and door windows."""
    plan, points = skirt.plan, skirt.points
    columns, rows = points.shape[:2]
    middle_s = (skirt.s[:-1] + skirt.s[1:]) / 2
    y = (skirt.f[:-1] + skirt.f[1:]) / 2 * (plan.height - _SILL) + _SILL
    z = (points[:-1, -1, 2] + points[1:, -1, 2]) / 2
    cells = np.full((columns - 1, rows - 1), b.slot("body"))
    glazed = (y > low) & (y < high)
    cells[np.ix_(middle_s < 0.86, glazed)] = b.slot("glass_front")
    door = (
        (middle_s > 1)
        & (middle_s < 2)
        & (z < plan.length / 2 - 0.43)
        & (z > plan.front_axle_z - 0.10)
    )
    cells[np.ix_(door, glazed)] = b.slot("glass_side")
    cells[:, 0] = b.slot("plastic")
    v = np.clip((points[..., 1] - low) / (high - low), 0, 1)
    u = np.where(
        (skirt.s < 1.0)[:, None],
        0.5 + 0.5 * points[..., 0] / plan.half_width,
        0.3 + 0.35 * points[..., 2],
    )
    b.grid(points, cells, normals=skirt.normals, uv=np.stack([u, v], -1))


def _deflector(b: ShapeBuilder, z1: float, z0: float, low: float, top: float, width: float) -> None:
    """The wind deflector on the cab's roof."""
    w = width / 2 * 0.9
    y1 = top - 0.12
    foot = low - 0.05
    front = [(-w, foot, z1), (w, foot, z1), (w * 0.94, y1, z0 + 0.1), (-w * 0.94, y1, z0 + 0.1)]
    b.quads([front], "body")
    b.tri(
        [
            [(w, foot, z1), (w, foot, z0), (w * 0.94, y1, z0 + 0.1)],
            [(-w, foot, z0), (-w, foot, z1), (-w * 0.94, y1, z0 + 0.1)],
        ],
        "body",
    )
    b.quads(
        [[(w, foot, z0), (-w, foot, z0), (-w * 0.94, y1, z0 + 0.1), (w * 0.94, y1, z0 + 0.1)]],
        "dark",
    )


def _frame(b: ShapeBuilder, z1: float, z0: float, far: bool) -> None:
    """The ladder frame and what hangs below it."""
    b.box((0, _FRAME_Y - 0.1, (z0 + z1) / 2), (0.95, 0.3, z1 - z0), "dark")
    if not far:
        for x in (-0.45, 0.45):
            b.box((x, 0.72, (z0 + z1) / 2), (0.1, 0.2, 0.8 * (z1 - z0)), "dark")


def _load(
    b: ShapeBuilder,
    load: str,
    z1: float,
    z0: float,
    floor: float,
    top: float,
    width: float,
    far: bool,
) -> None:
    if load == "tank":
        _tank(b, z1, z0, floor, min(top, 3.5), width, far)
        return
    if load == "tipper":
        top = floor + 1.25
    half, middle, length = width / 2, (z0 + z1) / 2, z1 - z0
    height = top - floor
    slot = {"box": "cargo_side", "curtain": "curtain", "tipper": "tipper"}[load]
    if load == "curtain":
        pleats = round(length / 2.6) / 2.0
        side_uv = np.array([(0, 0), (pleats, 0), (pleats, 1), (0, 1)])
    elif load == "tipper":
        side_uv = np.array([(0, 0), (length / 2.5, 0), (length / 2.5, 0.5), (0, 0.5)])
    else:
        side_uv = np.array([(1, 0), (0, 0), (0, 1), (1, 1)])
    y = floor + height / 2
    right = [(half, floor, z1), (half, floor, z0), (half, top, z0), (half, top, z1)]
    left = [(-half, floor, z0), (-half, floor, z1), (-half, top, z1), (-half, top, z0)]
    b.quads([right, left], slot, uv=side_uv)
    b.box((0, y, middle), (width, height, length), "cargo_plain", faces="YZ", repeat_m=2.5)
    back = "tipper" if load == "tipper" else "cargo_rear"
    b.box(
        (0, y, middle),
        (width, height, length),
        back,
        faces="z",
        uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
    )
    b.box((0, y, middle), (width, height, length), "dark", faces="y")
    if not far:
        _edges(b, half, floor, top, z0, z1)


def _edges(b: ShapeBuilder, half: float, floor: float, top: float, z0: float, z1: float) -> None:
    """Rails and posts round a box body."""
    middle, length = (z0 + z1) / 2, z1 - z0
    t = 0.09
    for x in (-half, half):
        b.box((x, floor + 0.05, middle), (0.03, 0.16, length + 0.01), "edge")
        b.box((x, top - 0.03, middle), (0.03, t, length + 0.01), "edge")
        for z in (z0, z1):
            b.box((x * 0.995, (floor + top) / 2, z), (t, top - floor, 0.04), "edge")
    for y in (floor + 0.03, top - 0.03):
        b.box((0, y, z0), (2 * half, t, 0.03), "edge")


def _tank(
    b: ShapeBuilder, z1: float, z0: float, floor: float, top: float, width: float, far: bool
) -> None:
    """An elliptic tank with domed ends and a walkway."""
    n = 8 if far else 18
    y, ry, rx = (floor + top) / 2 + 0.05, (top - floor) / 2, width / 2
    a = np.linspace(0, 2 * np.pi, n + 1)
    z = np.array([z0, z0 + 0.12, z0 + 0.4, z1 - 0.4, z1 - 0.12, z1])
    r = np.array([0.0, 0.75, 1.0, 1.0, 0.75, 0.0])
    points = np.zeros((len(z), n + 1, 3))
    points[..., 0] = rx * r[:, None] * np.cos(a)
    points[..., 1] = y + ry * r[:, None] * np.sin(a)
    points[..., 2] = z[:, None]
    uv = np.stack(np.broadcast_arrays(z[:, None] / 3, a / (2 * np.pi)), -1)
    b.grid(points[::-1], "tank", uv=uv[::-1])
    if not far:
        b.box((0, top + 0.08, (z0 + z1) / 2), (0.7, 0.06, 0.7 * (z1 - z0)), "edge")
        for k in np.linspace(z0 + 1.0, z1 - 1.0, 4):
            b.box((0, y, k), (width * 1.004, 0.10, 0.05), "edge", faces="xX")


def _wheels(b: ShapeBuilder, axles: list[float], radius: float, width: float, far: bool) -> None:
    make = far_wheel if far else wheel
    single, double = make(radius, 0.30, rim=0.60), make(radius, 0.58, rim=0.60)
    for k, z in enumerate(axles):
        shape, w = (single, 0.30) if k == 0 else (double, 0.58)
        for side in (-1, 1):
            add_wheel(b, shape, side * (width / 2 - w / 2 - 0.03), radius, z)
        b.box((0, radius, z), (width - 0.8, 0.14, 0.14), "dark", faces="yYzZ")
        if k and not far:  # mudguard
            for side in (-1, 1):
                x = side * (width / 2 - 0.32)
                b.box((x, 2 * radius + 0.07, z), (0.6, 0.03, radius * 1.7), "plastic")


def _rear(b: ShapeBuilder, back: float, width: float, far: bool) -> None:
    """Under-run bar, lamps, plate, mud flaps."""
    z = back + 0.05
    b.box(
        (0, 0.55, z + 0.06),
        (width * 0.94, 0.14, 0.08),
        "stripes",
        uv=[(0, 0), (4, 0), (4, 1), (0, 1)],
    )
    b.box((0, 0.88, z + 0.10), (width * 0.96, 0.20, 0.10), "dark")
    for side in (-1, 1):
        x = side * (width / 2 - 0.34)
        b.box(
            (x, 0.88, z + 0.035),
            (0.46, 0.15, 0.04),
            "tail_lamp",
            faces="z",
            uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
        )
        if not far:
            b.box((x, 0.36, z + 0.45), (0.5, 0.44, 0.02), "plastic")
    b.box(
        (0, 0.88, z + 0.03),
        (0.52, 0.115, 0.012),
        "plate_rear",
        faces="z",
        uv=[(1, 0), (0, 0), (0, 1), (1, 1)],
    )


def _flanks(b: ShapeBuilder, axles: list[float], z1: float, back: float, width: float) -> None:
    """Side guards between the axles, fuel tank, reflectors."""
    ordered = sorted(axles, reverse=True)
    for ahead, behind in pairwise(ordered):
        gap = ahead - behind - 1.5
        if gap < 1.0:
            continue
        middle = (ahead + behind) / 2 - 0.2
        for side in (-1, 1):
            x = side * (width / 2 - 0.03)
            for y in (0.52, 0.82):
                b.box((x, y, middle), (0.04, 0.12, gap), "edge")
            b.box(
                (side * (width / 2 - 0.4), 0.68, middle + gap * 0.3),
                (0.5, 0.5, gap * 0.35),
                "metal",
            )
    for z in np.arange(z1 - 1.0, back, -2.2).tolist():
        for side in (-1, 1):
            b.box((side * (width / 2 + 0.005), 1.0, z), (0.012, 0.05, 0.10), "amber", faces="xX")
