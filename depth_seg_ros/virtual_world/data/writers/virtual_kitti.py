"""The Virtual KITTI 1.3.1 layout: what Virtual KITTI's own tools and our reader read.

``vkitti_1.3.1_{rgb,depthgt,scenegt}/<world>/<variation>/%05d.png``, depth in uint16 centimetres
(65535 = sky), classes as colours with a table a video, poses and (ours) intrinsics as text.
Categories beyond the official fourteen keep their own names: Sidewalk, Wall, Fence, Person ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.system.atomic import write_bytes, write_text
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array
from depth_seg_ros.virtual_world.data.writers.png import png
from depth_seg_ros.virtual_world.render.renderer import CameraPose

PREFIX = "vkitti_1.3.1"
CM_PER_M = 100
SKY_CM = 65535
FARTHEST_CM = 65499
"""Readers take everything beyond as sky: genuine 1.3.1 files say sky with 65530."""
_CAR = CITYSCAPES.id("car")

_NAMED: dict[str, tuple[str, tuple[int, int, int]]] = {
    "road": ("Road", (100, 60, 100)),
    "sidewalk": ("Sidewalk", (244, 35, 232)),
    "building": ("Building", (140, 140, 140)),
    "wall": ("Wall", (102, 102, 156)),
    "fence": ("Fence", (190, 153, 153)),
    "guard rail": ("GuardRail", (255, 100, 255)),
    "bridge": ("Bridge", (150, 100, 100)),
    "pole": ("Pole", (255, 130, 0)),
    "traffic light": ("TrafficLight", (200, 200, 0)),
    "traffic sign": ("TrafficSign", (255, 255, 0)),
    "vegetation": ("Vegetation", (90, 240, 0)),
    "terrain": ("Terrain", (210, 0, 200)),
    "sky": ("Sky", (90, 200, 255)),
    "person": ("Person", (220, 20, 60)),
    "rider": ("Rider", (255, 0, 0)),
    "truck": ("Truck", (160, 60, 60)),
    "bus": ("Bus", (0, 60, 100)),
    "motorcycle": ("Motorcycle", (0, 0, 230)),
    "bicycle": ("Bicycle", (119, 11, 32)),
    "ground": ("Ground", (81, 0, 81)),
    "parking": ("Parking", (250, 170, 160)),
    "rail track": ("RailTrack", (230, 150, 140)),
    "tunnel": ("Tunnel", (150, 120, 90)),
    "caravan": ("Caravan", (0, 0, 90)),
    "trailer": ("Trailer", (0, 0, 110)),
    "train": ("Train", (0, 80, 100)),
}
CATEGORIES = {CITYSCAPES.id(name): entry for name, entry in _NAMED.items()}
"""Cityscapes id -> (category, colour). Official colours where the category is official."""
MISC = ("Misc", (80, 80, 80))
"""Everything else: nothing to learn there."""


@dataclass(frozen=True)
class SceneColors:
    """Colour of every class, and of every car instance (``Car:k``), in one video."""

    cars: tuple[int, ...]

    def car_color(self, index: int) -> tuple[int, int, int]:
        """Distinct from every other car and category: a walk over a 15x16x16 grid."""
        step = (index * 1009 + 37) % (15 * 256)
        red, rest = divmod(step, 256)
        green, blue = divmod(rest, 16)
        return 17 + 16 * red, 7 + 16 * green, 5 + 16 * blue

    def table(self) -> str:
        """The text of ``<world>_<variation>_scenegt_rgb_encoding.txt``."""
        rows = [*CATEGORIES.values(), MISC]
        rows += [(f"Car:{k}", self.car_color(i)) for i, k in enumerate(self.cars)]
        lines = [f"{name} {r} {g} {b}" for name, (r, g, b) in rows]
        return "\n".join(["Category(:id) r g b", *lines]) + "\n"

    def encode(self, class_id: UInt8Array, instance_id: NDArray[np.uint16]) -> UInt8Array:
        """Colour image u1 [H, W, 3]."""
        image = self._class_colors[class_id]
        cars = np.flatnonzero(class_id.ravel() == _CAR)
        image.ravel()[cars] = self._car_colors[instance_id.ravel()[cars]]
        pixels = image.view(np.uint8).reshape(*class_id.shape, 4)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB), np.uint8)

    @cached_property
    def _class_colors(self) -> NDArray[np.uint32]:
        """[256] colour of a class, as red green blue and an idle byte."""
        lut = np.full((256, 4), (*MISC[1], 0), np.uint8)
        for class_, (_, color) in CATEGORIES.items():
            lut[class_, :3] = color
        return lut.view(np.uint32)[:, 0]

    @cached_property
    def _car_colors(self) -> NDArray[np.uint32]:
        """[65536] colour of a car instance, in the same way."""
        lut = np.zeros((65536, 4), np.uint8)
        for index, car in enumerate(self.cars):
            lut[car, :3] = self.car_color(index)
        return lut.view(np.uint32)[:, 0]

    def decode(self, image: UInt8Array) -> UInt8Array:
        """The class ids of :meth:`encode`; Misc becomes 0."""
        packed = _packed(image)
        lut = np.zeros(1 << 24, np.uint8)
        for class_, (_, color) in CATEGORIES.items():
            lut[_packed(np.array(color))] = class_
        for index in range(len(self.cars)):
            lut[_packed(np.array(self.car_color(index)))] = _CAR
        return lut[packed]


def labels_as_stored(class_id: UInt8Array) -> UInt8Array:
    """The class ids that come back from a file: 0 for what has no category of its own."""
    return _STORED[class_id]


def _stored() -> UInt8Array:
    lut = np.zeros(256, np.uint8)
    for class_ in (*CATEGORIES, _CAR):
        lut[class_] = class_
    return lut


_STORED = _stored()


def _packed(color: NDArray[np.integer]) -> NDArray[np.int64]:
    """One number a colour [..., 3]."""
    c = color.astype(np.int64)
    return (c[..., 0] << 16) | (c[..., 1] << 8) | c[..., 2]


def scene_colors(cars: Iterable[int]) -> SceneColors:
    """Colours for the instance ids of all cars of a scene; VirtualWorldError for too many."""
    known = tuple(sorted(set(cars)))
    if len(known) > 15 * 256:
        raise VirtualWorldError(f"{len(known)} cars in one scene; there are colours for {15 * 256}")
    return SceneColors(known)


def depth_to_cm(depth_m: Float32Array) -> NDArray[np.uint16]:
    """Centimetres; +Inf = 65535, everything else at most 654.99 m."""
    cm = np.minimum(depth_m * np.float32(CM_PER_M), np.float32(FARTHEST_CM)) + np.float32(0.5)
    return np.where(np.isfinite(depth_m), cm, SKY_CM).astype(np.uint16)


def depth_as_stored(depth_m: Float32Array) -> Float32Array:
    """The metres that come back from a file: whole centimetres, at most 654.99, or +Inf."""
    return metres_of(depth_to_cm(depth_m))


def metres_of(cm: NDArray[np.uint16]) -> Float32Array:
    """Metres of a file's centimetres; the sky is +Inf."""
    return np.where(cm == SKY_CM, np.float32(np.inf), cm.astype(np.float32) / np.float32(CM_PER_M))


