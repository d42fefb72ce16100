"""Trees: a trunk that forks, and a crown of leaf cards gathered in clumps.

Clumps give a crown its depth: cards face away from their clump's middle, the inside and the
underside are darker, the top is lighter, and the sky shows between clumps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.paints import Rgb
from depth_seg_ros.virtual_world.assets.tree_kinds import TREES, TreeKind
from depth_seg_ros.virtual_world.geometry.dress import Layers, Look, dress
from depth_seg_ros.virtual_world.geometry.mesh import Mesh, Surface, normalized
from depth_seg_ros.virtual_world.geometry.shapes import Float, Shape, ShapeBuilder, vec

VEGETATION_ID = CITYSCAPES.id("vegetation")
LEAF = Surface.DOUBLE_SIDED | Surface.ALPHA_TEST | Surface.FOLIAGE
MODELS_PER_KIND = 16


_UNIT = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
_SHARES = {
    "round": 0.34,
    "tall": 0.18,
    "columnar": 0.10,
    "birch": 0.12,
    "conifer": 0.14,
    "street": 0.12,
}


def make_tree(
    rng: np.random.Generator, kind: str, layers: Layers, *, detail: Literal["near", "far"] = "near"
) -> Mesh:
    """A tree standing at the origin; ``kind`` is a name of TREES or "any" (the green ones by
    share). Raises VirtualWorldError on an unknown kind."""
    name = kind
    draw = float(rng.random())
    if kind == "any":
        edges = np.cumsum(list(_SHARES.values()))
        name = list(_SHARES)[int(np.searchsorted(edges, draw * edges[-1]))]
    if name not in TREES:
        raise VirtualWorldError(f"no tree kind is named {kind!r}; known: any, {', '.join(TREES)}")
    tree = TREES[name]
    model = int(rng.integers(MODELS_PER_KIND))
    shape = tree_shape(name, model, detail == "far")
    height = rng.uniform(*tree.height)
    turn = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    tint = np.asarray(tree.tints[int(rng.integers(len(tree.tints)))])
    tint = tint * rng.uniform(0.8, 1.2) * rng.uniform(0.93, 1.07, 3)
    bark = np.array([1.0, 1.0, 1.0]) * rng.uniform(0.6, 1.2) * rng.uniform(0.95, 1.05, 3)
    leaf_layer = tree.leaves[int(rng.integers(len(tree.leaves)))]
    looks = {
        "leaf": Look(leaf_layer, VEGETATION_ID, _rgb(tint), LEAF),
        "bark": Look(tree.bark, VEGETATION_ID, _rgb(bark)),
        "stake": Look("bark", VEGETATION_ID, (1.9, 1.6, 1.2)),
    }
    placed = shape.stretched(float(height)).moved([[c, 0, s], [0, 1, 0], [-s, 0, c]], (0, 0, 0))
    return dress(placed, looks, layers)


def _rgb(color: Float) -> Rgb:
    return float(color[0]), float(color[1]), float(color[2])


@lru_cache(maxsize=len(TREES) * MODELS_PER_KIND * 2)
def tree_shape(name: str, seed: int, far: bool) -> Shape:
    """Model ``seed`` of a kind at height 1 (every size is a share of the height)."""
    kind = TREES[name]
    rng = np.random.default_rng([seed, sum(map(ord, name))])
    mean = sum(kind.height) / 2
    width, foot = rng.uniform(*kind.crown_width), rng.uniform(*kind.crown_foot)
    trunk = rng.uniform(*kind.trunk) / mean
    b = ShapeBuilder()
    if kind.shape == "cone":
        _trunk(b, rng, trunk, 0.97, 0, far, foot, width)
        _fir_cards(b, rng, kind, width, foot, far)
    else:
        tops = _trunk(b, rng, trunk, foot + 0.45 * (1 - foot), 0 if far else 5, far, foot, width)
        clumps = _clumps(rng, kind, width, foot, tops)
        _leaf_cards(b, rng, kind, clumps, mean, far)
    if kind.stake and not far:
        for x in (-0.075, 0.075):
            b.tube([(x, 0, 0.02), (x, 0.30, 0.02)], 0.008, "stake", sides=4)
        b.box((0, 0.28, 0.02), (0.16, 0.012, 0.006), "stake")
    return b.build()


def _trunk(
    b: ShapeBuilder,
    rng: np.random.Generator,
    radius: float,
    top: float,
    limbs: int,
    far: bool,
    foot: float,
    width: float,
) -> Float:
    """A slightly bent trunk with limbs; returns the limbs' tips [limbs, 3]."""
    bend = rng.normal(0, 0.012, (4, 2))
    bend[0] = 0
    y = np.array([-0.015, 0.03, 0.5 * top, top])
    path = np.stack([bend[:, 0], y, bend[:, 1]], -1)
    taper = np.array([1.45, 1.0, 0.62, 0.06]) * radius
    b.tube(
        path[[0, 3]] if far else path,
        taper[[1, 3]] if far else taper,
        "bark",
        sides=5 if far else 8,
        repeat_m=0.12,
    )
    tips = []
    for k in range(limbs):
        a = 2 * np.pi * (k + rng.uniform(-0.25, 0.25)) / limbs
        start = np.array([0, foot * rng.uniform(0.85, 1.25), 0])
        out = width * rng.uniform(0.22, 0.34)
        top_y = min(foot + rng.uniform(0.22, 0.45), 0.9)
        tip = np.array([out * np.cos(a), top_y, out * np.sin(a)])
        middle = start * 0.5 + tip * 0.5 + vec(0, 0.03, 0)
        girth = np.array([0.42, 0.25, 0.06]) * radius * min(1.0, 1.8 * width)
        b.tube([start, middle, tip], girth, "bark", sides=4, repeat_m=0.12)
        tips.append(tip)
    return np.array(tips).reshape(-1, 3)


