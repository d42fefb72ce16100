"""Texture layers of liveries: what hauliers print, paint and let rust on boxes, curtains and tanks.

A lorry beside the camera is a wall of one material that fills half of the picture; where all of
them wear the same lettering, a network learns that lettering instead of the lorry. So every layer
is a picture of its own: a ground, then some of bands, discs, letters, hills, checks and ribs, or
what a polished tank mirrors. All repeat along u, where a long side wears them several times.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.drawing import Canvas, Color, Layer
from depth_seg_ros.virtual_world.textures.noise import fbm

LIVERIES = tuple(f"livery_{k}" for k in range(6))
"""Names of the layers."""
MIRROR = "tank_mirror"
"""Name of the layer of polished steel."""
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVZ"


def livery_layers(rng: np.random.Generator, n: int) -> dict[str, Layer]:
    """All layers of this room by name."""
    return {name: _livery(rng, n) for name in LIVERIES} | {MIRROR: _mirror(rng, n)}


def _color(rng: np.random.Generator) -> Color:
    """Anything, white and saturated ones more often."""
    if rng.random() < 0.3:
        return (0.93, 0.93, 0.93)
    c = rng.uniform(0.02, 0.95, 3)
    c[int(rng.integers(3))] *= 0.3
    return c


def _livery(rng: np.random.Generator, n: int) -> Layer:
    c = Canvas(n, _color(rng))
    for draw in rng.permutation(len(_PRINTS))[: int(rng.integers(1, 4))]:
        _PRINTS[draw](c, rng)
    field = np.ones((n, n), np.float32)
    if rng.random() < 0.35:  # ribs of a container, folds of a tarpaulin
        ribs, deep = int(rng.integers(4, 24)), rng.uniform(0.05, 0.35)
        field *= 1 - deep * (0.5 + 0.5 * np.sin(np.arange(n) / n * 2 * np.pi * ribs)) ** 2
    dirt = fbm(rng, n, octaves=6, first=2, stretch=(1, int(rng.integers(1, 5))))
    field *= 1 - rng.uniform(0.1, 0.5) * np.clip(dirt - rng.uniform(0.0, 0.4), 0, 1)
    c.shade(field.astype(np.float32))
    return c.finish()


def _bands(c: Canvas, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        v, wide = rng.uniform(0, 0.9), rng.uniform(0.03, 0.3)
        c.rectangle((0, v), (1, v + wide), _color(rng))


def _sweep(c: Canvas, rng: np.random.Generator) -> None:
    """A slanting field from edge to edge."""
    u, wide, lean = rng.uniform(0, 0.7), rng.uniform(0.1, 0.4), rng.uniform(-0.3, 0.3)
    ink = _color(rng)
    for shift in (-1.0, 0.0):  # what leaves on the right comes in on the left
        left, right = u + shift, u + shift + wide
        c.polygon([(left, 0), (right, 0), (right + lean, 1), (left + lean, 1)], ink)


def _discs(c: Canvas, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        radius = rng.uniform(0.03, 0.28)
        at = (rng.uniform(radius, 1 - radius), rng.uniform(0, 1))
        c.ellipse(at, (radius, radius * rng.uniform(0.7, 1.6)), _color(rng))


def _words(c: Canvas, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        count = int(rng.integers(2, 9))
        word = "".join(_LETTERS[k] for k in rng.integers(0, len(_LETTERS), count))
        high = rng.uniform(0.08, 0.4)
        u, v = rng.uniform(0.02, 0.3), rng.uniform(0.03, 0.95 - high)
        c.text(word, (u, v), (min(u + high * count * 0.4, 0.97), v + high), _color(rng), 0.2)


def _hills(c: Canvas, rng: np.random.Generator) -> None:
    """A landscape as on a large print."""
    u = np.linspace(0, 1, 33)
    for low in np.sort(rng.uniform(0.05, 0.8, int(rng.integers(2, 5))))[::-1]:
        waves = sum(
            rng.uniform(0, 0.12) / k * np.sin(2 * np.pi * (k * u + rng.random()))
            for k in (1, 2, 3, 5)
        )
        ridge = np.stack([u, low + waves], -1)
        c.polygon(np.concatenate([ridge, [(1.0, 0.0), (0.0, 0.0)]]), _color(rng))


def _checks(c: Canvas, rng: np.random.Generator) -> None:
    columns, rows = int(rng.integers(3, 12)), int(rng.integers(1, 4))
    v0, v1 = np.sort(rng.uniform(0, 1, 2))
    ink = _color(rng)
    for k in range(columns):
        for row in range(rows):
            if (k + row) % 2:
                low = v0 + (v1 - v0) * row / rows
                c.rectangle((k / columns, low), ((k + 1) / columns, low + (v1 - v0) / rows), ink)


_PRINTS = (_bands, _sweep, _discs, _words, _hills, _checks)


def _mirror(rng: np.random.Generator, n: int) -> Layer:
    """Polished steel round a tank: sky above, a dark horizon, the bright road; v goes round."""
    up = np.sin((np.arange(n) + 0.5) / n * 2 * np.pi)
    sky = 0.55 + 0.4 * np.clip(up, 0, 1) ** rng.uniform(0.4, 2)
    road = rng.uniform(0.3, 0.7) * np.clip(-up, 0, 1) ** rng.uniform(0.3, 1.5) + 0.12
    shift = fbm(rng, n, octaves=5, first=4, stretch=(2, 1)) - 0.5
    at = up[:, None] + rng.uniform(0.1, 0.5) * shift - rng.uniform(-0.1, 0.35)
    mix = np.clip(at / rng.uniform(0.03, 0.2) + 0.5, 0, 1)
    c = Canvas(n, (1.0, 1.0, 1.0))
    c.shade((mix * sky[:, None] + (1 - mix) * road[:, None]).astype(np.float32))
    if rng.random() < 0.6:
        _words(c, rng)
    for u in np.arange(1, 3) / 2:
        c.line([(u - 0.25, 0), (u - 0.25, 1)], 0.006, (0.3, 0.3, 0.3))
    return c.finish()
