"""Depth and ids against geometry, their independence of light and threads, and sane pictures."""

from dataclasses import replace

import numpy as np
import pytest
import tiny_virtual_world as tiny

from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh, yaw_rotation
from depth_seg_ros.virtual_world.light.environment import VARIATIONS, variation_environment
from depth_seg_ros.virtual_world.render import renderer as renderer_module
from depth_seg_ros.virtual_world.render.renderer import (
    FAR_M,
    CameraPose,
    Placement,
    Renderer,
    light_of,
)

POSE = CameraPose.looking((0.0, 1.6, 0.0), 0.0, -0.05, 0.02)
CLEAR = variation_environment("clone", 1)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(tiny.world(), tiny.textures(), tiny.CAMERA, [tiny.car()])


def plane_depth(camera: Intrinsics, pose: CameraPose) -> np.ndarray:
    """z at which the ray of every pixel centre meets y = 0 (+Inf above the horizon)."""
    x, y = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    ray = np.stack([(x - camera.cx) / camera.fx, (camera.cy - y) / camera.fy, np.ones(x.shape)], -1)
    drop = ray @ pose.rotation[1]  # world y of the ray for one metre of depth
    with np.errstate(divide="ignore"):
        return np.where(drop < 0, -pose.position[1] / drop, np.inf)


@pytest.mark.parametrize("pitch", [0.0, -0.35, 0.2])
@pytest.mark.parametrize("roll", [0.0, 0.3])
def test_depth_of_a_plane_is_exact_at_pixel_centres(pitch: float, roll: float) -> None:
    camera = Intrinsics(310, 94, 181.0, 181.0, 154.7, 46.6)
    pose = CameraPose.looking((3.0, 1.65, -2.0), 0.7, pitch, roll)
    seen = Renderer(tiny.ground(3000.0), tiny.textures(), camera).look(None, pose).depth_m
    wanted = plane_depth(camera, pose)
    near = wanted < 100
    assert near.sum() > 2000
    assert np.abs(seen[near] - wanted[near]).max() < 1e-4


def test_depth_is_clipped_before_the_sky() -> None:
    seen = Renderer(tiny.ground(9000.0), tiny.textures(), tiny.CAMERA).look(
        None, CameraPose.looking((0, 10.0, 0), 0.0)
    )
    finite = seen.depth_m[np.isfinite(seen.depth_m)]
    assert finite.max() == np.float32(FAR_M)
    assert np.array_equal(np.isinf(seen.depth_m), seen.class_id == tiny.SKY)
    assert np.isinf(seen.depth_m[0]).all()


def test_ids_and_depth_of_boxes(renderer: Renderer) -> None:
    placed = Placement(0, yaw_rotation(0.0), np.array([0.5, 0.0, 8.0]))
    seen = renderer.look([placed], CameraPose.looking((0.0, 1.0, 0.0), 0.0))
    x, y = round(0.5 / 5.9 * 80 + 47.5), 33
    assert seen.class_id[y, x] == tiny.CAR
    assert seen.instance_id[y, x] == 5
    assert seen.depth_m[y, x] == pytest.approx(8.0 - 2.1, abs=1e-5)
    house = seen.class_id == tiny.BUILDING
    assert house.any()
    assert (seen.instance_id[house] == 0).all()
    assert seen.depth_m[house].min() == pytest.approx(15.0, abs=1e-4)


def test_a_thing_that_is_not_placed_is_not_there(renderer: Renderer) -> None:
    assert tiny.CAR not in renderer.look(None, POSE).class_id


def test_turned_and_moved_things_are_where_they_are_put(renderer: Renderer) -> None:
    """A placed mesh and the same mesh moved into the static world look the same."""
    turn, place = yaw_rotation(0.6), np.array([1.0, 0.2, 9.0])
    moved = tiny.car().transformed(turn, place)
    fixed = Renderer(Mesh.concatenate([tiny.world(), moved]), tiny.textures(), tiny.CAMERA)
    a, b = renderer.look([Placement(0, turn, place)], POSE), fixed.look(None, POSE)
    same = a.class_id == b.class_id
    assert same.mean() > 0.999  # edges may fall a rounding error aside
    assert np.allclose(a.depth_m[same], b.depth_m[same], rtol=1e-5)


def test_alpha_holes_show_what_is_behind(renderer: Renderer) -> None:
    seen = renderer.look(None, CameraPose.looking((3.5, 1.6, 0.0), 0.0))
    leaf = seen.class_id == tiny.VEGETATION
    square = (2 * 80 / 9.0) ** 2
    assert leaf[31:33, 47:49].all()
    assert leaf.sum() / square == pytest.approx(np.pi * 0.4**2, abs=0.08)
    assert np.allclose(seen.depth_m[leaf], 9.0, atol=1e-5)


