"""A disk that becomes full in the middle of a file: one clear line, and nothing half written.

The code under test meets a real short write and not an exception put in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import demo, evaluate_bag, kitti_to_bag, predict
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.types import Frame, GroundTruth, Rig
from depth_seg_ros.virtual_world.data import drive as drive_module
from depth_seg_ros.virtual_world.data.drive import Moment
from depth_seg_ros.virtual_world.render.renderer import CameraPose

LIMIT = 3000
"""Bytes of a full disk: less than any output here, more than a first write."""
SIZE = (40, 64)


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: name -> bytes (None: a folder)."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


@pytest.fixture
def fails(full_disk, capsys) -> Callable[[Callable[[list[str]], int], list[str], str], None]:  # type: ignore[no-untyped-def]
    """fails(command, argv, words): it ends with 1; its last line, the one error, has the words."""

    def check(command: Callable[[list[str]], int], argv: list[str], words: str) -> None:
        capsys.readouterr()
        with full_disk(LIMIT):
            assert command(argv) == 1
        errors = capsys.readouterr().err.replace("\r", "\n").splitlines()
        lines = [line for line in errors if line.startswith("error: ")]
        assert len(lines) == 1 and errors[-1] == lines[0]
        assert words in lines[0] and "File too large" in lines[0] and "free some space" in lines[0]

    return check


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), np.uint8)


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Four images with depth."""
    path = tmp_path / "in/drive"
    with BagWriter(path) as writer:
        for n in range(4):
            header = Header(1_600_000_000_000_000_000 + n * 10**8, "camera")
            writer.write("/camera/image_raw", image_payload(header, noise(n), "rgb8"))
            depth = image_payload(header, np.full(SIZE, 10, np.float32), "32FC1")
            writer.write("/ground_truth/depth/image", depth)
    return path


@pytest.fixture
def drive(raw_drive, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    return raw_drive(tmp_path / "in/2011_09_26", [noise(n) for n in range(3)])


def test_the_limit_is_real(full_disk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with full_disk(LIMIT), pytest.raises(OSError, match="File too large"):
        (tmp_path / "a").write_bytes(b"x" * (LIMIT + 1))
    assert (tmp_path / "a").stat().st_size == LIMIT, "the system writes a part: that is the danger"


def test_kitti_to_bag_file(drive: Path, tmp_path: Path, fails) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    out.mkdir()
    fails(kitti_to_bag.main, [str(drive), "--out", str(out / "d.mcap")], "d.mcap")
    assert contents(out) == {}


def test_kitti_to_bag_folder_goes_on_when_there_is_room(drive: Path, tmp_path: Path, fails) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    argv = [str(drive), "--out", str(out / "d")]
    fails(kitti_to_bag.main, argv, "d_0")
    # What a second run needs stays, under a hidden name; nothing of the broken part does.
    assert set(contents(out)) == {".d.partial", ".d.partial/source.txt"}
    assert kitti_to_bag.main(argv) == 0
    assert set(contents(out)) == {"d", "d/d_0.mcap", "d/metadata.yaml"}


def test_evaluate_bag_report(bag: Path, tiny_onnx: Path, tmp_path: Path, fails) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    argv = [str(bag), "--model", str(tiny_onnx), "--out", str(out), "--protocol", "dense"]
    fails(evaluate_bag.main, argv, "report.")
    assert contents(out) == {}
    # A report that was there stays as it was, all three files of it.
    assert evaluate_bag.main([*argv, "--quiet"]) == 0
    before = contents(out)
    assert set(before) == {"report.json", "report.md", "report.html"}
    fails(evaluate_bag.main, [*argv, "--overwrite"], "report.")
    assert contents(out) == before


def test_predict(tiny_onnx: Path, tmp_path: Path, fails) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "in").mkdir()
    assert cv2.imwrite(str(tmp_path / "in/a.png"), noise(0))
    out = tmp_path / "out"
    argv = [str(tmp_path / "in"), "--model", str(tiny_onnx), "--out", str(out)]
    fails(predict.main, argv, "a_depth.npy")
    assert contents(out) == {}


class ShortDrive:
    """Three moments of noise in place of a rendered town."""

    duration_s, scene = 9.0, SimpleNamespace(places=("noise",))

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> ShortDrive:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def frames(self, *_: object, **__: object) -> Iterator[Moment]:
        for n in range(3):
            stamp = 1_600_000_000_000_000_000 + n * 10**8
            truth = GroundTruth(stamp, np.ones(SIZE, np.float32), np.zeros(SIZE, np.uint8))
            frame = Frame(stamp, "camera_optical", noise(n))
            pose = CameraPose.looking((0, 1, n), 0.0)
            yield Moment(frame, truth, np.zeros(SIZE, np.uint16), pose, Rig(1.65, 0.0, 0.0))


def test_demo_drive(tiny_onnx: Path, tmp_path: Path, fails, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(drive_module, "Drive", ShortDrive)
    out = tmp_path / "out"
    argv = ["--out", str(out), "--model", str(tiny_onnx), "--seconds", "0.3"]
    fails(demo.main, argv, "drive.mcap")
    assert contents(out) == {}


def test_demo_replay(bag: Path, tiny_onnx: Path, tmp_path: Path, fails, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The replay after the drive: its bag, and its video."""
    pytest.importorskip("av")
    out = tmp_path / "out"

    def recorded(path: Path, seconds: float, seed: int) -> int:
        path.hardlink_to(bag / "drive.mcap")
        return 4

    monkeypatch.setattr(demo, "render_drive", recorded)
    argv = ["--out", str(out), "--model", str(tiny_onnx)]
    fails(demo.main, argv, "")
    assert set(contents(out)) == {"drive.mcap"}
