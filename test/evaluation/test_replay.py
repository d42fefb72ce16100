"""A bag through the real Predictor with a tiny network: bag, video and report come out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.errors import EvaluationError, OutputError
from depth_seg_ros.evaluation import replay as replay_module
from depth_seg_ros.evaluation.evaluate import Options
from depth_seg_ros.evaluation.replay import replay
from depth_seg_ros.evaluation.truth.bag import BagReader
from depth_seg_ros.predictor import Predictor

MakeBag = Callable[..., Path]
QUIET = Options(title="Replay", progress=False)


def test_everything_comes_out_with_the_input_headers(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path
) -> None:
    av = pytest.importorskip("av")
    bag, out = make_bag(frames=5), tmp_path / "out"
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        done = replay(bag, predictor, out, options=QUIET)
        frames = [s.frame for s in BagReader(bag)]
        predictions = [predictor.predict(f) for f in frames]
    assert done.frames == 5
    assert done.report is not None and len(done.report.frames) == 5
    assert sorted(p.name for p in out.iterdir()) == [
        "perception", "report.html", "report.json", "report.md", "side_by_side.mp4",
    ]  # fmt: skip
    with BagFile(done.bag) as written:
        assert written.counts == {
            "/perception/labels/info": 1,
            "/perception/depth/camera_info": 5,
            "/perception/depth/image": 5,
            "/perception/labels/image": 5,
            "/perception/labels/confidence": 5,
        }
        depths = list(written.messages("/perception/depth/image"))
        labels = list(written.messages("/perception/labels/image"))
        info = next(written.messages("/perception/depth/camera_info"))
        entries = written.index("/perception/depth/image")
    assert [e.stamp_ns for e in entries] == [f.stamp_ns for f in frames]
    assert {d.header.frame_id for d in depths} == {"camera_optical"}
    assert (depths[0].encoding, labels[0].encoding) == ("32FC1", "mono8")
    assert (info.width, info.height, info.k[0]) == (16, 12, 8.0)
    for message, label, prediction in zip(depths, labels, predictions, strict=True):
        depth_m = np.frombuffer(message.data.tobytes(), np.float32).reshape(12, 16)
        assert np.array_equal(depth_m, prediction.depth_m, equal_nan=True)
        assert np.array_equal(label.data, prediction.labels.ravel())
    with av.open(str(done.video)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        times = [float(f.pts * f.time_base) for f in video.decode(stream)]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4], abs=1e-4)


def test_images_without_truth_are_predicted_but_not_scored(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path
) -> None:
    bag = make_bag(depth=False, labels=False)
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        done = replay(bag, predictor, tmp_path / "out", options=QUIET, video=False)
    assert done.frames == 4
    assert done.report is None
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["perception"]


def test_a_bad_image_is_left_out_and_counted(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path
) -> None:
    bag = make_bag(encodings=["rgb8", "hsv24", "rgb8", "rgb8"])
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        done = replay(bag, predictor, tmp_path / "out", options=QUIET, video=False)
    assert done.frames == 3
    assert done.report is not None
    assert (done.report.total, len(done.report.unpaired)) == (4, 1)


def test_a_full_disk_leaves_the_earlier_replay_as_it_was(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag, out = make_bag(), tmp_path / "out"
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        replay(bag, predictor, out, options=QUIET, video=False)
        before = {p: p.stat().st_mtime_ns for p in out.rglob("*")}

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(replay_module.BagWriter, "write", full)
        with pytest.raises(OutputError, match="No space left"):
            replay(bag, predictor, out, options=QUIET, video=False)
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*")} == before


def test_running_it_again_replaces_the_outputs(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path
) -> None:
    bag, out = make_bag(), tmp_path / "out"
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        for _ in range(2):
            replay(bag, predictor, out, options=QUIET, video=False)
    assert BagFile(out / "perception").counts["/perception/depth/image"] == 4
    assert not [p for p in out.iterdir() if p.name.startswith(".")]


def test_a_folder_in_the_way_is_not_overwritten(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path
) -> None:
    (tmp_path / "out/perception").mkdir(parents=True)
    with (
        Predictor.open(tiny_onnx, threads=1) as predictor,
        pytest.raises(EvaluationError, match="is a folder but no bag"),
    ):
        replay(make_bag(), predictor, tmp_path / "out", options=QUIET, video=False)


def test_the_bag_alone(make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path) -> None:
    with Predictor.open(tiny_onnx, threads=1) as predictor:
        done = replay(
            make_bag(), predictor, tmp_path / "out", options=QUIET, video=False, score=False
        )
    assert (done.frames, done.report, done.video) == (4, None, None)


def test_the_video_is_small_whatever_the_network_says(
    make_bag: MakeBag, make_tiny_onnx: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pytest.importorskip("av")
    monkeypatch.setattr(replay_module, "PANEL_WIDTH", 8)
    path = make_tiny_onnx(tmp_path / "doubt.onnx", doubt=True)
    with Predictor.open(path, "onnxruntime", threads=1) as predictor:
        done = replay(make_bag(frames=2), predictor, tmp_path / "out", options=QUIET)
    assert done.frames == 2 and (tmp_path / "out" / "side_by_side.mp4").stat().st_size > 0
