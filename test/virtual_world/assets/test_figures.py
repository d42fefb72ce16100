"""People with what they carry, riders and their machines, bicycle stands."""

import itertools

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.bicycle_stand import make_bicycle_stand
from depth_seg_ros.virtual_world.assets.figures import (
    FIGURES,
    WALKING,
    draw_walking,
    make_figure,
    make_group,
)
from depth_seg_ros.virtual_world.assets.kick_scooter import make_kick_scooter
from depth_seg_ros.virtual_world.assets.motorcycle import MOTORCYCLES, make_motorcycle

from .things import Expected, check, palette, rng, same

WHEELED = ("pram", "suitcase", "dog", "wheelchair")


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("seed", range(3))
def test_figures_are_of_human_size(kind: str, seed: int) -> None:
    mesh = make_figure(palette(), rng(seed), kind, 0.3 if kind in WALKING else None)
    classes = ("person", "dynamic") if kind in WHEELED else ("person",)
    check(mesh, Expected((0.3, 0.95, 0.2), (1.4, 2.45, 2.4), classes, 2000))
    person = mesh.select(mesh.class_id == CITYSCAPES.id("person"))
    assert person.bounds()[0][1] > -0.06


@pytest.mark.parametrize("kind", ["pram", "dog", "plain"])
def test_a_figure_stays_the_same_person_at_every_phase(kind: str) -> None:
    one, two, other = (
        make_figure(palette(), rng(s), kind, p) for s, p in ((1, 0.1), (1, 0.4), (2, 0.1))
    )
    assert np.array_equal(one.tint, two.tint) and not np.array_equal(one.position, two.position)
    assert not same(one, other)


def test_nobody_looks_like_the_next() -> None:
    people = [make_figure(palette(), rng(seed), "plain") for seed in range(24)]
    layers = palette().layers
    worn = {
        name for name in ("stripes", "checks") for p in people if (p.layer == layers[name]).any()
    }
    assert worn == {"stripes", "checks"}
    assert len({len(p) for p in people}) > 5  # coats, shorts, hair, bags
    arms = {round(float(p.bounds()[1][2]), 2) for p in people}
    assert len(arms) > 5


def test_children_and_joggers() -> None:
    child = make_figure(palette(), rng(2), "child", 0.1).bounds()[1][1]
    grown = make_figure(palette(), rng(2), "jogger", 0.1).bounds()[1][1]
    assert child < 1.5 < grown


def test_sitting_people_are_lower_and_their_feet_are_on_the_ground() -> None:
    for seed in range(8):
        mesh = make_figure(palette(), rng(seed), "sitting")
        low, high = mesh.bounds()
        assert high[1] < 1.5 and -0.05 < low[1] < 0.06


def test_in_the_rain_most_carry_umbrellas() -> None:
    generator = np.random.default_rng(0)
    dry = [draw_walking(generator) for _ in range(200)]
    wet = [draw_walking(generator, raining=True) for _ in range(200)]
    assert set(dry) == set(WALKING)
    assert wet.count("umbrella") > 90 > dry.count("umbrella")


@pytest.mark.parametrize("count", [2, 4, 6])
def test_a_group_stands_in_a_circle_and_nobody_in_anybody(count: int) -> None:
    group = make_group(palette(), rng(count), count)
    assert len(group) == count
    middles = np.array([m.position.reshape(-1, 3).mean(0)[[0, 2]] for m in group])
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(middles, 2)]
    assert min(apart) > 0.4 and max(apart) < 4


def test_an_unknown_figure_is_an_error() -> None:
    with pytest.raises(VirtualWorldError, match=r"juggler.*pram"):
        make_figure(palette(), rng(0), "juggler")


@pytest.mark.parametrize("kind", MOTORCYCLES)
@pytest.mark.parametrize("rider", [False, True])
def test_motorcycles(kind: str, rider: bool) -> None:
    mesh = make_motorcycle(palette(), rng(3), kind, rider=rider)
    classes = ("motorcycle", "rider") if rider else ("motorcycle",)
    check(mesh, Expected((0.5, 1.0, 1.5), (1.2, 2.0, 2.5), classes, 2600))
    assert same(mesh, make_motorcycle(palette(), rng(3), kind, rider=rider))


def test_an_unknown_motorcycle_is_an_error() -> None:
    with pytest.raises(VirtualWorldError, match=r"sidecar.*tourer"):
        make_motorcycle(palette(), rng(0), "sidecar")


def test_kick_scooters() -> None:
    ridden = make_kick_scooter(palette(), rng(1), rider=True)
    check(ridden, Expected((0.35, 1.5, 0.9), (0.8, 2.2, 1.4), ("motorcycle", "rider"), 1400))
    fallen = make_kick_scooter(palette(), rng(1), fallen=True)
    check(fallen, Expected((0.9, 0.3, 0.9), (1.3, 0.6, 1.3), ("motorcycle",), 300))
    assert fallen.bounds()[0][1] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("roof", [False, True])
def test_bicycle_stands_count_their_bicycles(roof: bool) -> None:
    stand = make_bicycle_stand(palette(), rng(2), 10, full=1.0, roof=roof)
    assert len(stand.things) == 10
    numbers = iter(range(1, 99))
    mesh = stand.mesh(lambda: next(numbers))
    check(mesh, Expected((5, 1.0, 1.7), (7.5, 2.7, 2.7), ("static", "bicycle"), 9000))
    assert set(mesh.instance_id.tolist()) == set(range(11))
    assert set(mesh.class_id[mesh.instance_id > 0].tolist()) == {33}
    moved = stand.transformed(np.eye(3), (5, 0, 0)).mesh()
    assert np.allclose(moved.position, stand.mesh().position + np.float32([5, 0, 0]), atol=1e-5)
