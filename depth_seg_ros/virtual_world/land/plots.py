"""Building plots along the main road and its arms, with their gardens, fences and trees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.buildings import BuildingSpec, build_building, draw_spec
from depth_seg_ros.virtual_world.geometry.mesh import yaw_rotation
from depth_seg_ros.virtual_world.land.borders import boundary
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.layout import Arm

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator


ARCADED = ("townhouse", "shophouse")
"""Kinds of house that may stand on arches."""


def build_plots(site: Site) -> None:
    """Houses along both sides, along the arms, and a second row behind."""
    rng = site.layout.parameters.rng("plots")
    for arm in site.layout.arms:
        _arm_end(site, arm, rng)
        for sign in (-1, 1):
            _arm_row(site, arm, sign, rng)
    if site.layout.last and site.layout.parameters.traffic.closed:
        _way_end(site, rng)
    for side in (-1, 1):
        _main_row(site, side, rng)
    if site.layout.parameters.setting == "town":
        for side in (-1, 1):
            _second_row(site, side, rng)


def _draw(site: Site, rng: Generator) -> BuildingSpec:
    around = site.layout.parameters.surroundings
    kinds = [k for k, _ in around.building_mix]
    weights = np.array([w for _, w in around.building_mix])
    kind = str(rng.choice(kinds, p=weights / weights.sum()))
    spec = draw_spec(kind, rng, around.storeys)
    if around.arcades and kind in ARCADED and rng.random() < around.arcades:
        high = max(spec.storey_m, 3.4)
        spec = replace(spec, ground_floor="arcade", plinth_m=0.05, storey_m=high)
    return spec


def _main_row(site: Site, side: int, rng: Generator) -> None:
    layout, around = site.layout, site.layout.parameters.surroundings
    s, setback = layout.start(6), _setback(site, rng)
    while s < layout.end(30):
        spec = _draw(site, rng)
        joined = rng.random() < around.closed_share
        if not joined:
            setback = _setback(site, rng)
        gap = 0.0 if joined else float(rng.uniform(*around.gap_m))
        built = rng.random() < around.building_share
        if built:
            place = s + gap + spec.width_m / 2
            outward = layout.section.outer(side) + setback
            if _place(site, spec, place, side, outward, rng):
                _front_garden(site, place, spec.width_m + gap, side, setback, rng)
                s += gap + spec.width_m
            else:
                s += 4.0
        else:
            _empty_plot(site, s, s + gap + spec.width_m, side, rng)
            s += gap + spec.width_m


def _setback(site: Site, rng: Generator) -> float:
    return float(rng.uniform(*site.layout.parameters.surroundings.setback_m)) + 0.15


def _place(
    site: Site, spec: BuildingSpec, s: float, side: int, outward: float, rng: Generator
) -> bool:
    """Build at s with the front ``outward`` metres from the centre line, if the ground is free."""
    layout = site.layout
    x, _, z = layout.axis.at(s, side * (outward + spec.depth_m / 2))
    yaw = float(layout.axis.heading_at(s)) + side * np.pi / 2
    if not layout.occupancy.take(x, z, yaw, spec.width_m - 0.3, spec.depth_m):
        return False
    front = layout.axis.at(s, side * outward)
    ends = layout.axis.at(np.array([s - spec.width_m / 2, s + spec.width_m / 2]), side * outward)
    floor = float(site.ground.height(ends[:, 0], ends[:, 2]).max())
    detail = site.detail(s, outward - layout.section.outer(side))
    mesh = build_building(spec, site.palette, rng, detail)
    site.builder.add(mesh.transformed(yaw_rotation(yaw), (front[0], floor, front[2])))
    return True


def _arm_row(site: Site, arm: Arm, sign: int, rng: Generator) -> None:
    """Houses along one side of a side road, facing it."""
    layout, around = site.layout, site.layout.parameters.surroundings
    axis = layout.axis
    pavement = layout.section.side_width
    out = max(arm.corner_m, pavement) + float(rng.uniform(0.5, 4))
    while out < arm.length_m - 8:
        spec = _draw(site, rng)
        middle = out + spec.width_m / 2
        if rng.random() < around.building_share:
            u = sign * (arm.junction.width_m / 2 + pavement + _setback(site, rng))
            front, ahead = arm.at(axis, u, middle), arm.at(axis, u, middle + 1.0)
            along = ahead - front
            away = arm.at(axis, u + sign, middle) - front
            yaw = float(np.arctan2(along[0], along[2]))
            right = np.array([np.cos(yaw), 0, -np.sin(yaw)])
            yaw += np.pi / 2 if right @ away > 0 else -np.pi / 2
            center = front + spec.depth_m / 2 * np.array([np.sin(yaw), 0, np.cos(yaw)])
            if layout.occupancy.take(center[0], center[2], yaw, spec.width_m - 0.3, spec.depth_m):
                detail = 1 if middle < 35 else 0
                mesh = build_building(spec, site.palette, rng, detail)
                floor = float(site.ground.height(front[0], front[2])) + 0.05
                site.builder.add(mesh.transformed(yaw_rotation(yaw), (front[0], floor, front[2])))
        out += spec.width_m + (
            0.0 if rng.random() < around.closed_share else float(rng.uniform(*around.gap_m))
        )


def _arm_end(site: Site, arm: Arm, rng: Generator) -> None:
    """What closes the view where a side road ends (as if it turned off there): a house or trees."""
    axis, out = site.layout.axis, arm.length_m + float(rng.uniform(1, 4))
    end, ahead = arm.at(axis, 0.0, out), arm.at(axis, 0.0, out + 1.0)
    yaw = float(np.arctan2(ahead[0] - end[0], ahead[2] - end[2]))
    spec = _draw(site, rng)
    deep = np.array([np.sin(yaw), 0, np.cos(yaw)])
    middle = end + deep * spec.depth_m / 2
    town = site.layout.parameters.setting == "town"
    if town and site.layout.occupancy.take(middle[0], middle[2], yaw, spec.width_m, spec.depth_m):
        floor = float(site.ground.height(end[0], end[2])) + 0.05
        mesh = build_building(spec, site.palette, rng, 1)
        site.builder.add(mesh.transformed(yaw_rotation(yaw), (end[0], floor, end[2])))
        return
    count = 14
    across = np.array([np.cos(yaw), 0, -np.sin(yaw)])
    feet = end + across * rng.uniform(-14, 14, (count, 1)) + deep * rng.uniform(0, 14, (count, 1))
    feet = feet[site.layout.occupancy.free_places(feet[:, 0], feet[:, 2], 0.8)]
    feet[:, 1] = site.ground.height(feet[:, 0], feet[:, 2])
    site.stock.set_out(site.builder, "any", feet, rng, near=False, room_m=np.full(len(feet), 5.0))


def _way_end(site: Site, rng: Generator) -> None:
    """What closes the view where a way ends that no traffic leaves by: fronts or trees."""
    layout = site.layout
    town = layout.parameters.setting == "town"
    for lateral in (0.0, -22.0, 22.0, -40.0, 40.0):
        if town:
            spec = _draw(site, rng)
            x, y, z = layout.axis.at(layout.axis.end_m + 2.0, lateral)
            mesh = build_building(spec, site.palette, rng, 1)
            turn = layout.axis.rotation(layout.axis.end_m)
            site.builder.add(mesh.transformed(turn, (x, y, z)))
        else:
            feet = layout.axis.at(
                layout.axis.end_m + rng.uniform(2, 25, 9), lateral + rng.uniform(-11, 11, 9)
            )
            feet[:, 1] = site.ground.height(feet[:, 0], feet[:, 2])
            room = np.full(9, 9.0)
            site.stock.set_out(site.builder, "any", feet, rng, near=False, room_m=room)


def _second_row(site: Site, side: int, rng: Generator) -> None:
    """Blocks behind the first row: they fill gaps and make the roofs seen from above."""
    layout = site.layout
    s = layout.start()
    while s < layout.end(20):
        spec = _draw(site, rng)
        if rng.random() < 0.75:
            away = layout.section.outer(side) + float(rng.uniform(26, 48))
            x, _, z = layout.axis.at(s, side * (away + spec.depth_m / 2))
            yaw = float(layout.axis.heading_at(s)) + side * np.pi / 2 * int(rng.choice([-1, 1]))
            if layout.occupancy.take(x, z, yaw, spec.width_m, spec.depth_m):
                mesh = build_building(spec, site.palette, rng, 0)
                floor = float(site.ground.height(x, z)) + 0.1
                turn = yaw_rotation(yaw)
                foot = np.array([x, floor, z]) - turn @ np.array([0, 0, spec.depth_m / 2])
                site.builder.add(mesh.transformed(turn, foot))
        s += spec.width_m + float(rng.uniform(4, 18))


def _front_garden(
    site: Site, s: float, width: float, side: int, setback: float, rng: Generator
) -> None:
    """What closes a plot off towards the pavement, and what grows behind it."""
    layout = site.layout
    if setback < 1.8:
        return
    low, high = s - width / 2, s + width / 2
    drive = 3.2 if rng.random() < 0.6 else 1.1
    gate = float(rng.uniform(low + 1, max(low + 1.1, high - 1 - drive)))
    if rng.random() < layout.parameters.surroundings.fences:
        for s0, s1 in ((low, gate), (gate + drive, high)):
            if s1 - s0 > 0.8:
                boundary(site, s0, s1, side, layout.section.outer(side) + 0.25, rng)
    drive_way(site, gate, gate + drive, side, setback, rng)
    _plant(site, low, high, side, (0.8, max(setback - 0.8, 1.0)), rng)


def drive_way(site: Site, s0: float, s1: float, side: int, setback: float, rng: Generator) -> None:
    """A paved way from the pavement to the house."""
    layout = site.layout
    name = str(rng.choice(["paving_0", "paving_1", "paving_2", "gravel"]))
    material = site.palette(
        name, "sidewalk" if name != "gravel" else "terrain", rng.uniform(0.8, 1.1)
    )
    out = layout.section.outer(side) + np.linspace(-0.02, setback, 4)
    points = layout.axis.at(np.array([s0, s1])[:, None], side * out[None])
    points[..., 1] = site.ground.height(points[..., 0], points[..., 2]) + 0.035
    site.builder.grid(points, material, up=(0.0, 1.0, 0.0))


def _empty_plot(site: Site, s0: float, s1: float, side: int, rng: Generator) -> None:
    around = site.layout.parameters.surroundings
    # In a town a free plot is a park or a churchyard as often as not, behind bars.
    railed = site.layout.parameters.setting == "town" and rng.random() < 0.5
    if railed or rng.random() < around.fences * 0.6:
        away = site.layout.section.outer(side) + (
            0.3 if site.layout.parameters.road.kerb_m else float(rng.uniform(3, 7))
        )
        clear = [a for a in site.layout.openings(side) if a[0] - 6 < s1 and a[1] + 6 > s0]
        if not clear:
            boundary(site, s0, s1, side, away, rng, "railed wall" if railed else None)
    _plant(site, s0, s1, side, (1.0, 12.0), rng)


def _plant(
    site: Site, s0: float, s1: float, side: int, reach: tuple[float, float], rng: Generator
) -> None:
    """Trees and bushes in a plot."""
    around = site.layout.parameters.surroundings
    share = (s1 - s0) / 100
    for kind, density, more in (
        ("any", around.tree_density * 1.2, 0.4),
        ("bush", around.bush_density * 2, 0.0),
    ):
        count = int(rng.poisson(density * share))
        plant(site, kind, rng.uniform(s0, s1, count), side, rng.uniform(*reach, count) + more, rng)


def plant(
    site: Site,
    kind: str,
    s: Float,
    side: int,
    beyond_m: Float,
    rng: Generator,
    *,
    claim: float = 0.8,
) -> None:
    """Trees or bushes at s [N], beyond_m [N] metres outside the pavement, where ground is free."""
    layout = site.layout
    x, _, z = layout.axis.at(s, side * (layout.section.outer(side) + beyond_m)).T
    free = layout.occupancy.free_places(x, z, claim)
    s, beyond_m, x, z = s[free], beyond_m[free], x[free], z[free]
    feet = np.stack([x, site.ground.height(x, z), z], -1)
    near = np.array([site.near(*place) for place in zip(s, beyond_m, strict=True)], bool)
    for close in (True, False):
        at = near == close
        site.stock.set_out(
            site.builder,
            kind,
            feet[at],
            rng,
            near=close,
            room_m=beyond_m[at] + layout.section.side_width,
        )
