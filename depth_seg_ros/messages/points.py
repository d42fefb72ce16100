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
    PointField("label", 15, UINT8),
)
POINT_STEP = 16
"""Bytes of a point. ``rgb`` is PCL's packed float, the bytes b g r and one that nobody reads: the
label lives there, so that a cloud of 1242 x 375 takes 7.5 MB and not 9.3."""


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
        points = out.view(np.float32).reshape(camera.height, camera.width, 4)
        # inf - inf is NaN: unknown, too far and too near all become "no point" in one pass.
        with np.errstate(invalid="ignore"):
            np.subtract(depth_m, depth_m, out=self._z)
        np.add(depth_m, self._z, out=self._z)
        np.multiply(self._z, self._x_per_z, out=self._x)
        np.multiply(self._z, self._y_per_z, out=self._y)
        packed = self._packed_colour(image, labels)
        cv2.merge([self._x, self._y, self._z, packed], points)
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
        self._camera = camera

    def _packed_colour(self, image: UInt8Array, labels: UInt8Array | None) -> Float32Array:
        """The bytes b, g, r, label of each pixel as float32 [H, W] (never computed with)."""
        colour = self._colour
        cv2.cvtColor(image, cv2.COLOR_RGB2BGRA, dst=colour)
        if labels is None:
            colour[..., 3] = UNLABELED
        else:
            cv2.insertChannel(labels, colour, 3)
        return colour.view(np.float32)[..., 0]
