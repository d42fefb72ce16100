"""Puts lamps, lights, signs, rails, bridges and clutter where they belong."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.small_posts import bollard_of
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.sweep import raised
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.layout import Layout
from depth_seg_ros.virtual_world.street import linear, posts, signage, small
from depth_seg_ros.virtual_world.street.markings import junction_reach, stop_line_s

Generator = np.random.Generator


def build_furniture(site: Site) -> None:
    """All street furniture of a scene. Needs the plots to be taken already."""
    rng = site.layout.parameters.rng("furniture")
    _overpasses(site, rng)
    _yield_signs(site, rng)
    _bus_stop(site, rng)
    _lamps(site, rng)
    _signs(site, rng)
    _clutter(site, rng)
    _bollards(site, rng)
    _rails(site, rng)
    _median_barrier(site, rng)
    _noise_barrier(site, rng)
    _power_line(site, rng)
    _gantries(site, rng)
    _billboards(site, rng)


def _stand(
    site: Site,
    mesh: Mesh,
    s: float,
    side: int,
    out: float,
    *,
    up: float | None = None,
    yaw: float = 0.0,
) -> None:
    """Put a mesh ``out`` metres outside the kerb, turned with its side's traffic."""
    layout = site.layout
    foot = layout.axis.at(s, side * (layout.section.edge(side) + out))
    if up is not None:
        foot[1] += up
    elif layout.parameters.road.kerb_m:
        foot[1] += layout.parameters.road.kerb_m
    else:
        foot[1] = float(site.ground.height(foot[0], foot[2]))
    turn = layout.axis.rotation(s, yaw + (0.0 if side > 0 else np.pi))
    site.builder.add(mesh.transformed(turn, foot))


def _post_offset(layout: Layout) -> float:
    return 0.55 if layout.parameters.road.kerb_m else 1.6


def _lamps(site: Site, rng: Generator) -> None:
    layout, furniture = site.layout, site.layout.parameters.furniture
    if not furniture.lamp_m:
        return
    design = int(rng.integers(3))
    reach = float(rng.uniform(1.0, 2.2))
    mesh = posts.lamp(site.palette, rng, furniture.lamp_height_m, design, reach)
    sides = (1, -1) if furniture.lamp_sides == 2 else ((1, -1)[int(rng.integers(2))],)
    for k, side in enumerate(sides):
        start = layout.start() + k * furniture.lamp_m / 2 + 4
        for s in np.arange(start, layout.end(20), furniture.lamp_m):
            place = float(s)
            if layout.in_junction(place, 1.0):
                continue
            if layout.kerb_space.take(side, place, 0.8):
                _stand(site, mesh, place, side, _post_offset(layout))


def _yield_signs(site: Site, rng: Generator) -> None:
    """Signs that give way or priority at junctions without lights (lights are actors)."""
    layout = site.layout
    for arm in layout.arms:
        if arm.junction.signals:
            continue
        cell, layer = (1, "signs_1")
        mesh = posts.sign(site.palette, rng, layer, [cell], 0.75, 2.1)
        u = arm.side * (arm.junction.width_m / 2 + 0.5)
        foot = arm.at(layout.axis, u, arm.corner_m + 1.2, layout.parameters.road.kerb_m)
        turn = layout.axis.rotation(arm.junction.s_m, -arm.side * np.pi / 2)
        site.builder.add(mesh.transformed(turn, foot))


def signal_places(layout: Layout) -> list[tuple[float, float, int, float]]:
    """(junction s, s, side, reach) of the posts that carry the main road's traffic lights."""
    found = []
    for junction in layout.parameters.junctions:
        if junction.signals:
            for side in (1, -1):
                s = stop_line_s(layout, junction.s_m, side) + side * 1.0
                lanes = [a for a in layout.section.lanes if a.direction == side]
                reach = 0.0 if len(lanes) < 2 else min(5.5, abs(layout.section.edge(side)) - 1.5)
                if lanes:
                    found.append((junction.s_m, s, side, reach))
    return found


