"""What a real camera makes of light: exposure, lens, sensor, response curve, compression.

A seeded post-process on linear radiance. It turns radiance into the picture and touches nothing
else: depth and labels are of the ideal pinhole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.types import UInt8Array
from depth_seg_ros.virtual_world.render.jit import color_kernel

_REFERENCE_WIDTH = 1242
_CURVE_SIZE = 4096
_CURVE_WHITE = 8.0
"""Exposed radiance at the end of the response table; brighter is white in any case."""
_CLEAN_GAIN = 5.0
"""Gain from which a sensor amplifies its noise: what it needs from dusk on."""


@dataclass(frozen=True)
class CameraModel:
    """One camera as it left the factory and as it is set. The default is a good, sharp one.

    Blur and noise are those of a picture 1242 pixels wide; a smaller picture is taken to be that
    one reduced, which is sharper and cleaner.
    """

    exposure_ev: float = 0.0  # offset of the automatic exposure, in stops
    contrast: float = 1.0  # slope of the response curve at mid grey
    shoulder: float = 0.80  # exposed value above which highlights are compressed
    saturation: float = 1.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignetting: float = 0.12  # light lost in the corners
    blur_px: float = 0.45  # at 1242 pixels: standard deviation of lens and demosaicing blur
    bloom: float = 0.015  # light scattered inside the lens
    sharpening: float = 0.0
    shot_noise: float = 0.0005  # variance of exposed value 1, relative
    read_noise: float = 0.001  # standard deviation in the dark
    jpeg_quality: int = 0  # 0 = uncompressed


def random_camera_model(rng: np.random.Generator) -> CameraModel:
    """A camera somebody might have mounted."""
    warm, green = rng.normal(0, 0.05), rng.normal(0, 0.02)
    return CameraModel(
        exposure_ev=float(np.clip(rng.normal(0.0, 0.45), -1.2, 1.2)),
        contrast=float(rng.uniform(0.85, 1.45)),
        shoulder=float(rng.uniform(0.6, 0.97)),
        saturation=float(rng.uniform(0.65, 1.3)),
        white_balance=(float(np.exp(warm)), float(np.exp(green)), float(np.exp(-warm))),
        vignetting=float(rng.uniform(0.0, 0.35)),
        blur_px=float(rng.uniform(0.25, 0.9)),
        bloom=float(rng.uniform(0.0, 0.05)),
        sharpening=float(rng.uniform(0.2, 0.9)) if rng.random() < 0.5 else 0.0,
        shot_noise=float(np.exp(rng.uniform(np.log(2e-4), np.log(5e-3)))),
        read_noise=float(np.exp(rng.uniform(np.log(2e-4), np.log(4e-3)))),
        jpeg_quality=int(rng.integers(60, 97)) if rng.random() < 0.6 else 0,
    )


def metered_gain(radiance: NDArray[np.float32]) -> float:
    """Gain of an automatic exposure: it looks mostly at the lower two thirds, as drivers do.

    Aims a log-average at mid grey and lets at most a tenth of the metered part go beyond white,
    so that the sky clips where the street is dark.
    """
    rows = radiance.shape[0]
    part = radiance[rows // 3 :: 4, ::4]
    luminance = part @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    mean = float(np.exp(np.log(np.maximum(luminance, 1e-3)).mean()))
    bright = float(np.quantile(luminance, 0.9))
    return float(np.clip(min(0.17 / mean, 1.0 / max(bright, 1e-3)), 0.15, 12.0))


def develop(
    radiance: NDArray[np.float32], model: CameraModel, gain: float, seed: int
) -> UInt8Array:
    """Linear radiance f4 [H, W, 3] -> uint8 RGB picture; ``seed`` draws the noise."""
    height, width = radiance.shape[:2]
    reduction = min(width / _REFERENCE_WIDTH, 1.0)
    light = _through_lens(radiance, model, reduction)
    picture: UInt8Array = np.empty((height, width, 3), np.uint8)
    exposure = np.float32(gain * 2.0**model.exposure_ev)
    noisy = max(gain / _CLEAN_GAIN, 1.0)
    curve = _response(model.contrast, model.shoulder)
    _expose(
        light, exposure, np.asarray(model.white_balance, np.float32),
        np.float32(model.saturation), np.float32(model.vignetting),
        np.float32(model.shot_noise * reduction**2 * noisy),
        np.float32(model.read_noise * reduction * noisy),
        curve, np.uint64(seed & 0xFFFFFFFF), picture,
    )  # fmt: skip
    if model.sharpening > 0:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        sharp = cv2.addWeighted(picture, 1 + model.sharpening, soft, -model.sharpening, 0)
        picture = np.asarray(sharp, np.uint8)
    return _compressed(picture, model.jpeg_quality) if model.jpeg_quality else picture


def _through_lens(
    radiance: NDArray[np.float32], model: CameraModel, reduction: float
) -> NDArray[np.float32]:
    light: Any = radiance
    blur_px = model.blur_px * reduction
    if blur_px > 0.2:
        size = 3 if blur_px < 0.65 else 5
        light = cv2.GaussianBlur(light, (size, size), blur_px)
    if model.bloom > 0:
        height, width = light.shape[:2]
        small = cv2.resize(light, (max(width // 8, 1), max(height // 8, 1)),
                           interpolation=cv2.INTER_AREA)  # fmt: skip
        spread = cv2.GaussianBlur(small, (0, 0), max(width / 8 * 0.03, 1.0))
        light = cv2.addWeighted(light, 1 - model.bloom,
                                cv2.resize(spread, (width, height)), model.bloom, 0)  # fmt: skip
    return np.asarray(light, np.float32)


def add_glare(light: NDArray[np.float32], amount: float) -> None:
    """Scatter the brightest light of radiance f4 [H, W, 3] over the whole frame, in place: a veil
    round the sun, ghosts on the line through the middle. ``amount`` 0 .. 1."""
    height, width = light.shape[:2]
    quarter: Any = cv2.resize(light, _part(width, height, 4), interpolation=cv2.INTER_AREA)
    level = max(float(np.quantile(quarter[..., 1], 0.5)), 1e-3)
    bright: Any = cv2.resize(
        np.maximum(quarter - 4 * level, 0), _part(width, height, 16), interpolation=cv2.INTER_AREA
    )
    wide = cv2.GaussianBlur(bright, (0, 0), max(width / 16 * 0.16, 1.0))
    near = cv2.GaussianBlur(bright, (0, 0), max(width / 16 * 0.04, 1.0))
    ghost = 0.25 * near[::-1, ::-1]
    veil = 0.55 * wide + 0.35 * near + 0.1 * bright.mean((0, 1)) + ghost * 0.1
    light += np.float32(amount) * cv2.resize(np.asarray(veil, np.float32), (width, height))


def _part(width: int, height: int, share: int) -> tuple[int, int]:
    """(width, height) of a picture reduced ``share`` times, 2 at least."""
    return max(width // share, 2), max(height // share, 2)


@lru_cache(maxsize=64)
def _response(contrast: float, shoulder: float) -> NDArray[np.uint8]:
    """Exposed value x in 0 .. _CURVE_WHITE, at index sqrt(x / white) -> byte."""
    x = (np.arange(_CURVE_SIZE) / (_CURVE_SIZE - 1)) ** 2 * _CURVE_WHITE
    room = 1 - shoulder
    over = np.maximum(x - shoulder, 0)
    toned = np.where(x < shoulder, x, shoulder + room * (1 - np.exp(-over / max(room, 1e-3) * 0.8)))
    encoded = np.where(toned <= 0.0031308, 12.92 * toned, 1.055 * toned ** (1 / 2.4) - 0.055)
    pivot = 0.45
    curved = np.where(
        encoded < pivot,
        pivot * (encoded / pivot) ** contrast,
        1 - (1 - pivot) * ((1 - np.minimum(encoded, 1)) / (1 - pivot)) ** contrast,
    )
    return np.asarray(np.clip(curved * 255 + 0.5, 0, 255), np.uint8)


@color_kernel
def _noise(counter):  # type: ignore[no-untyped-def]
    """Roughly normal number, variance 1, from a hashed counter (no state, no order)."""
    # PCG hash in 32 bits (Jarzynski and Olano, JCGT 2020); the masks undo Numba's widening.
    mask = np.uint64(0xFFFFFFFF)
    h = (counter * np.uint64(747796405) + np.uint64(2891336453)) & mask
    h = (((h >> ((h >> np.uint64(28)) + np.uint64(4))) ^ h) * np.uint64(277803737)) & mask
    h = (h >> np.uint64(22)) ^ h
    byte = np.uint64(255)
    total = (h & byte) + ((h >> np.uint64(8)) & byte)
    total += ((h >> np.uint64(16)) & byte) + (h >> np.uint64(24))
    return (np.float32(total) - np.float32(510)) * np.float32(1 / 147.8)


@color_kernel
def _expose(  # type: ignore[no-untyped-def]
    light, exposure, balance, saturation, vignetting, shot, read, curve, seed, picture
):
    height, width = light.shape[0], light.shape[1]
    reach = np.float32(4.0 / (width * width + height * height))
    top = np.float32(curve.shape[0] - 1)
    scale = np.float32(1 / _CURVE_WHITE)
    for y in range(height):
        fy = np.float32(y - height * 0.5)
        for x in range(width):
            fx = np.float32(x - width * 0.5)
            gain = exposure * (np.float32(1) - vignetting * (fx * fx + fy * fy) * reach)
            r = light[y, x, 0] * gain * balance[0]
            g = light[y, x, 1] * gain * balance[1]
            b = light[y, x, 2] * gain * balance[2]
            grey = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            counter = np.uint64(y * width + x) * np.uint64(3) + seed
            for k in range(3):
                v = r if k == 0 else (g if k == 1 else b)
                v = max(grey + (v - grey) * saturation, np.float32(0))
                v += np.sqrt(shot * v + read * read) * _noise(counter + np.uint64(k))
                v = min(max(v * scale, np.float32(0)), np.float32(1))
                picture[y, x, k] = curve[int(np.sqrt(v) * top + np.float32(0.5))]


def _compressed(picture: UInt8Array, quality: int) -> UInt8Array:
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR),
                            [cv2.IMWRITE_JPEG_QUALITY, quality])  # fmt: skip
    if not ok:
        raise RuntimeError("JPEG encoder refused a picture")
    decoded: Any = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def steadied(gain: float, previous: float | None, elapsed_s: float) -> float:
    """Automatic exposure follows the light with a time constant of half a second."""
    if previous is None:
        return gain
    share = 1 - np.exp(-max(elapsed_s, 0.0) / 0.5)
    return float(previous * (gain / previous) ** share)


SHARP = replace(CameraModel(), blur_px=0.0, bloom=0.0, vignetting=0.0, shot_noise=0.0,
                read_noise=0.0)  # fmt: skip
"""No lens, no noise: exposure and response only."""
