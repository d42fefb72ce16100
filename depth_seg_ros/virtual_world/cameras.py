"""The cameras a world is seen with: intrinsics, and where on its carrier the camera sits.

Cameras are ideal pinholes. Lens distortion is out of scope: a calibration with distortion is
refused, since labels of a distorted image would be wrong by pixels; rectify first, or give the
rectified camera (``projection_matrix``'s) without distortion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from depth_seg_ros.errors import FrameError, VirtualWorldError
from depth_seg_ros.messages.cameras import windowed
from depth_seg_ros.types import VIRTUAL_KITTI, Intrinsics

MAX_PIXELS = 16_000_000
MAX_SIDE = 16_384
_MAX_SCALE = 1000.0
_MAX_OFFSET = 3
"""Image sizes that the principal point may be off the middle of the image."""


Carrier = Literal["car", "robot", "drone"]
"""What carries a camera, and so which ways it takes: the lane; now and then the pavement; the air
above and beside the road."""


@dataclass(frozen=True)
class Mount:
    """Ranges a scene's rig is drawn from: height [m] above the road, pitch and roll [rad]."""

    height_m: tuple[float, float]
    pitch: tuple[float, float]
    roll_std: float
    lateral_std_m: float
    yaw_std: float
    carrier: Carrier = "car"
    roll: tuple[float, float] | None = None  # instead of roll_std


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

    @property
    def mounted_as(self) -> str:
        """The name of the mount where nobody gave one, so that a user can be told; else empty."""
        return "car" if self.mount is _ON_CAR else ""

    def rig(self, rng: np.random.Generator, exact: bool = False) -> Rig:
        """Draw a rig; ``exact`` takes the middle of every range and no tilt."""
        m = self.mount
        if exact:
            height, pitch = float(np.mean(m.height_m)), float(np.mean(m.pitch))
            roll = 0.0 if m.roll is None else float(np.mean(m.roll))
            return Rig(self.intrinsics, height, pitch, roll, 0.0, 0.0)
        return Rig(
            self.intrinsics,
            float(rng.uniform(*m.height_m)),
            float(rng.uniform(*m.pitch)),
            float(rng.normal(0, m.roll_std) if m.roll is None else rng.uniform(*m.roll)),
            float(np.clip(rng.normal(0, m.lateral_std_m), -0.8, 0.8)),
            float(rng.normal(0, m.yaw_std)),
        )

    def scaled(self, factor: float) -> CameraKind:
        """The same camera with an image smaller (or larger) by a factor; pixels stay square."""
        k = self.intrinsics
        if not 0 < factor <= _MAX_SCALE:
            raise VirtualWorldError(
                f"scale {factor:g} is no scale of an image; give a number above 0, such as 0.5"
            )
        width, height = round(k.width * factor), round(k.height * factor)
        what = f"scale {factor:g} of {self.name}'s {k.width}x{k.height}"
        _check_size(width, height, what)
        # The exact factor for both axes: the rounded size crops a fraction of a pixel.
        resized = Intrinsics(
            width, height, k.fx * factor, k.fy * factor,
            (k.cx + 0.5) * factor - 0.5, (k.cy + 0.5) * factor - 0.5,
        )  # fmt: skip
        _check(resized, what)
        return replace(self, intrinsics=resized)


_ON_CAR = Mount((1.35, 1.95), (-0.035, 0.02), 0.008, 0.15, 0.02)
_ON_KITTI = Mount((1.6, 1.7), (-0.045, 0.015), 0.006, 0.15, 0.015)
"""KITTI's rig: a known height is what turns the road's perspective into metres, so it is narrow.

Its pitch is wide: the principal point of the real camera lies 14 rows above Virtual KITTI's, and 26
in the benchmarks' cropped images, which moves the horizon as looking down by as much would.
"""

CAMERAS = {
    "car": CameraKind("car", VIRTUAL_KITTI, _ON_KITTI),
    "robot": CameraKind(
        "robot",
        Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5),
        Mount((0.3, 1.0), (-0.15, 0.12), 0.02, 0.3, 0.15, "robot"),
    ),
    "drone": CameraKind(
        "drone",
        Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5),
        Mount((2.0, 30.0), (-np.pi / 3, 0.0), 0.04, 0.8, 0.3, "drone"),
    ),
}
"""KITTI's car camera (the intrinsics of Virtual KITTI), a small robot's, a drone's."""


