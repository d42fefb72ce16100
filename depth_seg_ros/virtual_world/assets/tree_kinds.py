"""The kinds of tree: sizes, leaves and colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from depth_seg_ros.virtual_world.assets.paints import Rgb

Range = tuple[float, float]


@dataclass(frozen=True)
class TreeKind:
    """What makes a kind: sizes in metres, leaf layers, colours (linear, multiply the texture)."""

    height: Range
    crown_width: Range  # share of the height
    crown_foot: Range  # where the crown begins, share of the height
    trunk: Range  # radius at the foot
    leaves: tuple[str, ...]
    bark: str = "bark"
    clumps: int = 9
    cards: int = 96
    card_m: Range = (1.5, 2.2)
    shape: Literal["round", "column", "cone", "egg", "weeping"] = "round"
    tints: tuple[Rgb, ...] = ((1.0, 1.0, 1.0), (0.85, 0.95, 0.8), (1.15, 1.05, 0.85))
    stake: bool = False


_GREENS: tuple[Rgb, ...] = (
    (1.0, 1.0, 1.0),
    (0.72, 0.88, 0.75),
    (1.12, 1.10, 0.85),
    (0.82, 1.0, 1.05),
    (0.9, 0.95, 0.8),
    (0.68, 0.95, 0.9),
)
_AUTUMN: tuple[Rgb, ...] = ((3.0, 1.35, 0.45), (2.6, 1.7, 0.5), (2.2, 0.8, 0.4), (1.8, 1.5, 0.7))

TREES: dict[str, TreeKind] = {
    "round": TreeKind(
        (7, 12),
        (0.62, 0.85),
        (0.20, 0.30),
        (0.14, 0.26),
        ("leaf_broad", "leaf_dense"),
        tints=_GREENS,
    ),
    "tall": TreeKind(
        (12, 18),
        (0.45, 0.6),
        (0.20, 0.32),
        (0.22, 0.38),
        ("leaf_broad", "leaf_dense"),
        clumps=14,
        cards=116,
        card_m=(1.9, 2.8),
        shape="egg",
        tints=_GREENS,
    ),
    "columnar": TreeKind(
        (8, 15),
        (0.20, 0.28),
        (0.08, 0.16),
        (0.12, 0.2),
        ("leaf_dense", "leaf_small"),
        clumps=10,
        cards=96,
        card_m=(1.2, 1.8),
        shape="column",
        tints=_GREENS,
    ),
    "birch": TreeKind(
        (8, 14),
        (0.34, 0.46),
        (0.24, 0.36),
        (0.09, 0.15),
        ("leaf_small",),
        "bark_birch",
        clumps=11,
        cards=92,
        card_m=(1.2, 1.8),
        shape="weeping",
        tints=((0.9, 1.0, 0.9), (1.05, 1.08, 0.8)),
    ),
    "conifer": TreeKind(
        (8, 18),
        (0.34, 0.46),
        (0.05, 0.14),
        (0.13, 0.25),
        ("leaf_needle",),
        cards=100,
        shape="cone",
        tints=((1.0, 1.0, 1.0), (0.85, 1.0, 1.0), (1.0, 0.95, 0.8)),
    ),
    "street": TreeKind(
        (4, 6.5),
        (0.45, 0.6),
        (0.36, 0.44),
        (0.05, 0.09),
        ("leaf_small", "leaf_broad"),
        clumps=6,
        cards=64,
        card_m=(0.9, 1.3),
        stake=True,
        tints=_GREENS,
    ),
    "autumn": TreeKind(
        (6, 12),
        (0.55, 0.8),
        (0.20, 0.30),
        (0.14, 0.24),
        ("leaf_broad", "leaf_small"),
        tints=_AUTUMN,
    ),
    "bare": TreeKind(
        (7, 13),
        (0.55, 0.8),
        (0.20, 0.30),
        (0.13, 0.24),
        ("twigs",),
        cards=70,
        card_m=(1.6, 2.4),
        tints=((1.0, 1.0, 1.0), (0.8, 0.75, 0.7)),
    ),
}