def _clumps(
    rng: np.random.Generator, kind: TreeKind, width: float, foot: float, tops: Float
) -> Float:
    """Clumps [N, 4]: middle and radius, filling the crown; the limbs' tips are among them."""
    r = width / 2
    rows = []
    for k in range(kind.clumps):
        t = (k + rng.uniform(0.2, 0.8)) / kind.clumps  # height in the crown
        t = 0.08 + 0.84 * t
        profile = {
            "round": np.sqrt(max(1 - (2 * t - 0.9) ** 2, 0.05)),
            "egg": np.sin(np.pi * min(t * 0.86 + 0.16, 1)) ** 0.7,
            "column": 0.75 * np.sin(np.pi * min(t * 0.8 + 0.15, 1)) ** 0.5,
            "weeping": np.sin(np.pi * min(t * 0.8 + 0.18, 1)),
        }.get(kind.shape, 1.0)
        a = k * 2.4 + rng.uniform(-0.5, 0.5)
        size = r * rng.uniform(0.42, 0.60) * (0.55 + 0.45 * profile)
        if kind.shape == "column":
            size = max(size, 0.6 * (1 - foot) / kind.clumps * 3.0)
        out = max(r * profile - size * 0.8, 0) * rng.uniform(0.6, 1.0)
        rows.append([out * np.cos(a), foot + (1 - foot) * t, out * np.sin(a), size])
    if kind.shape in ("round", "egg"):  # the crown's heart, so that no gap goes right through
        rows.append([0.0, foot + 0.5 * (1 - foot), 0.0, 0.62 * r])
    rows += [[*tip, r * rng.uniform(0.34, 0.46)] for tip in tops]
    clumps = np.array(rows)
    clumps[:, 1] = np.minimum(clumps[:, 1], 1 - 0.8 * clumps[:, 3])
    return clumps


