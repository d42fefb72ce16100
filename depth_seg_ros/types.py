"""The nouns of the package on one page: what passes between rooms.

Convention: images are indexed ``[row, column]``; pixel centres have integer coordinates (the centre
of the top-left pixel is (0, 0)); depth is the distance in metres along the optical axis Z
(REP-118), not along the ray; camera frames are optical frames (x right, y down, z forward,
REP-103).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError

UInt8Array = npt.NDArray[np.uint8]
Float32Array = npt.NDArray[np.float32]


_FOCAL_RANGE = 10_000
"""Sides of the image that a focal length, or the principal point's place, may measure."""
_SAME_ASPECT = 0.02
"""How far the two axes' scales may differ where an image was resized: sizes are whole numbers."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without distortion.

    ``fx fy cx cy`` are in pixels of an image of ``width`` x ``height`` pixels, with the principal
    point in the pixel-centre convention above (the one of ``sensor_msgs/CameraInfo``).
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise FrameError(
                f"camera size {self.width}x{self.height} is empty; give the size of the image"
            )
        values = (self.fx, self.fy, self.cx, self.cy)
        if not (all(np.isfinite(values)) and self.fx > 0 and self.fy > 0):
            raise FrameError(
                f"intrinsics fx={self.fx} fy={self.fy} cx={self.cx} cy={self.cy} are not those of "
                "a camera (an uncalibrated CameraInfo is all zeros); calibrate it or leave it out"
            )
        side = max(self.width, self.height)
        low, high = side / _FOCAL_RANGE, side * _FOCAL_RANGE
        off = max(abs(self.cx), abs(self.cy)) / side
        if not (low <= self.fx <= high and low <= self.fy <= high and off <= _FOCAL_RANGE):
            raise FrameError(
                f"intrinsics fx={self.fx} fy={self.fy} cx={self.cx} cy={self.cy} are no camera of "
                f"{self.width}x{self.height} pixels; check their units (pixels)"
            )

    def resized(self, width: int, height: int) -> Intrinsics:
        """The same camera after resizing its image to ``width`` x ``height`` (any aspect)."""
        sx, sy = width / self.width, height / self.height
        return Intrinsics(
            width,
            height,
            self.fx * sx,
            self.fy * sy,
            (self.cx + 0.5) * sx - 0.5,
            (self.cy + 0.5) * sy - 0.5,
        )

    def of_image(self, width: int, height: int) -> Intrinsics:
        """The same camera for an image of this size, which was resized whole.

        FrameError where the aspect is another: the image was cropped or turned (a photograph with
        an EXIF orientation), and where the principal point went is not known.
        """
        if (width, height) == (self.width, self.height):
            return self
        sx, sy = width / self.width, height / self.height
        if not abs(sx / sy - 1) <= _SAME_ASPECT:
            raise FrameError(
                f"intrinsics are for {self.width}x{self.height}, the image is {width}x{height}: "
                "another aspect, so it was cropped or turned; give the intrinsics of this image"
            )
        return self.resized(width, height)

    def strided(self, n: int) -> Intrinsics:
        """The same camera when only every n-th pixel of every n-th row is kept, the first with
        them: pixel (u, v) of the rest is (n u, n v)."""
        width, height = -(-self.width // n), -(-self.height // n)
        return Intrinsics(width, height, self.fx / n, self.fy / n, self.cx / n, self.cy / n)

    def cropped(self, x: int, y: int, width: int, height: int) -> Intrinsics:
        """The same camera after cropping (or padding, with negative ``x``, ``y``) its image."""
        return Intrinsics(width, height, self.fx, self.fy, self.cx - x, self.cy - y)

    def matrix(self) -> npt.NDArray[np.float64]:
        """K, float64 [3, 3]."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)


VIRTUAL_KITTI = Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0)
"""The camera of Virtual KITTI, and so the one that our networks are taught with."""


@dataclass(frozen=True)
class Rig:
    """How a camera hangs above the ground.

    height_m: of the camera's centre above the plane of the ground.
    pitch_rad: of the optical axis above the horizontal, upwards positive; None = not known.
    roll_rad: about the optical axis, positive where the image's right side is down; None likewise.
    """

    height_m: float
    pitch_rad: float | None = None
    roll_rad: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.height_m) and self.height_m > 0):
            raise FrameError(
                f"camera height is {self.height_m} m; give metres above the ground, more than 0"
            )
        angles = [a for a in (self.pitch_rad, self.roll_rad) if a is not None]
        if not all(math.isfinite(a) for a in angles):
            raise FrameError(f"camera angles {angles} are not finite; give radians")

    @property
    def attitude_known(self) -> bool:
        return self.pitch_rad is not None and self.roll_rad is not None

    def down(self) -> npt.NDArray[np.float64]:
        """float64 [3]: the unit vector that points to the ground, in the camera's optical frame.
        Angles that are not known count as 0."""
        pitch, roll = self.pitch_rad or 0.0, self.roll_rad or 0.0
        level = math.cos(pitch)
        return np.array([math.sin(roll) * level, math.cos(roll) * level, -math.sin(pitch)])

    @classmethod
    def from_down(cls, height_m: float, down: npt.NDArray[np.float64]) -> Rig:
        """The rig whose ground lies in direction ``down`` (any length, optical frame)."""
        x, y, z = (down / np.linalg.norm(down)).tolist()
        return cls(height_m, math.asin(max(-1.0, min(1.0, -z))), math.atan2(x, y))


