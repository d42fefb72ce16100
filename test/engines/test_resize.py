"""Where images are made small is decided by the clock, said, and never a reason not to run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from networks import write_convolutions

from depth_seg_ros.engines import base, resize
from depth_seg_ros.engines.resize import RESIZED
from depth_seg_ros.errors import EngineError
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame, Intrinsics

pytest.importorskip("onnxruntime")
SIZE = WIDTH, HEIGHT = 124, 50


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_convolutions(tmp_path / "small.onnx", rig=True)


def clock(host_ms: float, device_ms: float) -> Callable[..., list[float]]:
    """In place of the stopwatch; both ways are still run."""

    def measured(*ways: Callable[[], object]) -> list[float]:
        for way in ways:
            way()
        return [host_ms, device_ms]

    return measured


def frame(width: int = WIDTH, height: int = HEIGHT, camera: Intrinsics | None = None) -> Frame:
    image = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    return Frame(0, "camera", image, camera)


def shapes_seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    seen: list[tuple[int, ...]] = []
    infer = base.Engine.infer

    def watched(self: base.Engine, image: np.ndarray, ground: np.ndarray | None = None) -> object:
        seen.append(image.shape)
        return infer(self, image, ground)

    monkeypatch.setattr(base.Engine, "infer", watched)
    return seen


@pytest.mark.parametrize("fallback", [None, "none"])
def test_the_device_shrinks_where_it_is_faster(
    model: Path, monkeypatch: pytest.MonkeyPatch, fallback: str | None
) -> None:
    monkeypatch.setattr(resize, "in_turn_ms", clock(0.7, 0.4))
    options = {"threads": 1, "fallback": fallback}
    with (
        Predictor.open(model, "onnxruntime", **options) as plain,
        Predictor.open(model, "onnxruntime", camera_size=SIZE, **options) as predictor,
    ):
        told = predictor.info.details[RESIZED]
        assert told == "on the device: 0.4 ms from image to outputs on the device, 0.7 on the host"
        seen = shapes_seen(monkeypatch)
        found, wanted = predictor.predict(frame()), plain.predict(frame())
        assert seen[0] == (1, HEIGHT, WIDTH, 3)
        assert np.abs(found.depth_m - wanted.depth_m).max() < 0.05  # one step of 255 in the input
        # another camera, or other pixels, and the host does it
        seen.clear()
        assert predictor.predict(frame(60, 60)).depth_m.shape == (60, 60)
        oblong = Intrinsics(WIDTH, HEIGHT, 60.0, 30.0, 61.5, 24.5)
        assert predictor.predict(frame(camera=oblong)).depth_m.shape == (HEIGHT, WIDTH)
        assert [s for s in seen if s[1:] != (16, 32, 3)] == []
        square = Intrinsics(WIDTH, HEIGHT, 70.0, 70.0, 61.5, 24.5)
        predictor.predict(frame(camera=square))
        assert (1, HEIGHT, WIDTH, 3) in seen


def test_the_host_shrinks_where_the_device_gains_nothing(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resize, "in_turn_ms", clock(0.7, 0.69))
    with Predictor.open(model, "onnxruntime", threads=1, camera_size=SIZE) as predictor:
        assert predictor.info.details[RESIZED].startswith("on the host: 0.69 ms from image")
        seen = shapes_seen(monkeypatch)
        predictor.predict(frame())
    assert seen == [(1, 16, 32, 3)]


def test_both_ways_are_really_timed(model: Path) -> None:
    with Predictor.open(model, "onnxruntime", threads=1, camera_size=SIZE, batch=2) as predictor:
        told = predictor.info.details[RESIZED]
        assert predictor.info.batch == 2 and "ms from image to outputs" in told


def test_an_engine_that_cannot_shrink_is_no_reason_to_stop(
    model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*arguments: object) -> base.Engine:
        raise EngineError("out of memory")

    monkeypatch.setattr("depth_seg_ros.predictor.open_like", refused)
    with Predictor.open(model, "onnxruntime", threads=1, camera_size=SIZE) as predictor:
        assert "no engine that shrinks images itself (out of memory)" in caplog.text
        assert predictor.info.details[RESIZED].startswith("on the host: no engine")
        assert predictor.predict(frame()).depth_m.shape == (HEIGHT, WIDTH)


def test_slow_ways_are_run_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resize, "LONG_S", 0.0)
    counts = [0, 0]

    def way(i: int) -> Callable[[], None]:
        return lambda: counts.__setitem__(i, counts[i] + 1)

    assert all(ms >= 0 for ms in resize.in_turn_ms(way(0), way(1)))
    assert counts == [resize.LEAST_ROUNDS + 1] * 2
