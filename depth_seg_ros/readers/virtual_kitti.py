"""Virtual KITTI 1.3.1 and 2.0.3, and every data set written in the 1.3.1 layout (our own world).

Genuine data name fewer things than ours: the sidewalk is Terrain there, and walls are Misc.

Formats: Gaidon et al., CVPR 2016 (1.3.1) and Cabon et al., arXiv 2001.10773 (2.0.3). Depth is
uint16 centimetres along Z, 65535 = sky or farther; class images are coloured, one colour a class
(2.0.3) or an instance (1.3.1, a table per video). Classes come out as Cityscapes ids.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.readers.files import (
    list_images,
    read_rgb,
    read_table,
    read_vkitti_depth,
)
from depth_seg_ros.readers.kitti_sizes import plausible
from depth_seg_ros.readers.rig import rig_from_truth
from depth_seg_ros.readers.virtual_kitti_classes import ColorTable
from depth_seg_ros.types import (
    VIRTUAL_KITTI,
    Float32Array,
    Frame,
    GroundTruth,
    Intrinsics,
    Rig,
    UInt8Array,
)

Table = npt.NDArray[np.float64]
Downs = dict[int, Table]

OFFICIAL_CAMERA = (VIRTUAL_KITTI.fx, VIRTUAL_KITTI.fy, VIRTUAL_KITTI.cx, VIRTUAL_KITTI.cy)
WORLDS_OFF_MIDDLE = (0.35, 0.35)
"""A world may be seen through a shifted camera; a data set that was resized afterwards, by half or
double, is off by more."""
FRAME_PERIOD_NS = 100_000_000
"""Virtual KITTI has no clock; the drives it clones ran at 10 Hz."""


@dataclass(frozen=True)
class _Entry:
    key: str
    number: int
    rgb: Path
    depth: Path
    classes: Path
    video: str


class _VirtualKitti(Reader):
    """What both versions share: a list of entries, colour tables and cameras by video."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._entries: list[_Entry] = []
        self._colors: dict[str, ColorTable] = {}
        self._cameras: dict[str, dict[int, tuple[float, float, float, float]]] = {}
        self._downs: dict[str, Downs] = {}

    def load(self, index: int) -> Sample:
        entry = self._entries[index]
        image = read_rgb(entry.rgb)
        depth_m = read_vkitti_depth(entry.depth)
        colors = read_rgb(entry.classes)
        for path, array in ((entry.depth, depth_m), (entry.classes, colors)):
            if array.shape[:2] != image.shape[:2]:
                raise ReaderError(
                    f"{path} is {array.shape[1]}x{array.shape[0]}, its image {entry.rgb.name} is "
                    f"{image.shape[1]}x{image.shape[0]}; the data set is mixed up"
                )
        labels = self._color_table(entry).decode(colors, entry.classes)
        stamp_ns = entry.number * FRAME_PERIOD_NS
        camera = self._intrinsics(entry, image)
        rig = self._rig(entry, camera, depth_m, labels)
        frame = Frame(stamp_ns, "camera_optical", image, camera, rig)
        return Sample(entry.key, frame, GroundTruth(stamp_ns, depth_m, labels))

    def _rig(
        self, entry: _Entry, camera: Intrinsics, depth_m: Float32Array, labels: UInt8Array
    ) -> Rig | None:
        """None without a file of poses, and where the frame shows no ground."""
        if entry.video not in self._downs:
            self._downs[entry.video] = self._read_downs(entry.video)
        down = self._downs[entry.video].get(entry.number)
        return None if down is None else rig_from_truth(down, camera, depth_m, labels)

    def _color_table(self, entry: _Entry) -> ColorTable:
        if entry.video not in self._colors:
            self._colors[entry.video] = ColorTable(self._color_file(entry.video))
        return self._colors[entry.video]

    def _intrinsics(self, entry: _Entry, image: UInt8Array) -> Intrinsics:
        height, width = image.shape[:2]
        if entry.video not in self._cameras:
            self._cameras[entry.video] = self._read_cameras(entry.video)
        cameras = self._cameras[entry.video]
        origin = self._camera_file(entry.video)
        if cameras and entry.number not in cameras:
            raise ReaderError(f"{origin} has no row for {entry.key}")
        numbers = cameras[entry.number] if cameras else OFFICIAL_CAMERA
        try:
            if numbers == OFFICIAL_CAMERA:  # which is for one image size
                return VIRTUAL_KITTI.of_image(width, height)
            return plausible(Intrinsics(width, height, *numbers), origin, WORLDS_OFF_MIDDLE)
        except FrameError as e:
            if not cameras:
                raise ReaderError(
                    f"{entry.rgb} is {width}x{height}, not the official 1242x375 nor resized from "
                    f"it, and {origin} is missing; its camera is unknown"
                ) from e
            raise ReaderError(f"{entry.rgb}: {e}") from e

    @abstractmethod
    def _color_file(self, video: str) -> Path:
        """File of the class colours of a video."""

    @abstractmethod
    def _camera_file(self, video: str) -> Path:
        """File of the intrinsics of a video."""

    @abstractmethod
    def _pose_file(self, video: str) -> Path:
        """File of the camera's poses in a video."""

    @abstractmethod
    def _rows(self, path: Path, numbers: int, video: str) -> Table:
        """[N, 1 + numbers] of a table's rows for a video: frame number, then what is told of it."""

    def _read_downs(self, video: str) -> Downs:
        """Frame number -> the direction of gravity in the camera; empty where there is no file."""
        path = self._pose_file(video)
        if not path.is_file():
            return {}
        # Poses are 4x4 matrices by rows, world -> camera, and the world's y points down.
        return {int(row[0]): row[[2, 6, 10]] for row in self._rows(path, 16, video)}

    def _read_cameras(self, video: str) -> dict[int, tuple[float, float, float, float]]:
        """Frame number -> (fx, fy, cx, cy); empty where there is no file."""
        path = self._camera_file(video)
        if not path.is_file():
            return {}
        rows = self._rows(path, 4, video)
        if len(rows) == 0:
            raise ReaderError(f"{path} has no rows for this camera")
        return {int(number): (fx, fy, cx, cy) for number, fx, fy, cx, cy in rows.tolist()}


