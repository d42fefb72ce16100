"""Where a bag's ground-truth depth comes from: a topic, a point cloud, or KITTI files beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.bags.bag_file import BagFile, Entry
from depth_seg_ros.bags.tf import StaticTransforms
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.evaluation.score.pairing import Pairing, pair_stamps
from depth_seg_ros.messages.decoding import depth_from_message, points_from_message
from depth_seg_ros.messages.transforms import Matrix
from depth_seg_ros.readers.files import list_images, read_kitti_depth
from depth_seg_ros.readers.kitti_calibration import KittiCalibration
from depth_seg_ros.readers.kitti_raw import TRUTHS, KittiRaw
from depth_seg_ros.readers.velodyne import project
from depth_seg_ros.types import Float32Array, Frame

MS = 1_000_000


class DepthTruth(ABC):
    """Depth images that can be matched to a bag's images and loaded one by one.

    description: for the report. drive: name of the KITTI drive, where known.
    """

    description: str
    drive: str = ""

    @abstractmethod
    def pair(self, images_ns: Sequence[int]) -> Pairing:
        """Which image gets which of these truths."""

    @abstractmethod
    def load(self, index: int, frame: Frame) -> Float32Array | None:
        """Depth [H, W] for the frame it was paired with; NaN = none, +Inf = beyond."""


class TopicTruth(DepthTruth):
    """A depth image topic (a simulator's, a stereo camera's), stamped like the images."""

    def __init__(self, bag: BagFile, topic: str, tolerance_ns: int = MS) -> None:
        self.description = f"depth topic {topic}"
        self._bag, self._topic, self._tolerance_ns = bag, topic, tolerance_ns
        self._entries: list[Entry] = bag.index(topic)

    def pair(self, images_ns: Sequence[int]) -> Pairing:
        return pair_stamps(images_ns, [e.stamp_ns for e in self._entries], self._tolerance_ns)

    def load(self, index: int, frame: Frame) -> Float32Array:
        return depth_from_message(self._bag.read(self._topic, self._entries[index]))


class CloudTruth(DepthTruth):
    """A LiDAR topic, projected into the camera through tf or a KITTI calibration.

    A spinning scanner's stamp is the middle of its turn; the nearest one within half a turn counts.
    Points are not moved by the ego motion in between (synced KITTI drives need none).
    """

    def __init__(
        self,
        bag: BagFile,
        topic: str,
        transforms: StaticTransforms,
        calibration: tuple[KittiCalibration, int] | None = None,
        tolerance_ns: int = 55 * MS,
    ) -> None:
        self._bag, self._topic, self._tolerance_ns = bag, topic, tolerance_ns
        self._transforms, self._calibration = transforms, calibration
        self._entries = bag.index(topic)
        through = "the KITTI calibration given" if calibration else "/tf_static"
        self.description = f"point cloud {topic}, projected through {through}"

    def pair(self, images_ns: Sequence[int]) -> Pairing:
        return pair_stamps(images_ns, [e.stamp_ns for e in self._entries], self._tolerance_ns)

    def load(self, index: int, frame: Frame) -> Float32Array:
        message = self._bag.read(self._topic, self._entries[index])
        if frame.intrinsics is None:
            raise ReaderError("a point cloud cannot be projected without camera_info")
        points = points_from_message(message)
        transform = self._transform(frame.frame_id, message.header.frame_id)
        one_based = self._calibration is not None
        return project(points, transform, frame.intrinsics, one_based)

    def _transform(self, camera_frame: str, cloud_frame: str) -> Matrix:
        if self._calibration is not None:
            calibration, camera = self._calibration
            return calibration.T_cam_velo(camera)
        return self._transforms.between(camera_frame, cloud_frame)


class DriveTruth(DepthTruth):
    """The KITTI raw drive a bag was made from: its depth PNGs or scans, matched by time stamp."""

    def __init__(
        self,
        drive_dir: Path,
        camera: int = 2,
        kinds: Sequence[str] = TRUTHS,
        tolerance_ns: int = MS,
    ) -> None:
        self._reader = KittiRaw(drive_dir, camera, kinds)
        stamps = self._reader.files.image_stamps_ns[camera]
        self._stamps = [stamps[number] for number in sorted(stamps)]
        self._tolerance_ns = tolerance_ns
        self.description = f"files of {self._reader.name}, matched by time stamp"
        self.drive = self._reader.files.drive

    def pair(self, images_ns: Sequence[int]) -> Pairing:
        return pair_stamps(images_ns, self._stamps, self._tolerance_ns)

    def load(self, index: int, frame: Frame) -> Float32Array | None:
        return self._reader.load(index).truth.depth_m


class FolderTruth(DepthTruth):
    """A folder of KITTI depth PNGs named by frame number: file n belongs to the n-th image.

    This holds for a bag of a whole drive; KITTI's annotated depth lacks the first and last five
    frames, so fewer files than images are fine, a number beyond the last image is not.
    """

    def __init__(self, folder: Path) -> None:
        files = list_images(folder)
        if not files:
            raise ReaderError(
                f"{folder} is neither a KITTI raw drive nor a folder of depth PNGs (0000000012.png)"
            )
        if odd := [p.name for p in files if not p.stem.isdigit()]:
            raise ReaderError(f"{folder}: {odd[0]} should be named by its frame number")
        self._folder = folder
        self._files = {int(p.stem): p for p in files}
        self.description = f"{len(files)} depth PNGs, file n for the n-th image of the bag"

    def pair(self, images_ns: Sequence[int]) -> Pairing:
        if max(self._files) >= len(images_ns):
            raise ReaderError(
                f"{self._folder} has a file of frame {max(self._files)}, but the bag has "
                f"{len(images_ns)} images only: not the same drive, or not all of it; give the raw "
                "drive folder, which has time stamps"
            )
        # The index of a truth is its frame number here.
        images = range(len(images_ns))
        return Pairing(
            [(i, i) for i in images if i in self._files],
            [(i, f"no file {i:010d}.png") for i in images if i not in self._files],
            [],
        )

    def load(self, index: int, frame: Frame) -> Float32Array:
        return read_kitti_depth(self._files[index])


def open_files(
    path: Path, camera: int = 2, kinds: Sequence[str] = TRUTHS
) -> DriveTruth | FolderTruth:
    """Ground truth of ``--ground-truth``: a raw drive, or a folder of depth PNGs.

    kinds: which depth of a drive may serve, see :data:`TRUTHS`.
    """
    if any((path / f"image_{c:02d}" / "timestamps.txt").is_file() for c in (2, 3)):
        return DriveTruth(path, camera, kinds)
    for inner in (k for k in kinds if k != "scan"):
        folder = path / "proj_depth" / inner / f"image_{camera:02d}"
        if folder.is_dir():
            return FolderTruth(folder)
    return FolderTruth(path)
