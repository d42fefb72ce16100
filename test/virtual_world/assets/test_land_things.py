"""Rock, forest, rows of vines and fruit, tunnels, high-voltage lines, petrol stations."""

from collections.abc import Callable

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets import forest, petrol, pylon, rock, rows, tunnel
from depth_seg_ros.virtual_world.assets.thicket import thicket
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh

from .things import Expected, check, palette, rng, same

Make = Callable[[np.random.Generator], Mesh]
PATH = np.stack([np.zeros(9), np.zeros(9), np.linspace(-15, 15, 9)], -1)
LEAVES = 0.5
"""Cards of leaves have two sides; which one is counted as outside says nothing."""

THINGS: dict[str, tuple[Make, Expected, float]] = {
    "boulder": (
        lambda g: rock.make_boulder(palette(), g),
        Expected((0.2, 0.1, 0.2), (3.2, 2.2, 3.2), ("terrain",), 140),
        0.0,
    ),
    "forest_tree": (
        lambda g: forest.make_forest_tree(palette(), g),
        Expected((2, 11, 2), (14, 27, 14), ("vegetation",), 500),
        LEAVES,
    ),
    "log": (
        lambda g: forest.make_log(palette(), g),
        Expected((0.2, 0.2, 2), (0.9, 0.9, 7.1), ("vegetation",), 60),
        0.0,
    ),
    "log_pile": (
        lambda g: forest.log_pile(palette(), g),
        Expected((0.8, 0.4, 2.9), (4.2, 2.4, 6.6), ("vegetation",), 1200),
        0.0,
    ),
    "stump": (
        lambda g: forest.make_stump(palette(), g),
        Expected((0.4, 0.2, 0.4), (2, 0.8, 2), ("vegetation",), 120),
        0.02,
    ),
    "fern": (
        lambda g: forest.make_fern(palette(), g),
        Expected((0.6, 0.2, 0.6), (2.2, 0.8, 2.2), ("vegetation",), 60),
        LEAVES,
    ),
    "orchard_tree": (
        lambda g: rows.orchard_tree(palette(), g),
        Expected((1.5, 2.2, 1.5), (6.5, 6.5, 6.5), ("vegetation",), 600),
        LEAVES,
    ),
    "poly_tunnel": (
        lambda g: rows.poly_tunnel(palette(), g, 12.0),
        Expected((4, 1.9, 11.9), (7.1, 3.1, 12.1), ("building",), 60),
        0.0,
    ),
    "forecourt": (
        lambda g: petrol.make_forecourt(palette(), g),
        Expected((12, 5, 11), (16, 7, 13), ("building", "static", "sidewalk", "pole"), 1400),
        0.005,
    ),
    "price_board": (
        lambda g: petrol.make_price_board(palette(), g),
        Expected((1.7, 4.9, 0.3), (1.9, 8.1, 0.5), ("static",), 60),
        0.0,
    ),
    "station_shop": (
        lambda g: petrol.make_station_shop(palette(), g),
        Expected((7, 3.4, 10), (11.6, 4.6, 18.6), ("building",), 30),
        0.0,
    ),
    "air_point": (
        lambda g: petrol.make_air_point(palette(), g),
        Expected((0.4, 1.4, 1.2), (0.8, 1.6, 1.8), ("static",), 90),
        0.01,
    ),
}


@pytest.mark.parametrize("name", THINGS)
def test_size_classes_triangles_and_repeatable(name: str) -> None:
    make, expected, inward = THINGS[name]
    for seed in range(5):
        check(make(rng(seed)), expected, inward=inward)
    assert same(make(rng(3)), make(rng(3)))
    drawn = [make(rng(seed)) for seed in range(4)]
    assert not all(same(drawn[0], other) for other in drawn[1:])


@pytest.mark.parametrize("side", [-1, 1])
def test_a_rock_face_rises_on_its_side_and_faces_the_road(side: int) -> None:
    builder = MeshBuilder()
    rock.rock_face(builder, palette(), rng(1), PATH, side, 6.0)
    mesh = builder.build()
    check(mesh, Expected((10, 5.5, 29), (16, 10, 31), ("terrain",), 700))
    stone = mesh.select(mesh.layer == palette().layer("rock"))
    assert side * stone.position[..., 0].mean() > 0.3
    assert (side * stone.face_normals()[:, 0] < 0.1).mean() > 0.8
    grass = mesh.select(mesh.layer != palette().layer("rock"))
    assert (grass.face_normals()[:, 1] > 0.3).all()


