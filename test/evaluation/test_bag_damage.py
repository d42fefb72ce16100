"""Bags that are damaged, odd, or of another kind than their name says."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.bags.mcap_checksums import MAGIC, check, seal
from depth_seg_ros.bags.tf import read_static_transforms
from depth_seg_ros.bags.topics import find_topics
from depth_seg_ros.bags.writer import METADATA_VERSION, BagWriter
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.evaluation.truth.bag import BagOptions, BagReader
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import serialize, serialize_transforms
from depth_seg_ros.messages.payloads import CameraInfoPayload, Header, image_payload
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.messages.type_names import TF_MESSAGE
from depth_seg_ros.messages.typestore import typestore
from depth_seg_ros.types import Intrinsics

W, H = 32, 24
FIRST = 1_600_000_000_000_000_000
CAMERA = Intrinsics(W, H, 20.0, 20.0, 15.5, 11.5)
IMAGE_TOPIC, INFO_TOPIC = "/camera/image_raw", "/camera/camera_info"
DEPTH_TOPIC = "/ground_truth/depth/image"


def payloads(number: int, info: CameraInfoPayload | None = None):
    header = Header(FIRST + number * 10**8, "camera")
    rng = np.random.default_rng(number)
    if info is None:
        info = info_from_intrinsics(CAMERA, header)
    yield INFO_TOPIC, replace(info, header=header)
    yield IMAGE_TOPIC, image_payload(header, rng.integers(0, 256, (H, W, 3), np.uint8), "rgb8")
    yield DEPTH_TOPIC, image_payload(header, np.full((H, W), 9, np.float32), "32FC1")


def write(path: Path, infos: list[CameraInfoPayload | None] | None = None) -> Path:
    with BagWriter(path) as writer:
        for number, info in enumerate(infos or [None] * 3):
            for topic, payload in payloads(number, info):
                writer.write(topic, payload)
    return path


def by_rosbags(
    folder: Path, storage: StoragePlugin, pack: Callable[[bytes], bytes] = bytes
) -> Path:
    """The same bag as other tools write it."""
    connections = {}
    with Writer(folder, version=METADATA_VERSION, storage_plugin=storage) as writer:
        for number in range(3):
            for topic, payload in payloads(number):
                name, data = serialize(payload)
                if topic not in connections:
                    connections[topic] = writer.add_connection(topic, name, typestore=typestore())
                stamp = FIRST + number * 10**8
                writer.write(connections[topic], stamp, pack(bytes(data)))
    return folder


def everything(path: Path) -> list[object]:
    """What a user would score."""
    with BagReader(path) as reader:
        found: list[object] = []
        for sample in reader:
            frame, truth = sample.frame, sample.truth.depth_m
            found.append((frame.stamp_ns, frame.frame_id, frame.image.tobytes(), frame.intrinsics))
            found.append(None if truth is None else truth.tobytes())
        return found


# --- damage that decodes


def test_our_bags_carry_checksums(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mcap")
    assert check(path)
    with BagFile(path) as bag:
        assert bag.unchecked == ""


def test_every_flipped_bit_is_found_or_changes_nothing(tmp_path: Path) -> None:
    path, rng = write(tmp_path / "a.mcap"), np.random.default_rng(0)
    good, before = path.read_bytes(), everything(path)
    found = 0
    for position in rng.integers(0, len(good), 150):
        data = bytearray(good)
        data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(data))
        try:
            assert everything(path) == before, f"byte {position}: other numbers and no word"
        except ReaderError:
            found += 1
    assert found > 140


def record(opcode: int, content: bytes) -> bytes:
    return struct.pack("<BQ", opcode, len(content)) + content


def text(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value


def test_a_summary_that_begins_behind_the_end(tmp_path: Path) -> None:
    """The footer's last 20 bytes before its closing magic: start, offsets, checksum."""
    path = tmp_path / "bag.mcap"
    with BagWriter(path) as writer:
        writer.write(INFO_TOPIC, info_from_intrinsics(CAMERA, Header(FIRST, "camera")))
    content = bytearray(path.read_bytes())
    struct.pack_into("<Q", content, len(content) - len(MAGIC) - 20, 2**64 - 1)
    path.write_bytes(content)
    with pytest.raises(ReaderError, match="damaged"):
        check(path)


