"""Texture layers of lorries and buses: cargo sides, curtains, doors, bus glass and panels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.assets.drawing import Canvas, Color, Layer
from depth_seg_ros.virtual_world.textures.noise import fbm

_NAMES = (
    "NORDFRACHT",
    "TRANSVIA",
    "FRISCH & GUT",
    "LOGIKA",
    "MOVERA",
    "ALPINA CARGO",
    "BRAUN",
    "EURO EXPRESS",
    "GREENLINE",
    "KRAFT",
    "SPEDITION HOF",
    "OCEANO",
)
_INKS: tuple[Color, ...] = (
    (0.70, 0.10, 0.10),
    (0.08, 0.18, 0.50),
    (0.06, 0.42, 0.22),
    (0.90, 0.55, 0.05),
    (0.12, 0.12, 0.13),
    (0.15, 0.50, 0.70),
)


def heavy_layers(rng: np.random.Generator, n: int) -> dict[str, Layer]:
    """All layers of this room by name."""
    return {
        "cargo": _cargo(rng, n),
        "curtain": _curtain(rng, n),
        "cargo_rear": _cargo_rear(rng, n),
        "panel": _panel(rng, n),
        "bus_glass": _bus_glass(rng, n),
        "bus_door": _bus_door(n),
        "bus_panel": _bus_panel(rng, n),
        "signs_dynamic": _display(rng, n),
    }


def _grime(rng: np.random.Generator, n: int, strength: float) -> NDArray[np.float32]:
    """Rain streaks and a dirty lower edge, as a multiplier."""
    v = (np.arange(n) + 0.5) / n
    low = np.clip(1 - v / 0.3, 0, 1)[:, None]
    streaks = fbm(rng, n, octaves=6, first=2, stretch=(1, 4))
    return np.asarray(1 - strength * (0.25 * streaks + low * (0.4 + 0.6 * streaks)), np.float32)


def _cargo(rng: np.random.Generator, n: int) -> Layer:
    """Two box sides (upper and lower half), each with a haulier's lettering."""
    c = Canvas(n, (0.94, 0.94, 0.94))
    for v0 in (0.0, 0.5):
        ink = np.asarray(_INKS[int(rng.integers(len(_INKS)))])
        if rng.random() < 0.5:
            c.polygon([(0, v0), (0.55, v0), (0.30, v0 + 0.5), (0, v0 + 0.5)], ink)
        else:
            c.rectangle((0, v0 + 0.05), (1, v0 + 0.11), ink)
        name = _NAMES[int(rng.integers(len(_NAMES)))]
        c.text(name, (0.30, v0 + 0.20), (0.94, v0 + 0.37), ink * 0.8, 0.2)
        c.text(
            "www." + name.split()[0].lower() + ".example",
            (0.50, v0 + 0.12),
            (0.92, v0 + 0.17),
            (0.25, 0.25, 0.25),
        )
        for u in np.arange(1, 8) / 8:
            c.line([(u, v0), (u, v0 + 0.5)], 0.003, (0.72, 0.72, 0.72))
    field = _grime(rng, n, 0.4)
    c.shade(np.concatenate([field[::2], field[::2]]))
    return c.finish()


def _curtain(rng: np.random.Generator, n: int) -> Layer:
    """A tarpaulin with straps; repeats along the side."""
    c = Canvas(n, (0.92, 0.92, 0.92))
    wave = 0.86 + 0.10 * np.sin(np.arange(n) / n * 2 * np.pi * 8)
    c.shade(np.broadcast_to(wave.astype(np.float32), (n, n)))
    for k in range(8):
        u = (k + 0.5) / 8
        c.line([(u, 0.0), (u, 0.22)], 0.012, (0.10, 0.10, 0.10))
        c.rectangle((u - 0.012, 0.05), (u + 0.012, 0.10), (0.45, 0.45, 0.45))
    c.rectangle((0, 0.96), (1, 1), (0.55, 0.55, 0.56))
    c.rectangle((0, 0), (1, 0.03), (0.45, 0.45, 0.46))
    c.shade(_grime(rng, n, 0.5))
    return c.finish()


