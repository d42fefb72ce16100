"""What the light is: sun, sky, air, wetness, season, and how a lens copes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Color = tuple[float, float, float]


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
    exposure_ev: float = 0.0  # how far this light leads the automatic exposure astray, in stops
    glare: float = 0.0  # light of sun and sky scattered in the lens, 0 .. 1
    lamps: float = 0.0  # street lamps, head lights and lit windows, 0 off .. 1
    snow: float = 0.0  # how much of what faces up lies under snow, 0 .. 1
    snowfall: float = 0.0  # flakes in the air, 0 .. 1
    autumn: float = 0.0  # share of the leaves that have turned; some lie on the ground

    @property
    def sun_direction(self) -> Color:
        """Unit vector to the sun in world axes."""
        flat = np.cos(self.sun_elevation)
        x, y, z = flat * np.sin(self.sun_azimuth), np.sin(self.sun_elevation), 0.0
        return float(x), float(y), float(z + flat * np.cos(self.sun_azimuth))


def color_of(values: object) -> Color:
    """Three numbers as a colour, none negative."""
    r, g, b = np.maximum(np.asarray(values, np.float64), 0).tolist()
    return r, g, b
