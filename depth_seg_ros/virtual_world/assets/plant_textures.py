"""Texture layers of plants: leaf and needle cards, grass, bark."""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.virtual_world.assets.drawing import Canvas, Color, Field, Layer
from depth_seg_ros.virtual_world.textures.noise import fbm


def plant_layers(rng: np.random.Generator, n: int) -> dict[str, Layer]:
    """All layers of this room by name."""
    return {
        "leaf_broad": _leaf_card(rng, n, (0.38, 0.52, 0.22), leaves=520, size=0.036, slim=0.55),
        "leaf_dense": _leaf_card(rng, n, (0.29, 0.44, 0.19), leaves=800, size=0.028, slim=0.6),
        "leaf_small": _leaf_card(rng, n, (0.44, 0.57, 0.27), leaves=900, size=0.022, slim=0.65),
        "leaf_needle": _needle_card(rng, n, (0.22, 0.34, 0.18)),
        "twigs": _twig_card(rng, n),
        "grass_card": _grass_card(rng, n, (0.38, 0.46, 0.18), flowers=False),
        "meadow_card": _grass_card(rng, n, (0.47, 0.48, 0.24), flowers=True),
        "hedge": _hedge(rng, n),
        "bark": _bark(rng, n, (0.36, 0.31, 0.26)),
        "bark_birch": _birch(rng, n),
    }


def _leaf_card(
    rng: np.random.Generator, n: int, hue: Color, *, leaves: int, size: float, slim: float
) -> Layer:
    """A spray of leaves on a few twigs: ragged outline, gaps, leaves lighter towards the front."""
    c = Canvas(n, np.asarray(hue) * 0.62, alpha=0.0)
    tips = []
    for a in np.arange(11) * 2 * np.pi / 11 + rng.normal(0, 0.2, 11):
        reach = rng.uniform(0.26, 0.42)
        tip = (0.5 + reach * np.cos(a), 0.5 + reach * np.sin(a))
        c.line([(0.5, 0.5), tip], 0.010, (0.20, 0.16, 0.11))
        tips += [(0.5 + t * (tip[0] - 0.5), 0.5 + t * (tip[1] - 0.5)) for t in (0.45, 0.75, 1.0)]
    _leaves(c, rng, np.array(tips), hue, leaves, size, slim)
    return c.finish()


def _leaves(
    c: Canvas,
    rng: np.random.Generator,
    tips: Field,
    hue: Color,
    count: int,
    size: float,
    slim: float,
) -> None:
    """Pointed leaves round the tips of the twigs, their halves lit a little differently; later
    leaves lie on top and catch more light."""
    at = tips[rng.integers(len(tips), size=count)] + rng.normal(0, 0.070, (count, 2))
    at = at[((at > 0.03) & (at < 0.97)).all(1)]
    count = len(at)
    a = rng.uniform(0, 2 * np.pi, count)
    length = size * rng.uniform(0.7, 1.25, count)[:, None]
    d = np.stack([np.cos(a), np.sin(a)], -1) * length
    s = np.stack([-np.sin(a), np.cos(a)], -1) * length * slim
    light = (0.50 + 0.55 * np.arange(count) / count) * rng.uniform(0.75, 1.2, count)
    color = np.asarray(hue) * light[:, None] * rng.uniform(0.9, 1.1, (count, 3))
    halves = [
        np.stack(
            [
                at - d,
                at - 0.46 * d + 0.8 * k * s,
                at - 0.1 * d + k * s,
                at + 0.45 * d + 0.6 * k * s,
                at + d,
            ],
            1,
        )
        for k in (1, -1)
    ]
    both = np.stack(halves, 1).reshape(-1, 5, 2)
    c.polygons(both, np.stack([1.1 * color, 0.88 * color], 1).reshape(-1, 3))


def _needle_card(rng: np.random.Generator, n: int, hue: Color) -> Layer:
    """A fir branch seen from above: stem along u, twigs to both sides, needles on them."""
    c = Canvas(n, np.asarray(hue) * 0.6, alpha=0.0)
    c.line([(0.02, 0.5), (0.97, 0.5)], 0.014, (0.22, 0.17, 0.12))
    for u in np.linspace(0.04, 0.96, 20):
        for side in (-1, 1):
            length = 0.46 * (1.02 - u) ** 0.6 * rng.uniform(0.8, 1.05) + 0.03
            end = np.array([min(u + 0.55 * length, 0.99), 0.5 + side * length])
            t = np.arange(0.03, 1, 0.014 / max(length, 0.06))
            at = np.array([u, 0.5]) + t[:, None] * (end - [u, 0.5])
            a = np.arctan2(side, 0.55) + rng.normal(0, 0.8, len(t))
            d = 0.036 * np.stack([np.cos(a), np.sin(a)], -1)
            s = 0.0085 * np.stack([-np.sin(a), np.cos(a)], -1)
            color = np.asarray(hue) * rng.uniform(0.5, 1.3, (len(t), 1)) + 0.05 * t[:, None]
            c.polygons(np.stack([at - s, at + d - 0.6 * s, at + d + 0.6 * s, at + s], 1), color)
    return c.finish()