@pytest.mark.parametrize("compression", ["zstd", "lz4", ""])
def test_chunks_that_are_compressed(tmp_path: Path, compression: str) -> None:
    plain = np.random.default_rng(0).bytes(5000)
    packed = plain
    if compression == "zstd":
        packed = pytest.importorskip("zstandard").ZstdCompressor().compress(plain)
    elif compression == "lz4":
        packed = pytest.importorskip("lz4.frame").compress(plain)
    head = struct.pack("<QQQI", 0, 1, len(plain), zlib.crc32(plain)) + text(compression.encode())
    chunk = record(0x06, head + struct.pack("<Q", len(packed)) + packed)
    end = record(0x0F, struct.pack("<I", 0)) + record(0x02, struct.pack("<QQI", 0, 0, 0))
    path = tmp_path / "a.mcap"
    path.write_bytes(MAGIC + record(0x01, text(b"") * 2) + chunk + end + MAGIC)
    assert check(path)
    data = bytearray(path.read_bytes())
    data[2000] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ReaderError, match=r"a\.mcap: the bag is damaged"):
        check(path)


def test_a_bag_without_checksums_says_so(tmp_path: Path) -> None:
    mcap = by_rosbags(tmp_path / "m", StoragePlugin.MCAP)
    with BagReader(mcap) as reader:
        assert any("writer of this mcap left its checksums out" in n for n in reader.notes)
    file = mcap / "m.mcap"
    size = file.stat().st_size
    seal(file)
    assert check(file) and file.stat().st_size == size
    with BagReader(by_rosbags(tmp_path / "s", StoragePlugin.SQLITE3)) as reader:
        assert any("sqlite3 bags have no checksums" in n for n in reader.notes)


def test_a_torn_sqlite_bag_is_refused(tmp_path: Path) -> None:
    file = by_rosbags(tmp_path / "s", StoragePlugin.SQLITE3) / "s.db3"
    data = bytearray(file.read_bytes())
    data[4096:4196] = b"\xff" * 100
    file.write_bytes(bytes(data))
    with pytest.raises(ReaderError, match=r"s\.db3: the bag is damaged"):
        BagReader(file.parent)


# --- odd bags


def test_messages_compressed_one_by_one_in_a_single_file(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    pack = zstandard.ZstdCompressor().compress
    folder = by_rosbags(tmp_path / "m", StoragePlugin.MCAP, pack)
    plain = by_rosbags(tmp_path / "p", StoragePlugin.MCAP)
    assert everything(folder / "m.mcap") == everything(plain / "p.mcap")


def test_a_pipe_named_mcap_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mcap")
    with pytest.raises(ReaderError, match="is not a file"):
        BagFile(tmp_path / "a.mcap")


def test_a_file_without_its_index_is_not_called_empty(tmp_path: Path) -> None:
    path = by_rosbags(tmp_path / "m", StoragePlugin.MCAP) / "m.mcap"
    data = path.read_bytes()
    (summary,) = struct.unpack_from("<Q", data, len(data) - 8 - 20)
    rebuilt, position = data[:summary], summary
    while data[position] != 0x02:
        (length,) = struct.unpack_from("<Q", data, position + 1)
        content = data[position + 9 : position + 9 + length]
        if data[position] == 0x08:  # chunk index: forget where which messages are
            (size,) = struct.unpack_from("<I", content, 32)
            content = content[:32] + struct.pack("<I", 0) + content[36 + size :]
        if data[position] != 0x0E:  # summary offsets
            rebuilt += record(data[position], content)
        position += 9 + length
    path.write_bytes(rebuilt + record(0x02, struct.pack("<QQI", summary, 0, 0)) + MAGIC)
    with pytest.raises(ReaderError, match=r"counts 3 messages .* lacks its index"):
        BagReader(path)


def test_a_topic_without_a_type(tmp_path: Path) -> None:
    folder = by_rosbags(tmp_path / "s", StoragePlugin.SQLITE3)
    with sqlite3.connect(folder / "s.db3") as database:
        database.execute("PRAGMA writable_schema=1")
        schema = "UPDATE sqlite_master SET sql = replace(sql, 'type TEXT NOT NULL', 'type TEXT')"
        database.execute(schema)
    with sqlite3.connect(folder / "s.db3") as database:
        database.execute("UPDATE topics SET type = NULL WHERE name = ?", (IMAGE_TOPIC,))
    single = tmp_path / "alone.db3"
    shutil.copy(folder / "s.db3", single)
    with pytest.raises(ReaderError):
        BagReader(single)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (BagOptions(depth_topic=INFO_TOPIC), "--depth-topic /camera/camera_info is a sensor_msgs"),
        (BagOptions(labels_topic=INFO_TOPIC), "--labels-topic"),
        (BagOptions(image_topic=INFO_TOPIC), "not a sensor_msgs/msg/Image or"),
        (BagOptions(camera_info_topic=IMAGE_TOPIC), "--camera-info-topic"),
        (BagOptions(cloud_topic=IMAGE_TOPIC), "of that type the bag has nothing"),
        (BagOptions(image_topic="/tf"), "has no topic /tf; it has"),
    ],
)
def test_a_topic_of_the_wrong_type(tmp_path: Path, options: BagOptions, words: str) -> None:
    with pytest.raises(ReaderError, match=words):
        BagReader(write(tmp_path / "a.mcap"), options)


