"""Tracks, catenary, trams, trains and platforms."""

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets import platform, tracks
from depth_seg_ros.virtual_world.assets.catenary import catenary, catenary_mast
from depth_seg_ros.virtual_world.assets.railcar import coupled
from depth_seg_ros.virtual_world.assets.train import TRAINS, make_train
from depth_seg_ros.virtual_world.assets.tram import make_tram
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.sweep import arc_length, beside, headings, resampled

from .things import Expected, check, palette, rng, same

Z = np.arange(0.0, 121.0, 2.0)
PATH = np.stack([20 * (1 - np.cos(Z / 100)), 0 * Z, Z], -1)


def test_ballast_sleepers_and_rails_follow_the_path() -> None:
    builder = MeshBuilder()
    tracks.ballast_track(builder, palette(), PATH, rng=rng(0))
    mesh = builder.build()
    check(mesh, Expected((4, 0.7, 119), (18, 1.0, 124), ("rail track",), 5000))
    heads = mesh.position.reshape(-1, 3)
    top = heads[heads[:, 1] > heads[:, 1].max() - 1e-3]
    assert top[:, 1].max() == pytest.approx(tracks.RAIL_TOP_M, abs=0.02)
    middle = np.interp(top[:, 2], PATH[:, 2], PATH[:, 0])
    assert np.abs(np.abs(top[:, 0] - middle) - tracks.GAUGE_M / 2).max() < 0.15


@pytest.mark.parametrize(("draw", "label"), [(tracks.grass_track, "rail track"),
                                             (tracks.street_track, "road")])  # fmt: skip
def test_flush_tracks(draw: object, label: str) -> None:
    builder = MeshBuilder()
    draw(builder, palette(), PATH)  # type: ignore[operator]
    mesh = builder.build()
    assert set(mesh.class_id.tolist()) == {CITYSCAPES.id(label)}
    assert mesh.bounds()[1][1] < 0.15


def test_a_level_crossing_is_drivable() -> None:
    builder = MeshBuilder()
    tracks.crossing_deck(builder, palette(), PATH[:5])
    mesh = builder.build()
    assert set(mesh.class_id.tolist()) == {CITYSCAPES.id("road")}
    assert (mesh.normal[..., 1] > 0.99).all()


def test_a_buffer_stop_stands_at_the_end() -> None:
    builder = MeshBuilder()
    tracks.buffer_stop(builder, palette(), np.array([5.0, 0, 7]), 0.5)
    check(builder.build(), Expected((1.5, 1, 1), (3.5, 2, 3), ("static",), 100), stands=False)
    assert tracks.heading_at(PATH, 0.5) == pytest.approx(
        np.arctan2(20 / 100 * np.sin(0.6), 1), abs=0.01
    )


@pytest.mark.parametrize("tram", [False, True])
def test_catenary_stands_beside_and_hangs_above(tram: bool) -> None:
    builder = MeshBuilder()
    catenary(builder, palette(), rng(1), PATH, side=-1, tram=tram)
    mesh = builder.build()
    wires = mesh.select(mesh.class_id == CITYSCAPES.id("static"))
    assert wires.bounds()[0][1] > 5.2
    masts = mesh.select(mesh.class_id == CITYSCAPES.id("pole"))
    foot = masts.position.reshape(-1, 3)
    foot = foot[foot[:, 1] < 0.5]
    assert (foot[:, 0] < np.interp(foot[:, 2], PATH[:, 2], PATH[:, 0]) - 2).all()
    check(catenary_mast(palette(), rng(2), 3.0, tram=tram),
          Expected((2.9, 5, 0.1), (4, 9, 0.8), ("pole",), 220))  # fmt: skip


@pytest.mark.parametrize("modules", [1, 3, 5])
def test_trams(modules: int) -> None:
    for seed in range(3):
        mesh = coupled(make_tram(palette(), rng(seed), modules=modules))
        check(mesh, Expected((2.2, 5, 6 * modules), (2.7, 5.8, 16 * modules), ("train",), 4500))
    assert same(mesh, coupled(make_tram(palette(), rng(2), modules=modules)))
    assert not same(mesh, coupled(make_tram(palette(), rng(1), modules=modules)))


@pytest.mark.parametrize("kind", TRAINS)
def test_trains(kind: str) -> None:
    train = make_train(palette(), rng(3), kind, 3)
    assert len(train) == 3
    mesh = coupled(train)
    check(mesh, Expected((2.5, 3.8, 40), (3.2, 5.8, 85), ("train",), 4500))
    total = sum(car.length_m for car in train)
    assert mesh.bounds()[1][2] - mesh.bounds()[0][2] == pytest.approx(total, abs=1.5)


def test_an_unknown_train_is_an_error() -> None:
    with pytest.raises(VirtualWorldError, match=r"monorail.*freight"):
        make_train(palette(), rng(0), "monorail", 2)


@pytest.mark.parametrize("side", [-1, 1])
def test_platforms_have_their_edge_beside_the_track(side: int) -> None:
    builder = MeshBuilder()
    platform.platform(builder, palette(), PATH[:20], side, width_m=3.5, height_m=0.76)
    mesh = builder.build()
    check(mesh, Expected((3, 1.2, 37), (8, 1.3, 40), ("sidewalk", "wall"), 700))
    top = mesh.select(mesh.class_id == CITYSCAPES.id("sidewalk"))
    assert (top.normal[..., 1] > 0.9).all()
    corner = top.position.reshape(-1, 3)
    away = side * (corner[:, 0] - np.interp(corner[:, 2], PATH[:, 2], PATH[:, 0]))
    assert away.min() > platform.TRACK_M - 0.1


def test_what_stands_on_platforms() -> None:
    check(platform.platform_roof(palette(), rng(1), 20.0),
          Expected((4, 3.4, 19), (4.5, 3.9, 21), ("pole", "building"), 400))  # fmt: skip
    check(platform.name_board(palette(), rng(1)),
          Expected((0.05, 2.5, 2), (0.4, 2.9, 2.6), ("pole", "traffic sign"), 140))  # fmt: skip
    check(platform.ticket_machine(palette(), rng(1)),
          Expected((0.4, 1.8, 0.7), (0.6, 2, 0.9), ("static",), 40))  # fmt: skip


def test_points_along_a_path() -> None:
    assert arc_length(PATH)[-1] == pytest.approx(
        np.linalg.norm(np.diff(PATH, axis=0), axis=1).sum()
    )
    points = resampled(PATH, 10.0)
    assert np.allclose(np.linalg.norm(np.diff(points, axis=0), axis=1), 10, atol=0.5)
    right = beside(PATH, 2.0, 1.0)
    assert np.allclose(right[:, 1], 1) and (right[:, 0] > PATH[:, 0]).all()
    assert (np.diff(headings(PATH)) >= -1e-9).all()