def _twig_card(rng: np.random.Generator, n: int) -> Layer:
    """Bare twigs for winter crowns."""
    c = Canvas(n, (0.30, 0.26, 0.22), alpha=0.0)

    def grow(x: float, y: float, a: float, length: float, width: float, left: int) -> None:
        tip = (x + length * float(np.cos(a)), y + length * float(np.sin(a)))
        grey = float(rng.uniform(0.20, 0.36))
        c.line([(x, y), tip], width, (grey * 1.08, grey, grey * 0.88))
        if left:
            for turn in rng.normal(0, 0.5, 3):
                grow(*tip, a + float(turn), length * 0.72, max(width * 0.7, 0.004), left - 1)

    for a in np.linspace(0, 2 * np.pi, 8)[:-1]:
        grow(0.5, 0.5, float(a + rng.normal(0, 0.2)), 0.15, 0.012, 4)
    return c.finish()


def _grass_card(rng: np.random.Generator, n: int, hue: Color, *, flowers: bool) -> Layer:
    """Blades that rise from the lower edge; the upper part is mostly air."""
    c = Canvas(n, np.asarray(hue) * 0.8, alpha=0.0)
    for k in range(210):
        x, lean = rng.uniform(0.02, 0.98), rng.normal(0, 0.09)
        tall = rng.uniform(0.25, 0.95) * (0.7 if not flowers else 1.0)
        light = 0.45 + 0.7 * k / 210
        color = np.asarray(hue) * light * rng.uniform(0.85, 1.2, 3)
        w = 0.011
        c.polygon(
            [
                (x - w, 0.0),
                (x + w, 0.0),
                (x + 0.4 * lean + 0.6 * w, 0.6 * tall),
                (x + lean, tall),
                (x + 0.4 * lean - 0.6 * w, 0.6 * tall),
            ],
            color,
        )
        if flowers and rng.random() < 0.10:
            petals = [
                (0.85, 0.80, 0.25),
                (0.85, 0.85, 0.82),
                (0.55, 0.40, 0.70),
                (0.70, 0.62, 0.40),
            ][int(rng.integers(4))]
            c.ellipse((x + lean, tall), (0.016, 0.013), petals)
    return c.finish()


def _hedge(rng: np.random.Generator, n: int) -> Layer:
    """Clipped leaves, filling the tile: dark gaps below, light leaves on top."""
    c = Canvas(n, (0.06, 0.09, 0.03))
    hue, count = np.array([0.25, 0.36, 0.13]), 1500
    at = rng.random((count, 2))
    a, size = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.012, 0.024, count)[:, None]
    d = np.stack([np.cos(a), np.sin(a)], -1) * size
    s = np.stack([-np.sin(a), np.cos(a)], -1) * size * 0.6
    color = (
        hue * (0.3 + 0.9 * np.arange(count) / count)[:, None] * rng.uniform(0.75, 1.2, (count, 3))
    )
    leaf = np.stack([at - d, at + s, at + d, at - s], 1)
    for shift in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):  # the tile repeats
        seen = ((at + shift > -0.03) & (at + shift < 1.03)).all(1)
        c.polygons(leaf[seen] + np.array(shift), color[seen])
    c.shade(0.75 + 0.4 * fbm(rng, n, octaves=4, first=2))
    return c.finish()


def _bark(rng: np.random.Generator, n: int, hue: Color) -> Layer:
    """Upright furrows."""
    ridge = np.abs(fbm(rng, n, octaves=5, persistence=0.6, first=2, stretch=(1, 4)) - 0.5) * 2
    tone = 0.35 + 0.75 * np.clip(ridge * 1.6, 0, 1)
    tone *= 0.75 + 0.5 * fbm(rng, n, octaves=7, persistence=0.8)
    moss = np.clip(fbm(rng, n, octaves=4) - 0.6, 0, 1) * 1.6
    color = np.asarray(hue) * tone[..., None]
    color = color * (1 - moss[..., None]) + np.array([0.30, 0.33, 0.18]) * (tone * moss)[..., None]
    return _opaque(color)


def _birch(rng: np.random.Generator, n: int) -> Layer:
    """White bark with dark cross marks."""
    c = Canvas(n, (0.80, 0.79, 0.75))
    for _ in range(70):
        x, y = rng.random(2)
        w, h = rng.uniform(0.03, 0.14), rng.uniform(0.004, 0.014)
        for dx in (-1.0, 0.0, 1.0):
            c.ellipse((x + dx, y), (w, h), (0.16, 0.15, 0.14))
    c.shade(0.7 + 0.4 * fbm(rng, n, octaves=6, stretch=(4, 1)))
    return c.finish()


def _opaque(color: Field) -> Layer:
    pixels = np.ones((*color.shape[:2], 4), np.float32)
    pixels[..., :3] = np.clip(color, 0, 1)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.4) * 255 + 0.5, np.uint8)
