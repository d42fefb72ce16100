"""A node's recorded outputs in the place of a predictor, and the command that scores them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import score_recording
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.evaluation.recording import Answers, RecordedPredictor
from depth_seg_ros.evaluation.truth.bag import BagReader
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.depth import depth_payload
from depth_seg_ros.messages.labels import mask_payload
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.spec import ModelSpec

MakeBag = Callable[..., Path]
SPEC = ModelSpec("tiny", 32, 20, 20.0, 20.0, 80.0, classes=NETWORK_CLASSES)


def stamps_of(bag: Path) -> list[int]:
    with BagReader(bag) as reader:
        return [e.stamp_ns for e in reader.bag.index(reader.topics.image)]


def record(path: Path, stamps: list[int], size: tuple[int, int], prefix: str = "") -> Path:
    """Depth 10 m (the first pixel too far) and road everywhere, for these stamps."""
    depth = np.full(size, 10, np.float32)
    depth[0, 0] = np.inf
    mask = np.full(size, 7, np.uint8)
    with BagWriter(path) as writer:
        for stamp_ns in stamps:
            header = Header(stamp_ns, "c")
            writer.write(f"{prefix}/{topics.DEPTH.name}", depth_payload(header, depth))
            for topic in (topics.LABELS, topics.CONFIDENCE):
                writer.write(f"{prefix}/{topic.name}", mask_payload(header, mask))
    return path


def test_every_image_is_answered_or_not(make_bag: MakeBag, tmp_path: Path) -> None:
    bag = make_bag(frames=4)
    stamps = stamps_of(bag)
    with BagReader(bag) as reader:
        frame, lost = reader.load(0).frame, reader.load(2).frame
    size = frame.image.shape[:2]
    told = [stamps[0], stamps[1], stamps[1], stamps[3], 7]
    recording = record(tmp_path / "out", told, size, "/robot/front")
    with RecordedPredictor(recording, SPEC, "robot/front") as recorded:
        prediction, _ = recorded.predict_timed(frame)
        assert prediction.depth_m[1, 1] == 10
        assert prediction.depth_m[0, 0] > 10  # too far: the farthest that was taught
        assert np.isfinite(prediction.depth_m[0, 0])
        assert np.all(prediction.labels == 7)
        with pytest.raises(FrameError, match="did not answer"):
            recorded.predict_timed(lost)
        answers = recorded.answers(stamps)
    assert answers == Answers(images=4, answered=3, twice=1, foreign=1)


def test_a_recording_of_something_else_is_named(make_bag: MakeBag, tmp_path: Path) -> None:
    recording = record(tmp_path / "out", [1], (4, 4))
    with pytest.raises(ReaderError, match="/elsewhere/depth/image"):
        RecordedPredictor(recording, SPEC, "elsewhere")


def test_the_command_scores_what_was_answered(
    make_bag: MakeBag, tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = make_bag(frames=4)
    stamps = stamps_of(bag)
    with BagReader(bag) as reader:
        size = reader.load(0).frame.image.shape[:2]
    recording = record(tmp_path / "out", stamps[:3], size)
    arguments = ["--recording", str(recording), "--model", str(tiny_onnx), "--protocol", "dense"]
    assert (
        score_recording.main([str(bag), *arguments, "--out", str(tmp_path / "report"), "--quiet"])
        == 0
    )
    assert "3 of 4 images answered, 1 not" in capsys.readouterr().out
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["frames"]["total"], report["frames"]["scored"]) == (4, 3)
    assert "did not answer" in report["frames"]["unpaired"][0]["reason"]
    assert report["latency_ms"] == {}
    assert any("3 of 4 images answered" in note for note in report["notes"])


def test_too_far_is_as_far_as_the_detail_that_the_node_ran_at(
    make_bag: MakeBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = make_bag(frames=1)
    with BagReader(bag) as reader:
        frame = reader.load(0).frame
    recording = record(tmp_path / "out", stamps_of(bag), frame.image.shape[:2])
    free = replace(SPEC, stride=4)
    farthest = {}
    for detail in ("1", "4"):
        monkeypatch.setattr(RecordedPredictor, "_last_health", lambda self, d=detail: {"detail": d})
        with RecordedPredictor(recording, free) as recorded:
            farthest[detail] = recorded.predict_timed(frame)[0].depth_m[0, 0]
    assert farthest["4"] == pytest.approx(2 * farthest["1"], rel=0.2)
    monkeypatch.setattr(RecordedPredictor, "_last_health", lambda self: {"detail": "much"})
    with pytest.raises(ReaderError, match="a detail that cannot be"):
        RecordedPredictor(recording, free)
