"""Colours as people buy them: linear RGB, drawn by real-world frequency."""

from __future__ import annotations

import numpy as np

Rgb = tuple[float, float, float]

# Shares of new European cars by colour (rounded from the paint makers' yearly reports).
_CAR_PAINTS: list[tuple[float, list[Rgb]]] = [
    (0.27, [(0.74, 0.74, 0.73), (0.68, 0.69, 0.70), (0.72, 0.71, 0.66)]),  # white
    (0.21, [(0.012, 0.012, 0.014), (0.020, 0.020, 0.024), (0.014, 0.016, 0.024)]),  # black
    (0.22, [(0.10, 0.105, 0.11), (0.055, 0.06, 0.065), (0.17, 0.175, 0.18)]),  # grey
    (0.10, [(0.40, 0.41, 0.42), (0.34, 0.345, 0.34)]),  # silver
    (0.10, [(0.02, 0.06, 0.22), (0.012, 0.025, 0.075), (0.05, 0.15, 0.36)]),  # blue
    (0.06, [(0.36, 0.015, 0.02), (0.18, 0.01, 0.015)]),  # red
    (0.02, [(0.015, 0.07, 0.04), (0.12, 0.16, 0.08)]),  # green
    (0.015, [(0.15, 0.09, 0.05), (0.30, 0.24, 0.17)]),  # brown, beige
    (0.005, [(0.65, 0.36, 0.02), (0.55, 0.14, 0.01)]),  # yellow, orange
]
_VAN_WHITE = 0.62
_TRUCK_PAINTS: list[Rgb] = [
    (0.70, 0.70, 0.69),
    (0.36, 0.02, 0.02),
    (0.02, 0.06, 0.28),
    (0.09, 0.10, 0.11),
    (0.55, 0.33, 0.03),
    (0.02, 0.14, 0.07),
    (0.45, 0.46, 0.47),
]
_BUS_PAINTS: list[Rgb] = [
    (0.70, 0.70, 0.68),
    (0.62, 0.42, 0.04),
    (0.42, 0.02, 0.02),
    (0.03, 0.12, 0.40),
    (0.04, 0.24, 0.10),
    (0.55, 0.56, 0.57),
]


def vary(rng: np.random.Generator, color: Rgb, amount: float = 0.12) -> Rgb:
    """A colour a little lighter or darker and a little shifted."""
    c = np.asarray(color) * rng.uniform(1 - amount, 1 + amount) * rng.uniform(0.95, 1.05, 3)
    return float(c[0]), float(c[1]), float(c[2])


def car_paint(rng: np.random.Generator) -> Rgb:
    """A car's colour."""
    shares = np.array([share for share, _ in _CAR_PAINTS])
    group = _CAR_PAINTS[int(rng.choice(len(shares), p=shares / shares.sum()))][1]
    return vary(rng, group[int(rng.integers(len(group)))])


def van_paint(rng: np.random.Generator) -> Rgb:
    """A van's colour: mostly white."""
    return vary(rng, (0.71, 0.71, 0.70), 0.06) if rng.random() < _VAN_WHITE else car_paint(rng)


def truck_paint(rng: np.random.Generator) -> Rgb:
    """A lorry cab's colour."""
    return vary(rng, _TRUCK_PAINTS[int(rng.integers(len(_TRUCK_PAINTS)))])


def bus_paint(rng: np.random.Generator) -> Rgb:
    """A bus operator's colour."""
    return vary(rng, _BUS_PAINTS[int(rng.integers(len(_BUS_PAINTS)))])
