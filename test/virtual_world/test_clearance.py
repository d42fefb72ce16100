"""Flying cameras pass over or under what stands across the road."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from courses import layout_of

from depth_seg_ros.virtual_world.clearance import clear_height
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.traffic.actors import Actor, standing
from depth_seg_ros.virtual_world.ways import Way


@pytest.fixture(scope="module")
def scene() -> Any:
    """A road with a bridge deck from 5 to 6.5 m above it at s = 40, and a tower beside it."""
    layout = layout_of(0, "country")
    axis, builder = layout.axis, MeshBuilder()
    builder.box(axis.at(40.0, 0.0, 5.75), (60.0, 1.5, 8.0), Material(0, 15))
    builder.box(axis.at(20.0, 14.0, 10.0), (4.0, 20.0, 4.0), Material(0, 11))
    s = np.linspace(0, 80, 50)
    way = Way(s, axis.at(s, 1.5), axis.heading_at(s), s)
    arm = MeshBuilder()  # of a traffic light at s = 60, across the lane, 9 m up
    arm.box((-3.0, 9.0, 0.0), (8.0, 0.3, 0.3), Material(0, 17))
    still = standing(arm.build(), axis.at(60.0, 4.0), float(axis.heading_at(60.0)), 0)
    bus = MeshBuilder()
    bus.box((0.0, 16.0, 0.0), (4.0, 4.0, 4.0), Material(0, 28))
    path = axis.at(np.array([0.0, 50.0]), 1.5)
    moving = Actor((bus.build(),), np.array([0.0, 9.0]), path, np.zeros(2), np.zeros(2), 1)
    return SimpleNamespace(axis=axis, static=builder.build(), way=way, actors=(still, moving))


@pytest.mark.parametrize(
    ("wish", "low", "high"),
    [
        (1.6, 1.6, 1.6),
        (2.9, 2.9, 2.9),
        (4.8, 2.2, 3.8),
        (6.6, 2.2, 3.8),
        (9.2, 10.2, 10.8),
        (12.0, 12.0, 12.0),
        (16.0, 16.0, 16.0),
    ],
)
def test_the_nearest_free_height_is_taken(scene: Any, wish: float, low: float, high: float) -> None:
    assert low <= clear_height(scene, scene.way, wish) <= high