def _signs(site: Site, rng: Generator) -> None:
    layout, furniture = site.layout, site.layout.parameters.furniture
    motorway = layout.parameters.setting == "motorway"
    for side in (1, -1):
        s = float(rng.uniform(4, furniture.sign_m))
        while s < layout.end(40):
            if not layout.in_junction(s, 1.5) and layout.kerb_space.take(side, s, 0.7):
                big = motorway or rng.random() < (0.12 if layout.parameters.road.kerb_m else 0.22)
                if big:
                    wide = float(rng.uniform(1.6, 3.6))
                    mesh = posts.board(
                        site.palette,
                        rng,
                        wide,
                        wide * float(rng.uniform(0.6, 1)),
                        1.6 if not layout.parameters.road.kerb_m else 2.3,
                    )
                    out = 3.2 if not layout.parameters.road.kerb_m else wide * 0.5 + 0.4
                else:
                    fast = not layout.parameters.road.kerb_m
                    mesh = signage.draw_sign(site.palette, rng, large=fast)
                    out = _post_offset(layout)
                if side > 0 or rng.random() < 0.8:
                    _stand(site, mesh, s, side, out, yaw=float(rng.normal(0, 0.07)))
            s += float(rng.uniform(0.5, 1.5)) * furniture.sign_m


def _clutter(site: Site, rng: Generator) -> None:
    layout = site.layout
    if not layout.parameters.road.kerb_m:
        return
    length = layout.parameters.length_m + 60
    for side in (1, -1):
        for _ in range(int(rng.poisson(layout.parameters.furniture.clutter * length / 100))):
            s = float(rng.uniform(-10, length))
            if not layout.holds(s, 2) or layout.in_junction(s, 2.0):
                continue
            if not layout.kerb_space.take(side, s, 2.4):
                continue
            against_wall = rng.random() < 0.5 and layout.section.side_width > 2.2
            mesh = small.clutter(site.palette, rng)
            reach = float(np.abs(mesh.position[..., 0]).max()) + 0.2
            if reach > layout.section.side_width:
                continue
            out = layout.section.side_width - reach if against_wall else reach
            _stand(site, mesh, s, side, max(out, min(0.75, layout.section.side_width - reach)))


def _bus_stop(site: Site, rng: Generator) -> None:
    layout = site.layout
    if not layout.parameters.furniture.bus_stop or layout.section.side_width < 2.6:
        return
    side = (1, -1)[int(rng.integers(2))]
    s = float(rng.uniform(15, layout.parameters.length_m))
    if not layout.holds(s, 6) or layout.in_junction(s, 6):
        return
    if layout.kerb_space.take(side, s, 6.0):
        _stand(site, small.bus_shelter(site.palette, rng), s, side, 1.35)


def _bollards(site: Site, rng: Generator) -> None:
    layout = site.layout
    share = layout.parameters.furniture.bollard_share
    country = not layout.parameters.road.kerb_m
    if country:
        mesh = posts.delineator(site.palette)
    else:
        make = bollard_of if rng.random() < 0.4 else posts.bollard
        mesh = make(site.palette, rng)
    spacing = 50.0 if country else float(rng.uniform(1.4, 2.2))
    for side in (1, -1):
        if rng.random() > share * (1.0 if country else 1.6):
            continue
        low = layout.start() if country else float(rng.uniform(-10, 90))
        high = layout.end(20) if country else low + float(rng.uniform(15, 50))
        low, high = max(low, layout.low_m), min(high, layout.high_m)
        for s in np.arange(low, high, spacing):
            if not layout.in_junction(float(s), 0.5) and layout.kerb_space.take(
                side, float(s), 0.3
            ):
                _stand(site, mesh, float(s), side, 1.1 if country else 0.4)


def _stretches(
    layout: Layout,
    side: int,
    share: float,
    rng: Generator,
) -> list[tuple[float, float]]:
    """Stretches of the road, about ``share`` of it, clear of junctions."""
    found, s = [], layout.start()
    while s < layout.end(30):
        length = float(rng.uniform(40, 130))
        if rng.random() < share:
            pieces = [(s, min(s + length, layout.end(10)))]
            for low, high in layout.openings(side):
                pieces = [
                    p for a, b in pieces for p in ((a, min(b, low - 2)), (max(a, high + 2), b))
                ]
            found += [(a, b) for a, b in pieces if b - a > 8]
        s += length
    return found


def _rails(site: Site, rng: Generator) -> None:
    layout, furniture = site.layout, site.layout.parameters.furniture
    for side, share in ((1, furniture.rail_right), (-1, furniture.rail_left)):
        for s0, s1 in _stretches(layout, side, share, rng):
            path = layout.axis.at(
                np.arange(s0, s1, 4.0), side * (layout.section.edge(side) + 0.8), -0.05
            )
            linear.guard_rail(site.builder, site.palette, path, -side)


