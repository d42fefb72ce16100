"""The sky of an environment, painted once into a map, and the light that comes from it.

The map is a paraboloid: direction d lands at (d.x, d.z) / (1 + d.y), so that the horizon is the
circle of radius 1 and looking up a direction costs one division. A second, small and blurred map
with a skyline below it is what shiny surfaces mirror.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.light.environment import Environment
from depth_seg_ros.virtual_world.render.jit import color_kernel
from depth_seg_ros.virtual_world.textures.noise import fbm

EXTENT = 1.1
"""Radius the maps reach: a little below the horizon."""
_SIZE = 1024
_MIRROR_SIZE = 128
_GROUND_ALBEDO = np.array([0.20, 0.18, 0.15])


class Light(NamedTuple):
    """Everything the shading of a frame takes from the environment; colours are f4 [3]."""

    sun_direction: NDArray[np.float32]
    sun_color: NDArray[np.float32]
    ambient_up: NDArray[np.float32]
    ambient_down: NDArray[np.float32]
    haze_color: NDArray[np.float32]
    haze_glow: NDArray[np.float32]
    haze_per_m: float
    wetness: float
    sky: NDArray[np.float32]  # [S, S, 3]
    mirror: NDArray[np.float32]  # [M, M, 3]
    noise: NDArray[np.float32]  # [256, 256], 0 .. 1, tileable: wear, puddles


def paint_light(environment: Environment) -> Light:
    """Sky and ambient light of an environment; deterministic."""
    noise = _stretched_noise(environment.cloud_seed)
    sun = np.asarray(environment.sun_direction, np.float32)
    color = np.asarray(environment.sun_color, np.float32)
    sky = np.empty((_SIZE, _SIZE, 3), np.float32)
    _paint_sky(
        sky, noise, sun, color,
        np.asarray(environment.zenith, np.float32), np.asarray(environment.horizon, np.float32),
        np.asarray(environment.cloud_color, np.float32),
        environment.gradient, environment.glow, environment.overcast, environment.cloud_cover,
    )  # fmt: skip
    small = np.asarray(
        cv2.resize(sky, (_MIRROR_SIZE, _MIRROR_SIZE), interpolation=cv2.INTER_AREA), np.float32
    )
    up, around = _ambient(small)
    down = _GROUND_ALBEDO * (color * max(float(sun[1]), 0.0) + up)
    haze = 0.75 * around + 0.25 * np.asarray(environment.horizon)
    return Light(
        sun, color, up.astype(np.float32), down.astype(np.float32), haze.astype(np.float32),
        (color * environment.glow * 4).astype(np.float32), 1 / environment.haze_m,
        environment.wetness, sky, _mirror(small, up, environment.cloud_seed), noise,
    )  # fmt: skip


def _stretched_noise(seed: int) -> NDArray[np.float32]:
    """Tileable noise that fills 0 .. 1, [256, 256]."""
    noise = fbm(np.random.default_rng(seed), 256, octaves=6, persistence=0.55, first=2)
    low, high = np.quantile(noise, [0.002, 0.998])
    return np.asarray(np.clip((noise - low) / (high - low), 0, 1), np.float32)


@color_kernel
def sample_noise(noise, u, v):  # type: ignore[no-untyped-def]
    """Bilinear lookup; u and v in texels, repeating."""
    mask = noise.shape[0] - 1
    iu, iv = int(np.floor(u)), int(np.floor(v))
    a, b = np.float32(u - iu), np.float32(v - iv)
    i0, i1, j0, j1 = iu & mask, (iu + 1) & mask, iv & mask, (iv + 1) & mask
    top = noise[j0, i0] + (noise[j0, i1] - noise[j0, i0]) * a
    low = noise[j1, i0] + (noise[j1, i1] - noise[j1, i0]) * a
    return top + (low - top) * b


@color_kernel
def _smooth(x):  # type: ignore[no-untyped-def]
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


@color_kernel
def _paint_sky(  # type: ignore[no-untyped-def]
    sky, noise, sun, sun_color, zenith, horizon, cloud_color, gradient, glow, overcast, cover
):
    size = sky.shape[0]
    for j in range(size):
        pz = ((j + 0.5) / size * 2 - 1) * EXTENT
        for i in range(size):
            px = ((i + 0.5) / size * 2 - 1) * EXTENT
            r2 = px * px + pz * pz
            if r2 > 1.3:
                sky[j, i] = horizon
                continue
            y = (1 - r2) / (1 + r2)
            x, z = 2 * px / (1 + r2), 2 * pz / (1 + r2)
            up = max(y, 0.0)
            fade = (1 - up) ** gradient
            toward = x * sun[0] + y * sun[1] + z * sun[2]
            # Forward scattering by haze (Henyey-Greenstein, g = 0.76), stronger near the horizon.
            halo = 0.42 / (1.58 - 1.52 * toward) ** 1.5 * glow * (0.45 + 0.55 * fade)
            disc = 60.0 if toward > 0.99996 else 0.0
            layer = 1 + overcast * ((1 + 2 * up) / 2.4 - 1)
            density, lit = _clouds(noise, x, up, z, sun, cover)
            density *= 1 - 0.65 * overcast
            halo *= 1 - 0.75 * density
            for k in range(3):
                clear = (zenith[k] + (horizon[k] - zenith[k]) * fade) * layer
                cloud = cloud_color[k] * lit
                value = clear + (cloud - clear) * density
                value += sun_color[k] * (halo + disc * (1 - density) * (sun_color[0] > 0))
                sky[j, i, k] = value


@color_kernel
def _clouds(noise, x, up, z, sun, cover):  # type: ignore[no-untyped-def]
    """(opacity, brightness) of the cloud layer in a direction."""
    spread = 26 / (up + 0.12)
    u, v = x * spread, z * spread
    shape = 0.72 * sample_noise(noise, u, v) + 0.28 * sample_noise(noise, u * 3.1 + 17, v * 3.1)
    thick = _smooth((shape - (1 - cover) * 0.92 + 0.03) * 3.4)
    # Less cloud towards the sun means a lit edge, more means a shaded belly.
    ahead = sample_noise(noise, u + sun[0] * 5, v + sun[2] * 5)
    lit = 1.12 - 0.38 * thick + 0.5 * (shape - ahead)
    return thick * _smooth(up * 9) * 0.96, max(lit, 0.35)


def _ambient(small: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(cosine-weighted mean of the sky, mean radiance near the horizon)."""
    x, z = _map_axes(len(small))
    r2 = x * x + z * z
    up = (1 - r2) / (1 + r2)
    solid = np.where(up > 0, 1 / (1 + r2) ** 2, 0)  # of a map cell, up to a constant
    bounded = np.minimum(small, 4.0)  # the disc is the sun's own light, not the sky's
    weight = (solid * up)[..., None]
    rim = (solid * (up < 0.2))[..., None]
    mean = (bounded * weight).sum((0, 1)) / weight.sum()
    return mean, (bounded * rim).sum((0, 1)) / rim.sum()


