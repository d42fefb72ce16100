"""A network that is opened for live work has run once, and says what it is doing."""

from __future__ import annotations

import pytest

from depth_seg_ros.errors import ConfigError, EngineError
from depth_seg_ros.perception import opening


def test_it_has_predicted_before_the_first_frame(tiny_onnx, monkeypatch) -> None:
    seen = []
    predict = opening.Predictor.predict
    monkeypatch.setattr(
        opening.Predictor, "predict", lambda self, f: seen.append(f.image.shape) or predict(self, f)
    )
    with opening.open_warm(tiny_onnx, "onnxruntime", threads=1):
        assert seen == [(20, 32, 3)]


def test_options_that_are_not_chosen_are_left_to_the_backend(monkeypatch) -> None:
    given = {}

    def opened(*_, **options):
        given.update(options)
        raise EngineError("opened")

    monkeypatch.setattr(opening.Predictor, "open", opened)
    said: list[str] = []
    with pytest.raises(EngineError, match="opened"):
        opening.open_warm("ds_net", precision="fp16", progress=said.append)
    given["progress"]("TensorRT: building 40 %")
    assert said == ["TensorRT: building 40 %"]
    assert set(given) == {"fit", "fallback", "input_shape", "precision", "progress"}


def test_a_cameras_size_is_timed_at_opening_and_told(tiny_onnx) -> None:
    with opening.open_warm(tiny_onnx, "onnxruntime", threads=1, camera_size="64x40") as predictor:
        assert "ms from image to outputs" in predictor.info.details["resized"]
    with pytest.raises(ConfigError, match="the camera's size: '64' is no image size"):
        opening.open_warm(tiny_onnx, "onnxruntime", camera_size="64")