@pytest.mark.parametrize("seed", range(4))
def test_retaining_walls(seed: int) -> None:
    builder = MeshBuilder()
    rock.retaining_wall(builder, palette(), rng(seed), PATH, 2.5)
    mesh = builder.build()
    check(mesh, Expected((0.5, 1.9, 29), (2.5, 3.6, 31), ("wall",), 500))


def test_undergrowth_is_a_patch_of_plants() -> None:
    mesh = forest.undergrowth(palette(), rng(3), 2.0)
    known = {CITYSCAPES.id("vegetation"), CITYSCAPES.id("terrain")}
    assert set(mesh.class_id.tolist()) <= known
    assert mesh.bounds()[1][1] < 2.2 and len(mesh) < 900


@pytest.mark.parametrize("near", [False, True])
def test_vines_hang_in_a_row(near: bool) -> None:
    builder = MeshBuilder()
    rows.vine_row(builder, palette(), rng(1), PATH, near=near)
    check(builder.build(), Expected((0.4, 1.8, 29), (2, 3, 31.5), ("vegetation", "pole"), 1600),
          inward=LEAVES)  # fmt: skip


def test_crops_stand_in_a_row() -> None:
    builder = MeshBuilder()
    rows.crop_row(builder, palette(), rng(1), PATH)
    check(builder.build(), Expected((0.5, 1.8, 29), (1.4, 2.7, 31.5), ("vegetation",), 200),
          inward=LEAVES)  # fmt: skip


@pytest.mark.parametrize("arched", [False, True])
def test_a_tunnels_lining_faces_inwards(arched: bool) -> None:
    builder = MeshBuilder()
    tunnel.tunnel(builder, palette(), rng(2), PATH, 4.5, 5.5, arched=arched, kind="concrete")
    mesh = builder.build()
    check(mesh, Expected((8.5, 5.5, 29), (9.2, 6, 31), ("tunnel",), 1200))
    lining = mesh.select(mesh.layer == palette().layer("concrete"))
    inward = (
        lining.face_normals() * (np.array([0, 2.0, 0]) - lining.position.mean(1)) * [1, 1, 0]
    ).sum(1)
    assert (inward > 0).all()


@pytest.mark.parametrize("entrance", [False, True])
def test_a_portal_leaves_the_way_open_and_faces_out(entrance: bool) -> None:
    builder = MeshBuilder()
    tunnel.portal(builder, palette(), rng(2), PATH, 4.5, 5.5, entrance=entrance)
    mesh = builder.build()
    out = -1 if entrance else 1
    front = np.abs(mesh.face_normals()[:, 2]) > 0.9
    assert (out * mesh.face_normals()[front, 2] > 0).mean() > 0.9
    corners = mesh.position.reshape(-1, 3)
    assert not ((np.abs(corners[:, 0]) < 3) & (corners[:, 1] < 3)).any()


def test_the_hill_covers_the_tube() -> None:
    builder = MeshBuilder()
    tunnel.hill_over(builder, palette(), PATH, 4.5, 5.5)
    mesh = builder.build()
    assert set(mesh.class_id.tolist()) == {CITYSCAPES.id("terrain")}
    assert (mesh.face_normals()[:, 1] > 0).all() and mesh.bounds()[1][1] > 7.5


def test_an_underpass_has_two_mouths() -> None:
    builder = MeshBuilder()
    tunnel.underpass(builder, palette(), rng(1), PATH[2:6], 2.0, 2.8)
    check(builder.build(), Expected((13, 4.5, 11), (15, 5.5, 13), ("tunnel", "bridge"), 260))


def test_conductors_hang_between_towers() -> None:
    builder = MeshBuilder()
    feet = np.array([[0, 0, -90.0], [0, 0, 0], [0, 0, 90.0]])
    pylon.power_line_over(builder, palette(), rng(1), feet, 30.0)
    mesh = builder.build()
    check(mesh, Expected((12, 29, 180), (16, 31, 190), ("pole", "static"), 3500))
    wires = mesh.select(mesh.class_id == CITYSCAPES.id("static"))
    assert wires.bounds()[0][1] > 14


@pytest.mark.parametrize("side", [-1, 1])
def test_a_thicket_is_a_closed_face_towards_the_road(side):
    """It bulges to the road by no more than its depth, and shows its outside there."""
    builder = MeshBuilder()
    thicket(builder, palette(), rng(3), PATH, side, height=5.0, depth=2.0)
    mesh = builder.build()
    check(mesh, Expected((2, 2.4, 29), (5, 6.5, 31), ("vegetation",), 900))
    toward = -side * mesh.position[..., 0]
    assert toward.max() < 2 * 2.0
    face = mesh.face_normals()[toward.max(1) > 1.0]
    assert (-side * face[:, 0] > 0).mean() > 0.9
