"""One evaluation from end to end with a predictor whose scores can be worked out by hand."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from math import isnan, log, sqrt
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import EvaluationError, FrameError
from depth_seg_ros.evaluation.evaluate import Options, evaluate, load_mean_depth
from depth_seg_ros.evaluation.report import report as report_module
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.evaluation.truth.bag import BagOptions, BagReader
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.kitti_raw import KittiRaw

MakeBag = Callable[..., Path]
QUIET = Options(title="Test", progress=False, model_sha256="ab" * 32)


def run(bag: Path, predictor: object, **options: object) -> Report:
    chosen = Options(title="Test", progress=False, **options)  # type: ignore[arg-type]
    with BagReader(bag) as reader:
        return evaluate(reader, predictor, get_protocol("dense"), chosen)  # type: ignore[arg-type]


def test_scores_by_hand(make_bag: MakeBag, stub: Callable[..., object]) -> None:
    report = run(make_bag(), stub(depth_m=10.0))
    # 11 rows count (the first is sky): 88 pixels at 10 m less the unknown one, 88 at 20 m.
    pixels, far = 87 + 88, 88 / (87 + 88)
    assert report.frames[0].pixels == pixels
    metrics = report.metrics
    assert metrics["abs_rel"] == pytest.approx(0.5 * far)
    assert metrics["rmse"] == pytest.approx(sqrt(100 * far))
    assert metrics["rmse_log"] == pytest.approx(sqrt(log(2) ** 2 * far), rel=1e-6)
    assert metrics["delta1"] == pytest.approx(1 - far)
    assert metrics["coverage"] == 1.0
    # Everything is called road, half of it is car.
    assert metrics["miou"] == pytest.approx((0.5 + 0) / 2)
    assert metrics["pixel_accuracy"] == 0.5
    assert report.class_iou["road"] == (0.5, 0.5)
    assert [(b.near_m, b.pixels) for b in report.distance] == [(10, 4 * 87), (20, 4 * 88)]
    assert report.distance[1].bias_rel == pytest.approx(-0.5)
    assert report.latency["whole frame"]["p50_ms"] == 8.0


@pytest.mark.parametrize(
    ("rig", "frames"),
    [(RigOptions(), 0), (RigOptions(1.65), 0), (RigOptions(1.65, pitch_deg=0.0), 4)],
)
def test_a_report_says_in_how_many_frames_the_network_was_told_its_rig(
    make_bag: MakeBag, stub: Callable[..., object], rig: RigOptions, frames: int
) -> None:
    for rig_input in (True, False):
        predictor = stub()
        predictor.spec = replace(predictor.spec, rig_input=rig_input)  # type: ignore[attr-defined]
        with BagReader(make_bag(f"told_{rig_input}"), BagOptions(rig=rig)) as reader:
            report = evaluate(reader, predictor, get_protocol("dense"), QUIET)  # type: ignore[arg-type]
        said = [note for note in report.notes if "told the camera's height" in note]
        assert len(said) == rig_input
        assert not said or f"in {frames} of 4 frames" in said[0]


def test_a_report_says_that_more_detail_was_shown(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    report = run(make_bag(), stub(depth_m=10.0))
    assert "(detail)" not in "".join(report.facts())
    more = replace(report, engine={**report.engine, "details": {"detail": "1.9"}})
    assert "shown 1.9 times the pixels of its file (detail)" in "".join(more.facts())


def test_the_constant_baseline_is_in_the_table(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    report = run(make_bag(), stub())
    # The median of 87 tens and 88 twenties is 20.
    assert list(report.rows) == ["model", "constant 20.0 m"]
    assert report.rows["constant 20.0 m"]["abs_rel"] == pytest.approx(87 / 175)
    assert "everything is road" in report.label_rows
    trained = run(make_bag("b"), stub(training={"median_depth_m": 12.5}))
    assert "constant 12.5 m" in trained.rows
    assert any("training set's median depth" in n for n in trained.notes)


def test_the_mean_depth_image_is_a_second_baseline(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    image = np.array([[10, 10, 20, 20]], np.float32)
    report = run(make_bag(), stub(), mean_depth=image)
    assert report.rows["mean depth per pixel"]["abs_rel"] < 0.1


def test_every_image_is_counted_exactly_once(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    bag = make_bag(frames=6, encodings=["rgb8", "hsv24", "rgb8", "rgb8", "rgb8", "rgb8"])
    predictor = stub()
    report = run(bag, predictor, pictures=False)
    assert report.total == 6
    assert len(report.frames) == 5
    assert [u.key[:6] for u in report.unpaired] == ["000001"]
    assert "'hsv24' is not supported" in report.unpaired[0].reason
    keys = [f.key for f in report.frames] + [u.key for u in report.unpaired]
    assert len(keys) == len(set(keys)) == report.total
    assert len(predictor.seen) == 5  # type: ignore[attr-defined]


def test_a_frame_that_the_predictor_refuses_is_counted(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    predictor = stub()
    predict = predictor.predict_timed  # type: ignore[attr-defined]

    def moody(frame):  # type: ignore[no-untyped-def]
        if frame.stamp_ns % 200_000_000:
            raise FrameError("too dark")
        return predict(frame)

    predictor.predict_timed = moody  # type: ignore[attr-defined]
    report = run(make_bag(), predictor, pictures=False)
    assert (len(report.frames), [u.reason for u in report.unpaired]) == (2, ["too dark"] * 2)


def test_batches_change_no_score_and_lose_no_image(make_bag: MakeBag, tiny_onnx: Path) -> None:
    bag = make_bag(frames=6, encodings=["rgb8", "hsv24", "rgb8", "rgb8", "rgb8", "rgb8"])
    reports = []
    for batch in (1, 4):
        with Predictor.open(tiny_onnx, "onnxruntime", threads=1, batch=batch) as predictor:
            reports.append(run(bag, predictor, pictures=False))
    alone, together = reports
    assert [f.key for f in together.frames] == [f.key for f in alone.frames]
    assert together.metrics == alone.metrics and len(together.frames) == 5
    assert [u.key for u in together.unpaired] == [u.key for u in alone.unpaired]
    assert together.latency["whole frame"]["p50_ms"] > 0


def test_pixels_without_a_prediction_lower_the_coverage(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    report = run(make_bag(), stub(blind=8))
    assert report.metrics["coverage"] == pytest.approx(88 / 175)
    assert report.metrics["abs_rel"] == pytest.approx(0.5)
    assert "Coverage: 50.29%" in report.to_markdown()


def test_nothing_to_score_is_an_error_with_the_reason(
    make_bag: MakeBag, stub: Callable[..., object], tmp_path: Path
) -> None:
    bag = make_bag(depth_size=(5, 4), labels=False)
    with pytest.raises(EvaluationError, match=r"none of the 4 images.*5x4, the image 16x12"):
        run(bag, stub())
    with pytest.raises(EvaluationError, match="the bag has no ground truth"):
        run(make_bag("b", depth=False, labels=False), stub())


def test_depth_only_networks_have_no_label_tables(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    report = run(make_bag(), stub(classes=None))
    assert "miou" not in report.metrics
    assert not report.label_rows


def test_files_tell_the_whole_story(
    make_bag: MakeBag, stub: Callable[..., object], tmp_path: Path
) -> None:
    predictor = stub(training={"data": "rendered frames", "steps": 300})
    report = run(make_bag(), predictor, model_sha256="ab" * 32)
    paths = write_report(report, tmp_path / "out")
    assert [p.name for p in paths] == ["report.json", "report.md", "report.html"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(p.name for p in paths)
    data = json.loads(paths[0].read_text())
    assert data["protocol"]["name"] == "dense"
    assert data["metrics"].keys() >= DEPTH_METRICS.keys() | {"miou"}
    assert data["frames"] == {"total": 4, "scored": 4, "unpaired": []}
    assert len(data["per_frame"]) == 4
    assert data["machine"]
    for text in (paths[1].read_text(), paths[2].read_text()):
        for fact in ("rendered frames", "abababababab", "dense", "constant", "stub 1", "4 scored"):
            assert fact in text


def test_the_page_is_self_contained(
    make_bag: MakeBag, stub: Callable[..., object], tmp_path: Path
) -> None:
    page = write_report(run(make_bag(), stub()), tmp_path)[2].read_text()
    assert page.startswith("<!doctype html>")
    for outside in ("http:", "https:", "<script", "<link", "@import", "file:"):
        assert outside not in page
    assert page.count("data:image/jpeg;base64,") >= 6
    assert page.count("<svg") == 5  # distance, bias, over time, classes, latency
    words = re.sub(r"base64,[^']*", "", page)
    assert ">nan" not in words and " nan" not in words.lower()


def test_nan_is_null_in_json_and_a_dash_in_tables(
    make_bag: MakeBag, stub: Callable[..., object]
) -> None:
    report = run(make_bag(labels=False), stub())
    assert isnan(report.frames[0].accuracy)
    assert json.loads(report.to_json())["per_frame"][0]["accuracy"] is None


def test_frames_of_cloned_drives_are_named_and_taken_out(
    raw_drive: Path, stub: Callable[..., object]
) -> None:
    # Drive 2011_09_26_0009 is world 0001 of Virtual KITTI.
    reader = KittiRaw(raw_drive, truths=["groundtruth"])
    report = evaluate(reader, stub(), get_protocol("eigen_benchmark"), QUIET)  # type: ignore[arg-type]
    assert len(report.frames) == 3
    assert {u.reason for u in report.unpaired} == {"no ground truth"}
    note = next(n for n in report.notes if "clones" in n)
    assert note.startswith("3 of 3 frames are from drives that Virtual KITTI clones")
    assert "model, without clones" not in report.rows  # nothing would be left


def test_mean_depth_files(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.ones((2, 3)))
    loaded = load_mean_depth(tmp_path / "m.npy")
    assert loaded is not None and loaded.dtype == np.float32
    np.save(tmp_path / "bad.npy", np.ones(3))
    with pytest.raises(EvaluationError, match="should hold float"):
        load_mean_depth(tmp_path / "bad.npy")
    np.save(tmp_path / "pickle.npy", np.array([{}]))
    with pytest.raises(EvaluationError, match=r"pickle\.npy is no plain"):
        load_mean_depth(tmp_path / "pickle.npy")


def test_names_in_a_markdown_report_are_only_names() -> None:
    for text, written in [
        ("/a|b/image", "/a\\|b/image"), ("<img src=x onerror=1>", "&lt;img src=x onerror=1>"),
        ("a\n# b", "a # b"), ("[x](http://y)", "\\[x\\](http://y)"), ("_x_ **y**", None),
        ("/camera/image_raw", "/camera/image_raw"), ("`rm`", "\\`rm\\`"),
    ]:  # fmt: skip
        found = report_module._plain_text(text)
        assert written is None or found == written
    assert report_module._plain_text("_x_ **y**") == "\\_x\\_ \\*\\*y\\*\\*"
