"""Texture layers by name, and the noise they are made of."""

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.textures import add_layout_textures
from depth_seg_ros.virtual_world.textures.noise import fbm
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary


def test_layers_are_found_by_name_and_opaque_by_default() -> None:
    library = TextureLibrary(8)
    assert library.add("a", np.zeros((8, 8, 3))) == 0
    assert library.add("b", np.full((8, 8, 4), 0.5)) == 1
    textures = library.build()
    assert textures.layer("b") == 1 and (textures.pixels[0, ..., 3] == 255).all()
    assert (textures.pixels[1] == 128).all()


def test_wrong_size_double_name_and_unknown_name_are_errors() -> None:
    library = TextureLibrary(8)
    library.add("a", np.zeros((8, 8, 3)))
    with pytest.raises(VirtualWorldError, match="8x8"):
        library.add("b", np.zeros((4, 4, 3)))
    with pytest.raises(VirtualWorldError, match="there already"):
        library.add("a", np.zeros((8, 8, 3)))
    with pytest.raises(VirtualWorldError, match="known: a"):
        library.build().layer("z")


def test_noise_has_no_seam() -> None:
    noise = fbm(np.random.default_rng(3), 128)
    inside = np.abs(np.diff(noise, axis=0)).mean()
    assert np.abs(noise[0] - noise[-1]).mean() < 2 * inside
    assert np.abs(noise[:, 0] - noise[:, -1]).mean() < 2 * inside
    assert noise.min() == 0 and noise.max() == 1


def test_layout_textures_repeat_for_a_seed_and_differ_between_seeds() -> None:
    def draw(seed: int) -> np.ndarray:
        library = TextureLibrary(64)
        add_layout_textures(library, np.random.default_rng(seed))
        return library.build().pixels

    first = draw(1)
    assert (first == draw(1)).all()
    assert (first != draw(2)).any((1, 2, 3)).mean() > 0.8