def topics_of(*names: str) -> SimpleNamespace:
    kinds = dict.fromkeys(names, "sensor_msgs/msg/Image")
    return SimpleNamespace(
        path="bag", topics=kinds, of_type=lambda *k: sorted(n for n in names if kinds[n] in k)
    )


@pytest.mark.parametrize(
    "camera",
    ["/depthai/rgb/image", "/depth_camera/image_raw", "/front_depth_camera/color/image_raw"],
)
def test_a_device_named_after_depth_is_a_camera(camera: str) -> None:
    assert find_topics(topics_of(camera)).image == camera  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "derived",
    [
        "/camera/depth/image_rect_raw", "/camera/aligned_depth_to_color/image_raw",
        "/depth_registered/image_rect", "/x/image_depth", "/perception/labels/image",
        "/overlay/image/compressed", "/semantic/mask", "/zed/zed_node/depth/depth_registered",
    ],
)  # fmt: skip
def test_what_is_derived_is_no_camera(derived: str) -> None:
    with pytest.raises(ReaderError, match="--image-topic"):
        find_topics(topics_of(derived))  # type: ignore[arg-type]


# --- calibrations


def info(fx: float) -> CameraInfoPayload:
    return info_from_intrinsics(replace(CAMERA, fx=fx, fy=fx), Header(0, ""))


def test_the_calibration_follows_its_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mcap", [info(20.0), info(20.0), info(30.0), info(40.0)])
    with BagReader(path) as reader:
        assert [s.frame.intrinsics.fx for s in reader if s.frame.intrinsics] == [20, 20, 30, 40]
        assert any("changes 2 times" in n for n in reader.notes)
        last = reader.camera_info(reader.keys[3])
        assert last is not None and last.k[0] == 40


def test_calibration_that_says_nothing_gets_a_note(tmp_path: Path) -> None:
    for name, value in (("zero", 0.0), ("nan", float("nan"))):
        nothing = replace(info(20.0), k=(value,) * 9, p=(value,) * 12)
        with BagReader(write(tmp_path / f"{name}.mcap", [nothing] * 2)) as reader:
            assert any("camera_info says nothing" in n for n in reader.notes)
            assert [s.frame.intrinsics for s in reader] == [None, None]


def test_a_transform_without_a_rotation_is_refused(tmp_path: Path) -> None:
    """Four zeros where a quaternion belongs: every projected point would be lost, and no word."""
    path = tmp_path / "a.mcap"
    with BagWriter(path) as writer:
        transform = Transform(FIRST, "lidar", "camera", np.eye(4))
        writer.write_static_transforms([transform], FIRST)
        data = bytearray(serialize_transforms([transform]))
        data[-8:] = bytes(8)  # w, the last number: a quaternion of four zeros
        writer.write_raw("/tf_static", TF_MESSAGE, FIRST + 1, memoryview(bytes(data)), latched=True)
    with BagFile(path) as bag, pytest.raises(ReaderError, match="no pose of 'camera' in 'lidar'"):
        read_static_transforms(bag)
