"""What people wear and how they hold themselves: coats, shorts, patterns, hoods, gestures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.assets.clothes import clothes
from depth_seg_ros.virtual_world.assets.person import PERSON_ID, Build, Pose
from depth_seg_ros.virtual_world.geometry.dress import Look

Generator = np.random.Generator
_HAIR = ("short", "long", "hat", "bun", "bald", "hood")


def dressed(kind: str, build: Build, rng: Generator) -> tuple[Build, dict[str, Look]]:
    """Somebody of a kind (see ``figures``) in today's clothes."""
    looks = clothes(rng, PERSON_ID)
    draw, pattern = rng.random(2)
    coat, hair = float(rng.uniform(0.06, 0.24)), int(rng.integers(len(_HAIR)))
    if pattern < 0.22:
        weave = "stripes" if pattern < 0.12 else "checks"
        looks["top"] = replace(looks["top"], layer=weave)
        if looks["sleeve"].layer == "cloth":
            looks["sleeve"] = replace(looks["sleeve"], layer=weave)
    build = replace(build, hair=_HAIR[hair] if rng.random() < 0.4 else build.hair)
    seated = kind in ("sitting", "wheelchair", "crouching")
    if kind == "worker":
        return replace(build, hair="hat", bag=False, skirt=False), _work_clothes(looks, rng)
    if kind == "jogger":
        bright = (float(rng.uniform(0.05, 0.8)), float(rng.uniform(0.05, 0.7)), 0.1)
        looks["top"] = replace(looks["top"], tint=bright)
        return replace(build, skirt=False, bag=False, shorts=bool(draw < 0.6), girth=0.95), looks
    if seated or build.skirt:
        return replace(build, skirt=build.skirt and not seated), looks
    if draw < 0.28:
        looks["sleeve"] = replace(looks["top"])
        return replace(build, coat=coat), looks
    return replace(build, shorts=bool(draw > 0.88)), looks


def gestured(pose: Pose, rng: Generator, *, walking: bool) -> Pose:
    """A pose with the arms as somebody has them; the same draws whether walking or standing."""
    draw, amount = float(rng.random()), float(rng.uniform(0.4, 1.3))
    right, left = pose.shoulder
    swung = replace(pose, shoulder=(right * amount, left * amount))
    if draw < 0.5:
        return swung
    if draw < 0.65:  # hands in pockets
        return replace(pose, shoulder=(-0.12, -0.12), elbow=(0.62, 0.62))
    if draw < 0.75:  # one hand at a strap
        return replace(swung, shoulder=(0.25, swung.shoulder[1]), elbow=(2.1, pose.elbow[1]))
    if draw < 0.83:  # something carried before the body
        return replace(pose, shoulder=(0.3, 0.3), elbow=(1.25, 1.25))
    if draw < 0.91 and not walking:  # pointing or waving
        return replace(pose, shoulder=(1.3 + 0.8 * (amount - 0.4), left), elbow=(0.25, 0.15))
    if not walking:  # weight on one leg, arms folded
        return replace(
            pose, hip=(0.12, -0.02), knee=(0.3, 0.02), shoulder=(0.35, 0.3), elbow=(1.75, 1.8)
        )
    return swung


def _work_clothes(looks: dict[str, Look], rng: Generator) -> dict[str, Look]:
    """High-visibility vest and a helmet."""
    loud = (0.85, 0.28, 0.01) if rng.random() < 0.6 else (0.62, 0.78, 0.03)
    helmet = ((0.8, 0.8, 0.78), (0.75, 0.5, 0.02), (0.05, 0.15, 0.5))[int(rng.integers(3))]
    return looks | {
        "top": replace(looks["top"], tint=loud),
        "sleeve": replace(looks["sleeve"], layer="cloth", tint=loud),
        "trousers": replace(looks["trousers"], tint=loud if rng.random() < 0.5 else (0.03,) * 3),
        "hat": Look("paint", PERSON_ID, helmet),
    }
