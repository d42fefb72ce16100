"""Courses through one kind of place, for the tests of this room."""

from __future__ import annotations

from depth_seg_ros.virtual_world.course import Course, draw_legs
from depth_seg_ros.virtual_world.plan.layout import Layout

STREETS = ("city", "suburb", "country", "highway")
"""Kinds of place that are roads with traffic."""


def course_of(seed: int, place: str) -> Course:
    """A drive through one place."""
    return Course(draw_legs(seed, {place: 1.0}))


def layout_of(seed: int, place: str) -> Layout:
    """Its layout."""
    return course_of(seed, place).layouts[0]
