"""A KITTI raw drive: ``<date>/<date>_drive_NNNN_sync`` beside the day's calibration."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from depth_seg_ros.errors import ConfigError, ReaderError
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.readers.files import list_images, read_kitti_depth, read_rgb
from depth_seg_ros.readers.kitti_calibration import (
    KittiCalibration,
    read_raw_calibration,
    read_timestamps,
)
from depth_seg_ros.readers.velodyne import project, read_scan
from depth_seg_ros.types import Float32Array, Frame, GroundTruth, Intrinsics

TRUTHS = ("groundtruth", "velodyne_raw", "scan")
"""Depth of a frame, best first: the depth data set's improved PNGs, its raw LiDAR PNGs, and the
Velodyne scan projected here (which gives the same pixels as the latter)."""

_DRIVE_NAME = re.compile(r"drive_\d{4}")

CAMERAS = {2: "camera_color_left", 3: "camera_color_right"}
"""Camera number -> name in frame ids and topics."""


@dataclass(frozen=True)
class RawFiles:
    """Paths and stamps of a raw drive, listed but not decoded.

    images, scans: file by frame number; a drive may lack any of the scans.
    image_stamps_ns, scan_stamps_ns: by frame number.
    """

    drive_dir: Path
    calibration: KittiCalibration
    images: dict[int, dict[int, Path]]
    image_stamps_ns: dict[int, dict[int, int]]
    scans: dict[int, Path]
    scan_stamps_ns: dict[int, int]

    @property
    def drive(self) -> str:
        return self.drive_dir.name

    def truth_path(self, kind: str, camera: int, number: int) -> Path:
        """Depth PNG of KITTI's depth data set, unpacked into the drive."""
        folder = self.drive_dir / "proj_depth" / kind / f"image_{camera:02d}"
        return folder / f"{number:010d}.png"


def list_raw_drive(drive_dir: str | Path) -> RawFiles:
    """Find the colour cameras, scans, stamps and calibration of a drive.

    A drive without scan stamps (they are copied from the images of the same number, which a synced
    drive took within 50 ms) or with some of the scans only is fine.
    """
    drive_dir = _with_its_name(Path(drive_dir))
    if not drive_dir.is_dir():
        raise ReaderError(f"{drive_dir} is not a folder; give a KITTI raw `..._sync` folder")
    images: dict[int, dict[int, Path]] = {}
    stamps: dict[int, dict[int, int]] = {}
    for camera in CAMERAS:
        folder = drive_dir / f"image_{camera:02d}"
        files = list_images(folder / "data")
        if files:
            images[camera] = {_number(p): p for p in files}
            stamps[camera] = _stamps(folder / "timestamps.txt", list(images[camera]))
    if not images:
        raise ReaderError(
            f"{drive_dir} has neither image_02/data nor image_03/data; "
            "give a KITTI raw `..._sync` folder"
        )
    velodyne = drive_dir / "velodyne_points"
    scans = {_number(p): p for p in sorted(velodyne.glob("data/*.bin"))}
    first_camera = next(iter(stamps.values()))
    if (velodyne / "timestamps.txt").is_file():
        scan_stamps = _stamps(velodyne / "timestamps.txt", list(scans))
    else:
        scan_stamps = {n: first_camera[n] for n in scans if n in first_camera}
        scans = {n: scans[n] for n in scan_stamps}
    return RawFiles(
        drive_dir, read_raw_calibration(_date_dir(drive_dir)), images, stamps, scans, scan_stamps
    )