def test_neighbouring_triangles_leave_no_gaps() -> None:
    """A wall of many slivers, seen askew, hides all of the sky behind it."""
    rng = np.random.default_rng(0)
    n = 25
    grid = np.stack(np.meshgrid(np.linspace(-9, 9, n), np.linspace(-6, 9, n)), -1)
    grid[1:-1, 1:-1] += rng.uniform(-0.2, 0.2, (n - 2, n - 2, 2))
    points = np.concatenate([grid, np.full((n, n, 1), 5.0)], -1)
    builder = MeshBuilder()
    builder.grid(points, Material(0, tiny.BUILDING), normals=np.array([0, 0, -1.0]))
    seen = Renderer(builder.build(), tiny.textures(), tiny.CAMERA).look(
        None, CameraPose.looking((0.1, 1.0, 0.0), 0.05, 0.03, 0.1)
    )
    assert (seen.class_id == tiny.BUILDING).all()


def test_walls_through_the_near_plane_are_clipped() -> None:
    wall = tiny.box((0.6, 1.0, 0.0), (0.2, 4.0, 40.0))
    seen = Renderer(wall, tiny.textures(), tiny.CAMERA).look(
        None, CameraPose.looking((0.0, 1.0, 0.0), 0.0)
    )
    x = np.arange(tiny.CAMERA.width)
    wanted = 0.5 / ((x - tiny.CAMERA.cx) / tiny.CAMERA.fx)  # the wall's face at x = 0.5
    hit = (x > tiny.CAMERA.cx) & (wanted < 19.9)
    assert np.allclose(seen.depth_m[32, hit], wanted[hit], rtol=1e-6)


def test_light_and_weather_leave_the_truth_alone(renderer: Renderer) -> None:
    placed = [Placement(0, yaw_rotation(0.3), np.array([0.0, 0.0, 12.0]))]
    frames = [renderer.render(placed, POSE, variation_environment(v, 4)) for v in VARIATIONS[:6]]
    for frame in frames[1:]:
        assert np.array_equal(frame.depth_m, frames[0].depth_m)
        assert np.array_equal(frame.class_id, frames[0].class_id)
        assert np.array_equal(frame.instance_id, frames[0].instance_id)
        assert not np.array_equal(frame.rgb, frames[0].rgb)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    placed = [Placement(0, yaw_rotation(0.3), np.array([0.0, 0.0, 12.0]))]
    frames = []
    for threads in (1, 3):
        renderer = Renderer(
            tiny.world(), tiny.textures(), tiny.CAMERA, [tiny.car()], threads=threads
        )
        frames.append(renderer.render(placed, POSE, CLEAR, seed=9))
        renderer.close()
    for name in ("depth_m", "class_id", "instance_id", "rgb"):
        assert np.array_equal(getattr(frames[0], name), getattr(frames[1], name)), name


def test_moving_things_throw_shadows(renderer: Renderer) -> None:
    pose = CameraPose.looking((0.0, 12.0, -2.0), 0.0, -0.8)
    placed = [Placement(0, yaw_rotation(0.0), np.array([0.0, 0.0, 8.0]))]
    empty = renderer.radiance(renderer.look(None, pose), CLEAR)
    view = renderer.look(placed, pose)
    with_car = renderer.radiance(view, CLEAR)
    ground = view.class_id == tiny.ROAD
    assert (with_car[ground].sum(-1) < 0.6 * empty[ground].sum(-1)).sum() > 20


def test_radiance_is_finite_and_not_negative(renderer: Renderer) -> None:
    for name in ("clone", "sunset", "rain"):
        light = renderer.radiance(renderer.look(None, POSE), variation_environment(name, 2))
        assert np.isfinite(light).all()
        assert light.min() >= 0


def test_fog_hides_what_is_far_more_than_what_is_near(renderer: Renderer) -> None:
    view = renderer.look(None, POSE)
    clear = replace(variation_environment("overcast", 1), haze_m=1e5)
    fog = replace(clear, haze_m=20.0)
    before, after = renderer.radiance(view, clear), renderer.radiance(view, fog)
    road, haze = view.class_id == tiny.ROAD, light_of(fog).haze_color
    hidden = []
    for near, far in ((0, 5), (8, 12), (30, 70)):
        band = road & (view.depth_m >= near) & (view.depth_m < far)
        gap, left = (np.abs(light[band].mean(0) - haze).mean() for light in (before, after))
        hidden.append(1 - left / gap)
    assert hidden[0] < 0.3
    assert 0.3 < hidden[1] < 0.5  # 1 - exp(-10 / 20)
    assert hidden[2] > 0.75


