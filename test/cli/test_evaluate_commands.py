"""The evaluating commands as a user types them: files out, exit codes, one-line errors."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import evaluate_bag, evaluate_kitti, evaluate_labels, kitti_to_bag, predict
from depth_seg_ros.messages.payloads import Header, image_payload


def write(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


@pytest.fixture
def drive(raw_drive, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    """A raw drive of three frames with depth PNGs."""
    images = [np.full((40, 64, 3), 60 * n, np.uint8) for n in range(3)]
    folder = raw_drive(tmp_path / "2011_09_26", images)
    depth = np.zeros((40, 64), np.uint16)
    depth[20:, 10:50] = 10 * 256
    for n in range(3):
        write(folder / f"proj_depth/velodyne_raw/image_02/{n:010d}.png", depth)
    return folder


def test_from_a_raw_drive_to_a_report(
    drive: Path, tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag, out = str(tmp_path / "bag"), tmp_path / "report"
    assert kitti_to_bag.main([str(drive), "--out", bag]) == 0
    common = ["--model", str(tiny_onnx), "--out", str(out), "--threads", "1"]
    assert evaluate_bag.main([bag, "--ground-truth", str(drive), *common]) == 0
    by_bag = json.loads((out / "report.json").read_text())
    assert by_bag["protocol"]["name"] == "eigen"
    assert by_bag["frames"]["scored"] == 3
    text = capsys.readouterr().out
    assert "AbsRel" in text and "constant 10.0 m" in text and "report.html" in text
    # The same frames as files give the same scores.
    again = [str(drive), "--protocol", "eigen", "--quiet", *common]
    assert evaluate_kitti.main(again) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert evaluate_kitti.main([*again, "--overwrite"]) == 0
    by_files = json.loads((out / "report.json").read_text())
    assert by_files["metrics"] == pytest.approx(by_bag["metrics"])


@pytest.mark.parametrize("protocol", ["eigen_benchmark", "kitti_devkit", "paper"])
def test_every_protocol_runs(drive: Path, tiny_onnx: Path, tmp_path: Path, protocol: str) -> None:
    argv = [str(drive), "--model", str(tiny_onnx), "--protocol", protocol, "--quiet"]
    assert evaluate_kitti.main([*argv, "--out", str(tmp_path / "r")]) == 0
    report = json.loads((tmp_path / "r/report.json").read_text())
    assert report["protocol"]["name"] == protocol


def test_labels(tiny_onnx: Path, tmp_path: Path) -> None:
    red = np.zeros((20, 32, 3), np.uint8)
    red[:, :16, 2] = 255  # OpenCV's order: the tiny network calls bright red road, else sky
    truth = np.full((20, 32), 23, np.uint8)
    truth[:, :16] = 7
    write(tmp_path / "data/image/a.png", red)
    write(tmp_path / "data/label/a.png", truth)
    argv = [str(tmp_path / "data"), "--model", str(tiny_onnx), "--out", str(tmp_path / "r")]
    assert evaluate_labels.main([*argv, "--quiet"]) == 0
    report = json.loads((tmp_path / "r/report.json").read_text())
    assert report["metrics"]["miou"] == 1.0
    assert report["class_iou"].keys() == {"road", "sky"}
    assert report["protocol"]["name"] == "labels"
    page = (tmp_path / "r/report.html").read_text()
    assert "over the recording" not in page and "80 m" not in page.split("The model")[0]


def test_the_protocol_goes_by_the_kind_of_truth(
    tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = tmp_path / "bag"
    with BagWriter(bag) as writer:
        header = Header(5, "camera")
        writer.write(
            "/camera/image_raw", image_payload(header, np.zeros((40, 64, 3), np.uint8), "rgb8")
        )
        depth = np.full((40, 64), 12.0, np.float32)
        writer.write("/ground_truth/depth/image", image_payload(header, depth, "32FC1"))
    argv = [str(bag), "--model", str(tiny_onnx), "--quiet", "--out"]
    assert evaluate_bag.main([*argv, str(tmp_path / "auto")]) == 0
    report = json.loads((tmp_path / "auto/report.json").read_text())
    assert report["protocol"]["name"] == "dense"
    capsys.readouterr()
    assert evaluate_bag.main([*argv, str(tmp_path / "eigen"), "--protocol", "eigen"]) == 0
    assert "warning: The truth here is dense" in capsys.readouterr().err
    report = json.loads((tmp_path / "eigen/report.json").read_text())
    assert any("--protocol dense" in note for note in report["notes"])


def test_predict(tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in/a.png", np.full((40, 64, 3), 100, np.uint8))
    argv = [str(tmp_path / "in"), "--model", str(tiny_onnx), "--out", str(tmp_path / "out")]
    assert predict.main(argv) == 0
    assert "metric for the training camera only" in capsys.readouterr().out
    told = json.loads((tmp_path / "out/predict.json").read_text())
    assert told["model"]["name"] == "tiny" and "65535" in told["files"]["_depth.png"]
    unknown = np.load(tmp_path / "out/a_depth.npy")
    assert unknown[20, 32] == pytest.approx(12.0)
    # Twice the focal length of the training camera (20 px for 32 px): twice the distance.
    for option in ("--camera", "--intrinsics"):
        assert predict.main([*argv, option, "64,40,80,80,31.5,19.5"]) == 0
        assert np.load(tmp_path / "out/a_depth.npy")[20, 32] == pytest.approx(24.0)
    assert "camera's height" not in capsys.readouterr().out
    # What a height did is said, and why it did nothing.
    assert predict.main([*argv, "--camera-height", "0.4"]) == 0
    assert "Left alone: 1 frames: height or calibration not known" in capsys.readouterr().out
    camera = ["--camera", "64,40,80,80,31.5,19.5"]
    assert predict.main([*argv, *camera, "--camera-height", "0.4"]) == 0
    assert "(height 0.4 m)" in (said := capsys.readouterr().out) and "no ground in view" in said


@pytest.mark.parametrize(
    ("command", "argv", "words"),
    [
        (evaluate_bag, ["{tmp}/none", "--out", "{tmp}/r"], "no bag"),
        (evaluate_kitti, ["{tmp}", "--out", "{tmp}/r"], "no KITTI layout this knows"),
        (evaluate_labels, ["{tmp}", "--out", "{tmp}/r"], "has no label/"),
        (kitti_to_bag, ["{tmp}", "--out", "{tmp}/r"], "neither image_02/data"),
        (predict, ["{tmp}", "--out", "{tmp}/r"], "has no images"),
        (predict, ["{tmp}", "--out", "{tmp}/r", "--camera", "1,2"], "is not WIDTH,HEIGHT"),
        (predict, ["{tmp}", "--out", "{tmp}/r", "--camera", "none.yaml"], "car, robot, drone"),
    ],
)
def test_a_known_error_is_one_line_and_writes_nothing(
    command, argv: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]
    assert command.main([a.format(tmp=tmp_path) for a in argv]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("error: ") and words in errors
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_a_spec_is_one_line(
    drive: Path, make_tiny_onnx, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]
    model = make_tiny_onnx(tmp_path / "foreign.onnx", spec=None)
    argv = [str(drive), "--model", str(model), "--out", str(tmp_path / "r")]
    assert evaluate_kitti.main(argv) == 1
    assert "has no model spec" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_the_eigen_protocol_never_takes_the_improved_truth(
    drive: Path, tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (drive / "proj_depth/velodyne_raw").rename(drive / "proj_depth/groundtruth")
    argv = [str(drive), "--model", str(tiny_onnx), "--quiet", "--out", str(tmp_path / "r")]
    assert evaluate_kitti.main([*argv, "--protocol", "eigen"]) == 1
    assert "truth none (velodyne_raw, scan missing)" in capsys.readouterr().err
    assert evaluate_kitti.main([*argv, "--protocol", "eigen_benchmark"]) == 0
