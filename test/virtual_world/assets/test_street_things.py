"""Hedges, walls, garages, bins, stairs, shops' awnings, seating, stalls, arcades, near posts."""

from collections.abc import Callable

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets import (
    arcade,
    awning,
    bins,
    garage,
    garden_wall,
    hedge,
    planter,
    seating,
    small_posts,
    stairs,
    stall,
)
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh

from .things import Expected, check, palette, rng, same

Make = Callable[[np.random.Generator], Mesh]
PATH = np.stack([np.zeros(9), np.zeros(9), np.linspace(-6, 6, 9)], -1)

THINGS: dict[str, tuple[Make, Expected]] = {
    "hedge": (
        lambda g: hedge.hedge_block(palette(), g, 6.0, 1.6, 0.7),
        Expected((0.6, 1.5, 5.5), (1.1, 2.2, 6.5), ("vegetation",), 500),
    ),
    "topiary": (
        lambda g: hedge.topiary(palette(), g),
        Expected((0.5, 0.5, 0.5), (1.5, 2.8, 1.5), ("vegetation",), 200),
    ),
    "gate": (
        lambda g: garden_wall.gate(palette(), g, 3.4, 1.5),
        Expected((0.3, 1.5, 3.5), (0.7, 2.2, 4.5), ("wall", "fence"), 200),
    ),
    "garage": (
        lambda g: garage.make_garage(palette(), g, 2),
        Expected((5.7, 2.4, 5.5), (6.4, 5.2, 7), ("building",), 120),
    ),
    "carport": (
        lambda g: garage.make_carport(palette(), g),
        Expected((5.4, 2.2, 2.8), (6, 3.2, 6.2), ("building",), 120),
    ),
    "wheelie_bins": (
        lambda g: bins.wheelie_bins(palette(), g, 4),
        Expected((0.5, 0.8, 2), (1.3, 1.3, 3.2), ("dynamic",), 700),
    ),
    "waste_container": (
        lambda g: bins.waste_container(palette(), g),
        Expected((0.9, 1.2, 1.2), (1.2, 1.5, 1.6), ("dynamic",), 160),
    ),
    "bottle_bank": (
        lambda g: bins.bottle_bank(palette(), g),
        Expected((1.2, 1.5, 1.3), (1.7, 1.8, 1.8), ("static",), 300),
    ),
    "sacks": (
        lambda g: bins.sacks(palette(), g, 5),
        Expected((0.4, 0.3, 0.4), (3.5, 0.9, 3.5), ("dynamic",), 500),
    ),
    "street_bin": (
        lambda g: bins.street_bin(palette(), g),
        Expected((0.3, 0.8, 0.3), (0.7, 1.4, 0.7), ("static",), 140),
    ),
    "stairs": (
        lambda g: stairs.make_stairs(palette(), g, 1.6, 3.0),
        Expected((3, 2, 3), (4, 3.2, 4), ("sidewalk", "wall", "fence"), 300),
    ),
    "ramp": (
        lambda g: stairs.make_ramp(palette(), g, 0.6, 1.6),
        Expected((7, 1, 1.6), (8, 2.2, 2.4), ("sidewalk", "wall", "fence"), 200),
    ),
    "awning": (
        lambda g: awning.make_awning(palette(), g, 4.0),
        Expected((0.8, 0.4, 3.9), (2.2, 1.2, 4.2), ("building",), 100),
    ),
    "parasol": (
        lambda g: awning.make_parasol(palette(), g),
        Expected((2, 2.2, 2), (4.2, 3.2, 4.2), ("static",), 120),
    ),
    "sandwich_board": (
        lambda g: awning.sandwich_board(palette(), g),
        Expected((0.5, 0.9, 0.3), (0.8, 1.3, 0.7), ("static",), 80),
    ),
    "goods_rack": (
        lambda g: awning.goods_rack(palette(), g, 2.0),
        Expected((0.3, 0.6, 1.7), (1.1, 1.6, 2.3), ("static",), 400),
    ),
    "arcade": (
        lambda g: arcade.make_arcade(palette(), g, 12.0),
        Expected((2.9, 4, 11.9), (3.2, 4.8, 13), ("building",), 700),
    ),
    "stall": (
        lambda g: stall.make_stall(palette(), g, length=3.0).still,
        Expected((2, 2.2, 3), (3.6, 3.2, 3.6), ("static",), 900),
    ),
    **{
        f"bollard {kind}": (
            lambda g, kind=kind: small_posts.bollard_of(palette(), g, kind),
            Expected((0.04, 0.35, 0.05), (0.9, 1.2, 1.7), ("pole",), 300),
        )
        for kind in small_posts.BOLLARDS
    },
}


