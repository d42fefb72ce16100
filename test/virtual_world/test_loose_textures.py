"""Loose layers: drawn once when asked for, seamless where they must be, the same for a seed."""

import numpy as np
import pytest

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.loose import (
    LOOSE,
    LOOSE_VARIANTS,
    loose_sheet,
    pick_variant,
)
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary


@pytest.mark.parametrize("name", LOOSE)
def test_every_layer_is_drawn_in_variants(name: str) -> None:
    first, second = (loose_sheet(name, k, 64).pixels for k in (0, 1))
    assert first.shape == (1, 64, 64, 4) and first.dtype == np.uint8
    assert not np.array_equal(first, second)
    assert first[..., :3].std() > 2  # a pattern, not a colour
    holes = (first[..., 3] < 128).mean()
    if LOOSE[name].flags & Surface.ALPHA_TEST:
        assert 0.1 < holes < 0.8
    elif not LOOSE[name].flags & Surface.WINDOW_MASK:
        assert holes == 0


@pytest.mark.parametrize("name", ["ballast", "sheet_metal", "bamboo", "red_white", "tiles"])
def test_patterns_repeat_without_a_seam(name: str) -> None:
    image = loose_sheet(name, 2, 128).pixels[0, ..., :3].astype(int)
    inside = np.abs(np.diff(image, axis=1)).mean((0, 2))
    assert np.abs(image[:, 0] - image[:, -1]).mean() <= max(1.6 * np.quantile(inside, 0.98), 6)


def test_a_palette_draws_only_what_is_asked_for_and_only_once() -> None:
    library = TextureLibrary(16)
    library.add("plain", np.ones((16, 16, 3)))
    palette = Palette(library, np.random.default_rng(3))
    assert len(library) == 1
    ballast = palette("ballast", "rail track")
    assert ballast.layer == 1 and ballast.repeat_m == LOOSE["ballast"].repeat_m
    assert palette("ballast", "terrain").layer == 1 and len(library) == 2
    assert palette("netting", "fence").flags == Surface.DOUBLE_SIDED
    assert library.build().names == ("plain", "ballast", "netting")


def test_scenes_wear_different_variants_and_a_scene_always_the_same() -> None:
    worn = [pick_variant(seed, "mural") for seed in range(40)]
    assert set(worn) == set(range(LOOSE_VARIANTS))
    assert worn[7] == pick_variant(7, "mural")


def test_an_unknown_texture_is_an_error() -> None:
    with pytest.raises(KeyError, match="velvet"):
        Palette(TextureLibrary(16))("velvet", "wall")
