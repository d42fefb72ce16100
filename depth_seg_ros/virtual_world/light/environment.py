"""Light and weather: the ten Virtual KITTI variations, and random ones for training.

An :class:`Environment` says what the light is, not what the world is: two environments of one scene
give bit-identical depth and labels. Radiance is relative: a white matt surface under a clear noon
sun is about 3. The ambient light is not chosen but measured from the sky that is drawn (``sky``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError

Color = tuple[float, float, float]

WEATHER = ("clone", "morning", "sunset", "overcast", "fog", "rain")
YAW_DEG = {"15-deg-left": -15.0, "15-deg-right": 15.0, "30-deg-left": -30.0, "30-deg-right": 30.0}
VARIATIONS = (*WEATHER, *YAW_DEG)
"""Virtual KITTI's ten: six kinds of weather, four turned cameras in the weather of ``clone``."""

RANDOM = "random"
"""A variation of ours: light and weather drawn anew for every scene, for training."""


@dataclass(frozen=True)
class Environment:
    """Colours are linear RGB radiance (sun_color: of a white matt surface facing the sun)."""

    sun_azimuth: float  # radians from +z (north) towards +x (east)
    sun_elevation: float  # radians above the horizon
    sun_color: Color
    zenith: Color
    horizon: Color
    gradient: float  # how fast the horizon's colour gives way upwards
    glow: float  # brightness of the haze round the sun
    overcast: float  # 0 clear .. 1 the sky of a closed cloud layer
    cloud_cover: float  # 0 .. 1
    cloud_color: Color
    haze_m: float  # distance at which haze has swallowed 63 % of what is behind it
    wetness: float  # 0 dry .. 1 standing water
    rain: float  # streaks in the air, 0 .. 1
    cloud_seed: int

    @property
    def sun_direction(self) -> Color:
        """Unit vector to the sun in world axes."""
        flat = np.cos(self.sun_elevation)
        x, y, z = flat * np.sin(self.sun_azimuth), np.sin(self.sun_elevation), 0.0
        return float(x), float(y), float(z + flat * np.cos(self.sun_azimuth))


def variation_yaw(variation: str) -> float:
    """Radians the camera is turned to the right in a variation."""
    return float(np.radians(YAW_DEG.get(variation, 0.0)))


def variation_environment(variation: str, seed: int) -> Environment:
    """Environment of a variation; VirtualWorldError names the known ones.

    The six weathers of one seed share the sun's azimuth where the sun shows, and the clouds' seed.
    """
    if variation not in VARIATIONS and variation != RANDOM:
        known = ", ".join((*VARIATIONS, RANDOM))
        raise VirtualWorldError(f"no variation is named {variation!r}; known: {known}")
    rng = np.random.default_rng([seed, 0x5C1])
    if variation == RANDOM:
        return random_environment(rng)
    kind = "clone" if variation in YAW_DEG else variation
    azimuth, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 1.05)
    cloud_seed = int(rng.integers(1 << 31))
    if kind in ("clone", "morning", "sunset"):
        elevation = {"clone": elevation, "morning": 0.34, "sunset": 0.15}[kind]
        haze_m = {"clone": 1600.0, "morning": 700.0, "sunset": 600.0}[kind]
        cover = float(rng.uniform(0.3, 0.6))
        return _sunny(azimuth, elevation, haze_m, cover, cloud_seed)
    return {"overcast": _overcast, "fog": _fog, "rain": _rain}[kind](azimuth, cloud_seed, 0.5)


def random_environment(rng: np.random.Generator) -> Environment:
    """Any time of day and weather, as a year of driving would bring them."""
    kind = rng.choice(["sunny", "overcast", "fog", "rain"], p=[0.62, 0.24, 0.05, 0.09])
    azimuth, cloud_seed = rng.uniform(0, 2 * np.pi), int(rng.integers(1 << 31))
    if kind == "sunny":
        elevation = float(np.arcsin(rng.uniform(np.sin(0.10), np.sin(1.15))))
        haze_m = float(np.exp(rng.uniform(np.log(350), np.log(4000))))
        cover = float(np.clip(rng.beta(1.3, 1.6), 0.02, 0.9))
        drawn = _sunny(azimuth, elevation, haze_m, cover, cloud_seed)
    else:
        make = {"overcast": _overcast, "fog": _fog, "rain": _rain}[str(kind)]
        drawn = make(azimuth, cloud_seed, float(rng.random()))
    return _jittered(drawn, rng)


