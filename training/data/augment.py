"""Variation of training images: what other cameras, weathers and codecs do to a picture.

Geometry keeps depth honest: zooming in by z is a camera of z times the focal length, whose depth
at the training camera is depth / z. Photometric changes touch the picture alone. Letterbox padding
is laid around the finished picture with the colour the robot pads with.

Every draw comes from a generator seeded by (seed, epoch, frame): the same frame of the same epoch
is the same picture, whatever the number of processes and after any interruption.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.labels import CITYSCAPES, UNLABELED
from depth_seg_ros.preprocess import PADDING_RGB, Rect
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array
from training.config import AugmentConfig
from training.data.resample import NetworkSample
from training.geometry import training_camera

Rng = np.random.Generator

SMALL_THINGS = ("person", "rider", "pole", "traffic light", "traffic sign", "fence")
"""What is hard to see at a network's resolution."""

_IS_SMALL = np.isin(np.arange(256), [CITYSCAPES.id(name) for name in SMALL_THINGS])


def augment(
    sample: NetworkSample, config: AugmentConfig, rng: Rng, camera: Intrinsics | None = None
) -> NetworkSample:
    """A varied copy of the same size. camera: the training camera (None: that of this size)."""
    if rng.random() < config.flip:
        sample = _flip(sample)
    height, width = sample.labels.shape
    view, place = choose_view(width, height, config, rng)
    if config.focus > 0 and rng.random() < config.focus:
        view, place = look_closely(sample.labels, config, rng) or (view, place)
    seen = look(sample, view, place)
    image = vary_colors(seen.image, seen.depth_m, config, rng)
    varied = NetworkSample(image, seen.depth_m, seen.labels, seen.ground)
    laid_out = _lay_out(varied, place, width, height)
    return mistell_rig(laid_out, config, rng, camera or training_camera(width, height))


# --- geometry


View = tuple[float, float, float]
"""Left edge, top edge (of the view in the source image, pixels) and zoom."""


def choose_view(width: int, height: int, config: AugmentConfig, rng: Rng) -> tuple[View, Rect]:
    """What part of the source is looked at, and where it lies in the network's input."""
    zoom = float(np.exp(rng.uniform(0.0, np.log(config.zoom))))
    place_width, place_height = width, height
    if rng.random() < config.pad:  # another aspect: a narrower or a flatter picture
        share = rng.uniform(0.38, 1.0)  # 0.4: a 4:3 picture beside KITTI's
        if rng.random() < 0.5:
            place_width = max(16, round(width * share))
        else:
            place_height = max(16, round(height * share))
    place = Rect(
        (width - place_width) // 2, (height - place_height) // 2, place_width, place_height
    )
    room_x, room_y = width - place_width / zoom, height - place_height / zoom
    left = room_x * (0.5 + config.shift * rng.uniform(-0.5, 0.5))
    top = room_y * (0.5 + config.shift * rng.uniform(-0.5, 0.5))
    return (left, top, zoom), place


def look_closely(labels: UInt8Array, config: AugmentConfig, rng: Rng) -> tuple[View, Rect] | None:
    """A view that holds a small thing (a pixel of ``SMALL_THINGS``, drawn class by class so that
    poles do not crowd out people), larger than life; None where there is none."""
    height, width = labels.shape
    found = np.flatnonzero(_IS_SMALL[labels])
    if not len(found):
        return None
    classes = labels.ravel()[found]
    chosen = found[classes == rng.choice(np.unique(classes))]
    row, column = divmod(int(rng.choice(chosen)), width)
    zoom = float(np.exp(rng.uniform(0.0, np.log(config.focus_zoom))))
    seen_width, seen_height = width / zoom, height / zoom
    left = float(np.clip(column - seen_width * rng.uniform(0.2, 0.8), 0, width - seen_width))
    top = float(np.clip(row - seen_height * rng.uniform(0.2, 0.8), 0, height - seen_height))
    return (left, top, zoom), Rect(0, 0, width, height)