def optical_extrinsics(pose: CameraPose) -> NDArray[np.float64]:
    """4x4, world -> optical camera axes, both x right, y down, z forward."""
    flip = np.diag([1.0, -1.0, 1.0])
    matrix = np.eye(4)
    matrix[:3, :3] = flip @ pose.rotation.T @ flip
    matrix[:3, 3] = -matrix[:3, :3] @ (flip @ pose.position)
    return matrix


class VirtualKittiWriter:
    """Writes one video: a world in a variation."""

    def __init__(self, root: Path, world: str, variation: str, colors: SceneColors) -> None:
        self._root, self._video, self._colors = root, Path(world, variation), colors
        self._name = f"{world}_{variation}"

    def paths(self, index: int) -> tuple[Path, Path, Path]:
        """rgb, depth and class image of a frame."""
        rgb, depth, scene = (
            self._root / f"{PREFIX}_{part}" / self._video / f"{index:05d}.png"
            for part in ("rgb", "depthgt", "scenegt")
        )
        return rgb, depth, scene

    def has(self, index: int) -> bool:
        """Whether a frame is there; its picture is written last."""
        return self.paths(index)[0].is_file()

    def read_back(self, index: int) -> tuple[Float32Array, UInt8Array]:
        """Depth and labels of a frame that an earlier run wrote; VirtualWorldError for a file
        that is no picture any more."""
        _, depth, scene = self.paths(index)
        cm = cv2.imread(str(depth), cv2.IMREAD_UNCHANGED)
        colors = cv2.imread(str(scene), cv2.IMREAD_COLOR)
        for path, found in ((depth, cm), (scene, colors)):
            if found is None:
                raise VirtualWorldError(
                    f"{path} cannot be read; delete it and the picture of its frame, then run again"
                )
        labels = self.decode(np.ascontiguousarray(np.asarray(colors, np.uint8)[..., ::-1]))
        return metres_of(np.asarray(cm, np.uint16)), labels

    def decode(self, image: UInt8Array) -> UInt8Array:
        """Class ids of a colour image this writer made."""
        return self._colors.decode(image)

    def write_tables(self, camera: Intrinsics, poses: Sequence[CameraPose]) -> None:
        """Colours, intrinsics and extrinsics of all frames."""
        write_text(
            self._root / f"{PREFIX}_scenegt" / f"{self._name}_scenegt_rgb_encoding.txt",
            self._colors.table(),
        )
        row = f"{camera.fx:.10g} {camera.fy:.10g} {camera.cx:.10g} {camera.cy:.10g}"
        lines = [f"{i} {row}" for i in range(len(poses))]
        write_text(
            self._root / f"{PREFIX}_intrinsicgt" / f"{self._name}.txt",
            "\n".join(["frame K[0,0] K[1,1] K[0,2] K[1,2]", *lines]) + "\n",
        )
        head = "frame r1,1 r1,2 r1,3 t1 r2,1 r2,2 r2,3 t2 r3,1 r3,2 r3,3 t3 0 0 0 1"
        lines = [
            " ".join([str(i), *(f"{v:.9g}" for v in optical_extrinsics(pose).ravel())])
            for i, pose in enumerate(poses)
        ]
        write_text(
            self._root / f"{PREFIX}_extrinsicsgt" / f"{self._name}.txt",
            "\n".join([head, *lines]) + "\n",
        )

    def write_frame(
        self,
        index: int,
        rgb: UInt8Array,
        depth_m: Float32Array,
        class_id: UInt8Array,
        instance_id: NDArray[np.uint16],
    ) -> None:
        """Truth first, picture last: a frame whose picture exists is complete."""
        rgb_path, depth_path, scene_path = self.paths(index)
        write_bytes(depth_path, png(depth_to_cm(depth_m), row_filter="left"))
        write_bytes(scene_path, png(self._colors.encode(class_id, instance_id), row_filter="none"))
        write_bytes(rgb_path, png(rgb))