# Optical depth of clear air and of haze straight up, at the wavelengths of R, G, B.
_AIR = np.array([0.045, 0.10, 0.22])
_DUST = np.array([0.085, 0.10, 0.115])


def _sunny(
    azimuth: float, elevation: float, haze_m: float, cover: float, cloud_seed: int
) -> Environment:
    """Sun through air: the lower it stands and the hazier the air, the redder and weaker."""
    degrees = np.degrees(elevation)
    air_mass = 1 / (np.sin(elevation) + 0.15 * (degrees + 3.885) ** -1.253)
    dust = np.clip(1000 / haze_m, 0.25, 2.5)
    sun = 3.3 * np.exp(-(_AIR + dust * _DUST) * air_mass)
    low = float(np.exp(-elevation / 0.22))  # 1 at the horizon, 0 at noon
    zenith = (1 - 0.55 * low) * np.array([0.13, 0.27, 0.60]) + low * np.array([0.03, 0.02, 0.02])
    zenith = zenith * (1 - 0.15 * dust) + 0.05 * dust
    horizon = (1 - low) * np.array([0.62, 0.72, 0.86]) + low * np.array([0.62, 0.50, 0.42])
    cloud = 0.28 * sun + np.array([0.30, 0.32, 0.36]) * (1 - 0.5 * low)
    return Environment(
        azimuth, elevation, _color(sun), _color(zenith), _color(horizon),
        gradient=5.0, glow=0.045 * (0.6 + dust), overcast=0.0, cloud_cover=cover,
        cloud_color=_color(cloud), haze_m=haze_m, wetness=0.0, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def _overcast(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    light = 1.0 - 0.45 * thickness
    grey = light * np.array([0.86, 0.89, 0.93])
    return Environment(
        azimuth, 0.9, (0.0, 0.0, 0.0), _color(grey), _color(0.8 * grey),
        gradient=2.0, glow=0.0, overcast=1.0, cloud_cover=0.9, cloud_color=_color(0.75 * grey),
        haze_m=900.0 - 400 * thickness, wetness=0.0, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def _fog(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    grey = np.array([0.74, 0.77, 0.80])
    return Environment(
        azimuth, 0.7, (0.0, 0.0, 0.0), _color(grey), _color(grey),
        gradient=2.0, glow=0.0, overcast=0.3, cloud_cover=0.0, cloud_color=_color(grey),
        haze_m=75.0 - 45 * thickness, wetness=0.25, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def _rain(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    grey = (0.75 - 0.35 * thickness) * np.array([0.82, 0.87, 0.93])
    return Environment(
        azimuth, 0.8, (0.0, 0.0, 0.0), _color(grey), _color(0.85 * grey),
        gradient=2.0, glow=0.0, overcast=0.9, cloud_cover=0.95, cloud_color=_color(0.7 * grey),
        haze_m=220.0 - 90 * thickness, wetness=1.0, rain=0.3 + 0.6 * thickness,
        cloud_seed=cloud_seed,
    )  # fmt: skip


def _jittered(environment: Environment, rng: np.random.Generator) -> Environment:
    """Small changes of every colour, and sometimes a road still wet under a drying sky."""

    def near(color: Color, spread: float) -> Color:
        return _color(np.asarray(color) * rng.uniform(1 - spread, 1 + spread, 3))

    wetness = environment.wetness
    if wetness == 0 and rng.random() < 0.12:
        wetness = float(rng.uniform(0.3, 0.9))
    return replace(
        environment,
        sun_color=near(environment.sun_color, 0.06),
        zenith=near(environment.zenith, 0.12),
        horizon=near(environment.horizon, 0.08),
        cloud_color=near(environment.cloud_color, 0.06),
        gradient=environment.gradient * float(rng.uniform(0.7, 1.4)),
        glow=environment.glow * float(rng.uniform(0.5, 1.6)),
        wetness=wetness,
    )


def _color(values: object) -> Color:
    r, g, b = np.maximum(np.asarray(values, np.float64), 0).tolist()
    return r, g, b
