"""Everyday clothes, skin and hair: the looks of every slot that a body has."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.paints import Rgb, vary
from depth_seg_ros.virtual_world.geometry.dress import Look

_SKIN: list[Rgb] = [
    (0.56, 0.36, 0.27),
    (0.48, 0.29, 0.20),
    (0.33, 0.18, 0.11),
    (0.15, 0.08, 0.05),
    (0.60, 0.41, 0.32),
]
_HAIR: list[Rgb] = [
    (0.02, 0.015, 0.012),
    (0.06, 0.035, 0.02),
    (0.16, 0.09, 0.04),
    (0.32, 0.22, 0.10),
    (0.35, 0.34, 0.33),
]
_TOPS: list[Rgb] = [
    (0.02, 0.02, 0.025),
    (0.03, 0.04, 0.08),
    (0.55, 0.55, 0.54),
    (0.2, 0.2, 0.21),
    (0.04, 0.04, 0.04),
    (0.08, 0.08, 0.09),
    (0.30, 0.035, 0.035),
    (0.05, 0.12, 0.08),
    (0.36, 0.28, 0.18),
    (0.10, 0.19, 0.32),
    (0.50, 0.38, 0.08),
    (0.24, 0.08, 0.17),
    (0.10, 0.10, 0.06),
    (0.42, 0.40, 0.36),
    (0.06, 0.09, 0.16),
    (0.60, 0.30, 0.04),
]
_TROUSERS: list[Rgb] = [
    (0.03, 0.04, 0.08),
    (0.02, 0.02, 0.022),
    (0.08, 0.12, 0.20),
    (0.14, 0.14, 0.14),
    (0.30, 0.24, 0.16),
    (0.10, 0.08, 0.06),
]


def clothes(rng: np.random.Generator, class_id: int) -> dict[str, Look]:
    """Looks of every slot a body has."""

    def pick(colors: list[Rgb]) -> Rgb:
        return vary(rng, colors[int(rng.integers(len(colors)))], 0.25)

    top, trousers, skin = pick(_TOPS), pick(_TROUSERS), pick(_SKIN)
    bare_arms = rng.random() < 0.3
    shoes = vary(rng, (0.03, 0.025, 0.02) if rng.random() < 0.6 else (0.5, 0.5, 0.5))
    return {
        "top": Look("cloth", class_id, top),
        "sleeve": Look("skin" if bare_arms else "cloth", class_id, skin if bare_arms else top),
        "trousers": Look("denim", class_id, trousers),
        "skirt": Look("cloth", class_id, pick(_TOPS)),
        "skin": Look("skin", class_id, skin),
        "face": Look("face", class_id, skin),
        "hair": Look("hair", class_id, pick(_HAIR)),
        "hat": Look("cloth", class_id, pick(_TOPS)),
        "shoe": Look("cloth", class_id, shoes),
        "bag": Look("cloth", class_id, pick(_TOPS)),
    }
