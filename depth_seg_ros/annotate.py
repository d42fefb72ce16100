"""What people should see in an overlay beside colours: how sure the depth is, and how far it is.

All pictures are uint8 [H, W, 3] RGB of the camera's own size, changed in place.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.types import Float32Array, Ground, Intrinsics, Prediction, UInt8Array

DISTANCES_M = (5.0, 10.0, 20.0, 40.0)
HALF_WIDTH_M = 12.0
"""Of the lines across the ground, to either side."""
DARKEST = 0.3
"""Of a picture's brightness, where depth is surely wrong."""
HIDDEN = 0.8
"""Share of the ground's depth below which something stands before it."""
_LINE, _EDGE = (255, 255, 255), (0, 0, 0)


def annotate(picture: UInt8Array, prediction: Prediction) -> UInt8Array:
    """Dim what is unsure, and draw the ground's distances, as far as the prediction knows them."""
    if prediction.depth_confidence is not None:
        dim_unsure(picture, prediction.depth_confidence)
    ground = prediction.ground
    if ground is not None and not ground.contradicted and prediction.intrinsics is not None:
        draw_distances(picture, ground, prediction.intrinsics, prediction.depth_m)
    return picture


def dim_unsure(picture: UInt8Array, confidence: UInt8Array) -> None:
    """confidence: uint8 [H, W], 255 = sure: full brightness."""
    share = cv2.convertScaleAbs(confidence, alpha=1 - DARKEST, beta=255 * DARKEST)
    cv2.multiply(picture, cv2.merge([share] * 3), dst=picture, scale=1 / 255)


def draw_distances(
    picture: UInt8Array, ground: Ground, camera: Intrinsics, depth_m: Float32Array
) -> None:
    """A line across the ground at each of ``DISTANCES_M`` from the camera's foot, where it is not
    hidden by what stands before it (by ``depth_m``, [H, W])."""
    size = max(0.35, camera.width / 1400)
    for place, distance_m in enumerate(DISTANCES_M, start=1):
        points, z = _across(ground, camera, distance_m)
        shown = [
            _visible(a, b, (za + zb) / 2, depth_m)
            for a, b, za, zb in zip(points, points[1:], z, z[1:], strict=False)
        ]
        for colour, width in ((_EDGE, 3), (_LINE, 1)):
            for a, b, seen in zip(points, points[1:], shown, strict=False):
                if seen:
                    cv2.line(picture, _pixel(a), _pixel(b), colour, width, cv2.LINE_AA)
        if any(shown):
            middle = [i for i, seen in enumerate(shown) if seen]
            at = points[middle[place * len(middle) // 6]]  # side by side: far lines lie close
            _write(picture, f"{distance_m:g} m", (int(at[0]) + 4, int(at[1]) - 4), size)


def _across(
    ground: Ground, camera: Intrinsics, distance_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pixels [N, 2] and depths [N] of a line across the ground before the camera, left to right."""
    down = np.array(ground.down)
    ahead = np.array([0.0, 0.0, 1.0]) - down[2] * down
    length = float(np.linalg.norm(ahead))
    if length < 0.1:  # looking straight down: the image's upper edge is ahead
        ahead, length = np.array([0.0, -1.0, 0.0]) + down[1] * down, 1.0
    ahead /= length
    right = np.cross(down, ahead)
    sideways = np.linspace(-HALF_WIDTH_M, HALF_WIDTH_M, 49)[:, None]
    points = ground.height_m * down + distance_m * ahead + sideways * right
    points = points[points[:, 2] > 0.2]
    z = points[:, 2]
    u = camera.fx * points[:, 0] / z + camera.cx
    v = camera.fy * points[:, 1] / z + camera.cy
    near_picture = np.abs(u - camera.cx) < 2 * camera.width
    inside = near_picture & (np.abs(v - camera.cy) < 2 * camera.height)
    return np.stack([u, v], 1)[inside], z[inside]


def _visible(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], z: float, depth_m: Float32Array
) -> bool:
    """Whether the middle of a piece lies in the picture with nothing before it."""
    column, row = np.rint((a + b) / 2).astype(int).tolist()
    height, width = depth_m.shape
    if not (0 <= row < height and 0 <= column < width):
        return False
    return not depth_m[row, column] < HIDDEN * z  # True for NaN: nobody knows


def _pixel(point: npt.NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _write(picture: UInt8Array, text: str, at: tuple[int, int], size: float) -> None:
    for colour, width in ((_EDGE, 3), (_LINE, 1)):
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, width, cv2.LINE_AA)
