"""KITTI benchmarks in their unpacked layouts: depth selection, object, semantics 2015."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.readers.files import (
    list_images,
    read_gray,
    read_kitti_depth,
    read_rgb,
    read_text,
)
from depth_seg_ros.readers.kitti_calibration import (
    read_camera_calibration,
    read_object_calibration,
)
from depth_seg_ros.readers.kitti_raw import TRUTHS, KittiRaw
from depth_seg_ros.readers.kitti_sizes import plausible, rig_of, rig_of_size
from depth_seg_ros.readers.velodyne import project, read_scan
from depth_seg_ros.types import Float32Array, Frame, GroundTruth, Intrinsics, Rig

FRAME_PERIOD_NS = 100_000_000
"""The benchmarks have no clock; their images are numbered."""


class _NumberedImages(Reader):
    """A folder of images, one a frame, named by the frame."""

    images = "image_2"

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._images = list_images(self.root / self.images)
        if not self._images:
            raise ReaderError(f"{self.root / self.images} has no images")
        self.keys = [p.stem for p in self._images]


class KittiDepthSelection(_NumberedImages):
    """``val_selection_cropped``: image/, groundtruth_depth/, intrinsics/ (1000 images 1216x352)."""

    in_time = False

    name = "KITTI depth selection (val_selection_cropped)"
    images = "image"

    def __init__(self, root: str | Path, truth: str = "groundtruth_depth") -> None:
        super().__init__(root)
        self._truth = truth

    def load(self, index: int) -> Sample:
        path = self._images[index]
        image = read_rgb(path)
        height, width = image.shape[:2]
        camera = self._intrinsics(path, width, height)
        stamp_ns = index * FRAME_PERIOD_NS
        depth_m = read_kitti_depth(self._truth_path(path))
        rig = rig_of(camera.fx) if camera else None
        frame = Frame(stamp_ns, "camera_optical", image, camera, rig)
        return Sample(path.stem, frame, GroundTruth(stamp_ns, _same_size(depth_m, image, path)))

    def _truth_path(self, image: Path) -> Path:
        # Only the first `_image_` is the kind of file; the second one is the camera.
        name = image.name.replace("_image_", f"_{self._truth}_", 1)
        return self.root / self._truth / name

    def _intrinsics(self, image: Path, width: int, height: int) -> Intrinsics | None:
        path = self.root / "intrinsics" / f"{image.stem}.txt"
        if not path.parent.is_dir():
            return None
        try:
            k = np.array(read_text(path).split(), np.float64).reshape(3, 3)
            fx, fy, cx, cy = (float(k[i]) for i in ((0, 0), (1, 1), (0, 2), (1, 2)))
            # The benchmark's own crops have their crop's principal point: no size to look up.
            return plausible(Intrinsics(width, height, fx, fy, cx, cy), path)
        except ValueError as e:
            raise ReaderError(f"{path} should hold the nine numbers of K ({e})") from e
        except FrameError as e:
            raise ReaderError(f"{path}: {e}") from e


class KittiObject(_NumberedImages):
    """``training/`` or ``testing/`` of the object benchmark: image_2/, velodyne/, calib/."""

    in_time = False

    name = "KITTI object, Velodyne scans projected"

    def load(self, index: int) -> Sample:
        path = self._images[index]
        image = read_rgb(path)
        calibration = read_object_calibration(self.root / "calib" / f"{path.stem}.txt")
        height, width = image.shape[:2]
        camera = calibration.intrinsics(2, width, height)
        scan = self.root / "velodyne" / f"{path.stem}.bin"
        depth_m = None
        if scan.parent.is_dir():
            depth_m = project(read_scan(scan), calibration.T_cam_velo(2), camera, one_based=True)
        stamp_ns = index * FRAME_PERIOD_NS
        rig = calibration.rig(2)
        frame = Frame(stamp_ns, "camera_optical", image, camera, rig)
        return Sample(path.stem, frame, GroundTruth(stamp_ns, depth_m))


class KittiSemantics(_NumberedImages):
    """``training/`` of the 2015 semantics benchmark: image_2/, semantic/ (Cityscapes ids).

    Ids come as they are in the files, with Cityscapes' void ids; which of them are scored is the
    evaluation's choice. Calibrations (of the scene-flow benchmark, calib_cam_to_cam/) are optional.
    """

    name = "KITTI semantics 2015"

    def load(self, index: int) -> Sample:
        path = self._images[index]
        image = read_rgb(path)
        labels = read_gray(self.root / "semantic" / path.name)
        if labels.shape != image.shape[:2]:
            raise ReaderError(
                f"semantic/{path.name} is {labels.shape[1]}x{labels.shape[0]}, its image "
                f"{image.shape[1]}x{image.shape[0]}"
            )
        stamp_ns = index * FRAME_PERIOD_NS
        camera, rig = self._camera(path, image.shape[1], image.shape[0])
        frame = Frame(stamp_ns, "camera_optical", image, camera, rig)
        return Sample(path.stem, frame, GroundTruth(stamp_ns, None, labels))

    def _camera(self, image: Path, width: int, height: int) -> tuple[Intrinsics | None, Rig | None]:
        path = self.root / "calib_cam_to_cam" / f"{image.stem.split('_')[0]}.txt"
        if not path.is_file():
            return None, rig_of_size(width, height)
        calibration = read_camera_calibration(path)
        return calibration.intrinsics(2, width, height), calibration.rig(2)


def open_kitti(root: str | Path, truths: Sequence[str] = TRUTHS) -> Reader:
    """The reader for the layout found in ``root``; ReaderError saying what was looked for.

    truths: which depth of a raw drive counts, see :class:`KittiRaw`.
    """
    root = Path(root)
    if not root.is_dir():
        raise ReaderError(f"{root} is not a folder")
    if any((root / f"image_{c:02d}" / "data").is_dir() for c in (2, 3)):
        return KittiRaw(root, truths=truths)
    if (root / "image").is_dir() and (root / "groundtruth_depth").is_dir():
        return KittiDepthSelection(root)
    if (root / "image_2").is_dir():
        return KittiSemantics(root) if (root / "semantic").is_dir() else KittiObject(root)
    for inner in ("training", "val_selection_cropped"):
        if (root / inner).is_dir():
            return open_kitti(root / inner, truths)
    raise ReaderError(
        f"{root} is no KITTI layout this knows: a raw `..._sync` drive (image_02/data), depth "
        "selection (image/ and groundtruth_depth/), object (image_2/, velodyne/, calib/) or "
        "semantics (image_2/, semantic/)"
    )


def _same_size(
    depth_m: Float32Array, image: np.typing.NDArray[np.uint8], path: Path
) -> Float32Array:
    if depth_m.shape != image.shape[:2]:
        raise ReaderError(
            f"ground truth of {path.name} is {depth_m.shape[1]}x{depth_m.shape[0]}, the image "
            f"{image.shape[1]}x{image.shape[0]}"
        )
    return depth_m
