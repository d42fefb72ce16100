"""People: a jointed body of tapered limbs in everyday clothes, at any phase of a stride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.geometry.dress import Layers, dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.geometry.shapes import Float, Shape, ShapeBuilder, vec

PERSON_ID, RIDER_ID = CITYSCAPES.id("person"), CITYSCAPES.id("rider")
MODELS = 32
"""Bodies are cached by model, child and phase; clothes and hair vary per instance."""


@dataclass(frozen=True)
class Build:
    """One person's body, clothes left out; lengths in metres."""

    height: float
    girth: float  # 1 = slim adult
    skirt: bool
    bag: bool
    hair: str  # "short", "long", "hat", "helmet", "bun", "bald", "hood"
    coat: float = 0.0  # how far it hangs below the hips, in heights
    shorts: bool = False

    @property
    def hip_y(self) -> float:
        return 0.50 * self.height

    @property
    def shoulder_y(self) -> float:
        return 0.815 * self.height


@dataclass(frozen=True)
class Pose:
    """Joint angles in radians, forward positive; [2] = right, left."""

    hip: tuple[float, float]
    knee: tuple[float, float]
    shoulder: tuple[float, float]
    elbow: tuple[float, float]
    lean: float = 0.03


def stride(phase: float | None) -> Pose:
    """The pose at a phase 0..1 of a two-step walking cycle, or standing for None."""
    if phase is None:
        return Pose((0.03, -0.03), (0.05, 0.05), (0.05, -0.05), (0.15, 0.2), 0.0)
    swing = 2 * np.pi * np.array([phase, phase + 0.5])
    hip = 0.42 * np.sin(swing) + 0.03
    knee = 0.10 + 0.75 * np.clip(np.sin(swing + 1.9), 0, 1) ** 1.5  # bends as the leg swings ahead
    arm = -0.40 * np.sin(swing)
    elbow = 0.25 + 0.25 * np.clip(np.sin(swing + np.pi), 0, 1)

    def both(values: Float) -> tuple[float, float]:
        return float(values[0]), float(values[1])

    return Pose(both(hip), both(knee), both(arm), both(elbow))


def make_person(
    rng: np.random.Generator,
    phase: float | None,
    layers: Layers,
    *,
    far: bool = False,
    child: bool | None = None,
    models: Sequence[int] = range(MODELS),
) -> Mesh:
    """A walking (``phase`` 0..1, one full cycle of two steps) or standing (None) person at the
    origin, facing +z. The same ``rng`` state gives the same person at every phase."""
    small = rng.random() < 0.12
    model = int(models[int(rng.integers(len(models)))])
    size = float(rng.uniform(0.98, 1.02))
    looks = clothes(rng, PERSON_ID)
    shape = _walker(model, small if child is None else child, phase, far)
    return dress(shape.stretched(size), looks, layers)


@lru_cache(maxsize=1024)
def _walker(model: int, child: bool, phase: float | None, far: bool) -> Shape:
    """Model person at a phase, feet on the ground; the second step mirrors the first."""
    if phase is not None and phase >= 0.5:
        return _walker(model, child, phase - 0.5, far).mirrored()
    shape = person_shape(draw_build(np.random.default_rng([model, 55]), child), stride(phase), far)
    low = float(shape.position[..., 1].min())
    return shape.moved(np.eye(3), (0, -low, 0))


def draw_build(rng: np.random.Generator, child: bool) -> Build:
    """Somebody's body: adults' heights are normally distributed."""
    grown, growing = np.clip(rng.normal(1.72, 0.085), 1.52, 1.95), rng.uniform(1.05, 1.45)
    height = float(growing if child else grown)
    hair = ["short", "long", "hat"][int(rng.choice(3, p=[0.5, 0.35, 0.15]))]
    return Build(
        height,
        float(rng.uniform(0.92, 1.30)),
        bool(rng.random() < 0.14),
        bool(rng.random() < 0.35),
        hair,
    )


