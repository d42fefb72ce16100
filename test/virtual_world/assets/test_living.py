"""People, cyclists and plants: sizes, phases, determinism, every texture they name."""

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets import (
    TREES,
    asset_textures,
    make_bicycle,
    make_bush,
    make_cyclist,
    make_grass,
    make_hedge,
    make_person,
    make_tree,
)
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface

LAYERS = {name: k for k, name in enumerate(asset_textures(0, 16))}


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def outward_share(mesh: Mesh) -> float:
    return float(((mesh.face_normals()[:, None] * mesh.normal).sum(-1).max(1) > 0).mean())


@pytest.mark.parametrize("phase", [None, 0.0, 0.3, 0.7])
def test_people_stand_on_the_ground_at_human_height(phase: float | None) -> None:
    for seed in range(8):
        mesh = make_person(rng(seed), phase, LAYERS)
        low, high = mesh.bounds()
        assert abs(low[1]) < 1e-3
        assert 1.0 < high[1] < 2.1
        assert set(mesh.class_id.tolist()) == {24}
        assert outward_share(mesh) == 1.0


def test_a_stride_moves_the_legs_of_the_same_person() -> None:
    a, b = (make_person(rng(3), phase, LAYERS) for phase in (0.0, 0.25))
    assert np.array_equal(a.tint, b.tint) and np.array_equal(a.layer, b.layer)
    feet = [m.position[m.position[..., 1].max(1) < 0.15].reshape(-1, 3)[:, 2] for m in (a, b)]
    assert np.ptp(feet[1]) > np.ptp(feet[0]) + 0.2  # widest a quarter into the cycle


def test_children_are_smaller() -> None:
    child = make_person(rng(1), None, LAYERS, child=True).bounds()[1][1]
    assert child < make_person(rng(1), None, LAYERS, child=False).bounds()[1][1] - 0.1


def test_cyclist_is_rider_and_bicycle() -> None:
    mesh = make_cyclist(rng(2), 0.4, LAYERS)
    assert set(mesh.class_id.tolist()) == {25, 33}
    low, high = mesh.bounds()
    assert abs(low[1]) < 1e-3 and 1.5 < high[1] < 2.1
    assert 1.4 < high[2] - low[2] < 2.0
    parked = make_bicycle(rng(2), LAYERS)
    assert set(parked.class_id.tolist()) == {33}


def test_a_riders_feet_are_on_the_pedals() -> None:
    for phase in (0.0, 0.25, 0.6):
        mesh = make_cyclist(rng(4), phase, LAYERS)
        shoes = mesh.position[(mesh.class_id == 25)].reshape(-1, 3)
        lowest = shoes[:, 1].min()
        assert 0.05 < lowest < 0.32


@pytest.mark.parametrize("kind", TREES)
def test_trees(kind: str) -> None:
    near, far = (make_tree(rng(5), kind, LAYERS, detail=d) for d in ("near", "far"))
    low, high = near.bounds()
    assert TREES[kind].height[0] * 0.8 < high[1] < TREES[kind].height[1] * 1.15
    assert low[1] > -1.0
    assert 150 < len(near) < 460 and len(far) < 0.3 * len(near)
    leaves = (near.flags & Surface.ALPHA_TEST) > 0
    assert leaves.any() and (near.flags[leaves] & Surface.DOUBLE_SIDED).all()
    assert set(near.class_id.tolist()) == {21}


def test_tree_any_draws_several_kinds_and_repeats() -> None:
    counts = {len(make_tree(rng(seed), "any", LAYERS)) for seed in range(20)}
    assert len(counts) > 3
    one, two = (make_tree(rng(9), "any", LAYERS) for _ in range(2))
    assert np.array_equal(one.position, two.position)


def test_unknown_tree() -> None:
    with pytest.raises(VirtualWorldError, match="birch"):
        make_tree(rng(0), "baobab", LAYERS)


def test_undergrowth() -> None:
    hedge = make_hedge(rng(1), 6.0, LAYERS, height=1.3)
    low, high = hedge.bounds()
    assert 5.9 < high[2] - low[2] < 6.9 and 1.2 < high[1] < 1.9
    solid = hedge.select(hedge.layer == LAYERS["hedge"])
    outward = (solid.face_normals() * (solid.position.mean(1) - [0, 0.65, 0])).sum(-1)
    assert (outward > 0).mean() > 0.97
    bush = make_bush(rng(1), LAYERS, height=1.0)
    assert 0.7 < bush.bounds()[1][1] < 1.6
    grass = make_grass(rng(1), LAYERS, count=5)
    assert len(grass) == 10 and set(grass.class_id.tolist()) == {22}


def test_textures_are_named_sized_and_repeat_for_a_seed() -> None:
    one, two, other = asset_textures(3, 32), asset_textures(3, 32), asset_textures(4, 32)
    assert list(one) == list(two)
    for name, layer in one.items():
        assert layer.shape == (32, 32, 4) and layer.dtype == np.uint8, name
        assert np.array_equal(layer, two[name]), name
    assert any(not np.array_equal(layer, other[name]) for name, layer in one.items())


def test_leaf_cards_have_holes_and_colour_under_them() -> None:
    """Transparent texels keep a leaf's colour, so that filtering makes no dark fringe."""
    for name in ("leaf_broad", "leaf_dense", "leaf_small", "leaf_needle"):
        layer = asset_textures(0, 64)[name]
        open_share = (layer[..., 3] < 128).mean()
        assert 0.2 < open_share < 0.8, name
        assert layer[layer[..., 3] < 10][:, 1].mean() > 35, name
