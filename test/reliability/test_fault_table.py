"""The fault table of docs/reliability.md: each fault, a command, one line, and nothing half
written."""

from __future__ import annotations

import json
import os
import re
import resource
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import evaluate_bag, evaluate_kitti, kitti_to_bag, predict
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.types import Intrinsics

DOC = Path(__file__).resolve().parents[2] / "docs/reliability.md"
W, H = 64, 40
RGB = np.random.default_rng(0).integers(0, 256, (H, W, 3), np.uint8)
P2 = "721.5377 0 609.5593 0 0 721.5377 172.854 0 0 0 1 0"
Built = tuple[Callable[[list[str]], int], list[str]]


def picture(folder: Path, data: bytes, name: str = "a.png") -> Built:
    (folder / "in").mkdir()
    (folder / "in" / name).write_bytes(data)
    return predict.main, [str(folder / "in")]


def png(image: np.ndarray) -> bytes:
    done, data = cv2.imencode(".png", image)
    assert done
    return bytes(data.tobytes())


def claiming(folder: Path) -> Built:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    data = b"\x89PNG\r\n\x1a\n" + parts
    assert len(data) == 57
    return picture(folder, data)


def aspect(folder: Path) -> Built:
    command, argv = picture(folder, png(RGB))
    return command, [*argv, "--camera", "40,64,40,40,19.5,31.5"]


def into_itself(folder: Path) -> Built:
    command, argv = picture(folder, png(RGB))
    return command, [*argv, "--out", argv[0]]


def no_folder(folder: Path) -> Built:
    command, argv = picture(folder, png(RGB))
    (folder / "file").touch()
    return command, [*argv, "--out", str(folder / "file" / "out")]


def bag(folder: Path, name: str = "drive.mcap") -> Path:
    path = folder / name
    camera = Intrinsics(W, H, 40.0, 40.0, 31.5, 19.5)
    with BagWriter(path) as writer:
        for n in range(3):
            header = Header(1_600_000_000_000_000_000 + n * 10**8, "camera")
            writer.write("/camera/camera_info", info_from_intrinsics(camera, header))
            writer.write("/camera/image_raw", image_payload(header, RGB, "rgb8"))
            depth = image_payload(header, np.full((H, W), 9, np.float32), "32FC1")
            writer.write("/ground_truth/depth/image", depth)
    return path


def flipped(folder: Path) -> Built:
    path = bag(folder)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(bytes(data))
    return evaluate_bag.main, [str(path)]


def cut(folder: Path) -> Built:
    path = bag(folder)
    path.write_bytes(path.read_bytes()[:9000])
    return evaluate_bag.main, [str(path)]


def pipe(folder: Path) -> Built:
    os.mkfifo(folder / "drive.mcap")
    return evaluate_bag.main, [str(folder / "drive.mcap")]


def wrong_type(folder: Path) -> Built:
    return evaluate_bag.main, [str(bag(folder)), "--depth-topic", "/camera/camera_info"]


