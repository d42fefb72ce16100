"""Depth + intrinsics -> organised PointCloud2, pixel-aligned with the depth and label images.

Convention: optical frame (x right, y down, z forward); pixel (u, v) with depth z lies at
``x = (u - cx) z / fx``, ``y = (v - cy) z / fy``. A pixel without finite depth is NaN in x, y and z,
so the cloud keeps the image's height and width (what Nav2's semantic segmentation layer needs).
"""

from __future__ import annotations

import cv2
import numpy as np

from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.messages.payloads import CloudPayload, Header, PointField
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array

FLOAT32, UINT32 = 7, 6
FIELDS = (
    PointField("x", 0, FLOAT32),
    PointField("y", 4, FLOAT32),
    PointField("z", 8, FLOAT32),
    PointField("rgb", 12, FLOAT32),
    PointField("label", 16, UINT32),
)
POINT_STEP = 20
"""Bytes of a point: each field its own, none unused (tf2_sensor_msgs takes no other cloud), label
as PCL has it. ``rgb`` is PCL's packed float, the bytes b g r 0: with any other fourth byte a bright
colour would be NaN, and lost to tools that leave out points with a NaN."""
HEIGHT_FIELD = PointField("height", POINT_STEP, FLOAT32)
HEIGHT_STEP = POINT_STEP + 4
"""Bytes of a point that also says its height above the ground."""


class PointPacker:
    """Makes clouds of one camera; keeps its rays and planes between frames."""

    def __init__(self) -> None:
        self._camera: Intrinsics | None = None

    def cloud(
        self,
        header: Header,
        depth_m: Float32Array,
        image: UInt8Array,
        labels: UInt8Array | None,
        camera: Intrinsics,
        out: UInt8Array,
        height_m: Float32Array | None = None,
    ) -> CloudPayload:
        """depth_m float32 [H, W], image uint8 [H, W, 3] RGB, labels uint8 [H, W] -> one cloud.

        out: uint8 [step * W * H], becomes the payload's data. height_m: float32 [H, W] above the
        ground, one more field (then a step is HEIGHT_STEP).
        """
        if camera != self._camera:
            self._allocate(camera)
        step = POINT_STEP if height_m is None else HEIGHT_STEP
        points = out.view(np.float32).reshape(camera.height, camera.width, step // 4)
        # inf - inf is NaN: unknown, too far and too near all become "no point" in one pass.
        with np.errstate(invalid="ignore"):
            np.subtract(depth_m, depth_m, out=self._z)
        np.add(depth_m, self._z, out=self._z)
        np.multiply(self._z, self._x_per_z, out=self._x)
        np.multiply(self._z, self._y_per_z, out=self._y)
        self._pack(image, labels)
        planes = [self._x, self._y, self._z, self._rgb, self._label]
        cv2.merge(planes if height_m is None else [*planes, height_m], points)
        return CloudPayload(
            header=header,
            height=camera.height,
            width=camera.width,
            fields=FIELDS if height_m is None else (*FIELDS, HEIGHT_FIELD),
            point_step=step,
            row_step=step * camera.width,
            data=out,
            is_dense=False,
        )

    def _allocate(self, camera: Intrinsics) -> None:
        shape = camera.height, camera.width
        u = (np.arange(camera.width) - camera.cx) / camera.fx
        v = (np.arange(camera.height) - camera.cy) / camera.fy
        self._x_per_z, self._y_per_z = u.astype(np.float32)[None, :], v.astype(np.float32)[:, None]
        self._x, self._y, self._z = (np.empty(shape, np.float32) for _ in range(3))
        self._colour = np.empty((*shape, 4), np.uint8)
        self._rgb = self._colour.view(np.float32)[..., 0]
        self._ids = np.empty(shape, "<u4")
        self._label = self._ids.view(np.float32)
        self._camera = camera

    def _pack(self, image: UInt8Array, labels: UInt8Array | None) -> None:
        """Colours and labels as the bytes of float32 [H, W] (never computed with)."""
        cv2.cvtColor(image, cv2.COLOR_RGB2BGRA, dst=self._colour)
        self._colour[..., 3] = 0
        np.copyto(self._ids, UNLABELED if labels is None else labels)


def without_flying(depth_m: Float32Array, max_jump: float) -> Float32Array:
    """A copy with NaN at the outlines, where depth has values between near and far: where the
    farthest of a pixel's 3 x 3 neighbours is more than ``1 + max_jump`` times as far as the
    nearest. Neighbours without depth do not count."""
    known = np.isfinite(depth_m)
    around = np.ones((3, 3), np.uint8)
    far = cv2.dilate(np.where(known, depth_m, np.float32(0)), around)
    near = cv2.erode(np.where(known, depth_m, np.float32(np.inf)), around)
    return np.where(far > np.float32(1 + max_jump) * near, np.float32(np.nan), depth_m)