def test_a_wet_road_is_darker_and_the_walls_stay_dry(renderer: Renderer) -> None:
    view = renderer.look(None, CameraPose.looking((-6.0, 3.0, 9.0), 0.0, -0.4))
    dry = replace(variation_environment("overcast", 1), wetness=0.0)
    before = renderer.radiance(view, dry)
    after = renderer.radiance(view, replace(dry, wetness=1.0))
    road, wall = view.class_id == tiny.ROAD, view.class_id == tiny.BUILDING
    assert after[road].mean() < 0.9 * before[road].mean()
    same = (after == before).all(-1)
    assert wall.sum() > 2000
    assert same[wall].mean() > 0.95  # all but the smoothed edge towards the road
    assert same[road].mean() < 0.05


def test_corners_are_darker_than_open_ground(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = renderer.look(None, CameraPose.looking((-6.0, 3.0, 9.0), 0.0, -0.4))
    light = variation_environment("overcast", 1)
    shaded = renderer.radiance(view, light)
    open_sky = np.ones((tiny.CAMERA.height // 2, tiny.CAMERA.width // 2), np.float32)
    monkeypatch.setattr(renderer_module, "contact_occlusion", lambda *_: open_sky)
    left = (shaded / renderer.radiance(view, light)).mean(-1)
    assert left.max() < 1.0 + 1e-5
    wall_m = 15.0 - 9.0  # of the house's front from the camera
    road = view.class_id == tiny.ROAD
    along = 3.0 / np.tan(0.4 + np.arctan((np.arange(64) - tiny.CAMERA.cy) / tiny.CAMERA.fy))
    foot = road[:, 48] & (along > wall_m - 0.5)
    away = road[:, 48] & (along < wall_m - 1.2)
    assert foot.any() and away.any()
    assert left[foot, 48].mean() < 0.9
    assert left[away, 48].min() > 0.99


def test_edges_are_smoothed_in_colour_only(renderer: Renderer) -> None:
    """Along the house's edge colours between wall and sky appear; ids stay pure."""
    pose = CameraPose.looking((0.0, 1.6, 0.0), -0.3, 0.35, 0.25)
    view = renderer.look(None, pose)
    assert set(np.unique(view.class_id)) <= {tiny.ROAD, tiny.BUILDING, tiny.VEGETATION, tiny.SKY}
    light = renderer.radiance(view, variation_environment("overcast", 2)).mean(-1)
    sky, wall = view.class_id == tiny.SKY, view.class_id == tiny.BUILDING
    edge = wall[:, 1:] & sky[:, :-1] | wall[:, :-1] & sky[:, 1:]
    assert edge.any()
    between = (light > np.median(light[wall]) * 1.15) & (light < np.median(light[sky]) * 0.85)
    assert between.sum() > edge.sum() // 3


@pytest.mark.parametrize("graze_deg", [4.0, 8.0, 20.0])
def test_a_grazing_sun_lights_a_wall_evenly(graze_deg: float) -> None:
    """No steps of the shadow map on a wall that the sun hardly faces, still or moving."""
    wall = MeshBuilder()
    wall.box((6.5, 4.0, 30.0), (1.0, 8.0, 60.0), Material(0, 11))
    sun = replace(
        CLEAR, sun_azimuth=np.pi + np.radians(graze_deg), sun_elevation=0.7, cloud_cover=0.0
    )
    for moving in (False, True):
        bodies = [wall.build()] if moving else []
        still = tiny.ground(300.0)
        if not moving:
            still = Mesh.concatenate([still, wall.build()])
        renderer = Renderer(still, tiny.textures(), tiny.CAMERA, bodies)
        placed = [Placement(0, np.eye(3), np.zeros(3))] if moving else []
        view = renderer.look(placed, CameraPose.looking((0.0, 1.6, 0.0), 0.45))
        seen = (view.class_id == 11) & (view.depth_m < 30)
        light = renderer.radiance(view, sun)[seen]
        with pytest.MonkeyPatch.context() as patch:
            for name in ("_still_shadow", "_moving_shadow"):
                patch.setattr(renderer, name, lambda *_: renderer_module._NO_SHADOW)
            unshadowed = renderer.radiance(view, sun)[seen]
        assert (light > 0.97 * unshadowed).all(-1).mean() > 0.98
