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

FLOAT32, UINT8 = 7, 2
FIELDS = (
    PointField("x", 0, FLOAT32),
    PointField("y", 4, FLOAT32),
    PointField("z", 8, FLOAT32),
    PointField("rgb", 12, FLOAT32),
    PointField("label", 16, UINT8),
)
POINT_STEP = 20
"""Bytes of a point: each field its own, three unused at the end. ``rgb`` is PCL's packed float, the
bytes b g r 0: with any other fourth byte a bright colour would be NaN, and lost to tools that leave
out points with a NaN."""


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
    ) -> CloudPayload:
        """depth_m float32 [H, W], image uint8 [H, W, 3] RGB, labels uint8 [H, W] -> one cloud.

        out: uint8 [POINT_STEP * W * H], becomes the payload's data.
        """
        if camera != self._camera:
            self._allocate(camera)
        points = out.view(np.float32).reshape(camera.height, camera.width, POINT_STEP // 4)
        # inf - inf is NaN: unknown, too far and too near all become "no point" in one pass.
        with np.errstate(invalid="ignore"):
            np.subtract(depth_m, depth_m, out=self._z)
        np.add(depth_m, self._z, out=self._z)
        np.multiply(self._z, self._x_per_z, out=self._x)
        np.multiply(self._z, self._y_per_z, out=self._y)
        self._pack(image, labels)
        cv2.merge([self._x, self._y, self._z, self._rgb, self._label], points)
        return CloudPayload(
            header=header,
            height=camera.height,
            width=camera.width,
            fields=FIELDS,
            point_step=POINT_STEP,
            row_step=POINT_STEP * camera.width,
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
