"""The cameras a world is seen with: intrinsics, and where on its carrier the camera sits.

Cameras are ideal pinholes. Lens distortion is out of scope: a calibration with distortion is
refused, since labels of a distorted image would be wrong by pixels; rectify first, or give the
rectified camera (``projection_matrix``'s) without distortion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from depth_seg_ros.errors import FrameError, VirtualWorldError
from depth_seg_ros.types import Intrinsics

MAX_PIXELS = 16_000_000


@dataclass(frozen=True)
class Mount:
    """Ranges a scene's rig is drawn from: height [m] above the road, pitch and roll [rad]."""

    height_m: tuple[float, float]
    pitch: tuple[float, float]
    roll_std: float
    lateral_std_m: float
    yaw_std: float


@dataclass(frozen=True)
class Rig:
    """A camera on its carrier, as one scene has it."""

    intrinsics: Intrinsics
    height_m: float
    pitch: float
    roll: float
    lateral_m: float
    yaw: float


@dataclass(frozen=True)
class CameraKind:
    """A named camera: intrinsics and how it is mounted."""

    name: str
    intrinsics: Intrinsics
    mount: Mount

    def rig(self, rng: np.random.Generator, exact: bool = False) -> Rig:
        """Draw a rig; ``exact`` takes the middle of every range and no tilt."""
        m = self.mount
        if exact:
            height, pitch = float(np.mean(m.height_m)), float(np.mean(m.pitch))
            return Rig(self.intrinsics, height, pitch, 0.0, 0.0, 0.0)
        return Rig(
            self.intrinsics,
            float(rng.uniform(*m.height_m)),
            float(rng.uniform(*m.pitch)),
            float(rng.normal(0, m.roll_std)),
            float(np.clip(rng.normal(0, m.lateral_std_m), -0.8, 0.8)),
            float(rng.normal(0, m.yaw_std)),
        )

    def scaled(self, factor: float) -> CameraKind:
        """The same camera with an image smaller (or larger) by a factor; pixels stay square."""
        k = self.intrinsics
        width, height = round(k.width * factor), round(k.height * factor)
        if factor <= 0 or width < 8 or height < 8:
            raise VirtualWorldError(
                f"scale {factor} makes the {k.width}x{k.height} camera {width}x{height}; "
                "it must stay at least 8x8"
            )
        # The exact factor for both axes: the rounded size crops a fraction of a pixel.
        resized = Intrinsics(
            width, height, k.fx * factor, k.fy * factor,
            (k.cx + 0.5) * factor - 0.5, (k.cy + 0.5) * factor - 0.5,
        )  # fmt: skip
        return replace(self, intrinsics=resized)


_ON_CAR = Mount((1.35, 1.95), (-0.035, 0.02), 0.008, 0.15, 0.02)
_ON_KITTI = Mount((1.6, 1.7), (-0.045, 0.015), 0.006, 0.15, 0.015)
"""KITTI's rig: a known height is what turns the road's perspective into metres, so it is narrow.

Its pitch is wide: the principal point of the real camera lies 14 rows above Virtual KITTI's, and 26
in the benchmarks' cropped images, which moves the horizon as looking down by as much would.
"""

CAMERAS = {
    "car": CameraKind("car", Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0), _ON_KITTI),
    "robot": CameraKind(
        "robot",
        Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5),
        Mount((0.3, 1.0), (-0.15, 0.12), 0.02, 0.3, 0.15),
    ),
    "drone": CameraKind(
        "drone",
        Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5),
        Mount((2.0, 30.0), (-np.pi / 3, 0.0), 0.04, 0.8, 0.3),
    ),
}
"""KITTI's car camera (the intrinsics of Virtual KITTI), a small robot's, a drone's."""


def open_camera(name_or_file: str) -> CameraKind:
    """A named camera, or the one of a calibration file mounted as on a car.

    Files: the ``camera_info`` yaml of ROS (``image_width``, ``camera_matrix: {data: [9]}`` ...), a
    plain yaml with ``width height fx fy cx cy``, or text with those six numbers. A yaml may name
    its mount: ``mount: robot``.
    """
    if name_or_file in CAMERAS:
        return CAMERAS[name_or_file]
    path = Path(name_or_file)
    if not path.is_file():
        known = ", ".join(CAMERAS)
        raise VirtualWorldError(
            f"no camera is named {name_or_file!r} and no such file exists; known: {known}, or give "
            "a camera_info yaml"
        )
    try:
        text = path.read_text("utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise VirtualWorldError(f"{path} is not a readable calibration ({e})") from e
    try:
        intrinsics, mount = _parse(content, text)
    except (KeyError, TypeError, ValueError, IndexError, FrameError) as e:
        raise VirtualWorldError(
            f"{path} is not a camera calibration ({_reason(e)}); it needs image_width, "
            "image_height and camera_matrix, or width height fx fy cx cy"
        ) from e
    _check(intrinsics, path)
    return CameraKind(path.stem, intrinsics, mount)


def _parse(content: Any, text: str) -> tuple[Intrinsics, Mount]:
    if not isinstance(content, dict):
        numbers = [float(v) for v in text.split()]
        if len(numbers) != 6:
            raise ValueError(f"{len(numbers)} numbers instead of 6")
        return Intrinsics(int(numbers[0]), int(numbers[1]), *numbers[2:]), _ON_CAR
    mount = CAMERAS[content.get("mount", "car")].mount
    if "fx" in content:
        size = int(content["width"]), int(content["height"])
        return Intrinsics(*size, *(float(content[k]) for k in ("fx", "fy", "cx", "cy"))), mount
    k = _numbers(content, "camera_matrix", "k")
    d = _numbers(content, "distortion_coefficients", "d")
    if any(abs(v) > 1e-9 for v in d):
        raise VirtualWorldError(
            f"the camera has lens distortion {d}; the virtual world draws ideal pinholes only. "
            "Rectify the images and give the rectified camera, with distortion 0"
        )
    if len(k) != 9 or abs(k[1]) > 1e-6:
        raise ValueError(f"camera matrix {k} is not fx 0 cx 0 fy cy 0 0 1")
    width = content.get("image_width", content.get("width"))
    height = content.get("image_height", content.get("height"))
    if width is None or height is None:
        raise KeyError("image_width or image_height")
    return Intrinsics(int(width), int(height), k[0], k[4], k[2], k[5]), mount


def _numbers(content: dict[str, Any], *names: str) -> list[float]:
    for name in names:
        value = content.get(name)
        if value is not None:
            return [float(v) for v in (value["data"] if isinstance(value, dict) else value)]
    if names[-1] == "d":
        return []
    raise KeyError(names[0])


def _check(k: Intrinsics, path: Path) -> None:
    if k.width * k.height > MAX_PIXELS or k.width < 8 or k.height < 8:
        raise VirtualWorldError(
            f"{path}: an image of {k.width}x{k.height} is outside 8x8 .. {MAX_PIXELS} pixels"
        )
    if max(k.fx, k.fy) / min(k.fx, k.fy) > 4 or k.width / k.fx > 20 or k.fx > 100 * k.width:
        raise VirtualWorldError(
            f"{path}: fx={k.fx} fy={k.fy} for {k.width}x{k.height} is no camera; check the units "
            "(pixels)"
        )


def _reason(e: Exception) -> str:
    return f"{e} is missing" if isinstance(e, KeyError) else str(e)
