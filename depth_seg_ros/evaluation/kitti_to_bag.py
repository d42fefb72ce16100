"""A KITTI raw drive -> rosbag2 mcap: cameras, camera_info, Velodyne clouds, static transforms.

Topic names are kitti2bag's, stamps are KITTI's own, to the nanosecond. KITTI's synced images are
rectified already, so K equals P's left part and D is zero. The frames of cameras 2 and 3 are the
rectified ones: the Velodyne reaches them through R_rect_00 and P's last column.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from depth_seg_ros.bags.merge import join_bags
from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.errors import EvaluationError, ReaderError
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.payloads import (
    CloudPayload,
    Header,
    Payload,
    PointField,
    flat_bytes,
    image_payload,
)
from depth_seg_ros.messages.transforms import LINK_FROM_OPTICAL, Transform
from depth_seg_ros.readers.files import read_rgb
from depth_seg_ros.readers.kitti_calibration import read_numbers, rigid
from depth_seg_ros.readers.kitti_raw import CAMERAS, RawFiles, list_raw_drive
from depth_seg_ros.readers.velodyne import read_scan
from depth_seg_ros.system.atomic import check_free, partial_path, publish, write_text

PREFIX = "/kitti"
CLOUD_TOPIC = f"{PREFIX}/velo/pointcloud"
VELODYNE_FRAME, IMU_FRAME, BASE_FRAME = "velo_link", "imu_link", "base_link"
SPLIT_MESSAGES = 400
"""Messages in a file of the bag, some 300 MB: what an interrupted conversion has to do again."""

_FLOAT32 = 7
_CLOUD_FIELDS = tuple(PointField(n, 4 * i, _FLOAT32) for i, n in enumerate(("x", "y", "z", "i")))


@dataclass(frozen=True)
class Converted:
    """What came of a conversion: messages by kind, and how much an earlier run had left."""

    path: Path
    images: int
    scans: int
    images_without_scan: int
    resumed_files: int


@dataclass(frozen=True)
class _Item:
    """One thing to convert: an image of a camera, or a scan (camera 0)."""

    stamp_ns: int
    camera: int
    number: int


def convert_drive(
    drive_dir: str | Path, out: str | Path, progress: bool = True, split: int = SPLIT_MESSAGES
) -> Converted:
    """Write ``out`` (a bag folder). An interrupted run goes on where the last whole file ended.

    Raises ReaderError naming a missing or damaged file; then nothing appears under ``out``.
    """
    out = Path(out)
    files = list_raw_drive(drive_dir)
    items = _items(files)
    check_free(out, overwrite=False)
    if out.suffix == ".mcap":
        with _bar(len(items), progress) as bar, BagWriter(out, facts=_facts(files)) as writer:
            _write(writer, files, items, first=True, progress=bar)
        resumed = 0
    else:
        resumed = _convert_in_files(files, items, out, split, progress)
    numbers = {i.number for i in items if i.camera}
    return Converted(
        out,
        sum(1 for i in items if i.camera),
        sum(1 for i in items if not i.camera),
        len(numbers - set(files.scans)),
        resumed,
    )


def _convert_in_files(
    files: RawFiles, items: list[_Item], out: Path, split: int, progress: bool
) -> int:
    """Convert part by part, each a bag of its own; join them at the end. Parts found: resumed."""
    work = partial_path(out)
    work.mkdir(parents=True, exist_ok=True)
    _check_same_work(work, files, split)
    resumed = 0
    parts = [items[i : i + split] for i in range(0, len(items), split)]
    with _bar(len(items), progress) as bar:
        for number, part in enumerate(parts):
            folder = work / f"{out.stem}_{number}"
            if folder.is_dir():  # complete: BagWriter renames only whole bags
                resumed += 1
                bar.update(len(part))
                continue
            with BagWriter(folder, facts=_facts(files)) as writer:
                _write(writer, files, part, first=number == 0, progress=bar)
    join_bags([work / f"{out.stem}_{n}" for n in range(len(parts))], work / "joined")
    publish(work / "joined", out)
    shutil.rmtree(work)
    return resumed


def _write(
    writer: BagWriter, files: RawFiles, items: list[_Item], first: bool, progress: tqdm[None]
) -> None:
    if first:
        stamp_ns = items[0].stamp_ns
        writer.write_static_transforms(static_transforms(files, stamp_ns), stamp_ns)
    for item in items:
        for topic, payload in _messages(files, item):
            writer.write(topic, payload)
        progress.update()


def _messages(files: RawFiles, item: _Item) -> Iterator[tuple[str, Payload]]:
    if not item.camera:
        yield CLOUD_TOPIC, _cloud(files.scans[item.number], item.stamp_ns)
        return
    name = CAMERAS[item.camera]
    header = Header(item.stamp_ns, name)
    image = read_rgb(files.images[item.camera][item.number])
    camera = files.calibration.intrinsics(item.camera, image.shape[1], image.shape[0])
    yield f"{PREFIX}/{name}/camera_info", info_from_intrinsics(camera, header)
    yield f"{PREFIX}/{name}/image_raw", image_payload(header, image, "rgb8")


def _cloud(path: Path, stamp_ns: int) -> CloudPayload:
    points = read_scan(path)
    return CloudPayload(
        Header(stamp_ns, VELODYNE_FRAME),
        1,
        len(points),
        _CLOUD_FIELDS,
        16,
        16 * len(points),
        flat_bytes(points),
        True,
    )


def static_transforms(files: RawFiles, stamp_ns: int) -> list[Transform]:
    """velo_link to each camera, imu_link to velo_link where the day has that calibration, and
    base_link, on the road below KITTI's camera 0, to what those hang on."""
    transforms = [
        Transform(
            stamp_ns,
            VELODYNE_FRAME,
            CAMERAS[camera],
            np.asarray(np.linalg.inv(files.calibration.T_cam_velo(camera)), np.float64),
        )
        for camera in files.images
    ]
    root, T_velo_root = VELODYNE_FRAME, np.eye(4)
    imu = files.drive_dir.parent / "calib_imu_to_velo.txt"
    if imu.is_file():
        numbers = read_numbers(imu)
        if "R" not in numbers or "T" not in numbers:
            raise ReaderError(f"{imu} should have `R:` and `T:`")
        T_velo_imu = rigid(numbers["R"].reshape(3, 3), numbers["T"])
        T_imu_velo = np.asarray(np.linalg.inv(T_velo_imu), np.float64)
        transforms.append(Transform(stamp_ns, IMU_FRAME, VELODYNE_FRAME, T_imu_velo))
        root, T_velo_root = IMU_FRAME, T_velo_imu
    rig = files.calibration.rig(next(iter(files.images)))
    if rig is not None:
        T_base_cam0 = LINK_FROM_OPTICAL.copy()
        T_base_cam0[2, 3] = rig.height_m
        T_base_root = np.asarray(T_base_cam0 @ files.calibration.T_cam0rect_velo @ T_velo_root)
        transforms.append(Transform(stamp_ns, BASE_FRAME, root, T_base_root))
    return transforms


def _items(files: RawFiles) -> list[_Item]:
    """Everything to convert, by time; a scan before the images of its stamp."""
    items = [
        _Item(files.image_stamps_ns[camera][number], camera, number)
        for camera, images in files.images.items()
        for number in images
    ]
    items += [_Item(files.scan_stamps_ns[number], 0, number) for number in files.scans]
    return sorted(items, key=lambda i: (i.stamp_ns, i.camera))


def _facts(files: RawFiles) -> dict[str, str]:
    return {"kitti_drive": files.drive, "made_by": "depth_seg_ros kitti_to_bag"}


def _check_same_work(work: Path, files: RawFiles, split: int) -> None:
    """Parts of another drive under the same output name would be mixed in: refuse."""
    note, mine = work / "source.txt", f"{files.drive_dir}\n{split}\n"
    if not note.is_file():
        write_text(note, mine)
    elif note.read_text(encoding="utf-8") != mine:
        raise EvaluationError(
            f"{work} is an unfinished conversion of {note.read_text().splitlines()[0]}; remove it "
            "to start afresh"
        )


def _bar(total: int, show: bool) -> tqdm[None]:
    return tqdm(total=total, desc="kitti_to_bag", unit="message", disable=not show)