def _cargo_rear(rng: np.random.Generator, n: int) -> Layer:
    """Two doors with lock bars, hinges, warning marks and dirt."""
    c = Canvas(n, (0.90, 0.90, 0.90))
    c.line([(0.5, 0), (0.5, 1)], 0.012, (0.12, 0.12, 0.12))
    for u in (0.36, 0.44, 0.56, 0.64):
        c.line([(u, 0.03), (u, 0.97)], 0.012, (0.62, 0.63, 0.64))
        c.line([(u + 0.008, 0.03), (u + 0.008, 0.97)], 0.004, (0.35, 0.35, 0.35))
        for v in (0.06, 0.32, 0.90):
            c.rectangle((u - 0.012, v), (u + 0.012, v + 0.03), (0.40, 0.40, 0.41))
        c.line([(u - 0.04, 0.36), (u, 0.36)], 0.014, (0.50, 0.50, 0.51))
    for side in (0.015, 0.955):
        for v in (0.12, 0.38, 0.64, 0.88):
            c.rectangle((side, v), (side + 0.03, v + 0.04), (0.35, 0.35, 0.36))
    for u in (0.08, 0.70):
        c.rectangle((u, 0.06), (u + 0.22, 0.13), (0.93, 0.80, 0.15))
        c.line(
            [(u, 0.06), (u + 0.22, 0.06), (u + 0.22, 0.13), (u, 0.13), (u, 0.06)],
            0.012,
            (0.75, 0.08, 0.08),
        )
    name = _NAMES[int(rng.integers(len(_NAMES)))]
    c.text(name, (0.06, 0.66), (0.33, 0.73), _INKS[int(rng.integers(len(_INKS)))], 0.2)
    c.shade(_grime(rng, n, 0.75))
    return c.finish()


def _panel(rng: np.random.Generator, n: int) -> Layer:
    """Ribbed sheet metal (tippers, tanks, box fronts)."""
    c = Canvas(n, (0.92, 0.92, 0.92))
    for k in range(4):
        u = (k + 0.5) / 4
        c.rectangle((u - 0.03, 0), (u + 0.03, 1), (0.99, 0.99, 0.99))
        c.line([(u + 0.03, 0), (u + 0.03, 1)], 0.008, (0.55, 0.55, 0.55))
    c.shade(_grime(rng, n, 0.4))
    return c.finish()


def _bus_glass(rng: np.random.Generator, n: int) -> Layer:
    """One window bay: dark frame, seats and people against the far windows."""
    c = Canvas(n, (0.03, 0.03, 0.032))
    c.rectangle((0.03, 0.03), (0.97, 0.97), (0.10, 0.11, 0.115))
    c.rectangle((0.03, 0.40), (0.97, 0.90), (0.24, 0.27, 0.28))
    c.rectangle((0.48, 0.40), (0.53, 0.95), (0.08, 0.08, 0.085))
    for u in (0.18, 0.66):
        c.rectangle((u, 0.03), (u + 0.20, 0.50), (0.05, 0.06, 0.09))
        if rng.random() < 0.6:
            c.ellipse((u + 0.12, 0.62), (0.06, 0.10), (0.06, 0.045, 0.04))
            c.ellipse((u + 0.12, 0.40), (0.13, 0.14), (0.07, 0.07, 0.08))
    c.line([(0.03, 0.93), (0.97, 0.93)], 0.02, (0.30, 0.28, 0.10))
    c.line([(0.03, 0.76), (0.97, 0.76)], 0.012, (0.06, 0.06, 0.06))
    return c.finish()


def _bus_door(n: int) -> Layer:
    """Two leaves of glass in black frames."""
    c = Canvas(n, (0.04, 0.04, 0.042))
    for u in (0.05, 0.53):
        c.rectangle((u, 0.05), (u + 0.42, 0.97), (0.13, 0.145, 0.15))
        c.rectangle((u, 0.45), (u + 0.42, 0.95), (0.22, 0.24, 0.25))
        c.line(
            [(u + (0.36 if u < 0.5 else 0.06), 0.25), (u + (0.36 if u < 0.5 else 0.06), 0.65)],
            0.025,
            (0.80, 0.65, 0.10),
        )
        c.rectangle((u + 0.05, 0.62), (u + 0.25, 0.66), (0.8, 0.8, 0.8))
    return c.finish()


def _bus_panel(rng: np.random.Generator, n: int) -> Layer:
    """Body panels: seams at each bay, a coloured waist line, v over the whole height."""
    c = Canvas(n, (0.95, 0.95, 0.95))
    c.line([(0.0, 0.0), (0.0, 1.0)], 0.006, (0.45, 0.45, 0.45))
    c.line([(1.0, 0.0), (1.0, 1.0)], 0.006, (0.45, 0.45, 0.45))
    c.line([(0.0, 0.09), (1.0, 0.09)], 0.005, (0.5, 0.5, 0.5))
    c.rectangle((0, 0.155), (1, 0.185), (0.60, 0.60, 0.62))
    c.shade(_grime(rng, n, 0.35))
    return c.finish()


def _display(rng: np.random.Generator, n: int) -> Layer:
    """Eight rows of amber destination texts on black."""
    c = Canvas(n, (0.03, 0.03, 0.03))
    stops = (
        "HAUPTBAHNHOF",
        "CENTRE VILLE",
        "AIRPORT",
        "UNIVERSITY",
        "NORD",
        "MARKTPLATZ",
        "HARBOUR",
        "DEPOT",
    )
    for k, stop in enumerate(stops):
        v = k / 8
        amber = (1.0, 0.62, 0.10)
        c.text(str(rng.integers(1, 99)), (0.03, v + 0.022), (0.16, v + 0.105), amber, 0.16)
        c.text(stop, (0.22, v + 0.022), (0.97, v + 0.105), amber, 0.14)
    return c.finish()
