"""Trees along the kerb, woods, scattered trees and bushes, grass at the road's edge."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.thicket import thicket
from depth_seg_ros.virtual_world.assets.undergrowth import make_grass
from depth_seg_ros.virtual_world.land.plots import plant
from depth_seg_ros.virtual_world.land.site import Site

Generator = np.random.Generator


def build_greenery(site: Site) -> None:
    """Everything that grows outside the plots."""
    rng = site.layout.parameters.rng("greenery")
    overgrown = site.layout.parameters.rng("thickets")
    for side in (-1, 1):
        _thickets(site, side, overgrown)
        _avenue(site, side, rng)
        _woods(site, side, rng)
        _scattered(site, side, rng)
        if not site.layout.parameters.road.kerb_m:
            _roadside_grass(site, side, rng)
    _median_plants(site, rng)


def _avenue(site: Site, side: int, rng: Generator) -> None:
    """A row of trees between kerb and pavement, or on the verge of a country road."""
    layout, road = site.layout, site.layout.parameters.road
    spacing = layout.parameters.surroundings.street_tree_m
    if not spacing:
        return
    kind = (
        str(rng.choice(["street", "round", "tall", "columnar"]))
        if road.kerb_m
        else str(rng.choice(["round", "tall", "birch"]))
    )
    out = 0.9 if road.kerb_m else 2.6
    for s in np.arange(layout.start(3), layout.end(10), spacing):
        place = float(s + rng.uniform(-0.8, 0.8))
        if layout.in_junction(place, 4.0) or not layout.kerb_space.take(side, place, 1.2):
            continue
        foot = layout.axis.at(place, side * (layout.section.edge(side) + out))
        if road.kerb_m:
            foot[1] += road.kerb_m
        else:
            foot[1] = float(site.ground.height(foot[0], foot[2]))
        lanes = max(abs(a.center_m) for a in layout.section.lanes) + road.lane_width_m / 2
        room = np.array([layout.section.edge(side) + out - lanes])
        site.stock.set_out(
            site.builder, kind, foot[None], rng, near=site.near(place, 0), room_m=room
        )


def _woods(site: Site, side: int, rng: Generator) -> None:
    """Stretches of forest: dense at the edge, closed behind."""
    layout = site.layout
    share = layout.parameters.surroundings.forest_share
    s = layout.start()
    while s < layout.end(20):
        length = float(rng.uniform(50, 140))
        if rng.random() < share:
            start = float(rng.uniform(5, 22))
            count = int(length * rng.uniform(0.22, 0.42))
            kind = str(rng.choice(["any", "conifer", "tall", "round", "birch"]))
            mixed = int(rng.binomial(count, 0.25))
            for species, number in ((kind, count - mixed), ("any", mixed)):
                plant(
                    site,
                    species,
                    s + rng.uniform(0, length, number),
                    side,
                    start + rng.exponential(9.0, number),
                    rng,
                    claim=0.4,
                )
            plant(
                site,
                "bush",
                s + rng.uniform(0, length, count // 3),
                side,
                start - rng.uniform(0, 3, count // 3),
                rng,
                claim=0.4,
            )
        s += length


def _thickets(site: Site, side: int, rng: Generator) -> None:
    """Stretches of leaves from the ground up, close to the road: what grows where nobody cuts."""
    layout = site.layout
    share = layout.parameters.surroundings.thicket_share * rng.random()
    s, end = layout.start(), layout.end(8)
    while s < end:
        stretch = float(rng.uniform(12, 70))
        dense, away = rng.random() < share, float(0.6 + rng.exponential(2.6))
        tall, depth = float(np.clip(rng.lognormal(1.1, 0.55), 1.0, 9.0)), float(rng.uniform(1.2, 3))
        if dense:
            for low, high in _free_ground(site, side, s, min(s + stretch, end), away, depth):
                _thicket(site, side, (low, high), (away, depth, tall), rng)
        s += stretch


def _free_ground(
    site: Site, side: int, s0: float, s1: float, away: float, depth: float
) -> list[tuple[float, float]]:
    """The pieces of s0 .. s1 on which nothing else stands ``away`` beyond the pavement; claimed."""
    layout, step = site.layout, 4.0
    out = layout.section.side_width + away + depth
    pieces: list[tuple[float, float]] = []
    for low in np.arange(s0, s1 - step, step):
        middle = float(low + step / 2)
        clear = not layout.in_junction(middle, step + 4.0)
        if clear and site.free(middle, side, out, 2.6 * depth, step - 0.2):
            begun = pieces.pop()[0] if pieces and pieces[-1][1] == low else float(low)
            pieces.append((begun, float(low + step)))
    return [(low, high) for low, high in pieces if high - low >= 2 * step]


def _thicket(
    site: Site,
    side: int,
    stretch: tuple[float, float],
    size: tuple[float, float, float],
    rng: Generator,
) -> None:
    """One closed mass, bushes at its foot, and trees that stand out of it where it is tall."""
    (low, high), (away, depth, tall), layout = stretch, size, site.layout
    out = layout.section.outer(side) + away + depth
    s = np.linspace(low, high, max(3, int((high - low) / 2.5)))
    path = layout.axis.at(s, side * out)
    path[:, 1] = site.ground.height(path[:, 0], path[:, 2])
    near = site.near((low + high) / 2, away)
    thicket(site.builder, site.palette, rng, path, side, tall, depth, step_m=0.9 if near else 2.5)
    rows = [("bush", 0.35, out - depth, 0.0), ("bush", 0.8, out - 0.3 * depth, 0.55 * tall)]
    if tall > 2.5:
        rows.append(("any", float(rng.uniform(0.05, 0.25)), out + 0.3 * depth, 0.0))
    for kind, per_m, lateral, up in rows:
        count = int((high - low) * per_m)
        at = rng.uniform(low + 1, high - 1, count)
        feet = layout.axis.at(at, side * (lateral + rng.uniform(-0.4, 0.4, count)))
        feet[:, 1] = site.ground.height(feet[:, 0], feet[:, 2]) + up * rng.uniform(0, 1, count)
        room = np.full(count, lateral - layout.section.outer(side) + layout.section.side_width)
        site.stock.set_out(site.builder, kind, feet, rng, near=near, room_m=room)


def _scattered(site: Site, side: int, rng: Generator) -> None:
    layout, around = site.layout, site.layout.parameters.surroundings
    if around.ground == "paving":
        return
    low, high = layout.start(), layout.end(5)
    share = (high - low) / 100
    for kind, density, near, spread in (
        ("any", around.tree_density, 3.5, 28.0),
        ("bush", around.bush_density, 2.6, 10.0),
    ):
        count = int(rng.poisson(density * share))
        plant(
            site,
            kind,
            rng.uniform(low, high, count),
            side,
            near + rng.exponential(spread, count),
            rng,
        )


def _roadside_grass(site: Site, side: int, rng: Generator) -> None:
    """Tall grass on the verge near the ego vehicle's stretch."""
    layout = site.layout
    season = np.asarray(layout.parameters.surroundings.season_tint)
    places = np.array(
        [
            s
            for s in np.arange(0.0, layout.parameters.length_m + 10, 5.0)
            if layout.holds(float(s), 3) and not layout.in_junction(float(s), 3.0)
        ]
    )
    x, _, z = layout.axis.at(places, side * (layout.section.outer(side) + 1.6)).T
    feet = np.stack([x, site.ground.height(x, z) - 0.03, z], -1)
    yaw = layout.axis.heading_at(places)
    patches = 6  # of grass; each is laid out many times
    for k in range(patches):
        mesh = make_grass(
            rng,
            site.palette.layers,
            area=(1.8, 5.0),
            count=9,
            height=float(rng.uniform(0.15, 0.4)),
            meadow=bool(rng.random() < 0.5),
        )
        site.builder.add(mesh.tinted(season).copies(yaw[k::patches], feet[k::patches]))


def _median_plants(site: Site, rng: Generator) -> None:
    layout = site.layout
    median = layout.section.median
    if median is None or median.width_m < 2.4 or rng.random() < 0.35:
        return
    if not layout.parameters.surroundings.median_plants:
        return
    if layout.parameters.furniture.median_wall:
        return
    kind = str(rng.choice(["bush", "street", "columnar", "round"]))
    if layout.parameters.setting == "motorway":
        kind = "bush"
    spacing = float(rng.uniform(3, 6)) if kind == "bush" else float(rng.uniform(9, 16))
    for s in np.arange(layout.start(2), layout.end(10), spacing):
        under = any(abs(s - b.s_m) < b.width_m / 2 + 3 for b in layout.bridges)
        if under or layout.in_junction(float(s), 5.0):
            continue
        foot = layout.axis.at(s, median.center_m, layout.parameters.road.kerb_m)
        site.stock.set_out(
            site.builder,
            kind,
            foot[None],
            rng,
            near=site.near(float(s), 0),
            room_m=np.array([median.width_m / 2]),
        )
