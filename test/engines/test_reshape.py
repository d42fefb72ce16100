"""A file at another shape of its input, and a predictor that gives every camera its shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.engines.choose import QUANTIZED_FROM, int8_path, int8_variant
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.reshape import for_camera, reshaped
from depth_seg_ros.errors import ConfigError, EngineError, SpecError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.preprocess import plan_geometry, shape_for
from depth_seg_ros.spec import METADATA_KEY, METADATA_PROPS, ModelSpec, file_sha256, read_spec
from depth_seg_ros.system.protobuf import Message
from depth_seg_ros.types import Frame, Intrinsics

WIDE = ModelSpec("kitti", 512, 160, 298.9, 309.3, 80.0, stride=16)
FREE = ModelSpec("tiny", 32, 20, 20.0, 20.0, 80.0, NETWORK_CLASSES, stride=4)
SQUARE = Frame(1, "square", np.full((60, 60, 3), 200, np.uint8), Intrinsics(60, 60, 40, 40, 30, 30))
WIDER = Frame(2, "wide", np.full((40, 64, 3), 200, np.uint8), Intrinsics(64, 40, 40, 40, 32, 20))


@pytest.fixture
def free(tmp_path: Path, make_tiny_onnx, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny network that knows other shapes of its input, and a cache of its own."""
    monkeypatch.setenv("DEPTH_SEG_ROS_CACHE", str(tmp_path / "cache"))
    path: Path = make_tiny_onnx(tmp_path / "tiny.onnx", spec=FREE)
    return path


@pytest.mark.parametrize(
    ("width", "height"),
    [(640, 480), (960, 720), (1280, 720), (1920, 1208), (1024, 1024), (480, 640), (100, 3000)],
)
def test_the_shape_shows_most_of_the_image_for_no_more_than_the_files_own(width, height):
    shape = shape_for(WIDE, width, height, None)
    assert shape[0] % 16 == shape[1] % 16 == 0
    assert 0 < shape[0] * shape[1] <= 512 * 160
    seen = [
        plan_geometry(WIDE.at_shape(*s), width, height, None).network_rect.size
        for s in (shape, (512, 160))
    ]
    assert seen[0][0] * seen[0][1] > 1.15 * seen[1][0] * seen[1][1]
    assert seen[0][0] * seen[0][1] > 0.85 * shape[0] * shape[1] or height > 9 * width


def test_a_camera_like_the_training_camera_keeps_the_files_shape():
    assert shape_for(WIDE, 1242, 375, None) == (512, 160)
    assert shape_for(WIDE, 1242, 375, Intrinsics(1242, 375, 725, 725, 620, 187)) == (512, 160)
    assert shape_for(replace(WIDE, stride=0), 640, 480, None) == (512, 160)


def test_another_shape_is_the_same_network(free: Path):
    other = reshaped(free, FREE.at_shape(24, 28))
    assert read_spec(other) == FREE.at_shape(24, 28)
    assert reshaped(free, FREE.at_shape(24, 28)) == other  # found in the cache
    assert reshaped(free, FREE) == free
    with Predictor.open(other, "onnxruntime") as predictor:
        assert predictor.predict(SQUARE).depth_m[30, 30] == pytest.approx(
            22.0 * predictor.geometry(SQUARE).depth_scale
        )


def test_the_int8_file_comes_along(free: Path):
    facts = {QUANTIZED_FROM: file_sha256(free)}
    data = free.read_bytes()
    spec = replace(FREE, precision="int8").with_training(**facts)
    model = OnnxFile(data)
    entry = Message().put(1, METADATA_KEY).put(2, spec.to_json())
    model.model.put(METADATA_PROPS, entry)
    int8_path(free).write_bytes(model.encode())
    assert int8_variant(free) is not None
    small = int8_variant(reshaped(free, FREE.at_shape(24, 28)))
    assert small is not None and read_spec(small).input_height == 28


