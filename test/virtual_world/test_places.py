"""Every kind of place, by the listing of its folder: repeatable, labelled, sound, passable."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.cameras import CameraKind, open_camera
from depth_seg_ros.virtual_world.course import draw_legs
from depth_seg_ros.virtual_world.data.dataset import scene_seed
from depth_seg_ros.virtual_world.data.drive import Drive
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.scene import Scene, build_scene
from depth_seg_ros.virtual_world.traffic.simulation import EGO_FRONT_M

USUAL = {
    "carpark": {"road", "parking", "car"},
    "campus": {"sidewalk", "building", "bicycle"},
    "construction": {"road", "static", "truck"},
    "industrial": {"road", "ground", "building"},
    "courtyard": {"sidewalk", "building", "person"},
    "field": {"terrain", "vegetation"},
    "forest": {"road", "vegetation", "terrain"},
    "harbour": {"road", "ground", "static"},
    "mountain": {"road", "terrain", "guard rail"},
    "park": {"vegetation", "terrain", "person"},
    "petrol": {"road", "ground", "building"},
    "plaza": {"sidewalk", "building", "person"},
    "trail": {"terrain", "vegetation"},
    "tunnel": {"road", "tunnel"},
    "village": {"road", "building", "wall"},
    "tram": {"road", "building", "pole"},
    "rail": {"road", "rail track"},
    "residential": {"road", "sidewalk", "building", "vegetation", "car"},
    "oldtown": {"road", "sidewalk", "building", "person"},
    "pedestrian": {"sidewalk", "building", "person"},
}
"""Classes that every scene of a place has."""


@pytest.fixture(scope="module", params=places.names())
def scene(request: pytest.FixtureRequest) -> Scene:
    return build_scene(3, {request.param: 1.0})


def meshes_of(scene: Scene) -> list[Mesh]:
    return [scene.static, *(mesh for actor in scene.actors for mesh in actor.meshes)]


def test_classes_are_there(scene: Scene) -> None:
    ids = np.unique(np.concatenate([mesh.class_id for mesh in meshes_of(scene)]))
    names = {CITYSCAPES.name(int(i)) for i in ids}
    assert USUAL.get(scene.places[0], {"road", "car"}) <= names
    assert not names & {"unlabeled", "ego vehicle"}


def test_meshes_are_sound(scene: Scene) -> None:
    for mesh in meshes_of(scene):
        assert np.isfinite(mesh.position).all() and np.isfinite(mesh.uv).all()
        np.testing.assert_allclose(np.linalg.norm(mesh.normal, axis=-1), 1, atol=0.06)
        assert mesh.layer.min() >= 0 and mesh.layer.max() < len(scene.textures)
    assert 10_000 < len(scene.static) < 500_000


def test_nothing_stands_in_the_way(scene: Scene) -> None:
    """No solid comes into the corridor that the camera's carrier drives through."""
    axis, ego = scene.axis, scene.traffic.ego_s
    low, high = float(ego[0]), float(ego[-1]) + EGO_FRONT_M
    center = scene.traffic.ego_lane.center_m
    mesh = scene.static
    middle = mesh.position.mean(1)
    path = axis.at(np.arange(low, high, 2.0), center)
    box = (middle[:, [0, 2]] > path[:, [0, 2]].min(0) - 3).all(1)
    box &= (middle[:, [0, 2]] < path[:, [0, 2]].max(0) + 3).all(1)
    p = mesh.position[box]
    s, lateral = axis.project(p[..., 0], p[..., 2])
    up = p[..., 1] - axis.height_at(s)
    inside = (np.abs(lateral - center) < 0.85) & (s > low) & (s < high) & (up > 0.35) & (up < 1.9)
    assert not inside.any(), np.unique(mesh.class_id[box][inside.any(1)])


def test_draws_repeat(scene: Scene) -> None:
    name = scene.places[0]
    for seed in (3, 4):
        assert draw_legs(seed, {name: 1.0}) == draw_legs(seed, {name: 1.0})
    again = build_scene(3, {name: 1.0})
    assert (again.static.position == scene.static.position).all()
    assert (again.static.class_id == scene.static.class_id).all()


def test_the_camera_moves(scene: Scene) -> None:
    times = np.linspace(0, scene.duration_s, 12)
    points = np.array([scene.camera_path(float(t))[0] for t in times])
    assert np.isfinite(points).all() and 1.0 < scene.duration_s <= 60.0
    if not scene.course.parameters.traffic.queue:
        assert np.linalg.norm(points[-1] - points[0]) > 20
    assert {scene.place_at(float(t)) for t in times} == set(scene.places)


@pytest.mark.parametrize(
    ("place", "seed", "camera"),
    [
        ("mountain", scene_seed(77, 11), open_camera("car").scaled(0.4)),
        ("trail", scene_seed(0, 1), open_camera("car").scaled(0.4)),
    ],
)
def test_no_sky_is_seen_through_the_ground(place: str, seed: int, camera: CameraKind) -> None:
    """Between the pieces of road and land that meet in bends, too."""
    ground = [CITYSCAPES.id(n) for n in ("ground", "road", "sidewalk", "parking", "terrain")]
    with Drive(seed, camera, places=place) as drive:
        for share in (0.0, 0.3, 0.45, 0.6):
            view = drive.look(drive.duration_s * share)
            sky, soil = np.isinf(view.depth_m), np.isin(view.class_id, ground)
            above, below = soil[:-2, 1:-1], soil[2:, 1:-1]
            assert not (sky[1:-1, 1:-1] & above & below).any()
