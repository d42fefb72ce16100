"""Night, dusk, snow, autumn, glare: they change the picture, never the truth."""

import numpy as np
import pytest

from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Surface
from depth_seg_ros.virtual_world.light.camera_model import SHARP, add_glare
from depth_seg_ros.virtual_world.light.environment import (
    MORE,
    RANDOM,
    Environment,
    variation_environment,
)
from depth_seg_ros.virtual_world.light.extremes import EXTREMES
from depth_seg_ros.virtual_world.light.lamps import NO_LAMPS, beams, find_head_lights, find_lamps
from depth_seg_ros.virtual_world.light.sky import paint_light
from depth_seg_ros.virtual_world.render.geometry import pack_geometry, rest_transforms
from depth_seg_ros.virtual_world.render.mipmaps import pack_textures
from depth_seg_ros.virtual_world.render.rain import add_snowfall
from depth_seg_ros.virtual_world.render.renderer import CameraPose, Placement, Rendered, Renderer

CAMERA = Intrinsics(96, 64, 60.0, 60.0, 47.5, 31.5)
POSE = CameraPose.looking((0.0, 1.6, -6.0), 0.0, -0.1)
TEXTURES = pack_textures(np.full((1, 16, 16, 4), 188, np.uint8))
ROAD = Material(0, 7, flags=Surface.ROAD)
LAMP = Material(0, 17, flags=Surface.LAMP)
LEAF = Material(0, 21, (0.3, 1.0, 0.2), Surface.FOLIAGE)


def street(lamp: bool = True) -> MeshBuilder:
    builder = MeshBuilder()
    builder.quads([[(-40, 0, -40), (-40, 0, 80), (40, 0, 80), (40, 0, -40)]], ROAD,
                  normals=[(0, 1, 0)])  # fmt: skip
    builder.box((6, 1.5, 12), (4, 3, 4), Material(0, 11))
    builder.box((-6, 1.5, 12), (4, 3, 4), LEAF)
    if lamp:
        builder.box((-4, 6.0, 8), (0.5, 0.1, 0.5), LAMP)
    return builder


def pictured(environment: Environment, *, own: float | None = None, lamp: bool = True) -> Rendered:
    renderer = Renderer(street(lamp).build(), TEXTURES, CAMERA, head_lights_m=own)
    return renderer.render(None, POSE, environment, SHARP, 3)


@pytest.mark.parametrize("name", MORE)
def test_truth_is_that_of_clone(name: str) -> None:
    clone = pictured(variation_environment("clone", 4))
    other = pictured(variation_environment(name, 4))
    assert np.array_equal(clone.depth_m, other.depth_m)
    assert np.array_equal(clone.class_id, other.class_id)
    assert not np.array_equal(clone.rgb, other.rgb)


@pytest.mark.parametrize("name", MORE)
def test_each_kind_repeats_differs_by_seed_and_paints_a_finite_sky(name: str) -> None:
    drawn = [variation_environment(name, seed) for seed in range(12)]
    assert drawn[5] == variation_environment(name, 5) and len(set(drawn)) == 12
    light = paint_light(drawn[0])
    for values in (light.sky, light.mirror, light.ambient_up, light.haze_color):
        assert np.isfinite(values).all() and values.min() >= 0


def test_what_the_names_promise() -> None:
    def many(name: str) -> list[Environment]:
        return [variation_environment(name, seed) for seed in range(40)]

    assert all(e.lamps == 1 and max(e.zenith) < 0.02 for e in many("night"))
    assert all(0 < e.lamps < 1 for e in many("dusk"))
    assert all(e.snow > 0 for e in many("snow")) and any(e.snowfall > 0 for e in many("snow"))
    assert all(e.sun_elevation < 0.17 and abs(e.sun_azimuth) < 1 for e in many("low-sun"))
    assert all(e.glare > 0 for e in many("low-sun"))
    shade = [paint_light(e).ambient_up.max() / max(e.sun_color) for e in many("deep-shade")[:6]]
    clear = [paint_light(e).ambient_up.max() / max(e.sun_color) for e in many("clone")[:6]]
    assert np.mean(shade) < 0.7 * np.mean(clear)
    assert all(e.autumn > 0 for e in many("autumn"))
    assert min(max(e.zenith) for e in many("blown-sky")) > 0.6


def test_random_draws_all_of_them() -> None:
    drawn = [variation_environment(RANDOM, seed) for seed in range(400)]
    share = {
        "night": np.mean([e.lamps == 1 for e in drawn]),
        "dusk": np.mean([0 < e.lamps < 1 for e in drawn]),
        "snow": np.mean([e.snow > 0 for e in drawn]),
        "autumn": np.mean([e.autumn > 0 for e in drawn]),
        "day": np.mean([e.lamps == 0 and e.snow == 0 for e in drawn]),
    }
    assert 0.02 < share["night"] < 0.12 and 0.01 < share["dusk"] < 0.09
    assert 0.005 < share["snow"] < 0.08 and 0.05 < share["autumn"] < 0.2
    assert share["day"] > 0.8