@dataclass(frozen=True)
class Frame:
    """One camera image.

    stamp_ns: capture time in nanoseconds (whatever clock the camera's header uses).
    frame_id: tf frame of the camera, copied to every output.
    image: uint8 [H, W, 3], RGB.
    intrinsics: of this very image, or None where no calibration is known.
    rig: how the camera hung above the ground when it took the image, or None where nobody knows.
    """

    stamp_ns: int
    frame_id: str
    image: UInt8Array
    intrinsics: Intrinsics | None = None
    rig: Rig | None = None

    def __post_init__(self) -> None:
        image = self.image
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise FrameError(
                f"a frame needs an RGB image uint8 [H, W, 3], found {image.dtype} "
                f"{list(image.shape)}; convert it first"
            )
        if image.shape[0] < 1 or image.shape[1] < 1:
            raise FrameError(f"image of size {image.shape[1]}x{image.shape[0]} is empty")
        k = self.intrinsics
        if k is not None and (k.height, k.width) != image.shape[:2]:
            raise FrameError(
                f"intrinsics are for {k.width}x{k.height}, the image is "
                f"{image.shape[1]}x{image.shape[0]}; rescale the intrinsics (Intrinsics.resized)"
            )


@dataclass(frozen=True)
class Ground:
    """What is known of the ground under a camera, and what it did to a frame's depth.

    height_m: of the camera above it, as given. down: unit vector to it, in the optical frame.
    factor: that the depth of the middle of the ground was multiplied by; 1 = left alone.
    inliers: share of the ground's pixels that lie in the plane; 0 where no plane was found.
    reason: why the depth was left alone, or on what the factor rests; "" where nothing is to say.
    fits: the depth was left alone because it is right for this height.
    contradicted: what was seen for some seconds contradicts the height, so nothing rests on it.
    sizes: how many times too large cars and people look at this height; None: none were seen.
    """

    height_m: float
    down: tuple[float, float, float]
    factor: float = 1.0
    inliers: float = 0.0
    reason: str = ""
    fits: bool = False
    contradicted: bool = False
    sizes: float | None = None

    def height_above(self, depth_m: Float32Array, camera: Intrinsics) -> Float32Array:
        """float32 [H, W]: how high above the ground the point of each pixel lies [m]."""
        return np.asarray(self.height_m - depth_m * sinks(self.down, camera), np.float32)


def sinks(down: tuple[float, float, float], camera: Intrinsics) -> Float32Array:
    """float32 [H, W]: how far each pixel's ray sinks towards ``down`` for every metre along Z."""
    a, b = down[0] / camera.fx, down[1] / camera.fy
    rows = b * (np.arange(camera.height) - camera.cy) + down[2]
    columns = a * (np.arange(camera.width) - camera.cx)
    return np.asarray(rows.astype(np.float32)[:, None] + columns.astype(np.float32))


@dataclass(frozen=True)
class Prediction:
    """What the network says about one frame, at the camera's resolution.

    depth_m: float32 [H, W], metres along Z; NaN where the network did not look.
    labels: uint8 [H, W] class ids of the spec's class table, 255 = unlabelled; None for a
        depth-only network.
    confidence: uint8 [H, W], 255 x the probability of the label; None without labels.
    intrinsics: those of the frame.
    depth_confidence: uint8 [H, W], 255 x the probability that the depth is within 25 %; None where
        the network does not say.
    ground: where the ground lies, if anybody looked.
    """

    stamp_ns: int
    frame_id: str
    depth_m: Float32Array
    labels: UInt8Array | None
    confidence: UInt8Array | None
    intrinsics: Intrinsics | None
    depth_confidence: UInt8Array | None = None
    ground: Ground | None = None


@dataclass(frozen=True)
class GroundTruth:
    """What a data set or a simulator knows about one frame.

    depth_m: float32 [H, W] metres along Z, NaN = not measured, +Inf = measured to be beyond the
        sensor's range (sky); None where there is none.
    labels: uint8 [H, W] Cityscapes ids, 255 = not labelled; None where there are none.
    """

    stamp_ns: int
    depth_m: Float32Array | None
    labels: UInt8Array | None = None