def _leaf_cards(
    b: ShapeBuilder, rng: np.random.Generator, kind: TreeKind, clumps: Float, mean: float, far: bool
) -> None:
    """Crossed pairs of cards in the clumps: where one is seen edge-on, the other covers it."""
    count = kind.cards // (10 if far else 2)
    weight = clumps[:, 3] ** 2
    of = rng.choice(len(clumps), count, p=weight / weight.sum())
    of[: len(clumps)] = np.arange(len(clumps))[:count]
    out = normalized(rng.normal(size=(count, 3)) + vec(0, 0.25, 0)).astype(np.float64)
    center = clumps[of, :3] + out * (clumps[of, 3] * rng.uniform(0.45, 0.95, count))[:, None]
    size = rng.uniform(*kind.card_m, count) / mean / 2 * (1.9 if far else 1.08)
    crown_middle = np.array([0, float(clumps[:, 1].mean()), 0])
    from_middle = center - crown_middle
    away = normalized(0.55 * out + 0.9 * normalized(from_middle)).astype(np.float64)
    reach = np.linalg.norm(from_middle / np.abs(from_middle).max(0), axis=1)
    high = np.clip((center[:, 1] - clumps[:, 1].min()) / np.ptp(clumps[:, 1]), 0, 1)
    light = 0.56 + 0.30 * np.clip(reach, 0, 1) + 0.26 * high + rng.normal(0, 0.05, count)
    _crossed_cards(b, rng, center, away, size, light, kind.shape == "weeping")


def _crossed_cards(
    b: ShapeBuilder,
    rng: np.random.Generator,
    center: Float,
    away: Float,
    size: Float,
    light: Float,
    droop: bool,
) -> None:
    """Two upright-to-slanting square cards at each centre [N, 3], at right angles to each other;
    ``away`` [N, 3] is the shading normal."""
    count = len(center)
    spread = np.array([0.3, 0.0, 0.3]) if droop else np.array([1.0, 0.35, 1.0])
    axis = normalized(rng.normal(size=(count, 3)) * spread + vec(0, 0.8, 0)).astype(np.float64)
    one = normalized(np.cross(axis, rng.normal(size=(count, 3)))).astype(np.float64)
    two = np.cross(axis, one)
    v = axis * size[:, None]
    hue = rng.normal(1, 0.05, (count, 3)) * [1, 0.6, 1]
    shade = np.clip(light, 0.3, 1.25)[:, None] * hue / hue.mean(1, keepdims=True)
    for side, tone in ((one, 1.0), (two, 0.94)):
        u = side * size[:, None]
        corners = np.stack([center - u - v, center + u - v, center + u + v, center - u + v], 1)
        bulge = normalized(away[:, None] + 0.35 * normalized(corners - center[:, None]))
        b.quads(corners, "leaf", normals=bulge, uv=_UNIT, shade=shade * tone)


def _fir_cards(
    b: ShapeBuilder, rng: np.random.Generator, kind: TreeKind, width: float, foot: float, far: bool
) -> None:
    """Branches in whorls: cards that lie along drooping branches, shorter towards the top."""
    count = kind.cards // 6 if far else kind.cards
    t = ((np.arange(count) + rng.uniform(0, 1, count)) / count) ** 1.2
    length = width / 2 * (1 - t) ** 0.85 * rng.uniform(0.85, 1.1, count) + 0.03
    a = np.arange(count) * 2.4 + rng.normal(0, 0.25, count)
    droop = rng.uniform(-0.50, -0.15, count) + 0.75 * t
    along = normalized(np.stack([np.cos(a), droop, np.sin(a)], -1)).astype(np.float64)
    across = np.stack([-np.sin(a), rng.normal(0, 0.2, count), np.cos(a)], -1)
    half = np.maximum(length * 0.72, 0.05)[:, None] * across * (1.6 if far else 1.0)
    root = np.stack([np.zeros(count), foot + (1 - foot) * t, np.zeros(count)], -1)
    tip = root + along * length[:, None] * 1.08
    hang = np.array([0, 1.0, 0]) * (length * 0.34)[:, None] * (1.6 if far else 1.0)
    lying = np.stack([root - half, tip - half, tip + half, root + half], 1)
    upright = np.stack([root - hang, tip - hang, tip + hang * 0.5, root + hang * 0.5], 1)
    outward = normalized(np.stack([np.cos(a), np.full(count, 0.45), np.sin(a)], -1))[:, None]
    light = np.clip(0.62 + 0.35 * t + rng.normal(0, 0.07, count), 0.35, 1.2)[:, None]
    for cards, shade in ((lying, light), (upright, light * 0.85)):
        cards[..., 1] = np.maximum(cards[..., 1], 0.012)  # the lowest twigs rest on the ground
        b.quads(cards, "leaf", normals=outward, uv=_UNIT, shade=shade)
