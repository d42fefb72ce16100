"""A recorded drive as a Reader: images of one camera, with ground truth from wherever it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from depth_seg_ros.bags.bag_file import BagFile, Entry
from depth_seg_ros.bags.camera_track import CameraTrack
from depth_seg_ros.bags.imu import read_imu
from depth_seg_ros.bags.tf import read_static_transforms, read_transforms
from depth_seg_ros.bags.topics import BagTopics, find_topics
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.evaluation.score.pairing import pair_stamps
from depth_seg_ros.evaluation.truth.sources import (
    MS,
    CloudTruth,
    DepthTruth,
    TopicTruth,
    open_files,
)
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cameras import CameraInfoMessage, calibration_doubt
from depth_seg_ros.messages.decoding import labels_from_message
from depth_seg_ros.messages.payloads import NS_PER_S
from depth_seg_ros.messages.rig import RigOptions, RigSource
from depth_seg_ros.messages.transforms import Matrix
from depth_seg_ros.messages.type_names import COMPRESSED_IMAGE
from depth_seg_ros.readers.base import Reader, Sample, Unpaired
from depth_seg_ros.readers.kitti_calibration import read_raw_calibration
from depth_seg_ros.readers.kitti_raw import TRUTHS
from depth_seg_ros.readers.other_camera import with_camera
from depth_seg_ros.types import Float32Array, Frame, GroundTruth, Intrinsics, UInt8Array

WORLD_FRAMES = ("map", "odom", "world", "earth")
"""Of REP-105, and what others call them: they stand still, or drift slowly."""


@dataclass(frozen=True)
class BagOptions:
    """What a user may say about a bag; None = found out.

    ground_truth: KITTI raw drive or folder of depth PNGs; goes before the topics.
    truth_kinds: which depth files of a drive may serve, see readers/kitti_raw.py.
    intrinsics: of the camera, instead of what the bag says.
    calibration: KITTI date folder, to project a cloud without tf. camera: its camera number.
    tolerance_ms: largest distance in time between image and truth.
    need_truth: leave out images without any truth (False replays all of them).
    use_truth: False ignores whatever ground truth there is.
    rig: of the camera; its base frame is looked for in the bag's own tf, its IMU in the bag.
    """

    image_topic: str | None = None
    camera_info_topic: str | None = None
    depth_topic: str | None = None
    labels_topic: str | None = None
    cloud_topic: str | None = None
    ground_truth: Path | None = None
    truth_kinds: tuple[str, ...] = TRUTHS
    calibration: Path | None = None
    camera: int = 2
    intrinsics: Intrinsics | None = None
    tolerance_ms: float | None = None
    need_truth: bool = True
    use_truth: bool = True
    rig: RigOptions = field(default_factory=RigOptions)


class BagReader(Reader):
    """Samples of a bag in the order of the recording; use as a context manager."""

    def __init__(self, path: str | Path, options: BagOptions | None = None) -> None:
        self.options = options or BagOptions()
        self.bag = BagFile(path)
        o = self.options
        self.topics: BagTopics = find_topics(
            self.bag, o.image_topic, o.camera_info_topic, o.depth_topic, o.labels_topic,
            o.cloud_topic,
        )  # fmt: skip
        if not o.use_truth:
            self.topics = replace(self.topics, depth=None, labels=None, cloud=None)
        self._images: list[Entry] = self.bag.index(self.topics.image)
        if not self._images:
            raise ReaderError(f"{self.bag.path}: {self.topics.image} has no messages")
        self._notes: list[str] = [self.bag.unchecked] if self.bag.unchecked else []
        _check_stamps(self.bag.path, self._images, self._notes)
        transforms = read_transforms(self.bag)
        imu = read_imu(self.bag, o.rig.imu_topic) if o.rig.imu_topic else None
        self.rigs = RigSource(o.rig, transforms, imu)
        self._assembler = FrameAssembler(require_camera=False, rigs=self.rigs)
        self.told_rig = o.rig.words
        self._cameras = self._camera()
        self._depth = self._depth_truth()
        self.lidar = self._depth is not None and not isinstance(self._depth, TopicTruth)
        self.drive = self.bag.facts.get("kitti_drive", "")
        if self._depth is not None and self._depth.drive:
            self.drive = self._depth.drive
        self.name = self._describe()
        self._pair()

    def _describe(self) -> str:
        parts = [f"bag {self.bag.path.name}, images {self.topics.image}"]
        if self._depth is not None:
            parts.append(self._depth.description)
        if self.topics.labels:
            parts.append(f"labels {self.topics.labels}")
        return "; ".join(parts)

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return self._notes

    def load(self, index: int) -> Sample:
        image, depth, labels = self._samples[index]
        frame = self.frame(image)
        truth = GroundTruth(
            frame.stamp_ns, self._load_depth(depth, frame), self._load_labels(labels, frame)
        )
        return Sample(self.keys[index], frame, truth, self._pose(frame))

    def _pose(self, frame: Frame) -> Matrix | None:
        """In the first frame that stands still and tf knows at this time."""
        for world in WORLD_FRAMES:
            try:
                return self.rigs.tree.between(world, frame.frame_id, frame.stamp_ns)
            except FrameError:
                continue
        return None

    def frame(self, image: int) -> Frame:
        """Decode the n-th image message; FrameError says what is wrong with it."""
        frame, given = self._decode(image), self.options.intrinsics
        return frame if given is None else with_camera(frame, given)

    def _decode(self, image: int) -> Frame:
        message = self.bag.read(self.topics.image, self._images[image])
        info = self._info(image)
        if self.bag.topics[self.topics.image] == COMPRESSED_IMAGE:
            return self._assembler.frame_from_compressed(message, info)
        return self._assembler.frame_from_image(message, info)

    def _info(self, image: int) -> CameraInfoMessage | None:
        return self._cameras.of(self._images[image]) if self._cameras else None

    def camera_info(self, key: str) -> CameraInfoMessage | None:
        """The calibration message of the image with this key; None where there is none."""
        return self._info(self._samples[self.keys.index(key)][0])

    @property
    def has_truth(self) -> bool:
        """Whether any sample has depth or labels to score against."""
        return any(d is not None or n is not None for _, d, n in self._samples)

    def _camera(self) -> CameraTrack | None:
        """The bag's calibrations, and notes on what is doubtful about them."""
        topic = self.topics.camera_info
        if self.options.intrinsics is not None:
            self._notes.append("the camera is the one given by hand, not the bag's")
            return None
        track = CameraTrack(self.bag, topic) if topic else None
        if track is None or track.first is None:
            self._notes.append(
                "no camera_info: depth is metric only if the camera has the training camera's "
                "focal length"
            )
            return None
        if doubt := calibration_doubt(track.first, self.topics.image, rectified=True):
            self._notes.append(doubt)
        if track.changes:
            self._notes.append(f"{topic} changes {track.changes} times; each image has its own")
        if track.damaged:
            self._notes.append(f"{track.damaged} messages of {topic} are damaged and left out")
        return track

    def _depth_truth(self) -> DepthTruth | None:
        o, topics = self.options, self.topics
        tolerance = {} if o.tolerance_ms is None else {"tolerance_ns": round(o.tolerance_ms * MS)}
        if o.ground_truth is not None and o.use_truth:
            return open_files(o.ground_truth, o.camera, o.truth_kinds)
        if topics.depth:
            return TopicTruth(self.bag, topics.depth, **tolerance)
        if topics.cloud:
            calibration = (read_raw_calibration(o.calibration), o.camera) if o.calibration else None
            transforms = read_static_transforms(self.bag)
            return CloudTruth(self.bag, topics.cloud, transforms, calibration, **tolerance)
        return None

    def _pair(self) -> None:
        """Fill keys, samples and unpaired: each image is in exactly one of them."""
        stamps = [e.stamp_ns for e in self._images]
        depth: dict[int, int] = {}
        reasons: dict[int, str] = {}
        if self._depth is not None:
            pairing = self._depth.pair(stamps)
            depth, reasons = dict(pairing.pairs), dict(pairing.unpaired)
            if pairing.unused:
                self._notes.append(f"{len(pairing.unused)} ground truths belong to no image")
        labels: dict[int, int] = {}
        if self.topics.labels:
            self._label_entries = self.bag.index(self.topics.labels)
            found = pair_stamps(stamps, [e.stamp_ns for e in self._label_entries], MS)
            labels = dict(found.pairs)
        self._samples: list[tuple[int, int | None, int | None]] = []
        keys, unpaired = [], []
        for image, stamp in enumerate(stamps):
            key = f"{image:06d} @ {stamp // NS_PER_S}.{stamp % NS_PER_S:09d}"
            if self.options.need_truth and image not in depth and image not in labels:
                reason = reasons.get(image, "the bag has no ground truth (no depth, cloud, labels)")
                unpaired.append(Unpaired(key, reason))
            else:
                keys.append(key)
                self._samples.append((image, depth.get(image), labels.get(image)))
        self.keys, self.unpaired = keys, unpaired

    def _load_depth(self, index: int | None, frame: Frame) -> Float32Array | None:
        if index is None or self._depth is None:
            return None
        depth_m = self._depth.load(index, frame)
        if depth_m is not None and depth_m.shape != frame.image.shape[:2]:
            raise ReaderError(_mismatch("ground-truth depth", depth_m.shape, frame))
        return depth_m

    def _load_labels(self, index: int | None, frame: Frame) -> UInt8Array | None:
        if index is None or self.topics.labels is None:
            return None
        labels = labels_from_message(self.bag.read(self.topics.labels, self._label_entries[index]))
        if labels.shape != frame.image.shape[:2]:
            raise ReaderError(_mismatch("ground-truth labels", labels.shape, frame))
        return labels

    def close(self) -> None:
        self.bag.close()

    def __enter__(self) -> BagReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _mismatch(what: str, shape: tuple[int, ...], frame: Frame) -> str:
    height, width = frame.image.shape[:2]
    return f"{what} is {shape[1]}x{shape[0]}, the image {width}x{height}"


