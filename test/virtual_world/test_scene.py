"""Whole scenes: repeatable, labelled, within budget, and clear of the camera's way."""

import numpy as np
import pytest
from courses import STREETS

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.scene import Scene, build_scene

ALWAYS = ("road", "vegetation", "terrain", "pole", "car")
USUAL = {
    "city": ("building", "sidewalk", "person", "traffic sign"),
    "suburb": ("building", "sidewalk"),
    "country": (),
    "highway": ("guard rail",),
}


@pytest.fixture(scope="module", params=STREETS)
def scene(request: pytest.FixtureRequest) -> Scene:
    return build_scene(1, {request.param: 1.0})


def meshes_of(scene: Scene) -> list[Mesh]:
    return [scene.static, *(mesh for actor in scene.actors for mesh in actor.meshes)]


def names_of(scene: Scene) -> set[str]:
    ids = np.unique(np.concatenate([mesh.class_id for mesh in meshes_of(scene)]))
    return {CITYSCAPES.name(int(i)) for i in ids}


def test_classes_are_there(scene: Scene) -> None:
    assert set(ALWAYS + USUAL[scene.places[0]]) <= names_of(scene)
    assert "unlabeled" not in names_of(scene)


def test_rarer_classes_occur_within_a_few_seeds() -> None:
    missing = {"wall", "fence", "rider", "bicycle", "truck", "bus", "traffic light"}
    for seed in range(1, 9):
        missing -= names_of(build_scene(seed, {"city": 1.0}))
        if not missing:
            break
    assert not missing


def test_arrays_are_sound(scene: Scene) -> None:
    flags = sum(int(flag) for flag in Surface)
    for mesh in meshes_of(scene):
        assert len(mesh) and np.isfinite(mesh.position).all() and np.isfinite(mesh.uv).all()
        np.testing.assert_allclose(np.linalg.norm(mesh.normal, axis=-1), 1, atol=0.06)
        assert mesh.layer.min() >= 0 and mesh.layer.max() < len(scene.textures)
        assert (mesh.flags & ~flags == 0).all()
        assert (mesh.tint >= 0).all()


def test_triangle_budget(scene: Scene) -> None:
    assert 20_000 < len(scene.static) < 230_000
    assert sum(len(actor.mesh) for actor in scene.actors) < 220_000


def test_instances_are_of_one_thing(scene: Scene) -> None:
    numbers = [actor.instance_id for actor in scene.actors if actor.instance_id]
    parked = set(np.unique(scene.static.instance_id)) - {0}
    assert len(numbers) == len(set(numbers)) and not parked & set(numbers)
    for actor in scene.actors:
        assert all((mesh.instance_id == actor.instance_id).all() for mesh in actor.meshes)


def test_nothing_stands_in_the_camera_s_way(scene: Scene) -> None:
    weights = np.array(
        [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [0.5, 0.5, 0],
            [0, 0.5, 0.5],
            [0.5, 0, 0.5],
            [1 / 3, 1 / 3, 1 / 3],
        ]
    )
    points = np.einsum("kc,tcd->tkd", weights, scene.static.position.astype(np.float64))
    s, lateral = scene.axis.project(points[..., 0], points[..., 2])
    up = points[..., 1] - scene.axis.height_at(s)
    ego = scene.traffic.ego_s
    inside = (
        (np.abs(lateral - scene.traffic.ego_lane.center_m) < 1.15)
        & (up > 0.2)
        & (up < 3.2)
        & (s > ego.min() - 2)
        & (s < ego.max() + 2)
    )
    assert not inside.any()


def test_no_actor_touches_the_ego_vehicle(scene: Scene) -> None:
    for t in np.arange(0, scene.duration_s, 0.5):
        here, heading = scene.camera_path(float(t))
        ahead = np.array([np.sin(heading), 0, np.cos(heading)])
        right = np.array([np.cos(heading), 0, -np.sin(heading)])
        for actor in scene.actors:
            turn, place = actor.pose(float(t))
            if np.linalg.norm(place - here) > 25:
                continue
            low, high = actor.mesh.bounds()
            corner = np.array([(x, 0, z) for x in (low[0], high[0]) for z in (low[2], high[2])])
            offset = corner @ turn.T + place - here
            along, across = offset @ ahead, offset @ right
            apart = (
                along.min() > 1.8 or along.max() < -2.6 or across.min() > 0.9 or across.max() < -0.9
            )
            assert apart, (t, CITYSCAPES.name(int(actor.mesh.class_id[0])))


def test_camera_rides_on_the_road(scene: Scene) -> None:
    road = scene.static.select(scene.static.class_id == CITYSCAPES.id("road"))
    center = road.position.mean(1)
    for t in (0.0, scene.duration_s / 2):
        here, _ = scene.camera_path(t)
        near = np.hypot(center[:, 0] - here[0], center[:, 2] - here[2]) < 4
        assert near.any() and np.abs(center[near, 1] - here[1]).max() < 0.5
    assert scene.ego_speed(0.0) >= 0


def test_the_same_seed_gives_the_same_scene() -> None:
    first, second = build_scene(7, {"country": 1.0}), build_scene(7, {"country": 1.0})
    for a, b in zip(meshes_of(first), meshes_of(second), strict=True):
        for name in ("position", "normal", "uv", "layer", "class_id", "instance_id", "tint"):
            assert (getattr(a, name) == getattr(b, name)).all()
    assert (first.textures.pixels == second.textures.pixels).all()
    assert (first.traffic.ego_s == second.traffic.ego_s).all()