def test_a_street_lamp_lights_the_ground_below_it() -> None:
    night = EXTREMES["night"](np.random.default_rng(1))
    renderer = Renderer(street().build(), TEXTURES, CAMERA)
    dark = Renderer(street(lamp=False).build(), TEXTURES, CAMERA)
    lit, unlit = (r.radiance(r.look(None, POSE), night).sum(-1) for r in (renderer, dark))
    ground = renderer.look(None, POSE).class_id == 7
    assert lit[ground].max() > 8 * unlit[ground].max()
    assert lit[ground].max() > 4 * np.quantile(lit[ground], 0.2)


def test_head_lights_light_the_road_ahead() -> None:
    night = EXTREMES["night"](np.random.default_rng(1))
    renderers = [Renderer(street(False).build(), TEXTURES, CAMERA, head_lights_m=m)
                 for m in (1.6, None)]  # fmt: skip
    with_lamps, without = (r.radiance(r.look(None, POSE), night) for r in renderers)
    assert with_lamps[40:].mean() > 3 * without[40:].mean()
    assert np.array_equal(with_lamps[:8], without[:8])  # the sky


def test_lamps_are_found_once_each_and_cells_list_the_nearest() -> None:
    builder = MeshBuilder()
    places = np.array([(x, 7.0, z) for x in (-6.0, 6.0) for z in np.arange(0, 200, 25.0)])
    builder.boxes(places, (0.6, 0.1, 0.3), LAMP)
    field = find_lamps(pack_geometry(builder.build()))
    assert len(field.position) == len(places)
    for x, z in ((-6.0, 50.0), (4.0, 110.0)):
        i = int((x - field.corner[0]) / field.cell_m)
        j = int((z - field.corner[1]) / field.cell_m)
        listed = set(field.cell[j, i].tolist()) - {-1}
        away = np.hypot(field.position[:, 0] - x, field.position[:, 2] - z)
        assert int(away.argmin()) in listed
    assert find_lamps(pack_geometry(street(lamp=False).build())) is NO_LAMPS


def test_head_lights_of_others_move_with_them() -> None:
    car = MeshBuilder()
    car.box((0, 0.7, 0), (1.8, 1.2, 4.4), Material(0, 26))
    car.box((0, 0.65, 2.2), (1.4, 0.2, 0.1), Material(0, 26, flags=Surface.LAMP))
    geometry = pack_geometry(street().build(), [car.build()])
    lights = find_head_lights(geometry)
    assert lights.body.tolist() == [1] and lights.front[0, 2] > 2
    transforms = rest_transforms(geometry.bodies)
    assert len(beams(lights, transforms, POSE.position, POSE.rotation, None)) == 0
    transforms.shown[1] = 1
    transforms.matrix[1, :, 3] = (3, 0, 20)
    beam = beams(lights, transforms, POSE.position, POSE.rotation, None)
    assert np.allclose(beam[0, :6], [3, 0.65, 22.25, 0, 0, 1], atol=0.1)
    assert len(beams(lights, transforms, POSE.position, POSE.rotation, 1.6)) == 2


def test_snow_lies_on_what_faces_up_and_not_on_walls() -> None:
    winter = variation_environment("overcast", 2)
    white = Environment(**{**vars(winter), "snow": 1.0})
    bare, snowy = pictured(winter), pictured(white)
    wall = bare.class_id == 11
    assert np.abs(bare.rgb[wall].astype(int) - snowy.rgb[wall]).mean() < 40
    renderer = Renderer(street().build(), TEXTURES, CAMERA)
    view = renderer.look(None, POSE)
    ground = view.class_id == 7
    before, after = (renderer.radiance(view, e)[ground].mean() for e in (winter, white))
    assert after > 1.15 * before


def test_autumn_turns_leaves_and_nothing_that_moves() -> None:
    green = variation_environment("overcast", 2)
    brown = Environment(**{**vars(green), "autumn": 1.0})
    renderer = Renderer(street().build(), TEXTURES, CAMERA)
    view = renderer.look(None, POSE)
    tree, house = view.class_id == 21, view.class_id == 11
    summer, fall = (renderer.radiance(view, e) for e in (green, brown))
    assert summer[tree][:, 0].mean() < summer[tree][:, 1].mean()
    assert fall[tree][:, 0].mean() > fall[tree][:, 1].mean()
    assert np.allclose(summer[house], fall[house], atol=1e-5)
    moving = Renderer(street().build(), TEXTURES, CAMERA, [street().build()])
    seen = moving.look([Placement(0, np.eye(3), np.array([0, 0.2, 0]))], POSE)
    body = seen.class_id == 21
    a, b = (moving.radiance(seen, e)[body] for e in (green, brown))
    assert np.allclose(a, b, atol=1e-5)


def test_glare_and_flakes_only_add_light() -> None:
    light = np.full((60, 90, 3), 0.2, np.float32)
    light[8:12, 38:42] = 24
    veiled = light.copy()
    add_glare(veiled, 1.0)
    assert (veiled >= light).all() and veiled[12, 44].sum() > 1.05 * light[12, 44].sum()
    even = np.full((60, 90, 3), 0.2, np.float32)
    add_glare(even, 1.0)
    assert np.allclose(even, 0.2)  # no bright light, no veil
    flakes = np.full((60, 90, 3), 0.2, np.float32)
    flakes[:20] = 0.8
    before = flakes.copy()
    add_snowfall(flakes, 1.0, 400.0, 5)
    assert (flakes > before + 0.01).any() and (flakes >= before - 1e-5).all()
