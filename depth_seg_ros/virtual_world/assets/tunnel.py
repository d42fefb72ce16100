"""Tunnels and underpasses along a path: lining, lamps, kerbs, portals, the hill above.

A path [K, 3] is the middle of what drives or walks through, on its surface.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.geometry.sweep import (
    Float,
    boxes_along,
    raised,
    resampled,
    sideways,
    sweep,
)
from depth_seg_ros.virtual_world.textures.palette import Palette

Generator = np.random.Generator
LABEL = "tunnel"


def tunnel_profile(half: float, height: float, *, arched: bool) -> Float:
    """The inside of a tube [K, 2] of (right, up), from the right foot over the crown to the left:
    a barrel on upright walls, or a box."""
    if not arched:
        return np.array([(half, -0.2), (half, height), (-half, height), (-half, -0.2)])
    spring = height * 0.38
    angle = np.linspace(0, np.pi, 11)
    arch = np.stack([half * np.cos(angle), spring + (height - spring) * np.sin(angle)], -1)
    return np.concatenate([[(half * 0.96, -0.2)], arch, [(-half * 0.96, -0.2)]])


def tunnel(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    half: float,
    height: float,
    *,
    arched: bool = True,
    kind: str | None = None,
) -> None:
    """The lining of a tube with its lamps; ``kind`` is the wall's texture (None draws one). It is
    seen from inside only: cover it with :func:`hill_over` or put a road on it."""
    texture = (
        ("concrete", "tiles", "panel", "rubble", "mural")[int(rng.integers(5))]
        if kind is None
        else kind
    )
    profile = tunnel_profile(half, height, arched=arched)
    wall = palette(texture, LABEL, rng.uniform(0.7, 1.0), flags=Surface.PLAIN)
    roof = palette("concrete", LABEL, rng.uniform(0.45, 0.8))
    foot = 3 if arched else 1  # sections of wall at each side before the roof begins
    last = len(profile) - 1
    for first, end, material in (
        (0, foot, wall),
        (foot, last - foot, roof),
        (last - foot, last, wall),
    ):
        sweep(builder, material, path, profile[first : end + 1])
    stripe = palette("plain", LABEL, (0.75, 0.6, 0.05) if rng.random() < 0.4 else 0.8)
    if rng.random() < 0.5:
        for side in (-1, 1):
            x = side * (half * 0.96 - 0.03)
            band = [(x, 0.9), (x, 1.15)]
            sweep(builder, stripe, path, band if side > 0 else band[::-1])
    _lamps(builder, palette, rng, path, half, height, arched)


def _lamps(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    half: float,
    height: float,
    arched: bool,
) -> None:
    """Rows of lamps under the roof, lit day and night."""
    warm = (1.0, 0.72, 0.38) if rng.random() < 0.5 else (0.9, 0.97, 1.0)
    glow = palette("plain", LABEL, np.array(warm) * 0.7, flags=Surface.EMISSIVE)
    case = palette("metal", LABEL, 0.3)
    places = resampled(path, float(rng.uniform(5, 10)))
    for side in (-1, 1) if half > 3 else (0,):
        x = side * half * 0.55
        y = (
            height - 0.12
            if not arched
            else height * 0.38 + height * 0.62 * np.sqrt(1 - 0.55**2 * abs(side)) - 0.25
        )
        at = raised(places + sideways(places) * x, float(y))
        boxes_along(builder, case, at, (0.3, 0.12, 1.2))
        boxes_along(builder, glow, raised(at, -0.07), (0.22, 0.02, 1.1), faces="yxXzZ")


def portal(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    half: float,
    height: float,
    *,
    entrance: bool = True,
    arched: bool = True,
    rise: float = 2.5,
    wing: float = 6.0,
) -> None:
    """The front of a tube at the path's first point (or its last: ``entrance`` false): a wall with
    the opening in it, ``rise`` above the crown and ``wing`` to either side, with a cornice."""
    here, inner = (path[0], path[1]) if entrance else (path[-1], path[-2])
    out = np.asarray(here - inner, np.float64) * [1, 0, 1]
    out /= np.linalg.norm(out)
    right = np.array([-out[2], 0, out[0]])
    profile = tunnel_profile(half, height, arched=arched)[::-1]  # left foot to right foot
    stone = palette(
        ("stone", "concrete", "rubble")[int(rng.integers(3))], LABEL, rng.uniform(0.75, 1.05)
    )
    top, reach = height + rise, half + wing
    rim = np.concatenate([[(-half, -0.5)], profile[1:-1], [(half, -0.5)]])
    outer = rim.copy()
    outer[:, 1] = top
    outer[0], outer[-1] = (-half, top), (half, top)
    lift = np.array([0.0, 1.0, 0.0])

    def world(points: Float, ahead: float = 0.0) -> Float:
        return np.asarray(here + points[..., :1] * right + points[..., 1:] * lift + out * ahead)

    grid = np.stack([rim, outer], 1)
    normals = np.broadcast_to(out, (len(rim), 2, 3))
    builder.grid(world(grid), stone, uv=grid / stone.repeat_m, normals=normals)
    for side in (-1.0, 1.0):
        wall = np.array(
            [
                (side * half, -0.5),
                (side * reach, -0.5),
                (side * reach, top * 0.8),
                (side * half, top),
            ]
        )
        builder.quads([world(wall)], stone, uv=wall / stone.repeat_m, normals=out)
    cornice = world(np.array([(-half - 0.4, top), (half + 0.4, top)]), 0.1)
    middle = cornice.mean(0) + lift * 0.15
    width = float(np.linalg.norm(cornice[1] - cornice[0]))
    turn = np.stack([right, lift, np.cross(right, lift)], 1)
    builder.box(middle, (width, 0.35, 0.8), stone.tinted(0.9), rotation=turn)


def hill_over(
    builder: MeshBuilder,
    palette: Palette,
    path: Float,
    half: float,
    height: float,
    *,
    cover: float = 2.5,
    foot: float = 16.0,
) -> None:
    """The ground above a tube: a bank from far left over the crown to far right, grass outside."""
    top = height + cover
    profile = [
        (half + foot, -1.0),
        (half + foot * 0.45, top * 0.75),
        (half * 0.6, top),
        (-half * 0.6, top),
        (-half - foot * 0.45, top * 0.75),
        (-half - foot, -1.0),
    ]
    sweep(builder, palette("grass_0", "terrain"), path, profile[::-1])


def underpass(
    builder: MeshBuilder,
    palette: Palette,
    rng: Generator,
    path: Float,
    half: float,
    height: float,
) -> None:
    """A short box under a road or a railway: walls of tiles, concrete or murals, its deck above
    with a parapet at both mouths."""
    kind = ("tiles", "concrete", "mural", "brick_0")[int(rng.integers(4))]
    tunnel(builder, palette, rng, path, half, height, arched=False, kind=kind)
    for entrance in (True, False):
        portal(builder, palette, rng, path, half, height, entrance=entrance, arched=False,
               rise=1.3, wing=5.0)  # fmt: skip
    deck = palette("concrete", "bridge", 0.9)
    sweep(builder, deck, path, [(-half - 5, height + 0.9), (half + 5, height + 0.9)])
