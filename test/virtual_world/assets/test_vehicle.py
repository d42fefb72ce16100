"""Vehicles: real sizes, closed outward surfaces, wheels on the ground, the same for a seed."""

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets import VEHICLE_KINDS, asset_textures, make_vehicle
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface

LAYERS = {name: k for k, name in enumerate(asset_textures(0, 16))}
SIZES_M = {  # kind: (length, height) a person would believe
    "car": ((3.4, 5.0), (1.35, 1.95)),
    "van": ((4.2, 6.3), (1.7, 2.9)),
    "truck": ((6.0, 10.4), (2.4, 4.1)),
    "semi": ((16.0, 16.7), (3.2, 4.1)),
    "bus": ((10.0, 12.6), (2.8, 3.4)),
}


def build(kind: str, seed: int = 1, **options: object) -> Mesh:
    return make_vehicle(np.random.default_rng(seed), kind, LAYERS, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SIZES_M)
@pytest.mark.parametrize("seed", range(6))
def test_real_sizes_standing_on_the_ground(kind: str, seed: int) -> None:
    low, high = build(kind, seed).bounds()
    (short, long), (flat, tall) = SIZES_M[kind]
    assert short < high[2] - low[2] < long
    assert flat < high[1] < tall
    assert abs(low[1]) < 1e-3
    assert abs(low[0] + high[0]) < 0.02
    assert abs(low[2] + high[2]) < 0.45  # origin in the middle of the length


@pytest.mark.parametrize("kind", VEHICLE_KINDS)
@pytest.mark.parametrize("detail", ["near", "far"])
def test_shading_normals_agree_with_the_winding(kind: str, detail: str) -> None:
    mesh = build(kind, 2, detail=detail)
    agreement = (mesh.face_normals()[:, None] * mesh.normal).sum(-1).max(1)
    assert (agreement > 0).mean() > 0.995
    assert np.isfinite(mesh.position).all() and np.isfinite(mesh.normal).all()


@pytest.mark.parametrize("kind", SIZES_M)
def test_closed_from_outside(kind: str) -> None:
    """No ray from the side, the front or the back meets a back face first: nothing is inside out
    and there are no holes to look into."""
    mesh = build(kind, 3)
    low, high = mesh.bounds()
    rng = np.random.default_rng(0)
    for axis in (0, 2):
        across = [k for k in range(3) if k != axis]
        share = rng.uniform(0.12, 0.88, (60, 2))
        points = low[across] + share * (high - low)[across]
        for sign in (1.0, -1.0):
            wrong = [p for p in points if _first_hit_is_back_face(mesh, axis, across, p, sign)]
            assert len(wrong) <= 2, (axis, sign, wrong)


def _first_hit_is_back_face(
    mesh: Mesh, axis: int, across: list[int], point: np.ndarray, sign: float
) -> bool:
    flat = mesh.position[:, :, across] - point
    cross = [
        flat[:, i, 0] * flat[:, (i + 1) % 3, 1] - flat[:, i, 1] * flat[:, (i + 1) % 3, 0]
        for i in range(3)
    ]
    inside = (np.minimum.reduce(cross) > 0) | (np.maximum.reduce(cross) < 0)
    if not inside.any():
        return False
    weights = np.stack([cross[1], cross[2], cross[0]], -1)[inside]
    weights /= weights.sum(-1, keepdims=True)
    reach = sign * (mesh.position[inside][:, :, axis] * weights).sum(-1)
    first = int(reach.argmax())
    return bool(sign * mesh.face_normals()[inside][first, axis] < 0)


def test_same_seed_same_vehicle_and_other_seed_another() -> None:
    one, two, other = build("car", 5), build("car", 5), build("car", 6)
    assert np.array_equal(one.position, two.position) and np.array_equal(one.tint, two.tint)
    assert one.position.shape != other.position.shape or not np.allclose(one.tint, other.tint)


def test_far_has_a_fraction_of_the_triangles_and_the_same_size() -> None:
    for kind in SIZES_M:
        near, far = build(kind, 4), build(kind, 4, detail="far")
        assert len(far) < 0.4 * len(near)
        assert np.abs(near.bounds()[1] - far.bounds()[1])[1:].max() < 0.35


def test_brake_lights_shine() -> None:
    shining = [
        int(((m.flags & Surface.EMISSIVE) > 0).sum())
        for m in (build("car", 7, brake=True), build("car", 7))
    ]
    assert shining[0] > 0 == shining[1]


def test_classes() -> None:
    for kind, class_id in (("car", 26), ("van", 26), ("truck", 27), ("semi", 27), ("bus", 28)):
        assert set(build(kind).class_id.tolist()) == {class_id}


def test_white_black_and_grey_are_commonest() -> None:
    """More than half of the cars have hardly any colour, as on real roads."""
    saturation = []
    for seed in range(200):
        mesh = build("car", seed, detail="far")
        tint = mesh.tint[mesh.layer == LAYERS["car_side"]][0]
        saturation.append((tint.max() - tint.min()) / tint.max())
    assert 0.55 < (np.array(saturation) < 0.35).mean() < 0.95


def test_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(VirtualWorldError, match="hatchback"):
        build("spaceship")
