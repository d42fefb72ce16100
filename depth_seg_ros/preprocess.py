"""From a camera image to the network's input, and the geometry that undoes it.

Convention: a network learns how large things look at which distance *through one camera*. Another
camera is brought to the same pixel aspect by cropping or padding (never by stretching), and what
remains is one zoom factor: predicted depth is multiplied by f_camera / f_training, both at network
resolution. That is exact for a pinhole camera: size in pixels = f x size / depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np

from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Float32Array, Intrinsics, Rig, UInt8Array

Values = TypeVar("Values", UInt8Array, Float32Array)

WORTH = 1.15
"""How many times more pixels another shape of the input has to show of the image."""

PADDING_RGB = (124, 116, 104)
"""ImageNet's mean colour: zero after normalisation, like the zero padding of the convolutions."""


@dataclass(frozen=True)
class Rect:
    """Integer pixel rectangle: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    def slices(self) -> tuple[slice, slice]:
        """(rows, columns)."""
        return (
            slice(self.y, self.y + self.height),
            slice(self.x, self.x + self.width),
        )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), OpenCV's order."""
        return self.width, self.height


@dataclass(frozen=True)
class Geometry:
    """How one camera's image sits in the network's input.

    camera_rect: the part of the camera image the network sees.
    network_rect: where that part lies in the input; the rest of the input is padding.
    camera_size: (width, height) of the camera image.
    depth_scale: f_camera / f_training at network resolution; 1 where the camera is unknown.
    metric: False where the intrinsics are unknown and depth is metric for the training camera only.
    """

    camera_rect: Rect
    network_rect: Rect
    camera_size: tuple[int, int]
    depth_scale: float
    metric: bool

    def at_size(self, width: int, height: int) -> Geometry:
        """The same view in the same camera's image at another size."""
        sx, sy = width / self.camera_size[0], height / self.camera_size[1]
        seen = self.camera_rect
        x, y = min(round(seen.x * sx), width - 1), min(round(seen.y * sy), height - 1)
        right, bottom = round((seen.x + seen.width) * sx), round((seen.y + seen.height) * sy)
        rect = Rect(x, y, max(1, right - x), max(1, bottom - y))
        return replace(self, camera_rect=rect, camera_size=(width, height))

    @property
    def sees_everything(self) -> bool:
        return self.camera_rect.size == self.camera_size

    def seen_camera(self, camera: Intrinsics) -> Intrinsics:
        """The camera of what the network sees, without padding, at network resolution."""
        seen = self.camera_rect
        return camera.cropped(seen.x, seen.y, *seen.size).resized(*self.network_rect.size)


def plan_geometry(
    spec: ModelSpec, width: int, height: int, intrinsics: Intrinsics | None, fit: str | None = None
) -> Geometry:
    """Fit a ``width`` x ``height`` camera image into the network's input.

    fit: ``pad`` keeps the whole image, ``crop`` fills the whole input; None takes the spec's.
    Without intrinsics square pixels and the training camera's focal length are assumed.
    """
    f_camera_x = intrinsics.fx if intrinsics else 1.0
    f_camera_y = intrinsics.fy if intrinsics else 1.0
    # Network pixels per camera pixel at unit zoom: the same angle covers the same network pixels
    # as it did in training.
    unit_x, unit_y = spec.fx / f_camera_x, spec.fy / f_camera_y
    zooms = spec.input_width / (width * unit_x), spec.input_height / (height * unit_y)
    padding = (fit or spec.fit) == "pad"
    zoom = min(zooms) if padding else max(zooms)
    if padding:
        camera = Rect(0, 0, width, height)
        network = _centred(
            width * unit_x * zoom, height * unit_y * zoom, spec.input_width, spec.input_height
        )
    else:
        network = Rect(0, 0, spec.input_width, spec.input_height)
        camera = _centred(
            spec.input_width / (unit_x * zoom), spec.input_height / (unit_y * zoom), width, height
        )
    return Geometry(
        camera_rect=camera,
        network_rect=network,
        camera_size=(width, height),
        depth_scale=_depth_scale(spec, camera, network, intrinsics),
        metric=intrinsics is not None,
    )