def look(sample: NetworkSample, view: View, place: Rect) -> NetworkSample:
    """The part of the sample that ``view`` shows, ``place.width`` x ``place.height`` pixels.

    The image is interpolated, depth and labels are taken from the nearest pixel.
    """
    left, top, zoom = view
    if zoom == 1.0:
        part = Rect(round(left), round(top), *place.size).slices()
        ground = _shifted(sample.ground, round(left), round(top))
        return NetworkSample(sample.image[part], sample.depth_m[part], sample.labels[part], ground)
    # Pixel centres are integers: destination x shows source (x + 0.5) / zoom + left - 0.5.
    offset_x, offset_y = 0.5 / zoom + left - 0.5, 0.5 / zoom + top - 0.5
    matrix = np.array([[1 / zoom, 0, offset_x], [0, 1 / zoom, offset_y]])
    image = cv2.warpAffine(
        np.ascontiguousarray(sample.image),
        matrix,
        place.size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    height, width = sample.labels.shape
    columns = np.clip(np.rint(np.arange(place.width) / zoom + offset_x), 0, width - 1).astype(int)
    rows = np.clip(np.rint(np.arange(place.height) / zoom + offset_y), 0, height - 1).astype(int)
    nearest = rows[:, None], columns[None]
    depth_m = sample.depth_m[nearest] / np.float32(zoom)
    # Half as far where it is seen twice as large: inverse depth grows with the zoom.
    plane = _shifted(sample.ground, offset_x, offset_y) * np.array([1, 1, zoom], np.float32)
    return NetworkSample(np.asarray(image, np.uint8), depth_m, sample.labels[nearest], plane)


def _flip(sample: NetworkSample) -> NetworkSample:
    image, depth_m = sample.image[:, ::-1], sample.depth_m[:, ::-1]
    last = sample.labels.shape[1] - 1
    ground = _shifted(sample.ground, last, 0) * np.array([-1, 1, 1], np.float32)
    return NetworkSample(image, depth_m, sample.labels[:, ::-1], ground)


def _shifted(ground: Float32Array, x: float, y: float) -> Float32Array:
    """The plane a u + b v + c seen from pixel (x, y) on: [3]."""
    moved = ground.copy()
    moved[2] += ground[0] * np.float32(x) + ground[1] * np.float32(y)
    return moved


def mistell_rig(
    sample: NetworkSample, config: AugmentConfig, rng: Rng, camera: Intrinsics
) -> NetworkSample:
    """What the network is told of its rig: nothing now and then, and never quite the truth."""
    if not (config.rig_unknown or config.rig_noise):
        return sample
    told = sample.ground * np.float32(rng.random() >= config.rig_unknown)
    height, pitch, roll = config.rig_noise * rng.normal(0, (0.05, np.pi / 180, np.pi / 180))
    steep = told[1] * camera.fy  # depth scale / height: what one radian moves the plane by
    tilt = [roll / camera.fx, 0, -pitch - roll * camera.cx / camera.fx]
    told += steep * np.array(tilt, np.float32)
    told *= np.float32(np.exp(height))
    return NetworkSample(sample.image, sample.depth_m, sample.labels, told)


def _lay_out(seen: NetworkSample, place: Rect, width: int, height: int) -> NetworkSample:
    """Surround with padding: the robot's colour, no depth, no label."""
    if place.size == (width, height):
        whole = np.ascontiguousarray
        return NetworkSample(
            whole(seen.image), whole(seen.depth_m), whole(seen.labels), seen.ground
        )
    image = np.empty((height, width, 3), np.uint8)
    image[:] = PADDING_RGB
    depth_m = np.full((height, width), np.nan, np.float32)
    labels = np.full((height, width), UNLABELED, np.uint8)
    inside = place.slices()
    image[inside], depth_m[inside], labels[inside] = seen.image, seen.depth_m, seen.labels
    return NetworkSample(image, depth_m, labels, _shifted(seen.ground, -place.x, -place.y))


# --- picture


def vary_colors(
    image: UInt8Array, depth_m: Float32Array, config: AugmentConfig, rng: Rng
) -> UInt8Array:
    """Weather, light, camera and codec, in the order in which they happen."""
    image = np.ascontiguousarray(image)
    if rng.random() < config.haze:
        image = haze(image, depth_m, rng)
    if rng.random() < config.shade:
        image = shade(image, rng)
    if config.color > 0:
        image = color(image, config.color, rng)
    if rng.random() < config.gray:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    if rng.random() < config.blur:
        image = blur_or_sharpen(image, rng)
    if rng.random() < config.noise:
        image = noise(image, rng)
    if rng.random() < config.jpeg:
        image = jpeg(image, rng)
    return image


def haze(image: UInt8Array, depth_m: Float32Array, rng: Rng) -> UInt8Array:
    """Scattering air: the farther, the more of one light colour (visibility 60 to 600 m)."""
    visibility_m = np.exp(rng.uniform(np.log(60), np.log(600)))
    light = rng.uniform(150, 240) + rng.uniform(-12, 12, 3)
    distance = np.nan_to_num(depth_m, nan=30.0, posinf=400.0)
    share = (1 - np.exp(distance * (-3.0 / visibility_m)))[..., None].astype(np.float32)
    share *= rng.uniform(0.4, 1.0)
    return _to_bytes(image + share * (light.astype(np.float32) - image))


def shade(image: UInt8Array, rng: Rng) -> UInt8Array:
    """Large soft shadows, glare and vignetting: a smooth field of factors over the picture."""
    cells = int(rng.integers(2, 7)), int(rng.integers(2, 9))
    field = np.exp(rng.normal(0, 0.25, cells)).astype(np.float32)
    size = image.shape[1], image.shape[0]
    return _to_bytes(image * cv2.resize(field, size, interpolation=cv2.INTER_CUBIC)[..., None])


def color(image: UInt8Array, strength: float, rng: Rng) -> UInt8Array:
    """Exposure, contrast, gamma, white balance and black level by channel, then saturation."""
    levels = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(strength * rng.normal(0, 0.3) + strength * rng.normal(0, 0.06, 3))
    gain = np.exp(strength * rng.normal(0, 0.25) + strength * rng.normal(0, 0.08, 3))
    contrast = np.exp(strength * rng.normal(0, 0.25))
    black = strength * rng.normal(0, 0.04, 3)
    curve = ((levels**gamma * gain - 0.4) * contrast + 0.4 + black) * 255
    table = np.clip(np.rint(curve), 0, 255).astype(np.uint8)
    image = np.asarray(cv2.LUT(image, table.reshape(1, 256, 3)), np.uint8)
    saturation = float(np.exp(strength * rng.normal(-0.05, 0.4)))
    gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(image, saturation, gray, 1 - saturation, 0), np.uint8)


def blur_or_sharpen(image: UInt8Array, rng: Rng) -> UInt8Array:
    """Defocus or motion on one side, the over-sharpening of cheap cameras on the other."""
    kind = rng.random()
    if kind < 0.25:
        length = int(rng.integers(2, 5))
        return np.asarray(cv2.blur(image, (length, 1)), np.uint8)
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.35, 1.1)))
    if kind < 0.65:
        return np.asarray(soft, np.uint8)
    amount = float(rng.uniform(0.2, 1.5))
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def noise(image: UInt8Array, rng: Rng) -> UInt8Array:
    """Sensor noise, partly the same in all channels."""
    sigma = np.float32(np.exp(rng.uniform(np.log(1), np.log(10))))
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    if rng.random() < 0.5:
        grain = np.repeat(grain[..., :1], 3, axis=2)
    return _to_bytes(image + sigma * grain)


def jpeg(image: UInt8Array, rng: Rng) -> UInt8Array:
    """Compression at quality 25 to 90."""
    quality = int(rng.integers(25, 91))
    done, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


def _to_bytes(values: npt.NDArray[Any]) -> UInt8Array:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
