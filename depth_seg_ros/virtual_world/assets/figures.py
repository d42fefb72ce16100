"""People as one meets them: sitting, with pram, dog, suitcase or umbrella, at work, in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.assets import props
from depth_seg_ros.virtual_world.assets.attire import dressed, gestured
from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.assets.person import (
    MODELS,
    PERSON_ID,
    Build,
    Pose,
    draw_build,
    person_shape,
    stride,
)
from depth_seg_ros.virtual_world.geometry.dress import dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, yaw_rotation
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
WALKING = ("plain", "pram", "suitcase", "umbrella", "dog", "bags", "phone", "child_in_hand",
           "jogger", "stick", "child")  # fmt: skip
RESTING = ("sitting", "wheelchair", "leaning", "worker", "crouching")
FIGURES = (*WALKING, *RESTING)
SHARES = (0.36, 0.08, 0.06, 0.06, 0.08, 0.10, 0.09, 0.04, 0.05, 0.04, 0.04)
"""Of the walking kinds, as on a pavement in fair weather."""

_SIT = Pose((1.45, 1.40), (1.50, 1.42), (0.55, 0.45), (0.7, 0.8), -0.08)


def draw_walking(rng: Generator, *, raining: bool = False) -> str:
    """A kind of walker by its share; in the rain most carry umbrellas."""
    if raining and rng.random() < 0.6:
        return "umbrella"
    return WALKING[int(rng.choice(len(WALKING), p=SHARES))]


def make_figure(
    palette: Palette,
    rng: Generator,
    kind: str,
    phase: float | None = None,
    *,
    far: bool = False,
    models: Sequence[int] = range(MODELS),
) -> Mesh:
    """Somebody of a kind (one of FIGURES) at the origin, facing +z, feet on the ground.

    Those of WALKING stride with ``phase`` (0..1, two steps) or stand still (None); "sitting" needs
    a seat 0.42 m high under the origin, at the back of the knees. The same ``rng`` state gives the
    same person at every phase. Raises VirtualWorldError on an unknown kind.
    """
    if kind not in FIGURES:
        raise VirtualWorldError(f"no figure is named {kind!r}; known: {', '.join(FIGURES)}")
    model = int(models[int(rng.integers(len(models)))])
    build = draw_build(np.random.default_rng([model, 55]), kind == "child")
    build, looks = dressed(kind, build, rng)
    pose = _pose(kind, phase)
    if kind == "plain":
        pose = gestured(pose, rng, walking=phase is not None)
    shape = person_shape(build, pose, far)
    low = float(shape.position[..., 1].min())
    sits = kind in ("sitting", "wheelchair")
    lift = 0.40 + 0.09 * build.height - build.hip_y if sits else -low
    back = -0.22 if kind == "sitting" else (-0.10 if kind == "wheelchair" else 0.0)
    body = dress(shape.moved(np.eye(3), (0, lift, back)), looks, palette.layers)
    return Mesh.concatenate([body, *_held(palette, rng, kind, phase, build, far)]).mended()


def _pose(kind: str, phase: float | None) -> Pose:
    walk = stride(phase)
    if kind in ("sitting", "wheelchair"):
        return _SIT
    if kind == "pram":
        return replace(walk, shoulder=(0.55, 0.55), elbow=(0.45, 0.45), lean=0.08)
    if kind == "suitcase":
        return replace(walk, shoulder=(-0.55, walk.shoulder[1]), elbow=(0.2, walk.elbow[1]))
    if kind == "umbrella":
        return replace(walk, shoulder=(0.45, walk.shoulder[1]), elbow=(1.75, walk.elbow[1]))
    if kind == "phone":
        return replace(walk, shoulder=(0.35, walk.shoulder[1]), elbow=(1.5, walk.elbow[1]))
    if kind == "jogger":
        swing = 0.9 * walk.hip[0] if phase is not None else 0.0
        hip, knee = (
            (1.35 * walk.hip[0], 1.35 * walk.hip[1]),
            (1.3 * walk.knee[0], 1.3 * walk.knee[1]),
        )
        return Pose(hip, knee, (-swing, swing), (1.5, 1.5), 0.12)
    if kind == "stick":
        return replace(
            walk, shoulder=(0.35, walk.shoulder[1]), elbow=(0.3, walk.elbow[1]), lean=0.22
        )
    if kind == "crouching":
        return Pose((1.75, 1.2), (2.2, 2.3), (0.9, 0.8), (0.4, 0.5), 0.45)
    if kind == "bags":
        return replace(walk, shoulder=(0.02, 0.02), elbow=(0.05, 0.05))
    if kind == "dog":
        return replace(walk, shoulder=(0.25, walk.shoulder[1]), elbow=(0.35, walk.elbow[1]))
    if kind == "leaning":
        return Pose((0.35, 0.05), (0.05, 0.6), (0.3, 0.25), (1.3, 1.25), -0.12)
    if kind == "worker":
        return Pose((0.25, -0.2), (0.25, 0.1), (0.75, 0.6), (0.5, 0.7), 0.28)
    return walk


def _held(
    palette: Palette, rng: Generator, kind: str, phase: float | None, build: Build, far: bool
) -> list[Mesh]:
    """What goes along with a person."""
    things: dict[str, Callable[[], list[Mesh]]] = {
        "pram": lambda: [props.pram(palette, rng)],
        "suitcase": lambda: [props.suitcase(palette, rng)],
        "umbrella": lambda: [props.umbrella(palette, rng, build.height)],
        "dog": lambda: [props.dog(palette, rng, phase)],
        "wheelchair": lambda: [props.wheelchair(palette, rng)],
        "bags": lambda: [props.shopping_bag(palette, rng, s) for s in (1.0, -1.0)],
        "stick": lambda: [props.walking_stick(palette, build.height)],
        "child_in_hand": lambda: [_child(palette, rng, phase, far)],
    }
    return things[kind]() if kind in things else []


def _child(palette: Palette, rng: Generator, phase: float | None, far: bool) -> Mesh:
    """A child that walks at an adult's left hand, reaching up."""
    build = draw_build(np.random.default_rng([int(rng.integers(MODELS)), 57]), True)
    build = replace(build, height=min(build.height, 1.2))
    pose = replace(stride(phase), shoulder=(1.9, 0.1), elbow=(0.2, 0.2))
    shape = person_shape(build, pose, far)
    low = float(shape.position[..., 1].min())
    mesh = dress(shape, clothes(rng, PERSON_ID), palette.layers)
    return mesh.transformed(np.eye(3), (-0.48, -low, 0.05))


def make_group(
    palette: Palette, rng: Generator, count: int, *, sitting: bool = False
) -> tuple[Mesh, ...]:
    """``count`` people in talk, standing (or sitting on seats) in a loose circle that faces
    inwards, round the origin; one mesh each, so that each may be an instance."""
    radius = max(0.35 * count / np.pi + 0.25, 0.5) + (0.35 if sitting else 0.0)
    start = rng.uniform(0, 2 * np.pi)
    people = []
    for k in range(count):
        angle = start + 2 * np.pi * k / count + rng.normal(0, 0.12)
        kind = (
            "sitting"
            if sitting
            else ("plain", "phone", "bags")[int(rng.choice(3, p=[0.7, 0.2, 0.1]))]
        )
        out = radius * rng.uniform(0.9, 1.15)
        place = np.array([np.sin(angle) * out, 0.0, np.cos(angle) * out])
        turn = yaw_rotation(angle + np.pi + float(rng.normal(0, 0.2)))
        people.append(make_figure(palette, rng, kind).transformed(turn, place))
    return tuple(people)