class KittiRaw(Reader):
    """Frames of one camera of a raw drive.

    truths: kinds of :data:`TRUTHS` that may serve; each frame takes the first it has. ``name`` says
        how many frames have which.
    """

    def __init__(
        self, drive_dir: str | Path, camera: int = 2, truths: Sequence[str] = TRUTHS
    ) -> None:
        if unknown := [t for t in truths if t not in TRUTHS]:
            raise ConfigError(f"no truth {', '.join(unknown)}; known: {', '.join(TRUTHS)}")
        self.files = list_raw_drive(drive_dir)
        if camera not in self.files.images:
            raise ReaderError(f"{self.files.drive_dir} has no images of camera {camera}")
        self._camera = camera
        self._numbers = sorted(self.files.images[camera])
        self._kinds = {n: self._kind(n, truths) for n in self._numbers}
        counts = Counter(kind for kind in self._kinds.values() if kind)
        have = ", ".join(f"{n} x {kind}" for kind, n in counts.items())
        self.name = f"KITTI raw {self.files.drive}, camera {camera}, truth " + (
            have or f"none ({', '.join(truths)} missing)"
        )
        self.keys = [f"{self.files.drive}/image_{camera:02d}/{n:010d}" for n in self._numbers]

    def load(self, index: int) -> Sample:
        number = self._numbers[index]
        image = read_rgb(self.files.images[self._camera][number])
        height, width = image.shape[:2]
        camera = self.files.calibration.intrinsics(self._camera, width, height)
        stamp_ns = self.files.image_stamps_ns[self._camera][number]
        rig = self.files.calibration.rig(self._camera)
        frame = Frame(stamp_ns, CAMERAS[self._camera], image, camera, rig)
        depth_m = self._truth(number, camera)
        if depth_m is not None and depth_m.shape != (height, width):
            raise ReaderError(
                f"the ground truth of {self.keys[index]} is {depth_m.shape[1]}x{depth_m.shape[0]}, "
                f"the image {width}x{height}"
            )
        return Sample(self.keys[index], frame, GroundTruth(stamp_ns, depth_m))

    def _kind(self, number: int, truths: Sequence[str]) -> str | None:
        """The first kind of truth that the frame has."""
        for kind in truths:
            path = self.files.truth_path(kind, self._camera, number)
            if number in self.files.scans if kind == "scan" else path.is_file():
                return kind
        return None

    def _truth(self, number: int, camera: Intrinsics) -> Float32Array | None:
        kind = self._kinds[number]
        if kind is None:
            return None
        if kind == "scan":
            transform = self.files.calibration.T_cam_velo(self._camera)
            return project(read_scan(self.files.scans[number]), transform, camera, one_based=True)
        return read_kitti_depth(self.files.truth_path(kind, self._camera, number))


def _stamps(path: Path, numbers: list[int]) -> dict[int, int]:
    """Stamp of each frame number: line n of the file is frame n, an empty line too."""
    stamps = read_timestamps(path)
    if numbers and max(numbers) >= len(stamps):
        raise ReaderError(
            f"{path} has {len(stamps)} stamps, but there is a file of frame {max(numbers)}; "
            "the drive is incomplete"
        )
    found = {n: stamps[n] for n in numbers}
    known = {n: stamp for n, stamp in found.items() if stamp is not None}
    if without := sorted(found.keys() - known.keys()):
        raise ReaderError(
            f"{path} has an empty line {without[0] + 1}, but there is a file of frame "
            f"{without[0]}; the stamps are those of another drive, or damaged"
        )
    return known


def _with_its_name(drive_dir: Path) -> Path:
    """Absolute, by the name it was given: a link's target has another name, and perhaps another
    day's calibration beside it. A name without a drive (``.``, a short link) is followed."""
    given = Path(os.path.abspath(drive_dir))
    resolved = drive_dir.resolve()
    if not _DRIVE_NAME.search(given.name) and _DRIVE_NAME.search(resolved.name):
        return resolved
    return given


def _date_dir(drive_dir: Path) -> Path:
    """The folder of the day's calibration: beside the name given, else beside what it links to."""
    for folder in (drive_dir.parent, drive_dir.resolve().parent):
        if (folder / "calib_cam_to_cam.txt").is_file():
            return folder
    return drive_dir.parent


def _number(path: Path) -> int:
    if not path.stem.isdigit():
        raise ReaderError(f"{path} should be named by its frame number")
    return int(path.stem)
