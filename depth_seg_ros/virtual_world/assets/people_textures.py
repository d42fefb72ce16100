"""Texture layers of people: cloth, denim, skin, face, hair; bicycle spokes."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.assets.drawing import Canvas, Layer
from depth_seg_ros.virtual_world.textures.noise import fbm


def people_layers(rng: np.random.Generator, n: int) -> dict[str, Layer]:
    """All layers of this room by name; near white, so that the tint colours them."""
    return {
        "cloth": _cloth(rng, n),
        "denim": _denim(rng, n),
        "skin": _skin(rng, n),
        "face": _face(rng, n),
        "hair": _hair(rng, n),
        "spokes": _spokes(n),
        "stripes": _stripes(rng, n),
        "checks": _checks(rng, n),
    }


def _cloth(rng: np.random.Generator, n: int) -> Layer:
    """Soft folds."""
    c = Canvas(n, (0.95, 0.95, 0.95))
    c.shade(0.80 + 0.20 * fbm(rng, n, octaves=4, persistence=0.45, first=1, stretch=(1, 2)))
    c.shade(0.93 + 0.07 * fbm(rng, n, octaves=4, first=5))
    return c.finish()


def _stripes(rng: np.random.Generator, n: int) -> Layer:
    """Stripes round the body, as on shirts and jackets with bands."""
    c = Canvas(n, (0.95, 0.95, 0.95))
    count = int(rng.integers(2, 7))
    dark = rng.uniform(0.12, 0.6, 3)
    thick = float(rng.uniform(0.2, 0.6)) / count
    for k in range(count):
        low = (k + 0.2) / count
        c.rectangle((0.0, low), (1.0, low + thick), dark)
    c.shade(0.78 + 0.22 * fbm(rng, n, octaves=4, persistence=0.45, first=1, stretch=(1, 2)))
    return c.finish()


def _checks(rng: np.random.Generator, n: int) -> Layer:
    """A checked weave, or print scattered over the cloth."""
    c = Canvas(n, (0.95, 0.94, 0.92))
    if rng.random() < 0.5:
        tone = rng.uniform(0.2, 0.7, 3)
        for k in range(6):
            c.rectangle((k / 6, 0.0), (k / 6 + 0.07, 1.0), tone)
            c.rectangle((0.0, k / 6), (1.0, k / 6 + 0.07), tone * 0.8)
    else:
        for u, v in rng.uniform(0.05, 0.95, (26, 2)).tolist():
            c.ellipse((u, v), (0.05, 0.04), rng.uniform(0.1, 0.9, 3))
    c.shade(0.80 + 0.20 * fbm(rng, n, octaves=4, persistence=0.45, first=1, stretch=(1, 2)))
    return c.finish()


def _denim(rng: np.random.Generator, n: int) -> Layer:
    """Upright creases, worn light patches, a seam at each side."""
    c = Canvas(n, (0.92, 0.92, 0.92))
    c.shade(0.74 + 0.26 * fbm(rng, n, octaves=4, persistence=0.5, first=1, stretch=(2, 1)))
    c.shade(0.90 + 0.10 * fbm(rng, n, octaves=3, first=6))
    c.line([(0.0, 0.0), (0.0, 1.0)], 0.02, (0.55, 0.55, 0.55))
    c.line([(0.5, 0.0), (0.5, 1.0)], 0.02, (0.55, 0.55, 0.55))
    return c.finish()


def _skin(rng: np.random.Generator, n: int) -> Layer:
    c = Canvas(n, (0.97, 0.95, 0.94))
    c.shade(0.9 + 0.1 * fbm(rng, n, octaves=4))
    return c.finish()


def _face(rng: np.random.Generator, n: int) -> Layer:
    """A face round u = 0.5 (the front of a head), v = 0 chin .. 1 crown."""
    c = Canvas(n, (0.97, 0.95, 0.94))
    for side in (-1, 1):
        u = 0.5 + side * 0.075
        c.ellipse((u, 0.52), (0.050, 0.042), (0.78, 0.70, 0.66))
        c.ellipse((u, 0.52), (0.030, 0.016), (0.92, 0.90, 0.88))
        c.ellipse((u, 0.52), (0.014, 0.018), (0.10, 0.08, 0.07))
        c.line([(u - 0.04, 0.575), (u + 0.04, 0.58)], 0.014, (0.25, 0.20, 0.17))
        c.ellipse((0.5 + side * 0.095, 0.40), (0.05, 0.05), (0.96, 0.86, 0.83))
    c.polygon([(0.48, 0.52), (0.52, 0.52), (0.535, 0.41), (0.465, 0.41)], (0.90, 0.86, 0.84))
    c.line([(0.47, 0.40), (0.53, 0.40)], 0.012, (0.62, 0.52, 0.48))
    c.ellipse((0.5, 0.315), (0.052, 0.022), (0.72, 0.45, 0.43))
    c.line([(0.455, 0.315), (0.545, 0.315)], 0.008, (0.40, 0.24, 0.23))
    c.shade(0.93 + 0.07 * fbm(rng, n, octaves=4))
    return c.finish()


def _hair(rng: np.random.Generator, n: int) -> Layer:
    c = Canvas(n, (0.95, 0.94, 0.92))
    c.shade(0.5 + 0.5 * fbm(rng, n, octaves=6, persistence=0.8, first=2, stretch=(1, 6)))
    return c.finish()


def _spokes(n: int) -> Layer:
    """A spoked wheel in a see-through tile."""
    c = Canvas(n, (0.30, 0.30, 0.31), alpha=0.0)
    for a in np.linspace(0, np.pi, 13)[:-1]:
        d = 0.49 * np.array([np.cos(a), np.sin(a)])
        c.line([(0.5 - d[0], 0.5 - d[1]), (0.5 + d[0], 0.5 + d[1])], 0.010, (0.45, 0.45, 0.46))
    c.ellipse((0.5, 0.5), (0.05, 0.05), (0.25, 0.25, 0.26))
    return c.finish()