@pytest.mark.parametrize("name", THINGS)
def test_size_classes_triangles_and_repeatable(name: str) -> None:
    make, expected = THINGS[name]
    for seed in range(6):
        mesh = make(rng(seed))
        classes = set(mesh.class_id.tolist())
        optional = Expected(
            expected.low_m,
            expected.high_m,
            tuple(c for c in (*expected.classes, "vegetation") if CITYSCAPES.id(c) in classes),
            expected.triangles,
        )
        check(mesh, optional if name == "stall" else expected, stands=name != "awning")
    assert same(make(rng(3)), make(rng(3)))
    drawn = [make(rng(seed)) for seed in range(4)]
    assert not all(same(drawn[0], other) for other in drawn[1:])


@pytest.mark.parametrize("kind", garden_wall.WALLS)
@pytest.mark.parametrize("railing", [0.0, 0.7])
def test_garden_walls(kind: str, railing: float) -> None:
    builder = MeshBuilder()
    garden_wall.garden_wall(builder, palette(), rng(2), PATH, 1.2, kind=kind, railing_m=railing)
    mesh = builder.build()
    label = "fence" if kind in ("sheet_metal", "bamboo", "boards") else "wall"
    classes = {label, "fence"} if railing else {label}
    low, high = mesh.bounds()
    assert set(mesh.class_id.tolist()) == {CITYSCAPES.id(c) for c in classes}
    assert low[1] <= -0.4 and high[1] > (1.7 if railing else 1.15)
    assert high[2] - low[2] >= 12 and len(mesh) < 400


def test_an_end_of_a_hedge_is_closed() -> None:
    mesh = hedge.hedge_block(palette(), rng(1), 4.0, 1.2, 0.6)
    ends = mesh.face_normals()[:, 2]
    assert (ends > 0.8).sum() >= 5 and (ends < -0.8).sum() >= 5


@pytest.mark.parametrize("seed", range(8))
def test_planters_hold_plants(seed: int) -> None:
    mesh = planter.make_planter(palette(), rng(seed))
    ids = set(mesh.class_id.tolist())
    assert CITYSCAPES.id("static") in ids
    assert ids & {CITYSCAPES.id("vegetation"), CITYSCAPES.id("terrain")}
    assert 0.4 < mesh.bounds()[1][1] < 3.4 and len(mesh) < 400


@pytest.mark.parametrize(
    "make", [seating.table_set, seating.make_bench, seating.beer_set], ids=lambda f: f.__name__
)
def test_guests_sit_on_seats(make: Callable[..., seating.Furnished]) -> None:
    full, empty = make(palette(), rng(1), guests=1.0), make(palette(), rng(1), guests=0.0)
    assert not empty.things and 2 <= len(full.things) <= 6
    for guest in full.things:
        assert set(guest.class_id.tolist()) == {CITYSCAPES.id("person")}
        low, high = guest.bounds()
        assert -0.05 < low[1] < 0.06 and 1.0 < high[1] < 1.58
    assert set(full.still.class_id.tolist()) == {CITYSCAPES.id("static")}
    assert len(empty.mesh()) < 400


@pytest.mark.parametrize("kind", small_posts.NEAR_POSTS)
def test_near_posts(kind: str) -> None:
    mesh = small_posts.near_post(palette(), rng(4), kind)
    low, high = mesh.bounds()
    assert -0.25 < low[1] < 0.05 and 0.6 < high[1] < 10
    assert len(mesh) < 260
    known = {CITYSCAPES.id(c) for c in ("pole", "static", "traffic sign")}
    assert set(mesh.class_id.tolist()) <= known


def test_a_chain_hangs_between_its_posts() -> None:
    builder = MeshBuilder()
    steel = palette()("metal", "fence", 0.4)
    small_posts.chain_between(builder, steel, np.array([0, 0.8, 0.0]), np.array([2, 0.8, 0.0]))
    low, high = builder.build().bounds()
    assert 0.6 < low[1] < 0.7 and high[1] == pytest.approx(0.8, abs=0.03)