def open_camera(name_or_file: str, mount: str | None = None, rectified: bool = False) -> CameraKind:
    """A named camera, or one that is given by its calibration.

    name_or_file: a name of CAMERAS; ``WIDTH,HEIGHT,FX,FY,CX,CY``; or a file: the ``camera_info``
        yaml of ROS (``image_width``, ``camera_matrix: {data: [9]}`` ...), a plain yaml with
        ``width height fx fy cx cy``, text with those six numbers, or what ``ros2 topic echo --once
        /camera/camera_info`` prints (its region of interest and binning are applied). A yaml may
        name its mount (``mount: robot``), and say where the camera really sits: ``height_m`` above
        the road, ``pitch_deg`` (upwards positive) and ``roll_deg`` (to the right), each a number
        or ``[low, high]`` to draw from.
    mount: of which named camera (before the file's own); without any, that of a car.
    rectified: the images are rectified already, so the projection matrix counts.
    """
    if mount is not None and mount not in CAMERAS:
        raise VirtualWorldError(f"no mount is named {mount!r}; known: {', '.join(CAMERAS)}")
    if name_or_file in CAMERAS:
        camera = CAMERAS[name_or_file]
        return replace(camera, mount=CAMERAS[mount].mount) if mount else camera
    if "," in name_or_file and not Path(name_or_file).exists():
        intrinsics, own, name = _by_hand(name_or_file), None, "camera"
    else:
        intrinsics, own = _read(Path(name_or_file), rectified)
        name = Path(name_or_file).stem
    _check(intrinsics, name_or_file)
    chosen = CAMERAS[mount].mount if mount else own
    return CameraKind(name, intrinsics, chosen or _ON_CAR)


def _read(path: Path, rectified: bool) -> tuple[Intrinsics, Mount | None]:
    """A calibration file's camera, and its mount where it says one."""
    if not path.is_file():
        known = ", ".join(CAMERAS)
        raise VirtualWorldError(
            f"no camera is named {str(path)!r} and no such file exists; known: {known}, or give "
            "a camera_info yaml, or WIDTH,HEIGHT,FX,FY,CX,CY"
        )
    try:
        text = path.read_text("utf-8")
        content = next(iter(yaml.safe_load_all(text)), None)  # `ros2 topic echo` ends with ---
    except (OSError, ValueError, yaml.YAMLError) as e:
        raise VirtualWorldError(
            f"{path} is not a readable calibration ({_reason(e)}); give a camera_info yaml"
        ) from e
    try:
        return _parse(content, text, rectified)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, FrameError) as e:
        raise VirtualWorldError(
            f"{path} is not a camera calibration ({_reason(e)}); it needs image_width, "
            "image_height and camera_matrix, or width height fx fy cx cy"
        ) from e


def _by_hand(text: str) -> Intrinsics:
    """``WIDTH,HEIGHT,FX,FY,CX,CY``."""
    try:
        return _six_numbers(text.split(","))
    except (ValueError, OverflowError, FrameError) as e:
        raise VirtualWorldError(
            f"{text!r} is not WIDTH,HEIGHT,FX,FY,CX,CY ({e}); give for example "
            "1242,375,721.5,721.5,609.6,172.9"
        ) from e


def _six_numbers(words: list[str]) -> Intrinsics:
    numbers = [float(v) for v in words]
    if len(numbers) != 6:
        raise ValueError(f"{len(numbers)} numbers instead of 6")
    return Intrinsics(_whole(numbers[0]), _whole(numbers[1]), *numbers[2:])


def _parse(content: Any, text: str, rectified: bool) -> tuple[Intrinsics, Mount | None]:
    if not isinstance(content, dict):
        return _six_numbers(text.split()), None
    mount = (
        _mount(content) if {"mount", "height_m", "pitch_deg", "roll_deg"} & content.keys() else None
    )
    if "fx" in content:
        size = _whole(content["width"]), _whole(content["height"])
        return Intrinsics(*size, *(float(content[k]) for k in ("fx", "fy", "cx", "cy"))), mount
    k = _numbers(content, "camera_matrix", "k")
    d = _numbers(content, "distortion_coefficients", "d")
    if rectified:
        k = _of_projection(_numbers(content, "projection_matrix", "p"))
    elif not all(abs(v) <= 1e-9 for v in d):
        raise VirtualWorldError(
            f"the camera has lens distortion {d}, and only ideal pinholes make sense here. Rectify "
            "the images (image_proc) and add --rectified: then the projection matrix counts"
        )
    if len(k) != 9 or not np.allclose([k[1], k[3], *k[6:]], [0, 0, 0, 0, 1], rtol=0, atol=1e-6):
        raise ValueError(f"camera matrix {k} is not fx 0 cx 0 fy cy 0 0 1")
    width = content.get("image_width", content.get("width"))
    height = content.get("image_height", content.get("height"))
    if width is None or height is None:
        raise KeyError("image_width or image_height")
    full = Intrinsics(_whole(width), _whole(height), k[0], k[4], k[2], k[5])
    return windowed(full, _region(content), _binning(content)), mount


