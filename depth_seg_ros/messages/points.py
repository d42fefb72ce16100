"""Depth + intrinsics -> organised PointCloud2, pixel-aligned with the depth and label images.

Convention: optical frame (x right, y down, z forward); pixel (u, v) with depth z lies at
``x = (u - cx) z / fx``, ``y = (v - cy) z / fy``. A pixel without finite depth is NaN in x, y and z,
so the cloud keeps the image's height and width (what Nav2's semantic segmentation layer needs).
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.messages.payloads import CloudPayload, Header, PointField, flat_bytes
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array

FIELDS = (PointField("x", 0), PointField("y", 4), PointField("z", 8), PointField("rgb", 12))
POINT_STEP = 16


class PointPacker:
    """Makes clouds of one camera; keeps its ray directions between frames."""

    def __init__(self) -> None:
        self._camera: Intrinsics | None = None
        self._rays: tuple[Float32Array, Float32Array] | None = None

    def cloud(
        self, header: Header, depth_m: Float32Array, camera: Intrinsics, image: UInt8Array
    ) -> CloudPayload:
        """depth_m float32 [H, W], image uint8 [H, W, 3] RGB -> xyz + packed rgb, 16 bytes each."""
        x_per_z, y_per_z = self._directions(camera)
        height, width = depth_m.shape
        z = np.where(np.isfinite(depth_m), depth_m, np.float32(np.nan))
        points = np.empty((height, width, 4), np.float32)
        np.multiply(z, x_per_z, out=points[..., 0])
        np.multiply(z, y_per_z, out=points[..., 1])
        points[..., 2] = z
        _write_rgb(points, image)
        return CloudPayload(
            header=header,
            height=height,
            width=width,
            fields=FIELDS,
            point_step=POINT_STEP,
            row_step=POINT_STEP * width,
            data=flat_bytes(points.astype("<f4", copy=False)),
            is_dense=False,
        )

    def _directions(self, camera: Intrinsics) -> tuple[Float32Array, Float32Array]:
        """(x / z [1, W], y / z [H, 1])."""
        if self._rays is None or camera != self._camera:
            u = (np.arange(camera.width) - camera.cx) / camera.fx
            v = (np.arange(camera.height) - camera.cy) / camera.fy
            self._rays = u.astype(np.float32)[None, :], v.astype(np.float32)[:, None]
            self._camera = camera
        return self._rays


def _write_rgb(points: Float32Array, image: UInt8Array) -> None:
    """PCL's packing: the bytes b, g, r, 0 in the place of a float32."""
    packed = points.view(np.uint8).reshape(*points.shape[:2], POINT_STEP)[..., 12:]
    packed[..., 0] = image[..., 2]
    packed[..., 1] = image[..., 1]
    packed[..., 2] = image[..., 0]
    packed[..., 3] = 0
