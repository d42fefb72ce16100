"""Light and weather: the ten Virtual KITTI variations, harder ones, and random ones for training.

An :class:`Environment` says what the light is, not what the world is: two environments of one scene
give bit-identical depth and labels. Radiance is relative: a white matt surface under a clear noon
sun is about 3. The ambient light is not chosen but measured from the sky that is drawn (``sky``).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.light.air import Color, Environment, color_of
from depth_seg_ros.virtual_world.light.extremes import EXTREMES, turned
from depth_seg_ros.virtual_world.light.weather import fog, overcast, rain, sunny

WEATHER = ("clone", "morning", "sunset", "overcast", "fog", "rain")
YAW_DEG = {"15-deg-left": -15.0, "15-deg-right": 15.0, "30-deg-left": -30.0, "30-deg-right": 30.0}
VARIATIONS = (*WEATHER, *YAW_DEG)
"""Virtual KITTI's ten: six kinds of weather, four turned cameras in the weather of ``clone``."""

MORE = tuple(EXTREMES)
"""Night, dusk, snow, low sun, deep shade, backlight, blown sky, autumn."""

RANDOM = "random"
"""A variation of ours: light and weather drawn anew for every scene, for training."""

KNOWN = (*VARIATIONS, *MORE, RANDOM)
"""Every name that a variation can have."""

_SHARES = {
    "sunny": 0.38,
    "overcast": 0.17,
    "fog": 0.04,
    "rain": 0.07,
    "night": 0.06,
    "dusk": 0.04,
    "snow": 0.03,
    "low-sun": 0.05,
    "deep-shade": 0.07,
    "backlight": 0.04,
    "blown-sky": 0.05,
}
"""How often RANDOM draws a kind of light."""
_AUTUMN_SHARE = 0.12


def variation_yaw(variation: str) -> float:
    """Radians the camera is turned to the right in a variation."""
    return float(np.radians(YAW_DEG.get(variation, 0.0)))


def variation_environment(variation: str, seed: int) -> Environment:
    """Environment of a variation; VirtualWorldError names the known ones.

    The six weathers of one seed share the sun's azimuth where the sun shows, and the clouds' seed.
    """
    if variation not in KNOWN:
        known = ", ".join(KNOWN)
        raise VirtualWorldError(f"no variation is named {variation!r}; known: {known}")
    rng = np.random.default_rng([seed, 0x5C1])
    if variation == RANDOM:
        return random_environment(rng)
    if variation in EXTREMES:
        return EXTREMES[variation](rng)
    kind = "clone" if variation in YAW_DEG else variation
    azimuth, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 1.05)
    cloud_seed = int(rng.integers(1 << 31))
    if kind in ("clone", "morning", "sunset"):
        elevation = {"clone": elevation, "morning": 0.34, "sunset": 0.15}[kind]
        haze_m = {"clone": 1600.0, "morning": 700.0, "sunset": 600.0}[kind]
        cover = float(rng.uniform(0.3, 0.6))
        return sunny(azimuth, elevation, haze_m, cover, cloud_seed)
    return {"overcast": overcast, "fog": fog, "rain": rain}[kind](azimuth, cloud_seed, 0.5)


def random_environment(rng: np.random.Generator) -> Environment:
    """Any time of day and weather, as a year of driving would bring them."""
    kind = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
    azimuth, cloud_seed = rng.uniform(0, 2 * np.pi), int(rng.integers(1 << 31))
    if kind in EXTREMES:
        drawn = EXTREMES[kind](rng)
    elif kind == "sunny":
        elevation = float(np.arcsin(rng.uniform(np.sin(0.10), np.sin(1.15))))
        haze_m = float(np.exp(rng.uniform(np.log(350), np.log(4000))))
        cover = float(np.clip(rng.beta(1.3, 1.6), 0.02, 0.9))
        drawn = sunny(azimuth, elevation, haze_m, cover, cloud_seed)
    else:
        make = {"overcast": overcast, "fog": fog, "rain": rain}[kind]
        drawn = make(azimuth, cloud_seed, float(rng.random()))
    if drawn.snow == 0 and rng.random() < _AUTUMN_SHARE:
        drawn = turned(drawn, rng)
    return _jittered(drawn, rng)


def _jittered(environment: Environment, rng: np.random.Generator) -> Environment:
    """Small changes of every colour, and sometimes a road still wet under a drying sky."""

    def near(color: Color, spread: float) -> Color:
        return color_of(np.asarray(color) * rng.uniform(1 - spread, 1 + spread, 3))

    wetness = environment.wetness
    if wetness == 0 and environment.snow == 0 and rng.random() < 0.12:
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


__all__ = [
    "KNOWN",
    "MORE",
    "RANDOM",
    "VARIATIONS",
    "WEATHER",
    "YAW_DEG",
    "Color",
    "Environment",
    "random_environment",
    "variation_environment",
    "variation_yaw",
]