def person_shape(build: Build, pose: Pose, far: bool) -> Shape:
    """The body with its hips above the origin; feet not yet on the ground."""
    b = ShapeBuilder()
    sides = 4 if far else 8
    h, g = build.height, build.girth
    hips = np.array([0.0, build.hip_y, 0.0])
    up = np.array([0.0, np.cos(pose.lean), np.sin(pose.lean)])
    neck = hips + up * (build.shoulder_y - build.hip_y)
    _torso(b, hips, neck, h, g, sides, far)
    for k, side in enumerate((1.0, -1.0)):
        _leg(b, build, pose, k, side, hips, far)
        _arm(b, build, pose, k, side, neck, far)
    _head(b, build, neck, up, far)
    if build.bag and not far:
        middle = neck - up * 0.14 * h - vec(0, 0, 0.095 * h)
        b.tube(
            [
                middle + 0.125 * h * up,
                middle + 0.08 * h * up,
                middle - 0.09 * h * up,
                middle - 0.12 * h * up,
            ],
            np.array([0.06, 0.088, 0.098, 0.08]) * h,
            "bag",
            sides=8,
            flatten=0.52,
            capped=True,
        )
    return b.build()


def _torso(
    b: ShapeBuilder, hips: Float, neck: Float, h: float, g: float, sides: int, far: bool
) -> None:
    """Hips in trousers, then waist, chest, sloping shoulders and the neck's foot."""
    girth = 0.6 + 0.4 * g
    flatten = 0.60 + 0.18 * (g - 1)
    low = np.array([-0.10, 0.0, 0.10])
    b.tube(
        hips + low[:, None] * (neck - hips),
        np.array([0.070, 0.096, 0.086]) * h * girth,
        "trousers",
        sides=sides,
        flatten=flatten + 0.03,
        repeat_m=0.5,
        capped=not far,
    )
    t = np.array([-0.02, 0.12, 0.36, 0.66, 0.86, 0.96, 1.03, 1.07])
    wide = np.array([0.108, 0.101, 0.091, 0.106, 0.114, 0.100, 0.060, 0.034]) * h * girth
    pick = [0, 2, 4, 7] if far else slice(None)
    b.tube(
        hips + t[pick, None] * (neck - hips),
        wide[pick],
        "top",
        sides=sides + (0 if far else 2),
        flatten=flatten,
        repeat_m=0.7,
    )


def _swing(length: float, angle: float, out: float = 0.0) -> Float:
    """A limb hanging down, turned forward by ``angle`` and sideways by ``out``."""
    return length * np.array(
        [np.sin(out), -np.cos(angle) * np.cos(out), np.sin(angle) * np.cos(out)]
    )


def _leg(
    b: ShapeBuilder, build: Build, pose: Pose, k: int, side: float, hips: Float, far: bool
) -> None:
    h, g = build.height, 0.75 + 0.25 * build.girth
    hip = hips + vec(side * 0.052 * h, 0.0, 0)
    knee = hip + _swing(0.245 * h, pose.hip[k])
    ankle = knee + _swing(0.235 * h, pose.hip[k] - pose.knee[k])
    slot = "skin" if build.skirt else "trousers"
    sides = 4 if far else 7
    if far:
        b.tube([hip, knee, ankle], np.array([0.052, 0.036, 0.026]) * h * g, slot, sides=3)
        return
    path = [hip, hip * 0.5 + knee * 0.5, knee, knee * 0.55 + ankle * 0.45, ankle]
    girth = np.array([0.056, 0.049, 0.036, 0.035, 0.027]) * h * g
    if build.shorts and not build.skirt:
        b.tube(path[:3], girth[:3] * [1.05, 1.1, 1.35], slot, sides=sides, repeat_m=0.4)
        b.tube(path[1:], girth[1:] * 0.9, "skin", sides=sides, repeat_m=0.4)
    else:
        b.tube(path, girth, slot, sides=sides, repeat_m=0.4)
    foot = pose.hip[k] - pose.knee[k] * 0.9
    forward = np.array([0, np.sin(foot) * 0.6, np.cos(foot)])
    heel = ankle + vec(0, -0.018 * h, 0) - forward * 0.02 * h
    b.tube(
        [heel, heel + forward * 0.07 * h, heel + forward * 0.135 * h - [0, 0.008 * h, 0]],
        np.array([0.028, 0.028, 0.018]) * h,
        "shoe",
        sides=6,
        flatten=0.75,
        capped=True,
    )
    swing = 0.5 * abs(float(np.sin(pose.hip[0] - pose.hip[1]))) + 0.7
    if build.coat and side > 0:
        _coat(b, build, hips, swing)
    if build.skirt and side > 0:
        path = [hips - vec(0, 0.24 * h, 0), hips - vec(0, 0.10 * h, 0), hips + vec(0, 0.05 * h, 0)]
        b.tube(path, np.array([0.135, 0.115, 0.098]) * h, "skirt", sides=10, flatten=swing)