def _median_barrier(site: Site, rng: Generator) -> None:
    layout = site.layout
    median = layout.section.median
    if median is None or layout.parameters.setting != "motorway":
        return
    s = np.arange(layout.start(), layout.end(5), 4.0)
    if layout.parameters.furniture.median_wall:
        linear.concrete_barrier(site.builder, site.palette, layout.axis.at(s, 0.0))
        return
    for side in (1, -1):
        linear.guard_rail(
            site.builder, site.palette, layout.axis.at(s, side * (median.width_m / 2 - 0.4)), side
        )


def _noise_barrier(site: Site, rng: Generator) -> None:
    layout = site.layout
    if not layout.parameters.furniture.noise_barrier:
        return
    side = (1, -1)[int(rng.integers(2))]
    height = float(rng.uniform(2.5, 5))
    texture = str(rng.choice(["wood", "concrete", "panel", "corrugated"]))
    tint = rng.uniform(0.4, 0.9) * rng.uniform([0.8, 0.9, 0.75], [1.0, 1.0, 0.95])
    material = site.palette(texture, "wall", tint)
    for s0, s1 in _stretches(layout, side, 0.7, rng):
        path = layout.axis.at(
            np.arange(s0, s1, 4.0), side * (layout.section.edge(side) + 3.2), -0.3
        )
        linear.wall(site.builder, material, path, height, 0.2)


def _power_line(site: Site, rng: Generator) -> None:
    layout = site.layout
    if not layout.parameters.furniture.power_line:
        return
    side = (1, -1)[int(rng.integers(2))]
    beyond = float(rng.uniform(*layout.parameters.furniture.power_line_m))
    mesh = posts.power_pole(site.palette, rng)
    tops, beams = [], []
    for s in np.arange(layout.start(5), layout.end(10), float(rng.uniform(32, 45))):
        lateral = side * (layout.section.outer(side) + beyond)
        x, _, z = layout.axis.at(float(s), lateral)
        foot = np.array([x, float(site.ground.height(x, z)), z])
        turn = layout.axis.rotation(float(s))
        site.builder.add(mesh.transformed(turn, foot))
        tops.append(raised(foot, 8.35))
        beams.append(turn[:, 0])
    linear.wires(site.builder, site.palette, np.array(tops), (-0.85, 0.0, 0.85), np.array(beams))


def _gantries(site: Site, rng: Generator) -> None:
    layout = site.layout
    for s in layout.parameters.furniture.gantries:
        mesh = posts.gantry(
            site.palette,
            rng,
            -0.3 if layout.section.median else layout.section.left_edge - 1.2,
            layout.section.right_edge + 1.4,
        )
        site.builder.add(mesh.transformed(layout.axis.rotation(s), layout.axis.at(s)))


def _billboards(site: Site, rng: Generator) -> None:
    layout = site.layout
    for _ in range(layout.parameters.furniture.billboards):
        s, side = (
            float(rng.uniform(20, layout.parameters.length_m + 40)),
            (1, -1)[int(rng.integers(2))],
        )
        wide = float(rng.uniform(3, 4.5))
        beyond = wide / 2 + float(rng.uniform(0.5, 4))
        lateral = side * (layout.section.outer(side) + beyond)
        x, _, z = layout.axis.at(s, lateral)
        if not layout.holds(s, 3):
            continue
        if layout.occupancy.take(x, z, float(layout.axis.heading_at(s)), wide, 1.0):
            mesh = posts.board(site.palette, rng, wide, wide * 0.7, 1.8, "adverts", "static")
            foot = (x, float(site.ground.height(x, z)), z)
            site.builder.add(
                mesh.transformed(
                    layout.axis.rotation(s, (0.0 if side > 0 else np.pi) + side * 0.25), foot
                )
            )


def _overpasses(site: Site, rng: Generator) -> None:
    layout = site.layout
    for bridge in layout.bridges:
        s, width, margin = bridge.s_m, bridge.width_m, bridge.margin_m
        part = MeshBuilder()
        span = (-layout.section.outer(-1) - margin, layout.section.outer(1) + margin)
        median = layout.section.median
        piers = [0.0] if median and median.width_m > 1.6 else []
        if margin > 6:
            piers += [span[0] + margin - 1.2, span[1] - margin + 1.2]
        linear.overpass(part, site.palette, rng, span, piers, width, float(rng.uniform(4.7, 5.6)))
        skew = float(rng.uniform(-0.2, 0.2))
        foot = layout.axis.at(s)
        site.builder.add(part.build().transformed(layout.axis.rotation(s, skew), foot))


__all__ = ["build_furniture", "junction_reach", "signal_places"]