class VirtualKitti1(_VirtualKitti):
    """Virtual KITTI 1.3.1: ``vkitti_1.3.1_{rgb,depthgt,scenegt}/<world>/<variation>/%05d.png``.

    root: the folder with the ``vkitti_1.3.1_*`` folders.
    worlds, variations: names to keep (None = all there are).
    """

    name = "Virtual KITTI 1.3.1 layout"

    def __init__(
        self,
        root: str | Path,
        worlds: Iterable[str] | None = None,
        variations: Iterable[str] | None = None,
    ) -> None:
        super().__init__(root)
        rgb = self._part("rgb")
        if not rgb.is_dir():
            raise ReaderError(f"{self.root} has no folder {rgb.name}; give the folder that does")
        for world in _choose(rgb, worlds, "world"):
            for variation in _choose(rgb / world, variations, "variation"):
                self._entries += self._list_video(f"{world}/{variation}")
        if not self._entries:
            raise ReaderError(f"{rgb} has no images in <world>/<variation>/")
        self.keys = [entry.key for entry in self._entries]

    def _part(self, name: str) -> Path:
        return self.root / f"vkitti_1.3.1_{name}"

    def _list_video(self, video: str) -> list[_Entry]:
        depth, scene = self._part("depthgt") / video, self._part("scenegt") / video
        return [
            _Entry(f"{video}/{p.stem}", _number(p), p,
                   depth / f"{p.stem}.png", scene / f"{p.stem}.png", video)
            for p in list_images(self._part("rgb") / video)
        ]  # fmt: skip

    def _color_file(self, video: str) -> Path:
        return self._part("scenegt") / f"{video.replace('/', '_')}_scenegt_rgb_encoding.txt"

    def _camera_file(self, video: str) -> Path:
        return self._part("intrinsicgt") / f"{video.replace('/', '_')}.txt"

    def _pose_file(self, video: str) -> Path:
        return self._part("extrinsicsgt") / f"{video.replace('/', '_')}.txt"

    def _rows(self, path: Path, numbers: int, video: str) -> Table:
        return _table(path, columns=1 + numbers)


