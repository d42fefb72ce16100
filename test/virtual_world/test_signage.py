"""Signs and traffic lights: their sizes, classes, backs, colours."""

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface
from depth_seg_ros.virtual_world.street import posts, signage, small
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene

SIGN, LIGHT, POLE = (CITYSCAPES.id(n) for n in ("traffic sign", "traffic light", "pole"))


@pytest.fixture(scope="module")
def palette() -> Palette:
    library = TextureLibrary(16)
    dress_scene(library, np.random.default_rng(0))
    return Palette(library, np.random.default_rng(1))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 8])


def part(mesh: Mesh, class_id: int) -> Mesh:
    return mesh.select(mesh.class_id == class_id)


@pytest.mark.parametrize("large", [False, True])
def test_signs_of_a_street(palette: Palette, large: bool) -> None:
    sizes, layers = [], set()
    for seed in range(60):
        mesh = signage.draw_sign(palette, rng(seed), large=large)
        assert set(mesh.class_id.tolist()) == {SIGN, POLE}
        plates = part(mesh, SIGN)
        low, high = plates.bounds()
        assert low[1] > 0.15 and high[1] < 5.5
        assert len(mesh) < 200
        sizes.append(float(high[0] - low[0]))
        layers |= set(plates.layer.tolist())
    assert min(sizes) < 0.55 and max(sizes) > 0.85
    assert len(layers) >= 6


def test_a_sign_is_readable_from_the_front_and_grey_behind(palette: Palette) -> None:
    mesh = part(signage.sign_post(palette, rng(1)), SIGN)
    front = mesh.face_normals()[:, 2] < -0.9
    assert front.any() and (~front).any()
    assert mesh.tint[front].max() > 0.9 > 0.4 > mesh.tint[~front].max()
    assert (mesh.flags & Surface.ALPHA_TEST).all()


@pytest.mark.parametrize("state", [0, 1, 2])
@pytest.mark.parametrize("reach", [0.0, 5.0])
def test_a_light_shows_one_colour_to_the_traffic(
    palette: Palette, state: int, reach: float
) -> None:
    for seed in range(6):
        mesh = posts.traffic_light(palette, rng(seed), state, reach)
        assert set(mesh.class_id.tolist()) == {LIGHT, POLE}
        lit = mesh.select((mesh.flags & Surface.EMISSIVE) > 0)
        ahead = lit.select(lit.face_normals()[:, 2] < -0.95)
        strongest = ahead.tint.argmax(1)
        assert set(strongest.tolist()) == {0 if state < 2 else 1}
        assert mesh.bounds()[1][1] > (5 if reach else 2.7)


def test_lights_differ_in_size_and_colour_of_case(palette: Palette) -> None:
    made = [posts.traffic_light(palette, rng(seed), 0, 0.0) for seed in range(12)]
    heads = [part(m, LIGHT) for m in made]
    assert len({tuple(np.round(h.tint[0], 3)) for h in heads}) > 2
    assert len({len(h) for h in heads}) > 2


def test_both_states_of_a_light_are_the_same_post(palette: Palette) -> None:
    red, green = (posts.traffic_light(palette, rng(4), s, 4.5) for s in (0, 2))
    assert np.array_equal(red.position, green.position)


def test_clutter_is_varied_and_small(palette: Palette) -> None:
    made = [small.clutter(palette, rng(seed)) for seed in range(40)]
    assert len({len(m) for m in made}) > 8
    for mesh in made:
        low, high = mesh.bounds()
        assert low[1] > -0.4 and (high - low)[[0, 2]].max() < 3.2