def _coat(b: ShapeBuilder, build: Build, hips: Float, swing: float) -> None:
    """What hangs of a coat below the hips; it opens with the stride."""
    h, girth = build.height, 0.6 + 0.4 * build.girth
    path = [hips - vec(0, build.coat * h, 0), hips - vec(0, 0.4 * build.coat * h, 0),
            hips + vec(0, 0.05 * h, 0)]  # fmt: skip
    wide = np.array([0.105 + 0.09 * build.coat, 0.108, 0.104]) * h * girth
    b.tube(path, wide, "top", sides=10, flatten=min(swing + 0.1, 1.1))


def _arm(
    b: ShapeBuilder, build: Build, pose: Pose, k: int, side: float, neck: Float, far: bool
) -> None:
    h, g = build.height, 0.7 + 0.3 * build.girth
    shoulder = neck + vec(side * 0.098 * h * (0.75 + 0.25 * build.girth), -0.018 * h, 0)
    elbow = shoulder + _swing(0.165 * h, pose.shoulder[k], side * 0.12)
    hand = elbow + _swing(0.150 * h, pose.shoulder[k] + pose.elbow[k], side * 0.02)
    if far:
        b.tube([shoulder, hand], np.array([0.030, 0.018]) * h * g, "sleeve", sides=3)
        return
    ball = shoulder + vec(-side * 0.018 * h, 0.022 * h, 0)
    over = elbow + 0.08 * (elbow - shoulder)
    b.tube(
        [ball, shoulder, shoulder * 0.65 + elbow * 0.35, over],
        np.array([0.016, 0.035, 0.034, 0.031]) * h * g,
        "top",
        sides=7,
        repeat_m=0.6,
        capped=True,
    )
    b.tube(
        [elbow, elbow * 0.4 + hand * 0.6, hand],
        np.array([0.025, 0.022, 0.016]) * h * g,
        "sleeve",
        sides=6,
        repeat_m=0.6,
    )
    b.ellipsoid(
        hand + _swing(0.03 * h, pose.shoulder[k] + pose.elbow[k]),
        np.array([0.014, 0.040, 0.024]) * h,
        "skin",
        sides=5,
        rings=3,
    )


def _head(b: ShapeBuilder, build: Build, neck: Float, up: Float, far: bool) -> None:
    h = build.height if build.height > 1.5 else build.height * 0.85 + 0.22  # children's big heads
    middle = neck + up * (0.06 * h + 0.062 * h)
    sides, rings = (5, 3) if far else (10, 6)
    b.tube([neck, middle], 0.030 * h, "skin", sides=4 if far else 6)
    b.ellipsoid(middle, np.array([0.046, 0.066, 0.055]) * h, "face", sides=sides, rings=rings)
    if build.hair == "bald":
        return
    cap = {"hat": "hat", "hood": "top"}.get(build.hair, "hair")
    b.ellipsoid(
        middle + vec(0, 0.022 * h, -0.009 * h),
        np.array([0.0515, 0.052, 0.058]) * h,
        cap,
        sides=sides,
        rings=rings,
    )
    if build.hair == "helmet":
        b.ellipsoid(
            middle + vec(0, 0.008 * h, -0.004 * h),
            np.array([0.070, 0.080, 0.078]) * h,
            "helmet",
            sides=sides,
            rings=rings,
        )
        b.ellipsoid(
            middle + vec(0, 0.004 * h, 0.022 * h),
            np.array([0.056, 0.030, 0.057]) * h,
            "visor",
            sides=sides,
            rings=rings,
        )
        return
    if build.hair in ("bun", "hood") and not far:
        back = middle + (
            vec(0, 0.05 * h, -0.05 * h) if build.hair == "bun" else vec(0, -0.07 * h, -0.025 * h)
        )
        size = [0.025, 0.025, 0.025] if build.hair == "bun" else [0.055, 0.045, 0.05]
        b.ellipsoid(back, np.array(size) * h, cap, sides=7, rings=4)
    if build.hair == "long" and not far:
        fall = middle + vec(0, -0.03 * h, -0.030 * h)
        b.ellipsoid(fall, np.array([0.048, 0.075, 0.032]) * h, "hair", sides=8, rings=5)
    if build.hair == "hat" and not far:
        b.box(middle + vec(0, 0.022 * h, 0.055 * h), (0.08 * h, 0.006 * h, 0.06 * h), "hat")