def shape_for(
    spec: ModelSpec, width: int, height: int, intrinsics: Intrinsics | None
) -> tuple[int, int]:
    """(width, height) of the input that shows most of a camera's image for what the file's own
    shape costs; that one where the file knows no other, or gains less than ``WORTH`` of it."""
    own = spec.input_width, spec.input_height
    if not spec.stride:
        return own
    f_x, f_y = (intrinsics.fx, intrinsics.fy) if intrinsics else (1.0, 1.0)
    aspect = width * spec.fx / f_x / (height * spec.fy / f_y)

    def seen(shape: tuple[int, int]) -> float:
        """Pixels of the input that are not padding."""
        return min(shape[0] / aspect, shape[1]) * min(shape[1] * aspect, shape[0])

    step, most = spec.stride, own[0] * own[1]
    shapes = [
        (columns * step, rows * step)
        for rows in range(1, most // step**2 + 1)
        for columns in {math.floor(rows * aspect), math.ceil(rows * aspect)}
        if 0 < columns * rows * step**2 <= most
    ]
    best = max(shapes, key=seen, default=own)
    return best if seen(best) > WORTH * seen(own) else own


def prepare(image: UInt8Array, geometry: Geometry, spec: ModelSpec) -> UInt8Array:
    """uint8 [H, W, 3] RGB -> uint8 [1, h, w, 3] RGB, anti-aliased and padded."""
    seen = image[geometry.camera_rect.slices()]
    small = shrink(seen, geometry.network_rect.width, geometry.network_rect.height)
    shape = (spec.input_height, spec.input_width, 3)
    if small.shape == shape:
        return small[None]
    batch = np.empty((1, *shape), np.uint8)
    batch[:] = PADDING_RGB
    batch[0][geometry.network_rect.slices()] = small
    return batch


def network_camera(spec: ModelSpec, geometry: Geometry, camera: Intrinsics | None) -> Intrinsics:
    """The camera at network resolution, padding included; the training camera where unknown."""
    place = geometry.network_rect
    if camera is None:
        middle = place.x + (place.width - 1) / 2, place.y + (place.height - 1) / 2
        return Intrinsics(spec.input_width, spec.input_height, spec.fx, spec.fy, *middle)
    small = geometry.seen_camera(camera)
    return small.cropped(-place.x, -place.y, spec.input_width, spec.input_height)


def ground_plane(rig: Rig | None, camera: Intrinsics, depth_scale: float) -> Float32Array:
    """Flat ground seen through ``camera``, float32 [3]: its inverse depth in pixel (u, v) is
    a u + b v + c (below 0: above the horizon), in 1/m of the training camera.

    camera: at network resolution. A point on the ground at depth Z along the ray
    r = ((u - cx) / fx, (v - cy) / fy, 1) lies height = Z (r . down) below the camera. Without a rig
    there is none anywhere: [0, 0, 0].
    """
    if rig is None:
        return np.zeros(3, np.float32)
    down = rig.down() * (depth_scale / rig.height_m)
    a, b = down[0] / camera.fx, down[1] / camera.fy
    return np.array([a, b, down[2] - a * camera.cx - b * camera.cy], np.float32)


def draw_ground(plane: Float32Array, width: int, height: int) -> Float32Array:
    """float32 [height, width]: the inverse depth of :func:`ground_plane`, 0 above the horizon."""
    rows = plane[1] * np.arange(height, dtype=np.float32) + plane[2]
    columns = plane[0] * np.arange(width, dtype=np.float32)
    return np.asarray(np.maximum(rows[:, None] + columns, 0), np.float32)


def prepare_ground(
    rig: Rig | None, geometry: Geometry, spec: ModelSpec, intrinsics: Intrinsics | None
) -> Float32Array:
    """What a network with ``rig_input`` is told of its rig: float32 [1, h, w], 1/m.

    A height without an attitude is no plane: a network that knows what nothing means is told that.
    """
    camera = network_camera(spec, geometry, intrinsics)
    if rig is None or not (rig.attitude_known or spec.default_rig):
        rig = spec.default_rig
    plane = ground_plane(rig, camera, geometry.depth_scale)
    return draw_ground(plane, spec.input_width, spec.input_height)[None]


def shrink(image: Values, width: int, height: int) -> Values:
    """Resize with anti-aliasing: a box blur as wide as the shrinking, then linear sampling.

    As good as area averaging for the network and six times cheaper. A linear map of each axis, in
    the type of ``image``, uint8 or float32; [H, W] or [H, W, 3].
    """
    box = _box(image.shape[1] / width), _box(image.shape[0] / height)
    if box != (1, 1):
        image = np.asarray(cv2.blur(image, box, borderType=cv2.BORDER_REPLICATE), image.dtype)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, image.dtype)


def _box(shrinking: float) -> int:
    """Odd box width nearest to the shrinking factor."""
    return max(1, 2 * round((shrinking - 1) / 2) + 1)


def _centred(width: float, height: float, outer_width: int, outer_height: int) -> Rect:
    """A rectangle of about this size in the middle of an outer one."""
    w = min(outer_width, max(1, round(width)))
    h = min(outer_height, max(1, round(height)))
    return Rect((outer_width - w) // 2, (outer_height - h) // 2, w, h)


def _depth_scale(
    spec: ModelSpec, camera: Rect, network: Rect, intrinsics: Intrinsics | None
) -> float:
    """f_camera / f_training, from the rounded rectangles that are really used."""
    if intrinsics is None:
        return 1.0
    ratio_x = intrinsics.fx * network.width / camera.width / spec.fx
    ratio_y = intrinsics.fy * network.height / camera.height / spec.fy
    return math.sqrt(ratio_x * ratio_y)