class VirtualKitti2(_VirtualKitti):
    """Virtual KITTI 2.0.3: ``SceneXX/<variation>/frames/{rgb,depth,classSegmentation}/Camera_N``.

    worlds: ``"Scene01"`` or ``"01"``; cameras: 0 (left), 1 (right).
    """

    name = "Virtual KITTI 2.0.3 layout"

    def __init__(
        self,
        root: str | Path,
        worlds: Iterable[str] | None = None,
        variations: Iterable[str] | None = None,
        cameras: Sequence[int] = (0,),
    ) -> None:
        super().__init__(root)
        if worlds is not None:
            worlds = [w if w.startswith("Scene") else f"Scene{w}" for w in worlds]
        for scene in _choose(self.root, worlds, "scene", prefix="Scene"):
            for variation in _choose(self.root / scene, variations, "variation"):
                for camera in cameras:
                    self._entries += self._list_video(f"{scene}/{variation}", camera)
        if not self._entries:
            raise ReaderError(
                f"{self.root} has no SceneXX/<variation>/frames/rgb/Camera_N; "
                "give the folder with the SceneXX folders"
            )
        self.keys = [entry.key for entry in self._entries]

    def _list_video(self, video: str, camera: int) -> list[_Entry]:
        frames = self.root / video / "frames"
        depth = frames / "depth" / f"Camera_{camera}"
        classes = frames / "classSegmentation" / f"Camera_{camera}"
        entries = []
        for path in list_images(frames / "rgb" / f"Camera_{camera}"):
            digits = path.stem.removeprefix("rgb_")
            entries.append(
                _Entry(f"{video}/Camera_{camera}/{digits}", _number(path), path,
                       depth / f"depth_{digits}.png", classes / f"classgt_{digits}.png",
                       f"{video}/Camera_{camera}")
            )  # fmt: skip
        return entries

    def _color_file(self, video: str) -> Path:
        return self._beside_frames(video, "colors.txt")

    def _camera_file(self, video: str) -> Path:
        return self._beside_frames(video, "intrinsic.txt")

    def _pose_file(self, video: str) -> Path:
        return self._beside_frames(video, "extrinsic.txt")

    def _beside_frames(self, video: str, name: str) -> Path:
        return self.root / video.rsplit("/", 1)[0] / name

    def _rows(self, path: Path, numbers: int, video: str) -> Table:
        table = _table(path, columns=2 + numbers)  # the second says which camera
        return np.delete(table[table[:, 1] == int(video.rsplit("_", 1)[1])], 1, axis=1)


def open_virtual_kitti(
    root: str | Path,
    worlds: Iterable[str] | None = None,
    variations: Iterable[str] | None = None,
) -> VirtualKitti1 | VirtualKitti2:
    """The reader that fits what lies under ``root``."""
    root = Path(root)
    if (root / "vkitti_1.3.1_rgb").is_dir():
        return VirtualKitti1(root, worlds, variations)
    if any(root.glob("Scene[0-9]*/*/frames")):
        return VirtualKitti2(root, worlds, variations)
    raise ReaderError(
        f"{root} is not Virtual KITTI: found neither vkitti_1.3.1_rgb/ nor SceneXX/<variation>/"
        "frames/; give the folder that holds them"
    )


def _choose(folder: Path, wanted: Iterable[str] | None, what: str, prefix: str = "") -> list[str]:
    if not folder.is_dir():
        raise ReaderError(f"{folder} is not a folder")
    there = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name.startswith(prefix))
    if wanted is None:
        return there
    wanted = list(wanted)
    missing = [w for w in wanted if w not in there]
    if missing:
        raise ReaderError(
            f"{folder} has no {what} {', '.join(missing)}; found: {', '.join(there) or 'none'}"
        )
    return wanted


def _number(path: Path) -> int:
    digits = path.stem.rsplit("_", 1)[-1]
    if not digits.isdigit():
        raise ReaderError(f"{path} should be named by its frame number")
    return int(digits)


def _table(path: Path, columns: int) -> Table:
    table = read_table(path)
    if table.shape[1] != columns:
        raise ReaderError(f"{path} has {table.shape[1]} columns, expected {columns}")
    return table