def _mirror(
    small: NDArray[np.float32], ambient: NDArray[np.float64], seed: int
) -> NDArray[np.float32]:
    """What shiny surfaces reflect: the blurred sky above an uneven dark skyline."""
    rng = np.random.default_rng([seed, 7])
    x, z = _map_axes(len(small))
    r2 = x * x + z * z
    up = (1 - r2) / (1 + r2)
    coarse = cv2.resize(rng.random((1, 24)).astype(np.float32), (720, 1), interpolation=0)[0]
    fine = np.interp(np.arange(720), np.arange(0, 720, 4), rng.random(180))
    height = 0.03 + 0.28 * coarse**2 + 0.07 * fine
    bearing = ((np.arctan2(x, z) / (2 * np.pi)) % 1 * 720).astype(int) % 720
    tones = np.asarray([[0.16, 0.17, 0.13], [0.24, 0.22, 0.20]])  # trees, houses
    shade = tones[(coarse[bearing] > 0.5).astype(int)]
    hidden = np.clip((height[bearing] - up) / 0.06, 0, 1)[..., None]
    blurred = cv2.GaussianBlur(np.minimum(small, 12.0), (0, 0), 1.0)
    mixed = blurred * (1 - hidden) + shade * ambient * hidden
    return np.ascontiguousarray(mixed, np.float32)


def _map_axes(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    line = ((np.arange(size) + 0.5) / size * 2 - 1) * EXTENT
    x, z = np.meshgrid(line, line)
    return x, z


@color_kernel
def look_up(image, x, y, z):  # type: ignore[no-untyped-def]
    """Bilinear radiance of a paraboloid map in a unit direction; below the horizon its rim."""
    size = image.shape[0]
    scale = np.float32(size / (2 * EXTENT))
    y = max(y, np.float32(-0.05))
    w = scale / (1 + y)
    u = min(max(x * w + np.float32(size * 0.5 - 0.5), np.float32(0)), np.float32(size - 1.01))
    v = min(max(z * w + np.float32(size * 0.5 - 0.5), np.float32(0)), np.float32(size - 1.01))
    i, j = int(u), int(v)
    a, b = np.float32(u - i), np.float32(v - j)
    w00, w10, w01, w11 = (1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b
    return (
        image[j, i, 0] * w00 + image[j, i + 1, 0] * w10
        + image[j + 1, i, 0] * w01 + image[j + 1, i + 1, 0] * w11,
        image[j, i, 1] * w00 + image[j, i + 1, 1] * w10
        + image[j + 1, i, 1] * w01 + image[j + 1, i + 1, 1] * w11,
        image[j, i, 2] * w00 + image[j, i + 1, 2] * w10
        + image[j + 1, i, 2] * w01 + image[j + 1, i + 1, 2] * w11,
    )  # fmt: skip
