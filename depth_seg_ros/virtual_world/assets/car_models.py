"""Car and van models: sizes by body style, after real cars of each segment, varied by a seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from depth_seg_ros.virtual_world.assets.body_plan import BodyPlan
from depth_seg_ros.virtual_world.assets.greenhouse import Windows

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Ranges in metres (lengths, heights) that make one body style."""

    length: Range
    width: Range
    height: Range
    wheelbase: Range
    front_overhang: Range
    tyre_radius: Range
    clearance: Range
    nose: Range  # height of the bonnet's front edge
    cowl: Range  # height of the window line at the windscreen
    cowl_behind_axle: Range
    screen_run: Range  # horizontal length of the windscreen
    backlight_run: Range  # horizontal length of the rear window
    tail_to_backlight: Range  # boot lid or ledge behind the rear window's foot
    tail_drop: Range  # rear end below the window line
    roof_drop: Range
    tumblehome: Range
    windows: Windows = field(default_factory=Windows)
    roundness: Range = (2.6, 3.4)
    cladding_chance: float = 0.05
    rails_chance: float = 0.0


STYLES: dict[str, Style] = {
    "city": Style(
        (3.45, 3.75),
        (1.60, 1.68),
        (1.46, 1.53),
        (2.33, 2.48),
        (0.68, 0.76),
        (0.285, 0.30),
        (0.17, 0.20),
        (0.72, 0.80),
        (0.98, 1.03),
        (0.10, 0.28),
        (0.70, 0.85),
        (0.22, 0.36),
        (0.10, 0.16),
        (0.0, 0.04),
        (0.05, 0.09),
        (0.10, 0.14),
    ),
    "hatchback": Style(
        (4.0, 4.4),
        (1.74, 1.82),
        (1.43, 1.50),
        (2.55, 2.70),
        (0.83, 0.92),
        (0.305, 0.325),
        (0.16, 0.19),
        (0.70, 0.77),
        (0.96, 1.01),
        (0.22, 0.40),
        (0.80, 0.98),
        (0.30, 0.48),
        (0.12, 0.20),
        (0.0, 0.04),
        (0.06, 0.11),
        (0.12, 0.16),
    ),
    "sedan": Style(
        (4.5, 4.95),
        (1.78, 1.88),
        (1.41, 1.48),
        (2.68, 2.92),
        (0.82, 0.92),
        (0.315, 0.335),
        (0.15, 0.18),
        (0.66, 0.73),
        (0.94, 0.99),
        (0.34, 0.52),
        (0.82, 0.98),
        (0.75, 0.95),
        (0.52, 0.72),
        (0.0, 0.05),
        (0.06, 0.10),
        (0.14, 0.18),
    ),
    "estate": Style(
        (4.55, 4.9),
        (1.76, 1.86),
        (1.44, 1.52),
        (2.66, 2.88),
        (0.83, 0.92),
        (0.31, 0.335),
        (0.15, 0.19),
        (0.67, 0.74),
        (0.95, 1.0),
        (0.30, 0.48),
        (0.82, 0.98),
        (0.28, 0.45),
        (0.10, 0.16),
        (0.0, 0.03),
        (0.03, 0.07),
        (0.12, 0.16),
        Windows(quarter=True),
        rails_chance=0.6,
    ),
    "suv": Style(
        (4.3, 4.85),
        (1.80, 1.94),
        (1.60, 1.74),
        (2.60, 2.85),
        (0.84, 0.94),
        (0.345, 0.38),
        (0.20, 0.25),
        (0.86, 0.98),
        (1.08, 1.17),
        (0.26, 0.42),
        (0.70, 0.90),
        (0.26, 0.42),
        (0.12, 0.20),
        (0.0, 0.04),
        (0.05, 0.10),
        (0.12, 0.17),
        Windows(quarter=True),
        (2.8, 3.8),
        0.7,
        0.6,
    ),
    "mpv": Style(
        (4.25, 4.7),
        (1.78, 1.86),
        (1.60, 1.88),
        (2.62, 2.85),
        (0.84, 0.92),
        (0.31, 0.33),
        (0.16, 0.19),
        (0.78, 0.86),
        (1.05, 1.12),
        (0.0, 0.2),
        (0.85, 1.05),
        (0.20, 0.34),
        (0.10, 0.16),
        (0.0, 0.03),
        (0.02, 0.06),
        (0.10, 0.15),
        Windows(quarter=True),
        rails_chance=0.3,
    ),
    "small_van": Style(
        (4.3, 4.6),
        (1.78, 1.85),
        (1.80, 1.90),
        (2.68, 2.85),
        (0.84, 0.92),
        (0.31, 0.33),
        (0.17, 0.20),
        (0.80, 0.90),
        (1.08, 1.15),
        (0.0, 0.2),
        (0.75, 0.95),
        (0.08, 0.16),
        (0.08, 0.12),
        (0.0, 0.02),
        (0.0, 0.03),
        (0.08, 0.12),
        Windows(rear_door=False),
        (3.0, 4.0),
        0.3,
    ),
    "panel_van": Style(
        (5.3, 6.2),
        (1.96, 2.05),
        (2.40, 2.75),
        (3.2, 3.7),
        (0.92, 1.0),
        (0.335, 0.36),
        (0.20, 0.24),
        (0.98, 1.10),
        (1.30, 1.40),
        (-0.2, 0.0),
        (0.65, 0.85),
        (0.04, 0.10),
        (0.07, 0.10),
        (0.0, 0.0),
        (0.0, 0.02),
        (0.10, 0.14),
        Windows(rear_door=False),
        (3.4, 4.5),
        0.6,
    ),
}