def _check_stamps(path: Path, images: list[Entry], notes: list[str]) -> None:
    """Recognise bags whose stamps hold seconds where nanoseconds belong (klintan/kitti2bag2)."""
    if len(images) < 2:
        return
    stamps = [e.stamp_ns for e in images]
    if _seconds_as_nanoseconds(stamps):
        raise ReaderError(
            f"{path}: {len(images)} images have stamps from {min(stamps)} to {max(stamps)} ns: "
            "seconds were written where nanoseconds belong, as klintan/kitti2bag2 does; their "
            "times are lost, convert the drive again with kitti_to_bag"
        )
    if _seconds_as_nanoseconds([e.log_ns for e in images]):
        notes.append(
            "the bag's log times hold seconds where nanoseconds belong (klintan/kitti2bag2 writes "
            "that); header stamps were used instead"
        )
    if len(set(stamps)) < len(stamps):
        notes.append(f"{len(stamps) - len(set(stamps))} images share their stamp with another one")


def _seconds_as_nanoseconds(stamps_ns: Sequence[int]) -> bool:
    """Unix seconds of the years 2001-2096 read as nanoseconds: 1 to 4 s, all within a few µs."""
    low, high = min(stamps_ns), max(stamps_ns)
    return low >= 10**9 and high < 4 * 10**9 and high - low < 100_000
