"""The body of a car or van as one parametric surface: skirt, deck, greenhouse, roof.

The *skirt* runs round the car from the sill to the window line. A point on it has a station s
along half the outline (0 = middle of the nose, 1 = end of the nose's rounding, 2 = start of the
tail's, 3 = middle of the tail) and a fraction f of the height. Everything is built for the right
half (x >= 0) and mirrored by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.assets.body_plan import CAR_SECTION, FLOOR_INSET_M, BodyPlan
from depth_seg_ros.virtual_world.geometry.primitives import grid_normals
from depth_seg_ros.virtual_world.geometry.shapes import Float, ShapeBuilder


@dataclass(frozen=True)
class Skirt:
    """The sampled right half of the skirt: C columns from nose to tail, R rows from the sill up."""

    plan: BodyPlan
    s: Float  # [C]
    f: Float  # [R]
    points: Float  # [C, R, 3]
    normals: Float  # [C, R, 3]
    arch: Float  # [C] height of a wheel arch's edge, 0 beside the arches
    sill: Float  # [C, 3] the lower edge without arches

    def nearest(self, s: float) -> int:
        """The column nearest a station."""
        return int(np.abs(self.s - s).argmin())

    def station_of_x(self, x: float, tail: bool = False) -> float:
        """Station on the nose (or tail) where the outline is ``x`` from the middle."""
        s = np.linspace(2, 3, 200) if tail else np.linspace(0, 1, 200)
        return float(s[np.abs(self.plan.outline(s)[0] - x).argmin()])

    def patch(
        self,
        s_range: tuple[float, float],
        y_low: float | tuple[float, float],
        y_high: float | tuple[float, float],
        lift: float = 0.006,
    ) -> tuple[Float, Float]:
        """Points [c, r, 3] and uv [c, r, 2] of a piece of the surface lifted along its normals.

        ``y_low`` and ``y_high`` are heights in metres, one for all or (at s_range[0], at
        s_range[1]). u runs from s_range[0] to s_range[1], v from low to high.
        """
        a, b = s_range
        inner = self.s[(self.s > min(a, b) + 0.01) & (self.s < max(a, b) - 0.01)]
        columns = np.concatenate([[a], inner if a < b else inner[::-1], [b]])
        u = (columns - a) / (b - a)
        low, high = (np.interp(u, [0, 1], np.broadcast_to(y, 2)) for y in (y_low, y_high))
        middle_y = self.points[self.nearest((a + b) / 2), :, 1]
        inside = (middle_y > low.mean() + 0.01) & (middle_y < high.mean() - 0.01)
        v = np.concatenate([[0], (middle_y[inside] - low.mean()) / (high.mean() - low.mean()), [1]])
        surface = np.concatenate([self.points, self.normals], -1)  # [C, R, 6]
        out = np.zeros((len(columns), len(v), 3))
        for k, column in enumerate(_between(surface, self.s, columns)):
            here = _between(column, column[:, 1], low[k] + v * (high[k] - low[k]))
            out[k] = here[:, :3] + lift * here[:, 3:]
        uv = np.stack(np.broadcast_arrays(u[:, None], v[None]), -1)
        return (out, uv) if a < b else (out[::-1], uv[::-1])


def _between(values: Float, knots: Float, at: Float) -> Float:
    """Values [K, ...] at rising knots [K], interpolated linearly, the ends held."""
    j = np.clip(np.searchsorted(knots, at) - 1, 0, len(knots) - 2)
    w = np.clip((at - knots[j]) / np.maximum(knots[j + 1] - knots[j], 1e-9), 0, 1)
    w = w.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((1 - w) * values[j] + w * values[j + 1])


def sample_skirt(plan: BodyPlan, far: bool) -> Skirt:
    """Columns where the shape needs them: rounded ends, wheel arches, door edges."""
    s = _stations(plan, far)
    section = plan.section
    rows = np.array(section.rows)
    f = rows[list(section.far_rows)] if far else rows
    x, z, nx, nz = plan.outline(s)
    top = plan.deck_y(z)
    arch = np.zeros_like(s)
    for axle in plan.arch_z:
        inside = plan.arch_radius**2 - (z - axle) ** 2
        near = (inside >= -1e-9) & (np.abs(nx) > 0.9)
        arch[near] = plan.tyre_radius + np.sqrt(np.maximum(inside[near], 0))
    arch = np.where(arch > plan.sill_y, arch, 0)
    along = np.abs(nz)[:, None]
    end = np.where(
        nz[:, None] > 0, np.interp(f, rows, section.nose), np.interp(f, rows, section.tail)
    )
    inset = (1 - along) * np.interp(f, rows, section.side) + along * end
    y = plan.sill_y + (top - plan.sill_y)[:, None] * f
    points = np.stack(
        [np.maximum(x[:, None] - inset * nx[:, None], 0), y, z[:, None] - inset * nz[:, None]], -1
    )
    normals = _skirt_normals(points)
    sill = points[:, 0].copy()
    for c in np.flatnonzero(arch):  # the arch cuts the columns off: slide the low rows up to it
        clipped = np.maximum(y[c], arch[c])
        points[c], normals[c] = (_between(a[c], y[c], clipped) for a in (points, normals))
    return Skirt(plan, s, f, points, normals, arch, sill)


def _skirt_normals(points: Float) -> Float:
    """Smooth normals; on the symmetry plane without a sideways part, so that halves meet."""
    normals = grid_normals(points)
    for c in (0, -1):
        normals[c, :, 0] = 0
        normals[c] /= np.linalg.norm(normals[c], axis=-1, keepdims=True)
    return normals


def _stations(plan: BodyPlan, far: bool) -> Float:
    ends = [0, 0.18, 0.52, 0.82, 1.0] if far else [0, 0.07, 0.18, 0.34, 0.52, 0.70, 0.86, 1.0]
    stations = [*ends, *(3 - s for s in ends)]
    angles = np.array([0.12, 0.38, 0.62, 0.88]) * np.pi if far else np.linspace(0, np.pi, 9)
    gap = 0.006
    for axle in plan.arch_z:
        z = [axle + plan.arch_radius * np.cos(a) * (1 - 1e-6) for a in angles]
        z += [axle + plan.arch_radius + gap, axle - plan.arch_radius - gap]
        stations += [plan.station(v) for v in z]
    if not far and plan.section is CAR_SECTION:
        between = np.linspace(plan.front_axle_z - plan.arch_radius, plan.b_pillar_z, 4)[1:-1]
        stations += [plan.station(v) for v in between]
        stations += [plan.station((plan.b_pillar_z + plan.rear_axle_z + plan.arch_radius) / 2)]
    stations += [plan.station(v) for v in (plan.b_pillar_z, *plan.extra_z)]
    return np.unique(np.round(np.clip(stations, 0, 3), 6))


def add_skirt(b: ShapeBuilder, skirt: Skirt, cladding_rows: int, far: bool) -> None:
    """The painted skirt: sides textured with doors, ends with bumpers; wheel arches lined.

    ``cladding_rows`` lower rows are unpainted plastic.
    """
    plan, points = skirt.plan, skirt.points
    one, two = skirt.nearest(1.0), skirt.nearest(2.0)
    pillar = skirt.nearest(plan.station(plan.b_pillar_z))
    z = points[:, -1, 2]
    v = np.broadcast_to(skirt.f, points.shape[:2])
    doors = [plan.tail_z, plan.rear_axle_z, plan.b_pillar_z, plan.front_axle_z, plan.nose_z]
    u_rear = np.interp(z, doors[:3], [0, 0.36, 1])
    u_front = np.interp(z, doors[2:], [0, 0.70, 1])
    x = points[..., 0] / plan.half_width
    for part, slot, u, v0 in (
        (slice(0, one + 1), "body_end", x, 0.5),
        (slice(one, pillar + 1), "body_side", u_front, 0.5),
        (slice(pillar, two + 1), "body_side", u_rear, 0.0),
        (slice(two, None), "body_end", x, 0.0),
    ):
        width = points[part]
        uu = u[part] if u.ndim == 2 else np.broadcast_to(u[part, None], width.shape[:2])
        uv = np.stack([uu, v0 + 0.02 + 0.46 * v[part]], -1)
        cells = np.full((width.shape[0] - 1, width.shape[1] - 1), b.slot(slot))
        cells[:, :cladding_rows] = b.slot("plastic")
        b.grid(width, cells, normals=skirt.normals[part], uv=uv)
    add_underside(b, skirt, far)


def add_underside(b: ShapeBuilder, skirt: Skirt, far: bool) -> None:
    """Wheel arches and floor; from afar only the dark box between them."""
    if not far:
        _add_arches(b, skirt)
    _add_floor(b, skirt, far)


def _add_arches(b: ShapeBuilder, skirt: Skirt) -> None:
    """The dark liner of each wheel arch."""
    for axle in skirt.plan.arch_z:
        reach = skirt.plan.arch_radius + 0.01
        near = (skirt.arch > 0) & (np.abs(skirt.points[:, 0, 2] - axle) < reach)
        edge = skirt.points[near, 0]
        inner = edge.copy()
        inner[:, 0] = skirt.plan.half_width - FLOOR_INSET_M - 0.02
        b.grid(np.stack([inner, edge], 1), "dark")


def _add_floor(b: ShapeBuilder, skirt: Skirt, far: bool) -> None:
    """Underside and the dark box that closes the wheel wells."""
    plan = skirt.plan
    inner_x = plan.half_width - FLOOR_INSET_M
    low, high = plan.sill_y, plan.cowl_y - 0.12
    b.box(
        (inner_x / 2, (low + high) / 2, 0),
        (inner_x, high - low, plan.length - 0.9),
        "dark",
        faces="Xy" if far else "X",
    )
    if far:
        return
    rim = skirt.sill.copy()
    rim[skirt.arch > 0, 0] = np.minimum(rim[skirt.arch > 0, 0], inner_x)
    middle = rim * [0, 1, 1]
    b.grid(np.stack([rim, middle], 1)[::-1], "dark", flat=True)


def add_deck(b: ShapeBuilder, skirt: Skirt, far: bool) -> None:
    """Bonnet, window ledge and boot lid: the lid of the skirt."""
    plan = skirt.plan
    edge = skirt.points[:, -1]
    g = np.array([0.0, 1.0] if far else [0.0, 0.06, 0.16, 0.5, 1.0])
    grid = np.repeat(edge[:, None], len(g), 1)
    grid[..., 0] *= 1 - g
    ahead = np.clip((plan.length / 2 - edge[:, 2]) / 0.35, 0, 1)
    behind = np.clip((edge[:, 2] + plan.length / 2) / 0.3, 0, 1)
    grid[..., 1] += (0.035 * ahead * behind)[:, None] * (1 - (1 - g) ** 2.4)
    v = np.interp(
        grid[..., 2],
        [-plan.length / 2, plan.backlight_z, plan.cowl_z, plan.length / 2],
        [0.02, 0.48, 0.52, 0.98],
    )
    uv = np.stack([grid[..., 0] / plan.half_width, v], -1)
    z = (edge[1:, 2] + edge[:-1, 2]) / 2  # cells wholly under the cabin stay out
    covered = (z > plan.backlight_z + 0.3) & (z < plan.cowl_z - 0.45) & (plan.tumblehome > 0)
    inside = (g[1:] > 0.2) if not far else np.array([False])
    keep = ~(covered[:, None] & inside)
    b.cells(grid, "body_top", grid_normals(grid), uv, keep)
