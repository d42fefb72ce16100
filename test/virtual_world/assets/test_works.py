"""Caravans, trailers, freight, machines, and what stands on construction sites."""

from collections.abc import Callable

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets import caravan, container, machines, roadworks
from depth_seg_ros.virtual_world.assets.trailer import TRAILERS, make_trailer
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh

from .things import Expected, check, palette, rng, same

Make = Callable[[np.random.Generator], Mesh]
PATH = np.stack([np.zeros(9), np.zeros(9), np.linspace(-8, 8, 9)], -1)

THINGS: dict[str, tuple[Make, Expected]] = {
    "caravan": (
        lambda g: caravan.make_caravan(palette(), g),
        Expected((2.0, 2.3, 4.8), (2.6, 2.8, 7.8), ("caravan",), 1000),
    ),
    "motor_home": (
        lambda g: caravan.make_motor_home(palette(), g),
        Expected((2.1, 2.7, 5.8), (2.5, 3.2, 7.4), ("caravan",), 1200),
    ),
    "container": (
        lambda g: container.make_container(palette(), g),
        Expected((2.4, 2.5, 6), (2.8, 2.8, 12.7), ("static",), 200),
    ),
    "stack": (
        lambda g: container.container_stack(palette(), g, 3, 3),
        Expected((7, 2.5, 6), (10, 8.5, 13), ("static",), 1400),
    ),
    "pallet": (
        lambda g: container.make_pallet(palette(), g),
        Expected((0.7, 0.12, 1.1), (1.0, 2.0, 1.4), ("static",), 1200),
    ),
    "skip": (
        lambda g: container.make_skip(palette(), g),
        Expected((1.7, 1.0, 3.1), (2.0, 2.0, 4.4), ("static",), 140),
    ),
    "drum": (
        lambda g: container.make_drum(palette(), g),
        Expected((0.5, 0.8, 0.5), (1.6, 2.4, 2.4), ("static",), 700),
    ),
    "forklift": (
        lambda g: machines.make_forklift(palette(), g),
        Expected((1.0, 2.0, 2.5), (1.3, 2.9, 3.3), ("truck",), 1000),
    ),
    "excavator": (
        lambda g: machines.make_excavator(palette(), g),
        Expected((0.9, 1.6, 1.4), (9, 5.6, 9), ("truck",), 600),
    ),
    "loader": (
        lambda g: machines.make_loader(palette(), g),
        Expected((2.3, 3.0, 5), (2.8, 3.4, 6.6), ("truck",), 1000),
    ),
    "roller": (
        lambda g: machines.make_roller(palette(), g),
        Expected((1.2, 2.5, 3), (1.4, 2.8, 3.5), ("truck",), 300),
    ),
    "cone": (
        lambda g: roadworks.make_cone(palette(), g),
        Expected((0.25, 0.45, 0.25), (0.7, 1.1, 0.7), ("static",), 120),
    ),
    "board": (
        lambda g: roadworks.make_barrier_board(palette(), g),
        Expected((1.1, 1.0, 0.7), (2.6, 1.4, 0.9), ("static",), 90),
    ),
    "beacon": (
        lambda g: roadworks.make_beacon(palette(), g),
        Expected((0.3, 0.9, 0.7), (0.5, 1.5, 0.9), ("static", "traffic sign"), 60),
    ),
    "pile": (
        lambda g: roadworks.pile(palette(), g, 2.0, "gravel"),
        Expected((3, 0.7, 3), (5, 1.5, 5), ("terrain",), 140),
    ),
    "scaffold": (
        lambda g: roadworks.make_scaffold(palette(), g, 8.0, 3),
        Expected((0.8, 6.5, 7.9), (1.3, 7.5, 8.3), ("building",), 300),
    ),
    "toilet": (
        lambda g: roadworks.make_toilet(palette(), g),
        Expected((1.0, 2.1, 1.0), (1.2, 2.4, 1.2), ("static",), 40),
    ),
    **{
        f"trailer {kind}": (
            lambda g, kind=kind: make_trailer(palette(), g, kind),
            Expected((1.3, 0.8, 2.8), (2.7, 4.1, 14.2), ("trailer",), 1500),
        )
        for kind in TRAILERS
    },
}


@pytest.mark.parametrize("name", THINGS)
def test_size_classes_triangles_and_repeatable(name: str) -> None:
    make, expected = THINGS[name]
    for seed in range(6):
        check(make(rng(seed)), expected, inward=0.02)
    assert same(make(rng(3)), make(rng(3)))
    drawn = [make(rng(seed)) for seed in range(5)]
    assert not all(same(drawn[0], other) for other in drawn[1:])


def test_an_unknown_trailer_is_an_error() -> None:
    with pytest.raises(VirtualWorldError, match=r"sledge.*boat"):
        make_trailer(palette(), rng(0), "sledge")


@pytest.mark.parametrize("plastic", [False, True])
def test_barriers_stand_in_a_row(plastic: bool) -> None:
    builder = MeshBuilder()
    roadworks.barrier_run(builder, palette(), PATH, plastic=plastic)
    mesh = builder.build()
    label = "static" if plastic else "wall"
    check(mesh, Expected((0.2, 0.8, 15), (0.6, 1.0, 17), (label,), 800))


def test_site_fences() -> None:
    builder = MeshBuilder()
    roadworks.site_fence(builder, palette(), rng(1), PATH)
    check(builder.build(), Expected((0.5, 1.9, 14), (0.9, 2.2, 17), ("fence", "static"), 400))


@pytest.mark.parametrize("side", [-1, 1])
def test_a_trench_has_its_earth_on_one_side(side: int) -> None:
    builder = MeshBuilder()
    roadworks.trench(builder, palette(), PATH, 1.0, 1.2, side)
    mesh = builder.build()
    terrain = mesh.select(mesh.class_id == CITYSCAPES.id("terrain")).position.reshape(-1, 3)
    high = terrain[terrain[:, 1] > 0.4]
    assert len(high) and (side * high[:, 0] > 0.4).all()
    assert 0.6 < terrain[:, 1].max() < 1.3
