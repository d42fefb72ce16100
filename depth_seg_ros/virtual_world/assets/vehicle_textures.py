"""Texture layers of vehicles: body seams, glass with an interior, lamps, grilles, plates, rims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.drawing import Canvas, Color, Layer, Point
from depth_seg_ros.virtual_world.textures.noise import fbm

SEAM: Color = (0.13, 0.13, 0.14)
PAINT = 0.95


def vehicle_layers(rng: np.random.Generator, n: int) -> dict[str, Layer]:
    """All layers of this room by name."""
    return {
        "paint": _paint(rng, n),
        "car_side": _car_side(rng, n),
        "car_end": _car_end(rng, n),
        "car_top": _car_top(n),
        "car_glass": _car_glass(n),
        "lamps": _lamps(rng, n),
        "grilles": _grilles(n),
        "plates": _plates(rng, n),
        "rims": _rims(rng, n),
        "tyre": _tyre(rng, n),
    }


def _dirt(rng: np.random.Generator, n: int, strength: float) -> NDArray[np.float32]:
    """A multiplier that darkens the lower rows of both strips of a side texture."""
    v = (np.arange(n) + 0.5) / n
    height = (v % 0.5) * 2
    low = np.clip(1 - height / 0.35, 0, 1) ** 1.5
    noise = fbm(rng, n, octaves=6, persistence=0.65, first=2)
    return np.asarray(1 - strength * low[:, None] * (0.4 + 0.9 * noise), np.float32)


def _paint(rng: np.random.Generator, n: int) -> Layer:
    c = Canvas(n, (PAINT,) * 3)
    c.shade(0.96 + 0.04 * fbm(rng, n, octaves=6, persistence=0.8))
    return c.finish()


def _seam(c: Canvas, points: list[Point], width: float = 0.005) -> None:
    """A door gap: dark, with the light edge that catches the sky."""
    c.line([(u + 0.005, v - 0.003) for u, v in points], 0.004, (1, 1, 1))
    c.line(points, width, SEAM)


def _handle(c: Canvas, u: float, v: float, length: float) -> None:
    c.ellipse((u, v - 0.008), (length * 0.5, 0.020), (0.45, 0.45, 0.46))
    c.rectangle((u - length / 2, v), (u + length / 2, v + 0.018), (0.98, 0.98, 0.98))
    c.line([(u - length / 2, v - 0.002), (u + length / 2, v - 0.002)], 0.006, (0.3, 0.3, 0.3))


def _car_side(rng: np.random.Generator, n: int) -> Layer:
    """Upper strip: B pillar (u=0) to nose; lower strip: tail to B pillar (u=1)."""
    c = Canvas(n, (PAINT,) * 3)

    def at(strip: int, u: float, f: float) -> Point:
        return u, 0.5 * strip + 0.02 + 0.46 * f

    c.shade(0.97 + 0.03 * fbm(rng, n, octaves=5))
    for strip in (0, 1):  # moulding, crease shadow, sill
        low, high = at(strip, 0, 0.36), at(strip, 1, 0.385)
        c.rectangle(low, high, (0.80, 0.80, 0.80))
        c.line([at(strip, 0, 0.76), at(strip, 1, 0.76)], 0.012, (0.86, 0.86, 0.86))
        c.rectangle(at(strip, 0, -0.05), at(strip, 1, 0.085), (0.28, 0.28, 0.28))
    _seam(c, [at(1, 0.006, 0.1), at(1, 0.006, 1)], 0.008)
    _seam(
        c,
        [at(1, 0.006, 0.10), at(1, 0.37, 0.10), at(1, 0.40, 0.2), at(1, 0.42, 0.6), at(1, 0.40, 1)],
    )
    _handle(c, *at(1, 0.10, 0.80), 0.10)
    _seam(
        c,
        [
            at(0, 0.994, 0.10),
            at(0, 0.60, 0.10),
            at(0, 0.555, 0.30),
            at(0, 0.48, 0.58),
            at(0, 0.43, 0.72),
            at(0, 0.43, 1),
        ],
    )
    _handle(c, *at(0, 0.52, 0.82), 0.085)
    c.line(
        [
            at(0, 0.19, 0.72),
            at(0, 0.27, 0.72),
            at(0, 0.27, 0.86),
            at(0, 0.19, 0.86),
            at(0, 0.19, 0.72),
        ],
        0.006,
        (0.35, 0.35, 0.35),
    )
    c.line([at(0, 0.0, 0.56), at(0, 0.16, 0.58)], 0.004, (0.3, 0.3, 0.3))
    c.line([at(1, 0.90, 0.58), at(1, 1.0, 0.56)], 0.004, (0.3, 0.3, 0.3))
    c.shade(_dirt(rng, n, 0.35))
    return c.finish()


def _car_end(rng: np.random.Generator, n: int) -> Layer:
    """u from the middle to the edge; upper strip the nose, lower strip the tail."""
    c = Canvas(n, (PAINT,) * 3)

    def at(strip: int, u: float, f: float) -> Point:
        return u, 0.5 * strip + 0.02 + 0.46 * f

    for strip in (0, 1):
        c.rectangle(at(strip, 0, -0.05), at(strip, 1, 0.09), (0.22, 0.22, 0.22))
    c.line([at(1, 0, 0.935), at(1, 0.80, 0.935), at(1, 0.92, 0.9)], 0.005, SEAM)
    c.line([at(1, 0.86, 0.55), at(1, 1.0, 0.58)], 0.004, (0.35, 0.35, 0.35))
    c.line([at(1, 0, 0.42), at(1, 1, 0.44)], 0.010, (0.78, 0.78, 0.78))
    c.line([at(0, 0, 0.44), at(0, 0.70, 0.44), at(0, 0.80, 0.52), at(0, 0.86, 1.0)], 0.006, SEAM)
    c.line([at(0, 0.80, 0.46), at(0, 1.0, 0.52)], 0.004, (0.35, 0.35, 0.35))
    c.polygon(
        [at(0, 0, 0.46), at(0, 0.38, 0.46), at(0, 0.36, 0.66), at(0, 0, 0.66)], (0.72, 0.72, 0.72)
    )
    c.rectangle(at(0, 0, 0.665), at(0, 0.34, 0.70), (0.55, 0.55, 0.55))
    c.ellipse(at(0, 0, 0.82), (0.055, 0.028), (0.60, 0.60, 0.62))
    c.ellipse(at(0, 0, 0.82), (0.040, 0.019), (0.92, 0.92, 0.94))
    for k in range(4):
        u = 0.52 + 0.05 * k
        c.rectangle(at(0, u, 0.74), at(0, u + 0.03, 0.77), (0.55, 0.55, 0.57))
    for u in (0.35, 0.7):
        c.ellipse(at(0, u, 0.30), (0.012, 0.007), (0.4, 0.4, 0.4))
    c.shade(_dirt(rng, n, 0.30))
    return c.finish()


def _car_top(n: int) -> Layer:
    """u from the middle to the edge; bonnet in the upper half, boot lid in the lower."""
    c = Canvas(n, (PAINT,) * 3)
    c.line([(0.86, 0.52), (0.84, 0.93)], 0.006, SEAM)
    c.rectangle((0, 0.505), (0.86, 0.545), (0.07, 0.07, 0.07))
    c.line([(0.1, 0.53), (0.7, 0.545)], 0.008, (0.02, 0.02, 0.02))
    c.line([(0.45, 0.56), (0.62, 0.94)], 0.02, (0.90, 0.90, 0.90))
    c.line([(0.83, 0.47), (0.83, 0.02)], 0.006, SEAM)
    c.line([(0, 0.455), (0.83, 0.455)], 0.006, SEAM)
    return c.finish()


def _car_glass(n: int) -> Layer:
    """Upper half the side windows (u = rear to front), lower left windscreen, right rear."""
    c = Canvas(n, (0.10, 0.11, 0.12))
    dark, seat, sky = (0.035, 0.037, 0.04), (0.07, 0.07, 0.075), (0.24, 0.26, 0.28)
    c.rectangle((0, 0.62), (1, 0.94), sky)  # the far side's windows seen through the car
    c.rectangle((0, 0.5), (1, 0.64), dark)
    for u in (0.0, 0.17, 0.44, 0.97):
        c.polygon([(u, 0.5), (u + 0.06, 0.5), (u + 0.03, 1), (u - 0.01, 1)], dark)
    for u in (0.24, 0.52):
        c.polygon([(u, 0.5), (u + 0.13, 0.5), (u + 0.08, 0.80), (u + 0.01, 0.80)], seat)
        c.rectangle((u + 0.015, 0.82), (u + 0.065, 0.91), seat)
    c.ellipse((0.80, 0.64), (0.035, 0.07), seat, angle=20)
    c.rectangle((0, 0.93), (1, 1), dark)
    for u0 in (0.0, 0.5):  # symmetric about the middle of each screen
        c.rectangle((u0, 0), (u0 + 0.5, 0.5), (0.10, 0.105, 0.11))
        c.rectangle((u0 + 0.04, 0.16), (u0 + 0.46, 0.40), (0.15, 0.16, 0.165))
        c.rectangle((u0, 0), (u0 + 0.5, 0.13 if u0 else 0.10), dark)
        for u in (0.13, 0.37):  # seats with their head rests
            c.polygon(
                [
                    (u0 + u - 0.055, 0.06),
                    (u0 + u + 0.055, 0.06),
                    (u0 + u + 0.045, 0.24),
                    (u0 + u - 0.045, 0.24),
                ],
                (0.085, 0.087, 0.09),
            )
            c.rectangle((u0 + u - 0.025, 0.25), (u0 + u + 0.025, 0.31), (0.09, 0.092, 0.095))
        c.rectangle((u0, 0.46), (u0 + 0.5, 0.5), dark)
    c.ellipse((0.25, 0.42), (0.030, 0.014), dark)
    c.line([(0.56, 0.05), (0.90, 0.11)], 0.008, (0.02, 0.02, 0.02))
    for k in range(9):
        c.line([(0.52, 0.10 + 0.04 * k), (0.98, 0.10 + 0.04 * k)], 0.002, (0.09, 0.09, 0.09))
    return c.finish()


def _lamps(rng: np.random.Generator, n: int) -> Layer:
    """4 x 4 tiles; the upper two rows head lamps, the lower two tail lamps, u = inside to out."""
    c = Canvas(n, (0.5, 0.5, 0.5))
    for k in range(8):
        u0, v0 = 0.25 * (k % 4), 0.5 + 0.25 * (k // 4)
        _head_lamp(c, rng, u0, v0)
        _tail_lamp(c, rng, u0, v0 - 0.5)
    return c.finish()


def _head_lamp(c: Canvas, rng: np.random.Generator, u0: float, v0: float) -> None:
    base = rng.uniform(0.30, 0.62)
    c.rectangle((u0, v0), (u0 + 0.25, v0 + 0.25), (base, base, base * 1.03))
    c.rectangle((u0, v0 + 0.21), (u0 + 0.25, v0 + 0.25), (0.2, 0.2, 0.21))
    for u in (0.08, 0.17) if rng.random() < 0.7 else (0.11,):
        r = rng.uniform(0.030, 0.042)
        c.ellipse((u0 + u, v0 + 0.12), (r, r * 2), (0.22, 0.23, 0.24))
        c.ellipse((u0 + u, v0 + 0.12), (r * 0.78, r * 1.56), (0.88, 0.90, 0.93))
        c.ellipse((u0 + u, v0 + 0.12), (r * 0.35, r * 0.7), (0.55, 0.57, 0.6))
    c.line([(u0 + 0.01, v0 + 0.02), (u0 + 0.23, v0 + 0.03)], 0.02, (0.95, 0.97, 1))
    if rng.random() < 0.5:
        c.rectangle((u0 + 0.215, v0), (u0 + 0.25, v0 + 0.25), (0.85, 0.48, 0.12))
    c.line([(u0, v0), (u0 + 0.25, v0)], 0.012, (0.12, 0.12, 0.12))


def _tail_lamp(c: Canvas, rng: np.random.Generator, u0: float, v0: float) -> None:
    red, bright = (0.52, 0.03, 0.04), (0.82, 0.10, 0.09)
    c.rectangle((u0, v0), (u0 + 0.25, v0 + 0.25), red)
    if rng.random() < 0.5:
        c.ellipse((u0 + 0.17, v0 + 0.13), (0.055, 0.085), bright)
        c.ellipse((u0 + 0.17, v0 + 0.13), (0.03, 0.045), red)
    else:
        c.rectangle((u0 + 0.03, v0 + 0.15), (u0 + 0.22, v0 + 0.21), bright)
    strip = v0 + rng.uniform(0.04, 0.08)
    c.rectangle((u0 + 0.02, strip), (u0 + 0.12, strip + 0.05), (0.88, 0.86, 0.86))
    c.rectangle((u0 + 0.12, strip), (u0 + 0.20, strip + 0.05), (0.80, 0.40, 0.10))
    for v in (v0, v0 + 0.245):
        c.line([(u0, v), (u0 + 0.25, v)], 0.010, (0.18, 0.02, 0.02))


def _grilles(n: int) -> Layer:
    """2 x 2 tiles: bars, mesh, upright slats, framed."""
    black, chrome = (0.05, 0.05, 0.055), (0.62, 0.63, 0.65)
    c = Canvas(n, black)
    for k in range(6):
        v = 0.04 + 0.075 * k
        c.rectangle((0, v), (0.5, v + 0.03), (0.20, 0.20, 0.21) if k % 2 else chrome)
    for k in range(14):
        for j in range(14):
            at = (0.5 + 0.018 + 0.036 * k + 0.018 * (j % 2), 0.018 + 0.036 * j)
            c.ellipse(at, (0.013, 0.013), (0.02, 0.02, 0.02))
            c.line(
                [(at[0] - 0.013, at[1] - 0.013), (at[0] + 0.013, at[1] - 0.013)],
                0.004,
                (0.22, 0.22, 0.23),
            )
    for k in range(14):
        c.rectangle((0.01 + 0.036 * k, 0.52), (0.022 + 0.036 * k, 0.98), (0.42, 0.43, 0.44))
    c.rectangle((0.5, 0.5), (1, 1), (0.10, 0.10, 0.105))
    for k in range(3):
        c.rectangle((0.5, 0.60 + 0.12 * k), (1, 0.63 + 0.12 * k), (0.28, 0.28, 0.29))
    for u0, v0 in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        c.line(
            [
                (u0 + 0.008, v0 + 0.012),
                (u0 + 0.492, v0 + 0.012),
                (u0 + 0.492, v0 + 0.488),
                (u0 + 0.008, v0 + 0.488),
                (u0 + 0.008, v0 + 0.012),
            ],
            0.016,
            chrome,
        )
        c.ellipse((u0 + 0.25, v0 + 0.26), (0.034, 0.115), (0.35, 0.36, 0.38))
        c.ellipse((u0 + 0.25, v0 + 0.26), (0.026, 0.088), (0.85, 0.86, 0.88))
    return c.finish()


def _plates(rng: np.random.Generator, n: int) -> Layer:
    """2 x 8 tiles of number plates: white with a blue band, in the upper two rows yellow."""
    c = Canvas(n, (0.9, 0.9, 0.9))
    letters = "ABCDEFGHKLMNPRSTUVWXYZ"
    for k in range(16):
        u0, v0 = 0.5 * (k % 2), 0.125 * (k // 2)
        ground = (0.90, 0.74, 0.16) if k >= 12 else (0.90, 0.90, 0.88)
        c.rectangle((u0, v0), (u0 + 0.5, v0 + 0.125), ground)
        c.rectangle((u0, v0), (u0 + 0.045, v0 + 0.125), (0.06, 0.16, 0.55))
        pick = [letters[i] for i in rng.integers(0, len(letters), 4)]
        text = f"{pick[0]}{pick[1]} {pick[2]}{pick[3]} {rng.integers(10, 9999)}"
        c.text(text, (u0 + 0.065, v0 + 0.018), (u0 + 0.485, v0 + 0.108), (0.04, 0.04, 0.05), 0.2)
        c.line(
            [
                (u0 + 0.004, v0 + 0.004),
                (u0 + 0.496, v0 + 0.004),
                (u0 + 0.496, v0 + 0.121),
                (u0 + 0.004, v0 + 0.121),
                (u0 + 0.004, v0 + 0.004),
            ],
            0.006,
            (0.1, 0.1, 0.1),
        )
    return c.finish()


def _rims(rng: np.random.Generator, n: int) -> Layer:
    """2 x 2 tiles: three alloy wheels and a steel wheel with its cover."""
    c = Canvas(n, (0.05, 0.05, 0.05))
    for k, spokes in enumerate((5, 10, 7, 0)):
        middle = (0.25 + 0.5 * (k % 2), 0.25 + 0.5 * (k // 2))
        _rim(c, middle, spokes, float(rng.uniform(0.024, 0.036)))
    return c.finish()


def _rim(c: Canvas, middle: Point, spokes: int, width: float) -> None:
    metal, u0, v0 = (0.68, 0.69, 0.71), middle[0], middle[1]
    c.ellipse(middle, (0.25, 0.25), (0.60, 0.61, 0.63))
    c.ellipse(middle, (0.235, 0.235), (0.74, 0.75, 0.76))
    c.ellipse(middle, (0.205, 0.205), (0.03, 0.03, 0.03))
    c.ellipse(middle, (0.15, 0.15), (0.16, 0.15, 0.15))  # brake disc behind the spokes
    if spokes == 0:
        c.ellipse(middle, (0.205, 0.205), (0.66, 0.67, 0.68))
        for a in np.arange(12) * np.pi / 6:
            at = (u0 + 0.15 * float(np.cos(a)), v0 + 0.15 * float(np.sin(a)))
            c.ellipse(at, (0.022, 0.022), (0.1, 0.1, 0.1))
    for a in np.arange(spokes) * 2 * np.pi / max(spokes, 1):
        d, s = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
        w = width * 5 / max(spokes, 5) + 0.006
        corners = [
            middle + 0.03 * d - 0.8 * w * s,
            middle + 0.215 * d - w * s,
            middle + 0.215 * d + w * s,
            middle + 0.03 * d + 0.8 * w * s,
        ]
        c.polygon([(float(p[0]), float(p[1])) for p in corners], metal)
        ridge = [middle + 0.03 * d, middle + 0.21 * d]
        c.line([(float(p[0]), float(p[1])) for p in ridge], 0.006, (0.50, 0.51, 0.52))
    c.ellipse(middle, (0.055, 0.055), (0.62, 0.63, 0.65))
    c.ellipse(middle, (0.028, 0.028), (0.18, 0.18, 0.19))


def _tyre(rng: np.random.Generator, n: int) -> Layer:
    c = Canvas(n, (0.16, 0.16, 0.16))
    for radius, grey in ((0.5, 0.12), (0.47, 0.17), (0.41, 0.14), (0.40, 0.18), (0.36, 0.15)):
        c.ellipse((0.5, 0.5), (radius, radius), (grey, grey, grey))
    for a in np.arange(0, 2 * np.pi, 0.10):
        if np.sin(3 * a) > 0.1:
            at = (0.5 + 0.435 * float(np.cos(a)), 0.5 + 0.435 * float(np.sin(a)))
            c.ellipse(at, (0.010, 0.010), (0.24, 0.24, 0.24))
    c.shade(0.8 + 0.4 * fbm(rng, n, octaves=6, persistence=0.7))
    return c.finish()
