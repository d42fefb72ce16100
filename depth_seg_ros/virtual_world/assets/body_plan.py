"""The sizes of a car's or van's body, and the outline and deck that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from depth_seg_ros.virtual_world.geometry.shapes import Float


@dataclass(frozen=True)
class Section:
    """Height fractions of the skirt's rows, and how far each lies inside the outline (metres)."""

    rows: tuple[float, ...]
    side: tuple[float, ...]
    nose: tuple[float, ...]
    tail: tuple[float, ...]
    far_rows: tuple[int, ...]


CAR_SECTION = Section(
    rows=(0.0, 0.07, 0.2, 0.4, 0.55, 0.68, 0.78, 0.88, 0.955, 1.0),
    side=(0.07, 0.03, 0.014, 0.004, 0.010, 0.017, 0.0, 0.012, 0.030, 0.065),
    nose=(0.11, 0.05, 0.006, 0.0, 0.012, 0.030, 0.045, 0.070, 0.105, 0.160),
    tail=(0.12, 0.05, 0.004, 0.0, 0.010, 0.050, 0.055, 0.060, 0.070, 0.100),
    far_rows=(0, 2, 5, 8, 9),
)
GLASS_ROWS = np.array([0.0, 0.07, 0.5, 0.90, 1.0])
FLOOR_INSET_M = 0.27


@dataclass(frozen=True)
class BodyPlan:
    """Sizes of one model in metres; z from the middle of the length, y from the ground."""

    length: float
    width: float
    height: float
    front_axle_z: float
    rear_axle_z: float
    tyre_radius: float
    sill_y: float
    nose_y: float  # leading edge of the bonnet
    cowl_y: float  # window line at the foot of the windscreen
    belt_rise: float  # window line, from there to the rear window
    tail_y: float  # window line at the rear end
    cowl_z: float  # foot of the windscreen, middle
    screen_top_z: float
    roof_rear_z: float
    backlight_z: float  # foot of the rear window
    roof_drop: float  # rear roof edge below the highest point
    tumblehome: float  # roof edge inside the window line
    b_pillar_z: float
    c_pillar_z: float  # rear edge of the rear door
    roundness: float = 3.0  # exponent of the nose's superellipse
    taper: float = 0.05
    bonnet_power: float = 1.8
    crown: float = 0.05
    section: Section = CAR_SECTION
    arches: tuple[float, ...] | None = None  # z of the wheel arches, if not at the two axles
    end_depth: tuple[float, float] | None = None  # nose and tail rounding, if not up to the wheels
    extra_z: tuple[float, ...] = ()  # more columns on the side

    @property
    def half_width(self) -> float:
        return self.width / 2

    @property
    def arch_z(self) -> tuple[float, ...]:
        """z of the wheel arches."""
        return (self.front_axle_z, self.rear_axle_z) if self.arches is None else self.arches

    @property
    def arch_radius(self) -> float:
        return self.tyre_radius + 0.045

    @property
    def nose_depth(self) -> float:
        if self.end_depth is not None:
            return self.end_depth[0]
        return min(0.5, self.length / 2 - self.front_axle_z - self.arch_radius - 0.04)

    @property
    def tail_depth(self) -> float:
        if self.end_depth is not None:
            return self.end_depth[1]
        return min(0.42, self.length / 2 + self.rear_axle_z - self.arch_radius - 0.04)

    @property
    def nose_z(self) -> float:
        """z where the nose's rounding begins (station 1)."""
        return self.length / 2 - self.nose_depth

    @property
    def tail_z(self) -> float:
        """z where the tail's rounding begins (station 2)."""
        return -self.length / 2 + self.tail_depth

    def station(self, z: float) -> float:
        """Station of a z on the straight side."""
        return 1 + (self.nose_z - z) / (self.nose_z - self.tail_z)

    def deck_y(self, z: Float) -> Float:
        """Height of the skirt's upper edge: bonnet, window line, boot lid."""
        u = np.clip((self.length / 2 - z) / (self.length / 2 - self.cowl_z), 0, 1)
        bonnet = self.nose_y + (self.cowl_y - self.nose_y) * (1 - (1 - u) ** self.bonnet_power)
        belt_end = self.cowl_y + self.belt_rise
        behind = np.interp(
            z,
            [-self.length / 2, self.backlight_z, self.cowl_z],
            [self.tail_y, belt_end, self.cowl_y],
        )
        return np.where(z > self.cowl_z, bonnet, behind)

    def roof_y(self, z: Float) -> Float:
        """Height of the roof's edge."""
        top = self.b_pillar_z
        ahead = np.clip((z - top) / max(self.screen_top_z - top, 0.1), 0, 1.5)
        back = np.clip((top - z) / max(top - self.roof_rear_z, 0.1), 0, 1.5)
        return self.height - self.crown - 0.05 * ahead**2 - self.roof_drop * back**2

    def outline(self, s: Float) -> tuple[Float, Float, Float, Float]:
        """x, z and the outward direction (nx, nz) of the outline at stations s."""
        e = 2 / self.roundness
        x, z, nx, nz = (np.zeros_like(s) for _ in range(4))
        for end, sign, depth in ((s <= 1, 1.0, self.nose_depth), (s >= 2, -1.0, self.tail_depth)):
            t = (s[end] if sign > 0 else 3 - s[end]) * np.pi / 2
            half = self.half_width * (1 - (self.taper if sign > 0 else 0.6 * self.taper))
            sine, cosine = np.maximum(np.sin(t), 0), np.maximum(np.cos(t), 0)
            x[end] = half * sine**e
            z[end] = sign * (self.length / 2 - depth + depth * cosine**e)
            nx[end], nz[end] = sine ** (2 - e) / half, sign * cosine ** (2 - e) / depth
        side = (s > 1) & (s < 2)
        z[side] = self.nose_z + (s[side] - 1) * (self.tail_z - self.nose_z)
        ahead = np.clip((z[side] - self.front_axle_z) / (self.nose_z - self.front_axle_z), 0, 1)
        back = np.clip((self.rear_axle_z - z[side]) / (self.rear_axle_z - self.tail_z), 0, 1)
        x[side] = self.half_width * (1 - self.taper * ahead**2 - 0.6 * self.taper * back**2)
        nx[side] = 1
        norm = np.hypot(nx, nz)
        return x, z, nx / norm, nz / norm


def box_plan(
    length: float, height: float, *, screen_m: float, b_pillar_z: float = 0.0, **sizes: Any
) -> BodyPlan:
    """Of a bus or a cab: one box up to the roof, its screens ``screen_m`` inside the ends."""
    return BodyPlan(
        length=length, height=height, nose_y=height, cowl_y=height, belt_rise=0, tail_y=height,
        cowl_z=length / 2 - screen_m, screen_top_z=0, roof_rear_z=0,
        backlight_z=-length / 2 + screen_m, roof_drop=0, tumblehome=0, b_pillar_z=b_pillar_z,
        c_pillar_z=0, **sizes,
    )  # fmt: skip