def _region(content: dict[str, Any]) -> tuple[int, int, int, int]:
    """Region of interest (x, y, width, height) of a camera_info; all 0 where there is none."""
    roi = content.get("roi") or {}
    x, y, width, height = (
        _whole(roi.get(name) or 0) for name in ("x_offset", "y_offset", "width", "height")
    )
    return x, y, width, height


def _binning(content: dict[str, Any]) -> tuple[int, int]:
    return _whole(content.get("binning_x") or 0), _whole(content.get("binning_y") or 0)


def _of_projection(p: list[float]) -> list[float]:
    """The left 3x3 part of P, row by row; ValueError where the calibration left it at zero."""
    if len(p) != 12 or p[0] == 0:
        raise ValueError(f"projection matrix {p} is not that of a rectified camera")
    return [*p[0:3], *p[4:7], *p[8:11]]


def _mount(content: dict[str, Any]) -> Mount:
    name = content.get("mount", "car")
    if name not in CAMERAS:
        raise ValueError(f"no mount is named {name!r}; known: {', '.join(CAMERAS)}")
    mount = CAMERAS[name].mount
    if "height_m" in content:
        mount = replace(mount, height_m=_range(content, "height_m", 0.05, 100.0))
    if "pitch_deg" in content:
        low, high = np.radians(_range(content, "pitch_deg", -90.0, 90.0)).tolist()
        mount = replace(mount, pitch=(low, high))
    if "roll_deg" in content:
        low, high = np.radians(_range(content, "roll_deg", -90.0, 90.0)).tolist()
        mount = replace(mount, roll=(low, high))
    return mount


def _range(content: dict[str, Any], key: str, lowest: float, highest: float) -> tuple[float, float]:
    """A number or [low, high] within limits."""
    value = content[key]
    pair = value if isinstance(value, list) else [value, value]
    if len(pair) != 2 or not lowest <= float(pair[0]) <= float(pair[1]) <= highest:
        raise ValueError(
            f"{key} is {value}; give a number or [low, high] from {lowest:g} to {highest:g}"
        )
    return float(pair[0]), float(pair[1])


def _whole(value: Any) -> int:
    """A size in pixels."""
    if float(value) != int(value):
        raise ValueError(f"an image has no {value} pixels")
    return int(value)


def _numbers(content: dict[str, Any], *names: str) -> list[float]:
    for name in names:
        value = content.get(name)
        if value is not None:
            return [float(v) for v in (value["data"] if isinstance(value, dict) else value)]
    if names[-1] == "d":
        return []
    raise KeyError(names[0])


def _check_size(width: int, height: int, what: str) -> None:
    if min(width, height) < 8 or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise VirtualWorldError(
            f"{what}: an image of {width}x{height} is outside 8x8 .. {MAX_PIXELS} pixels, "
            f"{MAX_SIDE} a side; choose another size"
        )


def _check(k: Intrinsics, what: str) -> None:
    _check_size(k.width, k.height, what)
    if max(k.fx, k.fy) / min(k.fx, k.fy) > 4 or k.width / k.fx > 20 or k.fx > 100 * k.width:
        raise VirtualWorldError(
            f"{what}: fx={k.fx} fy={k.fy} for {k.width}x{k.height} is no camera; check the units "
            "(pixels)"
        )
    off = max(abs(k.cx / k.width - 0.5), abs(k.cy / k.height - 0.5))
    if off > _MAX_OFFSET:
        raise VirtualWorldError(
            f"{what}: the principal point cx={k.cx} cy={k.cy} is {off:.0f} image sizes off the "
            f"middle of {k.width}x{k.height}; check the units (pixels)"
        )


def _reason(e: Exception) -> str:
    """In one line."""
    if isinstance(e, KeyError):
        return f"{e} is missing"
    if isinstance(e, yaml.MarkedYAMLError) and e.problem_mark is not None:
        return f"line {e.problem_mark.line + 1}: {e.problem}"
    return str(e).partition("\n")[0]
