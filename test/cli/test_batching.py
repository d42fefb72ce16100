"""How many images a call, for commands with many: asked for, or measured where it may pay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.cli import predict
from depth_seg_ros.cli.shared import batching
from depth_seg_ros.errors import EngineError
from depth_seg_ros.predictor import Predictor

pytest.importorskip("onnxruntime")


@pytest.fixture
def open_one(tiny_onnx: Path) -> Callable[..., Predictor]:
    return partial(Predictor.open, tiny_onnx)


def measured(single_ms: float, several_ms: float) -> Callable[..., list[float]]:
    def clock(*ways: Callable[[], object]) -> list[float]:
        for way in ways:
            way()
        return [single_ms, several_ms]

    return clock


@pytest.mark.parametrize(
    ("images", "several_ms", "batch"), [(1000, 3.0, 8), (1000, 7.9, 1), (10, 3.0, 1)]
)
def test_on_a_gpu_the_clock_decides(
    open_one: Callable[..., Predictor],
    monkeypatch: pytest.MonkeyPatch,
    images: int,
    several_ms: float,
    batch: int,
) -> None:
    monkeypatch.setattr(batching, "GPU_BACKENDS", {"onnxruntime": "in a GPU's place"})
    monkeypatch.setattr(batching, "in_turn_ms", measured(8.0, several_ms))
    with batching.open_for_many(open_one, "onnxruntime", {"threads": 1}, images) as predictor:
        assert predictor.info.batch == batch
        told = predictor.info.details.get("batch")
    wanted = f"{batch}: 8 images take {several_ms:.3g} ms in one call, 8 one by one"
    assert told == (wanted if images > 10 else None)


def test_on_a_cpu_and_where_it_was_said_nothing_is_measured(
    open_one: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "in_turn_ms", None)
    with batching.open_for_many(open_one, "onnxruntime", {}, 1000) as predictor:
        assert predictor.info.batch == 1
    monkeypatch.setattr(batching, "GPU_BACKENDS", {"onnxruntime": ""})
    with batching.open_for_many(open_one, "onnxruntime", {"batch": 3}, 1000) as predictor:
        assert predictor.info.batch == 3


def test_an_engine_that_cannot_be_had_is_no_reason_to_stop(
    open_one: Callable[..., Predictor],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def opening(backend: str, **options: object) -> Predictor:
        if "batch" in options:
            raise EngineError("out of memory")
        return open_one(backend, **options)

    monkeypatch.setattr(batching, "GPU_BACKENDS", {"onnxruntime": ""})
    with batching.open_for_many(opening, "onnxruntime", {}, 1000) as predictor:
        assert predictor.info.batch == 1
    assert "one image a call: no engine for 8 (out of memory)" in caplog.text


def test_predict_gives_the_same_files_in_batches(tiny_onnx: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(2)
    for n in range(5):
        size = (40 + n, 60, 3)
        cv2.imwrite(str(photos / f"{n}.png"), rng.integers(0, 256, size, np.uint8))
    (photos / "2.png").write_bytes(b"no picture")
    common = [str(photos), "--model", str(tiny_onnx), "--backend", "onnxruntime"]
    for name, batch in (("one", "1"), ("three", "3")):
        out = tmp_path / name
        assert predict.main([*common, "--batch", batch, "--out", str(out)]) == 0
    names = {p.name for p in (tmp_path / "one").glob("*.npy")}
    assert names == {f"{n}_depth.npy" for n in (0, 1, 3, 4)}
    for name in names | {n.replace("depth.npy", "labels.png") for n in names}:
        one, three = (tmp_path / folder / name for folder in ("one", "three"))
        assert one.read_bytes() == three.read_bytes()
