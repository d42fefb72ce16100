"""The coarse land under everything: it shows nowhere, and it leaves no sky below the horizon."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.virtual_world.course import Course, draw_legs, parse_mix
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.land.terrain import HORIZON_M, Ground, build_backstop
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene


@pytest.mark.parametrize("mix", [None, "mountain", "highway", "harbour,forest", "country"])
def test_it_lies_below_the_land_of_every_place_and_reaches_the_hills(mix: str | None) -> None:
    library = TextureLibrary()
    dress_scene(library, np.random.default_rng(0))
    palette = Palette(library, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for seed in range(6):
        course = Course(draw_legs(seed, parse_mix(mix)))
        ground, builder = Ground(course.layouts), MeshBuilder()
        build_backstop(builder, course.layouts, ground, palette)
        corner = builder.build().position.astype(np.float64)
        share = rng.dirichlet((1, 1, 1), len(corner))[..., None]
        inside = (corner * share).sum(1)  # a point of every triangle
        under = ground.height(inside[:, 0], inside[:, 2]) - inside[:, 1]
        assert under.min() > 0.0, (seed, float(under.min()))
        assert np.median(under) < 12.0
        axis = course.axis.center
        for end in (axis.min(0), axis.max(0)):
            assert (corner.reshape(-1, 3).min(0)[[0, 2]] <= end[[0, 2]] - HORIZON_M[0] / 2).all()
            assert (corner.reshape(-1, 3).max(0)[[0, 2]] >= end[[0, 2]] + HORIZON_M[0] / 2).all()