def drive(folder: Path, size: tuple[int, int], stamps: str) -> Path:
    path = folder / "2011_09_26/2011_09_26_drive_0001_sync"
    (path / "image_02/data").mkdir(parents=True)
    text = f"S_rect_02: 1242 375\nR_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: {P2}\n"
    (path.parent / "calib_cam_to_cam.txt").write_text(text)
    (path.parent / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
    (path / "image_02/timestamps.txt").write_text(stamps)
    image = np.zeros((size[1], size[0], 3), np.uint8)
    assert cv2.imwrite(str(path / "image_02/data/0000000001.png"), image)
    return path


STAMP = "2011-09-26 13:02:25.594360375\n"


def unrectified(folder: Path) -> Built:
    return kitti_to_bag.main, [str(drive(folder, (1392, 512), 2 * STAMP))]


def without_stamp(folder: Path) -> Built:
    return evaluate_kitti.main, [str(drive(folder, (1242, 375), STAMP + "\n" + STAMP))]


FAULTS: dict[str, tuple[Callable[[Path], Built], str]] = {
    "a PNG of 57 bytes that claims 60000 x 60000 pixels": (claiming, "more than 100000000 pixels"),
    "a picture of 16 bits": (
        lambda f: picture(f, png(RGB.astype(np.uint16) << 4)), "uint16 pixels"),
    "a picture that is cut off": (
        lambda f: picture(f, png(RGB)[:900]), "is truncated"),
    "a picture with a flipped bit": (
        lambda f: picture(f, png(RGB)[:99] + b"\xff" + png(RGB)[100:]), "checksum"),
    "a camera of another aspect": (aspect, "cropped or turned"),
    "results that would land among the pictures": (into_itself, "is the folder of the images"),
    "a folder that cannot be made": (no_folder, "Not a directory"),
    "a bag with a flipped bit": (flipped, "the checksum of its chunk"),
    "a bag that is cut off": (cut, "is cut off"),
    "a pipe named .mcap": (pipe, "is not a file"),
    "a topic of another type": (wrong_type, "is a sensor_msgs/msg/CameraInfo, not a"),
    "a drive that was never rectified": (unrectified, "before rectification"),
    "a drive that lacks a stamp": (without_stamp, "empty line 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_one_line_and_nothing_half_written(
    name: str, tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build, words = FAULTS[name]
    command, argv = build(tmp_path)
    before = set(tmp_path.rglob("*"))
    if "--out" not in argv:
        argv += ["--out", str(tmp_path / "out")]
    model = [] if command is kitti_to_bag.main else ["--model", str(tiny_onnx), "--threads", "1"]
    assert command([*argv, *model]) == 1
    lines = capsys.readouterr().err.replace("\r", "\n").splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert len(errors) == 1 and lines[-1] == errors[0] and words in errors[0], lines
    left = set(tmp_path.rglob("*")) - before
    assert not [p for p in left if p.is_file() and "source.txt" not in p.name], left


def test_the_page_lists_every_fault_with_what_is_said() -> None:
    text = DOC.read_text("utf-8")
    for name, (_, words) in FAULTS.items():
        row = next((line for line in text.splitlines() if line.startswith(f"| {name} |")), "")
        assert words in row.replace("\\", ""), f"| {name} | … {words} … |"


def test_what_cannot_be_said_in_ascii_is_said_all_the_same(tiny_onnx: Path, tmp_path: Path) -> None:
    """A bag whose name is not UTF-8, a report on a terminal that knows ASCII only."""
    import subprocess
    import sys

    name = os.fsdecode(b"drive_\xff\xe9.mcap")
    path, out = bag(tmp_path, name), tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "depth_seg_ros.cli.evaluate_bag", str(path), "--out", str(out),
         "--model", str(tiny_onnx), "--protocol", "dense", "--threads", "1"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C",
             "PYTHONPATH": str(DOC.parents[1])},
        capture_output=True,
        timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"AbsRel" in done.stdout
    assert json.loads((out / "report.json").read_text("utf-8"))["frames"]["scored"] == 3
    assert re.search(r"drive.*mcap", (out / "report.md").read_text("utf-8"))


def test_a_large_picture_takes_no_more_memory_than_its_pixels(tmp_path: Path) -> None:
    """1 MB of PNG may hold 2 GB of black: it is refused before it takes them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    rows = zlib.compress(b"\0" * 30_001, 9)
    assert len(rows) < 100

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    packer, parts = zlib.compressobj(9), []
    for _ in range(25_000):
        parts.append(packer.compress(b"\0" * 30_001))
    body = b"".join(parts) + packer.flush()
    head = struct.pack(">IIBBBBB", 30_000, 25_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    assert len(data) < 1_200_000
    from depth_seg_ros.encoded import decode
    from depth_seg_ros.errors import FrameError

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000, hard))
    try:
        with pytest.raises(FrameError, match="30000x25000, more than"):
            decode(data, cv2.IMREAD_COLOR)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
