"""Side roads and road edges: what stands there, and that the land stays below them."""

from __future__ import annotations

import numpy as np
import pytest
from courses import layout_of

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.land.arms import furnish_arms
from depth_seg_ros.virtual_world.land.fleet import Fleet
from depth_seg_ros.virtual_world.land.site import PlantStock, Site
from depth_seg_ros.virtual_world.land.terrain import Ground, build_terrain
from depth_seg_ros.virtual_world.plan.layout import Arm, Layout
from depth_seg_ros.virtual_world.street.roads import build_roads
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene


@pytest.fixture(scope="module")
def palette() -> Palette:
    library = TextureLibrary()
    dress_scene(library, np.random.default_rng(0))
    return Palette(library, np.random.default_rng(1))


def site_of(layout: Layout, palette: Palette) -> Site:
    dice = np.random.default_rng(2)
    stock = PlantStock(palette, dice, np.ones(3))
    return Site(MeshBuilder(), layout, Ground([layout]), palette, stock, Fleet(palette, dice))


def with_arms(place: str) -> list[Layout]:
    found = [a for a in (layout_of(seed, place) for seed in range(12)) if a.arms]
    return found[:4]


def on_arm(layout: Layout, arm: Arm, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, metres out) of points [N, 3]."""
    s, lateral = layout.axis.project(points[:, 0], points[:, 2])
    out = arm.side * lateral - arm.edge_m
    return arm.u_of(s, out), out


def test_side_roads_are_furnished_and_the_own_lane_is_free(palette: Palette) -> None:
    things = 0
    for layout in with_arms("city"):
        site = site_of(layout, palette)
        furnish_arms(site)
        mesh = site.builder.build()
        things += len(mesh)
        p = mesh.position.reshape(-1, 3)
        for arm in layout.arms:
            u, out = on_arm(layout, arm, p)
            u = -arm.side * u  # positive: where one drives who turned in
            here = (out > arm.corner_m + 1) & (out < arm.length_m - 8)
            low = p[:, 1] - arm.height(layout.axis, *on_s(layout, p)) < 2.0
            lane = (u > arm.junction.width_m / 4 - 0.95) & (u < arm.junction.width_m / 4 + 0.85)
            assert not (here & low & lane).any()
    assert things > 1000


def on_s(layout: Layout, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    s, lateral = layout.axis.project(p[:, 0], p[:, 2])
    return s, np.abs(lateral) - layout.section.edge(1)


@pytest.mark.parametrize("place", ["suburb", "residential", "village", "country"])
def test_no_land_lies_on_a_side_roads_mouth(palette: Palette, place: str) -> None:
    checked = 0
    for layout in with_arms(place):
        builder = MeshBuilder()
        build_terrain(builder, layout, Ground([layout]), palette)
        mesh = builder.build()
        soil = mesh.position[mesh.class_id == CITYSCAPES.id("terrain")]
        corners = np.array([(0.5, 0.5, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (1, 0, 0), (0, 1, 0)])
        p = np.einsum("kc,tcd->tkd", corners, soil).reshape(-1, 3)
        for arm in layout.arms:
            u, out = on_arm(layout, arm, p)
            here = (np.abs(u) < arm.junction.width_m / 2) & (out > 0) & (out < 12)
            s, _ = layout.axis.project(p[here, 0], p[here, 2])
            assert (p[here, 1] < arm.height(layout.axis, s, out[here])).all()
            checked += int(here.sum())
    assert checked > 50


@pytest.mark.parametrize("place", ["country", "highway", "trail", "field"])
def test_roads_without_kerb_have_no_slit_at_their_edge(palette: Palette, place: str) -> None:
    layout = layout_of(1, place)
    builder = MeshBuilder()
    build_roads(builder, layout, palette)
    p = builder.build().position.reshape(-1, 3).astype(np.float64)
    rows = layout.axis.rows()
    for side in (-1, 1):
        edge = layout.axis.at(rows, side * layout.section.edge(side))
        for point in edge[8:-8:5]:
            close = np.hypot(*(p - point)[:, [0, 2]].T) < 2e-3
            assert close.any() and np.abs(p[close, 1] - point[1]).max() < 2e-3


def test_ditches_are_as_deep_as_drawn() -> None:
    depths = []
    for seed in range(20):
        layout = layout_of(seed, "country")
        deep = layout.parameters.surroundings.ditch_m
        depths.append(deep)
        s = next(s for s in np.arange(20.0, 200.0, 2) if not layout.in_junction(s, 22))
        out = layout.section.outer(1) + np.array([0.6, 2.8])
        x, y, z = layout.axis.at(s, out).T
        if deep > 0.6:
            edge, bottom = Ground([layout]).height(x, z) - y
            assert bottom < edge - 0.5
    assert 3 <= sum(d > 0 for d in depths) <= 15
