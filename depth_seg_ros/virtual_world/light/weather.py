"""Sun, clouds, fog and rain as environments."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.light.air import Environment, color_of

# Optical depth of clear air and of haze straight up, at the wavelengths of R, G, B.
_AIR = np.array([0.045, 0.10, 0.22])
_DUST = np.array([0.085, 0.10, 0.115])


def sunny(
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
        azimuth, elevation, color_of(sun), color_of(zenith), color_of(horizon),
        gradient=5.0, glow=0.045 * (0.6 + dust), overcast=0.0, cloud_cover=cover,
        cloud_color=color_of(cloud), haze_m=haze_m, wetness=0.0, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def overcast(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    """A closed cloud layer; ``thickness`` 0 bright .. 1 dull."""
    light = 1.0 - 0.45 * thickness
    grey = light * np.array([0.86, 0.89, 0.93])
    return Environment(
        azimuth, 0.9, (0.0, 0.0, 0.0), color_of(grey), color_of(0.8 * grey),
        gradient=2.0, glow=0.0, overcast=1.0, cloud_cover=0.9, cloud_color=color_of(0.75 * grey),
        haze_m=900.0 - 400 * thickness, wetness=0.0, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def fog(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    """Fog; ``thickness`` 0 thin .. 1 thick."""
    grey = np.array([0.74, 0.77, 0.80])
    return Environment(
        azimuth, 0.7, (0.0, 0.0, 0.0), color_of(grey), color_of(grey),
        gradient=2.0, glow=0.0, overcast=0.3, cloud_cover=0.0, cloud_color=color_of(grey),
        haze_m=75.0 - 45 * thickness, wetness=0.25, rain=0.0, cloud_seed=cloud_seed,
    )  # fmt: skip


def rain(azimuth: float, cloud_seed: int, thickness: float) -> Environment:
    """Rain on wet roads; ``thickness`` 0 drizzle .. 1 downpour."""
    grey = (0.75 - 0.35 * thickness) * np.array([0.82, 0.87, 0.93])
    return Environment(
        azimuth, 0.8, (0.0, 0.0, 0.0), color_of(grey), color_of(0.85 * grey),
        gradient=2.0, glow=0.0, overcast=0.9, cloud_cover=0.95, cloud_color=color_of(0.7 * grey),
        haze_m=220.0 - 90 * thickness, wetness=1.0, rain=0.3 + 0.6 * thickness,
        cloud_seed=cloud_seed,
    )  # fmt: skip