def test_every_camera_gets_its_shape(free: Path):
    with Predictor.open(free, "onnxruntime") as predictor:
        first, second = predictor.predict_batch([SQUARE, WIDER])
        assert first[0].depth_m.shape == (60, 60) and np.isfinite(first[0].depth_m).all()
        assert second[0].depth_m.shape == (40, 64)
        assert predictor.geometry(SQUARE).network_rect.size == (24, 24)
        assert predictor.geometry(WIDER).network_rect.size == (32, 20)
        # The same physical picture: what one shape says is what the other would.
        said = 22.0 * predictor.geometry(SQUARE).depth_scale
        assert first[0].depth_m[30, 30] == pytest.approx(said)
    with Predictor.open(free, "onnxruntime", input_shape="file") as predictor:
        assert predictor.geometry(SQUARE).network_rect.size == (20, 20)
    with Predictor.open(free, "onnxruntime", camera_size=(60, 60)) as predictor:
        assert (predictor.spec.input_width, predictor.spec.input_height) == (24, 24)


def test_more_detail_is_more_pixels_and_the_same_depth(free: Path):
    said = []
    for detail, size in ((1.0, (32, 20)), (4.0, (64, 40)), (0.25, (16, 8))):
        with Predictor.open(free, "onnxruntime", detail=detail) as predictor:
            assert (predictor.spec.input_width, predictor.spec.input_height) == size
            assert predictor.info.details.get("detail") == (None if detail == 1 else f"{detail:g}")
            depth = predictor.predict(WIDER).depth_m
            said.append(float(depth[20, 32]) / predictor.geometry(WIDER).depth_scale)
            seen = predictor.geometry(SQUARE).network_rect  # of another camera's shape too
            assert (seen.width * seen.height > 24 * 24) == (detail > 1)
    assert said == pytest.approx([said[0]] * 3)


def test_detail_needs_a_network_of_several_shapes(make_tiny_onnx, tmp_path: Path):
    fixed = make_tiny_onnx(tmp_path / "fixed.onnx")
    with pytest.raises(SpecError, match=r"knows no input but .* leave detail at 1"):
        Predictor.open(fixed, "onnxruntime", detail=2.0)


@pytest.mark.parametrize("detail", [0.0, -1.0, float("nan"), 1e9])
def test_a_detail_that_cannot_be_is_said(free: Path, detail: float):
    with pytest.raises(ConfigError, match=r"detail is .*; give a number from 0.1 to 10"):
        Predictor.open(free, "onnxruntime", detail=detail)


def test_what_cannot_be_is_said(free: Path, make_tiny_onnx, tmp_path: Path, caplog):
    with pytest.raises(EngineError, match="does not run at 30x20: its stride is 4"):
        reshaped(free, FREE.at_shape(30, 20))
    fixed = make_tiny_onnx(tmp_path / "fixed.onnx")
    with pytest.raises(EngineError, match="its stride is none"):
        reshaped(fixed, FREE.at_shape(24, 28))
    with pytest.raises(EngineError, match="input_shape is 'square'; known: camera, file"):
        Predictor.open(free, "onnxruntime", input_shape="square")
    with pytest.raises(SpecError, match="stride is -1"):
        replace(FREE, stride=-1)


def test_a_cache_that_cannot_be_written_leaves_the_files_shape(free: Path, tmp_path: Path, caplog):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with Predictor.open(free, "onnxruntime") as predictor:
        assert predictor.predict(SQUARE).depth_m.shape == (60, 60)
        assert predictor.geometry(SQUARE).network_rect.size == (20, 20)
    assert "keeps the file's shape" in caplog.text


def test_who_crops_keeps_the_files_shape(free: Path):
    path, spec = for_camera(free, FREE, (60, 60), None)
    assert path != free and (spec.input_width, spec.input_height) == (24, 24)
    assert for_camera(free, FREE, (60, 60), "crop") == (free, FREE)
    cropping = replace(FREE, fit="crop")
    assert for_camera(free, cropping, (60, 60), None) == (free, cropping)
