"""The build_engine command on machines without a GPU, and its look into the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_seg_ros.cli import build_engine
from depth_seg_ros.engines import gpu
from depth_seg_ros.engines.cache import CacheKey, EngineCache

KEY = CacheKey("ds_net", "0" * 64, "tensorrt", "10.3.0", "Orin", "8.7", "CUDA 12.6", "fp16",
               (1, 160, 256, 3))  # fmt: skip


def test_list_and_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--cache-dir", str(tmp_path)]
    assert build_engine.main(["--list", *where]) == 0
    assert "holds no engine" in capsys.readouterr().out
    facts = {"layers": {"fp16": 30}, "parity": {"depth_mean_relative": 0.00123}}
    entry = EngineCache(tmp_path).store(KEY, b"plan", facts)
    build_engine.main(["--list", *where])
    line = capsys.readouterr().out
    assert "ds_net fp16 [1, 160, 256, 3] for Orin (tensorrt 10.3.0, CUDA 12.6)" in line
    assert "layers {'fp16': 30}, depth within 0.123 %" in line
    entry.plan_path.write_bytes(b"plam")
    build_engine.main(["--list", *where])
    assert "damaged; it will be rebuilt" in capsys.readouterr().out
    assert build_engine.main(["--clear", *where]) == 0
    assert "1 removed" in capsys.readouterr().out and EngineCache(tmp_path).entries() == []


@pytest.mark.skipif(bool(gpu.probe().gpus), reason="this machine has a GPU")
def test_without_a_gpu_one_line_says_why(
    tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_engine.main([str(tiny_onnx), "--cache-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert "tensorrt is not installed" in error or "no NVIDIA GPU" in error


def test_int8_without_a_quantised_file_says_how_to_make_one(
    tiny_onnx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(tiny_onnx), "--precision", "int8", "--cache-dir", str(tmp_path)]
    assert build_engine.main(arguments) == 1
    assert "python -m training.quantize" in capsys.readouterr().err


def test_nothing_to_do_is_a_usage_error() -> None:
    with pytest.raises(SystemExit):
        build_engine.main([])


@pytest.mark.parametrize("option", ["--batch=0", "--optimization-level=9", "--backend=openvino"])
def test_bad_values_are_named(
    tiny_onnx: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_engine.main([str(tiny_onnx), option])
    name, value = option.split("=")
    error = capsys.readouterr().err
    assert f"argument {name}" in error and repr(value) in error
