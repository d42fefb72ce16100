"""Bad input at the commands: a counted skip with its reason, or one clear line and no output."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros import models
from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import evaluate_bag, evaluate_kitti, predict
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.payloads import Header, ImagePayload, image_payload
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Intrinsics

W, H = 64, 40
CAMERA = Intrinsics(W, H, 40.0, 40.0, 31.5, 19.5)
Fault = Callable[[ImagePayload], ImagePayload]


def resized(width: int, height: int) -> Fault:
    return lambda i: replace(i, width=width, height=height, step=width * 3, data=i.data[:0])


IMAGE_FAULTS: dict[str, tuple[Fault, str]] = {
    "unknown encoding": (lambda i: replace(i, encoding="hsv24"), "'hsv24' is not supported"),
    "step too small": (lambda i: replace(i, step=W * 3 - 1), "step 191 is too small"),
    "step too large": (lambda i: replace(i, step=W * 3 + 8), "needs 8000 bytes, the message holds"),
    "short data": (lambda i: replace(i, data=i.data[:-7]), "the message holds 7673"),
    "no data": (lambda i: replace(i, data=i.data[:0]), "the message holds 0"),
    "zero height": (resized(W, 0), "64x0 is empty"),
    "zero size": (resized(0, 0), "0x0 is empty"),
}
DEPTH_FAULTS: dict[str, tuple[np.ndarray, str, str]] = {
    "8-bit depth": (np.full((H, W), 9, np.uint8), "mono8", "An 8-bit image has lost the depth"),
    "depth of another size": (np.ones((H, W // 2), "f4"), "32FC1", "32x40, the image 64x40"),
}  # fmt: skip


def write_bag(path: Path, *, info: bool = True) -> Path:
    """A good frame first and last; between them one frame a fault."""
    rng = np.random.default_rng(0)
    names = ["good", *IMAGE_FAULTS, *DEPTH_FAULTS, "good"]
    with BagWriter(path) as writer:
        for n, name in enumerate(names):
            header = Header(1_600_000_000_000_000_000 + n * 10**8, "camera")
            image = image_payload(header, rng.integers(0, 256, (H, W, 3), np.uint8), "rgb8")
            if name in IMAGE_FAULTS:
                image = IMAGE_FAULTS[name][0](image)
            depth, encoding, _ = DEPTH_FAULTS.get(name, (np.full((H, W), 9, "f4"), "32FC1", ""))
            if info:
                writer.write("/camera/camera_info", info_from_intrinsics(CAMERA, header))
            writer.write("/camera/image_raw", image)
            writer.write("/ground_truth/depth/image", image_payload(header, depth, encoding))
    return path


def one_line(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    errors = capsys.readouterr().err
    assert errors.startswith("error: ") and errors.count("\n") == 1
    for word in words:
        assert word in errors


def test_every_bad_frame_of_a_bag_is_counted_once_with_its_reason(
    tiny_onnx: Path, tmp_path: Path
) -> None:
    bag, out = write_bag(tmp_path / "bag"), tmp_path / "out"
    argv = [str(bag), "--model", str(tiny_onnx), "--out", str(out), "--protocol", "dense"]
    assert evaluate_bag.main([*argv, "--quiet", "--threads", "1"]) == 0
    report = json.loads((out / "report.json").read_text())
    reasons = [reason for _, reason in IMAGE_FAULTS.values()]
    reasons += [reason for _, _, reason in DEPTH_FAULTS.values()]
    frames = report["frames"]
    assert (frames["total"], frames["scored"]) == (len(reasons) + 2, 2)
    said = [skipped["reason"] for skipped in frames["unpaired"]]
    assert len(said) == len(reasons)
    for reason, found in zip(reasons, said, strict=True):
        assert reason in found


def test_a_bag_without_camera_info_is_scored_and_says_that_depth_is_not_metric(
    tiny_onnx: Path, tmp_path: Path
) -> None:
    bag, out = write_bag(tmp_path / "bag", info=False), tmp_path / "out"
    argv = [str(bag), "--model", str(tiny_onnx), "--out", str(out), "--protocol", "dense"]
    assert evaluate_bag.main([*argv, "--quiet", "--threads", "1"]) == 0
    for kind in ("json", "md", "html"):
        assert "no camera_info" in (out / f"report.{kind}").read_text()


@pytest.mark.parametrize("keep", [0.03, 0.5, 0.99])
def test_a_bag_cut_off_in_the_middle(
    keep: float, tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag, out = write_bag(tmp_path / "bag.mcap"), tmp_path / "out"
    bag.write_bytes(bag.read_bytes()[: int(bag.stat().st_size * keep)])
    assert evaluate_bag.main([str(bag), "--model", str(tiny_onnx), "--out", str(out)]) == 1
    one_line(capsys, "bag.mcap is cut off", "no end mark")
    assert not out.exists()


def other_size() -> ModelSpec:
    return ModelSpec("other", 64, 40, 20.0, 20.0, 80.0, NETWORK_CLASSES)


@pytest.mark.parametrize(
    ("spec", "words"),
    [(None, "has no model spec"), (other_size, "its spec says [1, 40, 64, 3]")],
    ids=["none", "of another network"],
)
def test_an_onnx_file_without_its_spec(
    spec: Callable[[], ModelSpec] | None,
    words: str,
    make_tiny_onnx: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "in").mkdir()
    assert cv2.imwrite(str(tmp_path / "in/a.png"), np.zeros((H, W, 3), np.uint8))
    model = make_tiny_onnx(tmp_path / "m.onnx", spec=spec and spec())
    for command, source in ((predict, tmp_path / "in"), (evaluate_bag, write_bag(tmp_path / "b"))):
        argv = [str(source), "--model", str(model), "--out", str(tmp_path / "out")]
        assert command.main(argv) == 1
        one_line(capsys, words)
        assert not (tmp_path / "out").exists()


def test_missing_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    assert cv2.imwrite(str(tmp_path / "in/a.png"), np.zeros((H, W, 3), np.uint8))
    argv = [str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    for model in ("gone.onnx", "no_such_net"):
        assert predict.main([*argv, "--model", model]) == 1
        one_line(capsys, f"no model '{model}'", "ds_net")
    monkeypatch.setattr(models, "WEIGHTS_DIR", tmp_path / "nothing")
    assert predict.main([*argv, "--model", "ds_net"]) == 1
    one_line(capsys, "no model 'ds_net'", "shipped name (none)")
    assert not (tmp_path / "out").exists()


def test_8_bit_depth_files_and_depth_of_another_size(
    tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two of three pairs of a depth selection are bad: named, counted, the third is scored."""
    data = tmp_path / "val_selection_cropped"
    for folder in ("image", "groundtruth_depth", "intrinsics"):
        (data / folder).mkdir(parents=True)
    depths = [np.full((H, W), 9 * 256, np.uint16), np.full((H, W), 9, np.uint8),
              np.full((H, W // 2), 9 * 256, np.uint16)]  # fmt: skip
    for n, depth in enumerate(depths):
        name = f"2011_09_26_drive_0002_sync_{{}}_{n:010d}_image_02"
        image = np.full((H, W, 3), 90, np.uint8)
        assert cv2.imwrite(str(data / "image" / (name.format("image") + ".png")), image)
        truth = data / "groundtruth_depth" / (name.format("groundtruth_depth") + ".png")
        assert cv2.imwrite(str(truth), depth)
        numbers = data / "intrinsics" / (name.format("image") + ".txt")
        numbers.write_text("40 0 31.5 0 40 19.5 0 0 1")
    out = tmp_path / "out"
    argv = [str(data), "--model", str(tiny_onnx), "--out", str(out), "--protocol", "kitti_devkit"]
    assert evaluate_kitti.main([*argv, "--quiet", "--threads", "1"]) == 0
    frames = json.loads((out / "report.json").read_text())["frames"]
    assert (frames["total"], frames["scored"]) == (3, 1)
    first, second = (skipped["reason"] for skipped in frames["unpaired"])
    assert "8-bit" in first or "uint8" in first
    assert "32x40" in second and "64x40" in second
    capsys.readouterr()
