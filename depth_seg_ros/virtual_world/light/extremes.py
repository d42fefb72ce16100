"""Light beyond Virtual KITTI's ten: what cameras on real roads have to cope with.

Each function draws one kind from a generator. The road leads north at its start (+z), so a sun
near azimuth 0 shines into the lens of a car's front camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from depth_seg_ros.virtual_world.light.air import Environment, color_of
from depth_seg_ros.virtual_world.light.weather import overcast, rain, sunny

Generator = np.random.Generator


def _seed(rng: Generator) -> int:
    return int(rng.integers(1 << 31))


def night(rng: Generator) -> Environment:
    """Dark sky, a glow over the town, street lamps, head lights, lit windows; often wet."""
    glow = rng.uniform(0.3, 1.2) * np.array([0.015, 0.013, 0.012])
    zenith = rng.uniform(0.5, 1.5) * np.array([0.003, 0.004, 0.008])
    wet = float(rng.uniform(0.4, 1.0)) if rng.random() < 0.35 else 0.0
    return Environment(
        float(rng.uniform(0, 2 * np.pi)), -0.4, (0.0, 0.0, 0.0), color_of(zenith), color_of(glow),
        gradient=4.0, glow=0.0, overcast=0.0, cloud_cover=float(rng.uniform(0.1, 0.8)),
        cloud_color=color_of(glow * 0.6), haze_m=float(rng.uniform(300, 1500)), wetness=wet,
        rain=0.0, cloud_seed=_seed(rng), exposure_ev=float(rng.uniform(-0.6, 0.3)), glare=0.12,
        lamps=1.0,
    )  # fmt: skip


def dusk(rng: Generator) -> Environment:
    """The sun is gone, the sky still bright at one side; the first lamps burn."""
    dark = float(rng.uniform(0.0, 1.0))
    level = 0.55 * (1 - 0.75 * dark)
    warm = np.array([0.9, 0.62, 0.45]) * level * rng.uniform(0.8, 1.2)
    blue = np.array([0.16, 0.23, 0.42]) * level
    return Environment(
        float(rng.uniform(0, 2 * np.pi)), 0.02, (0.0, 0.0, 0.0), color_of(blue), color_of(warm),
        gradient=6.0, glow=0.0, overcast=0.0, cloud_cover=float(rng.uniform(0.1, 0.7)),
        cloud_color=color_of(0.5 * (warm + blue)), haze_m=float(rng.uniform(400, 2000)),
        wetness=0.0, rain=0.0, cloud_seed=_seed(rng), exposure_ev=float(rng.uniform(-0.7, 0.0)),
        glare=0.1, lamps=0.3 + 0.5 * dark,
    )  # fmt: skip


def snow(rng: Generator) -> Environment:
    """Snow on roofs, cars, verges and branches, tracks in it; under clouds, sun, or falling."""
    falls = rng.random() < 0.4
    sun = not falls and rng.random() < 0.35
    cover = float(rng.uniform(0.5, 1.0))
    if sun:
        base = sunny(
            float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.2, 0.45)), 1500.0, 0.3, _seed(rng)
        )
    else:
        base = overcast(float(rng.uniform(0, 2 * np.pi)), _seed(rng), float(rng.uniform(0.2, 0.9)))
    return replace(
        base,
        snow=cover,
        snowfall=float(rng.uniform(0.3, 1.0)) if falls else 0.0,
        haze_m=float(rng.uniform(120, 350)) if falls else base.haze_m,
        exposure_ev=float(rng.uniform(-0.6, 0.5)),
    )


def low_sun(rng: Generator) -> Environment:
    """Morning or evening sun a hand above the road's end, in the lens."""
    base = sunny(
        float(rng.normal(0, 0.22)), float(rng.uniform(0.045, 0.16)),
        float(np.exp(rng.uniform(np.log(350), np.log(1500)))), float(rng.uniform(0.05, 0.4)),
        _seed(rng),
    )  # fmt: skip
    wet = float(rng.uniform(0.3, 0.9)) if rng.random() < 0.25 else 0.0
    return replace(
        base, glare=float(rng.uniform(0.2, 0.7)), wetness=wet,
        exposure_ev=float(rng.uniform(-0.3, 0.9)),
    )  # fmt: skip


def deep_shade(rng: Generator) -> Environment:
    """A hard sun under a dark blue sky: either the shade drowns or the light burns out."""
    base = sunny(
        float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.35, 1.1)), 4000.0,
        float(rng.uniform(0.0, 0.15)), _seed(rng),
    )  # fmt: skip
    sky = float(rng.uniform(0.35, 0.65))
    astray = float(rng.uniform(0.6, 1.4) if rng.random() < 0.6 else rng.uniform(-1.2, -0.5))
    return replace(
        base,
        sun_color=color_of(np.asarray(base.sun_color) * 1.15),
        zenith=color_of(np.asarray(base.zenith) * sky),
        horizon=color_of(np.asarray(base.horizon) * sky),
        exposure_ev=astray,
        glare=0.1,
    )


def backlight(rng: Generator) -> Environment:
    """The sun ahead and above the picture: everything turns its dark side to the camera."""
    base = sunny(
        float(rng.normal(0, 0.5)), float(rng.uniform(0.25, 0.6)),
        float(np.exp(rng.uniform(np.log(400), np.log(2500)))), float(rng.uniform(0.0, 0.5)),
        _seed(rng),
    )  # fmt: skip
    return replace(
        base, glare=float(rng.uniform(0.1, 0.4)), exposure_ev=float(rng.uniform(-0.2, 0.7))
    )


def blown_sky(rng: Generator) -> Environment:
    """A bright cloud layer that the exposure for the street burns out to white."""
    base = overcast(float(rng.uniform(0, 2 * np.pi)), _seed(rng), float(rng.uniform(0.0, 0.5)))
    bright = float(rng.uniform(1.3, 2.0))
    return replace(
        base,
        zenith=color_of(np.asarray(base.zenith) * bright),
        horizon=color_of(np.asarray(base.horizon) * bright * 1.2),
        cloud_color=color_of(np.asarray(base.cloud_color) * bright * 1.2),
        exposure_ev=float(rng.uniform(0.5, 1.2)),
        glare=float(rng.uniform(0.1, 0.35)),
    )


def autumn(rng: Generator) -> Environment:
    """Turned leaves on the trees and on the ground, in low sun, under clouds or in rain."""
    azimuth, cloud_seed = float(rng.uniform(0, 2 * np.pi)), _seed(rng)
    kind = int(rng.choice(3, p=[0.5, 0.35, 0.15]))
    if kind == 0:
        base = sunny(azimuth, float(rng.uniform(0.2, 0.6)), 1200.0, 0.4, cloud_seed)
    else:
        base = (overcast if kind == 1 else rain)(azimuth, cloud_seed, float(rng.uniform(0.1, 0.7)))
    return turned(base, rng)


def turned(environment: Environment, rng: Generator) -> Environment:
    """The same light in autumn."""
    return replace(environment, autumn=float(rng.uniform(0.35, 1.0)))


EXTREMES: dict[str, Callable[[Generator], Environment]] = {
    "night": night,
    "dusk": dusk,
    "snow": snow,
    "low-sun": low_sun,
    "deep-shade": deep_shade,
    "backlight": backlight,
    "blown-sky": blown_sky,
    "autumn": autumn,
}
"""The further variations by name."""
