"""A sample brought to network resolution through the geometry of deployment.

The image passes through the very preprocessing the robot uses; depth and class ids are taken from
the nearest pixel, never interpolated. Depth becomes that of the training camera (divided by
f_camera / f_training), so that data sets of any camera can be mixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.labels import UNLABELED, to_network_ids
from depth_seg_ros.preprocess import (
    Geometry,
    ground_plane,
    network_camera,
    plan_geometry,
    prepare,
)
from depth_seg_ros.readers.base import Sample
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class NetworkSample:
    """image uint8 [h, w, 3]; depth_m float32 [h, w] (NaN none, +Inf sky) for the training camera;
    labels uint8 [h, w] network ids, 255 = none; ground float32 [3]: its plane by
    ``preprocess.ground_plane``."""

    image: UInt8Array
    depth_m: Float32Array
    labels: UInt8Array
    ground: Float32Array


def to_network(sample: Sample, camera: Intrinsics) -> NetworkSample:
    """Bring image, depth and labels to what the training camera sees."""
    width, height = camera.width, camera.height
    spec = ModelSpec("data", width, height, camera.fx, camera.fy, max_depth_m=1.0)
    image = sample.frame.image
    geometry = plan_geometry(spec, image.shape[1], image.shape[0], sample.frame.intrinsics)
    depth_m = np.full((height, width), np.nan, np.float32)
    labels = np.full((height, width), UNLABELED, np.uint8)
    truth = sample.truth
    for values in (truth.depth_m, truth.labels):
        if values is not None and values.shape != image.shape[:2]:
            raise ReaderError(
                f"{sample.key}: truth {list(values.shape)} does not fit the image "
                f"{list(image.shape[:2])}"
            )
    seen = geometry.network_rect.slices()
    if truth.depth_m is not None:
        depth_m[seen] = _nearest(truth.depth_m, geometry) / np.float32(geometry.depth_scale)
    if truth.labels is not None:
        labels[seen] = to_network_ids(_nearest(truth.labels, geometry))
    seen_by = network_camera(spec, geometry, sample.frame.intrinsics)
    ground = ground_plane(sample.frame.rig, seen_by, geometry.depth_scale)
    return NetworkSample(prepare(image, geometry, spec)[0], depth_m, labels, ground)


def _nearest(values: npt.NDArray[Scalar], geometry: Geometry) -> npt.NDArray[Scalar]:
    """The camera pixel whose centre is nearest to each network pixel's centre."""
    camera, network = geometry.camera_rect, geometry.network_rect
    rows = camera.y + ((np.arange(network.height) + 0.5) * camera.height / network.height)
    columns = camera.x + ((np.arange(network.width) + 0.5) * camera.width / network.width)
    return np.asarray(values[rows.astype(int)[:, None], columns.astype(int)[None]])
