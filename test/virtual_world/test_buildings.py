"""Buildings of every kind: closed outwards, the size their description says."""

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.buildings import build_building, draw_spec
from depth_seg_ros.virtual_world.textures import add_layout_textures
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary

KINDS = ("townhouse", "shophouse", "block", "office", "house", "rowhouse", "shed", "barn")


@pytest.fixture(scope="module")
def palette() -> Palette:
    library = TextureLibrary(64)
    add_layout_textures(library, np.random.default_rng(0))
    return Palette(library)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_built_in_three_details(kind: str, palette: Palette) -> None:
    for seed in range(4):
        spec = draw_spec(kind, np.random.default_rng(seed), (2, 4))
        counts = []
        for detail in (0, 1, 2):
            mesh = build_building(spec, palette, np.random.default_rng(seed), detail)
            counts.append(len(mesh))
            low, high = mesh.bounds()
            assert spec.width_m <= high[0] - low[0] < spec.width_m + 2.5
            assert low[1] == pytest.approx(-2.5)
            assert high[1] >= spec.plinth_m + spec.height_m - 1e-4
            assert ((mesh.normal.mean(1) * mesh.face_normals()).sum(-1) > 0).all()
            assert set(np.unique(mesh.class_id)) == {CITYSCAPES.id("building")}
        assert counts[0] <= counts[1] <= counts[2] < 6000


def test_walls_face_away_from_the_middle(palette: Palette) -> None:
    spec = draw_spec("block", np.random.default_rng(1), (3, 4))
    mesh = build_building(spec, palette, np.random.default_rng(1), 0)
    face, center = mesh.face_normals(), mesh.position.mean(1)
    upright = (np.abs(face[:, 1]) < 0.1) & (center[:, 1] < spec.plinth_m + spec.height_m)
    away = center - np.array([0, 0, spec.depth_m / 2])
    assert ((away * face).sum(-1)[upright] > 0).all()