CAR_SHARES = {
    "hatchback": 0.30,
    "sedan": 0.18,
    "estate": 0.12,
    "suv": 0.24,
    "city": 0.10,
    "mpv": 0.06,
}
VAN_SHARES = {"panel_van": 0.62, "small_van": 0.38}


def body_plan(style_name: str, seed: int) -> BodyPlan:
    """The sizes of model ``seed`` of a style."""
    style = STYLES[style_name]
    rng = np.random.default_rng([seed, len(style_name), ord(style_name[0])])

    def pick(bounds: Range) -> float:
        return float(rng.uniform(*bounds))

    length, height = pick(style.length), pick(style.height)
    front_z = length / 2 - pick(style.front_overhang)
    rear_z = front_z - pick(style.wheelbase)
    radius = pick(style.tyre_radius)
    cowl_z = front_z - pick(style.cowl_behind_axle)
    backlight_z = -length / 2 + pick(style.tail_to_backlight)
    screen_top_z = cowl_z - pick(style.screen_run)
    cowl_y = pick(style.cowl)
    rise = float(rng.uniform(0.0, 0.06))
    b_z = screen_top_z - float(rng.uniform(0.46, 0.58))
    return BodyPlan(
        length=length,
        width=pick(style.width),
        height=height,
        front_axle_z=front_z,
        rear_axle_z=rear_z,
        tyre_radius=radius,
        sill_y=pick(style.clearance) + 0.02,
        nose_y=pick(style.nose),
        cowl_y=cowl_y,
        belt_rise=rise,
        tail_y=cowl_y + rise - pick(style.tail_drop),
        cowl_z=cowl_z,
        screen_top_z=screen_top_z,
        roof_rear_z=backlight_z + pick(style.backlight_run),
        backlight_z=backlight_z,
        roof_drop=pick(style.roof_drop),
        tumblehome=pick(style.tumblehome),
        b_pillar_z=b_z,
        c_pillar_z=max(min(b_z - 0.85, rear_z + 0.30), backlight_z + 0.35),
        roundness=pick(style.roundness),
        taper=float(rng.uniform(0.03, 0.06)),
        bonnet_power=float(rng.uniform(1.5, 2.4)),
    )
