"""The way from a file to a checked engine, with ONNX Runtime in TensorRT's place."""

from __future__ import annotations

import errno
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import ahead_of_time, open_engine, tensorrt
from depth_seg_ros.engines.ahead_of_time import open_built
from depth_seg_ros.engines.base import Engine, Tensors
from depth_seg_ros.engines.cache import EngineCache
from depth_seg_ros.engines.onnxruntime import OnnxRuntimeEngine
from depth_seg_ros.engines.toolchain import BuildOptions, Progress, Target, Toolchain
from depth_seg_ros.errors import EngineError

pytest.importorskip("onnxruntime")


class Loaded(OnnxRuntimeEngine):
    """An engine that may be wrong, and remembers that it was closed."""

    closed = 0
    factor = 1.0

    def _infer(self, inputs: Any) -> Tensors:
        tensors = dict(super()._infer(inputs))
        tensors["depth"] = tensors["depth"] * np.float32(self.factor)
        return tensors

    def close(self) -> None:
        Loaded.closed += 1
        super().close()


class OrtToolchain(Toolchain):
    """Builds by keeping the ONNX bytes."""

    name = "tensorrt"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.builds: list[bytes] = []
        self.version = "1.0"
        self.layers: dict[str, int] = {}

    def identify(self, device: int) -> Target:
        return Target(self.version, "a CPU", "0.0", "none")

    def build(self, onnx: bytes, options: BuildOptions, kept: Path, progress: Progress) -> bytes:
        progress("building")
        self.builds.append(onnx)
        return onnx

    def load(self, plan: bytes, options: BuildOptions, precision: str, kept: Path) -> Engine:
        path = self.folder / "loaded.onnx"
        path.write_bytes(plan)
        engine = Loaded(path, threads=1)
        engine.info = replace(engine.info, details={"layers": self.layers})
        return engine


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrtToolchain:
    chain = OrtToolchain(tmp_path)
    monkeypatch.setattr(tensorrt, "open_engine", partial(ahead_of_time.open_for, lambda: chain))
    monkeypatch.setattr(Loaded, "factor", 1.0)
    monkeypatch.setattr(Loaded, "closed", 0)
    return chain


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_convolutions(tmp_path / "small.onnx")


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    return EngineCache(tmp_path / "cache")


def test_built_once_then_found(toolchain: OrtToolchain, model: Path, cache: EngineCache) -> None:
    said: list[str] = []
    for found in (False, True):
        with open_built(model, toolchain, cache=cache, progress=said.append) as engine:
            details = engine.info.details
            assert details["parity"]["depth_max_m"] == 0 and details["build_seconds"] >= 0
            assert Path(details["engine_file"]).is_file() and details[ahead_of_time.FOUND] is found
    assert len(toolchain.builds) == 1 and "building" in said and "engine found" in said[-1]


def test_rebuild_is_obeyed(toolchain: OrtToolchain, model: Path, cache: EngineCache) -> None:
    open_built(model, toolchain, cache=cache).close()
    open_built(model, toolchain, cache=cache, rebuild=True).close()
    assert len(toolchain.builds) == 2 and len(cache.entries()) == 1


@pytest.mark.parametrize("change", ["model", "version", "options"])
def test_any_change_builds_anew(
    toolchain: OrtToolchain, model: Path, cache: EngineCache, change: str
) -> None:
    open_built(model, toolchain, cache=cache).close()
    options = BuildOptions(tf32=change == "options")
    toolchain.version = "1.1" if change == "version" else "1.0"
    if change == "model":
        write_convolutions(model, seed=1)
    open_built(model, toolchain, options=options, cache=cache).close()
    assert len(toolchain.builds) == 2 and len(cache.entries()) == 2


def test_wrong_numbers_are_refused_closed_and_not_kept(
    toolchain: OrtToolchain, model: Path, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loaded, "factor", 1.1)
    with pytest.raises(EngineError, match="engine refused"):
        open_built(model, toolchain, cache=cache)
    assert Loaded.closed == 1 and cache.entries() == []


def test_parity_can_be_skipped_but_is_made_up_for(
    toolchain: OrtToolchain, model: Path, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loaded, "factor", 1.1)
    with open_built(model, toolchain, cache=cache, parity=False) as engine:
        assert engine.info.details["parity"] is None
    said: list[str] = []
    with pytest.raises(EngineError, match="engine refused"):
        open_built(model, toolchain, cache=cache, progress=said.append)
    assert "was never compared" in said[0]


def test_layers_of_another_precision_are_refused(
    toolchain: OrtToolchain, model: Path, cache: EngineCache
) -> None:
    toolchain.layers = {"fp32": 5}
    with pytest.raises(EngineError, match=r"fp16 was asked for, its layers are \{'fp32': 5\}"):
        open_built(model, toolchain, options=BuildOptions(precision="fp16"), cache=cache)
    toolchain.layers = {"fp32": 2, "fp16": 3}
    open_built(model, toolchain, options=BuildOptions(precision="fp16"), cache=cache).close()


def test_batch_and_precision_are_those_of_the_engine(
    toolchain: OrtToolchain, model: Path, cache: EngineCache
) -> None:
    options = BuildOptions(precision="fp16", batch=2)
    with open_built(model, toolchain, options=options, cache=cache) as engine:
        assert engine.info.input_shape == (2, HEIGHT, WIDTH, 3)
        assert engine.info.precision == "fp16"
        assert 0 < engine.info.details["parity"]["depth_max_m"] < 0.05


def test_full_disk_costs_the_cache_not_the_engine(
    toolchain: OrtToolchain, model: Path, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        patch.setattr(toolchain, "load", lambda *_: Loaded(model, threads=1))
        with open_built(model, toolchain, cache=cache, progress=said.append) as engine:
            assert engine.info.details["parity"]["frames"] == 4
            assert "engine_file" not in engine.info.details
    assert "not kept" in said[-1] and "No space left on device" in said[-1]
    assert cache.entries() == [] and list(cache.folder.glob(".*.partial")) == []


def test_interrupted_build_leaves_no_entry(
    toolchain: OrtToolchain, model: Path, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ahead_of_time.parity_check, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_built(model, toolchain, cache=cache)
    assert Loaded.closed == 1 and cache.entries() == []


def test_build_options_are_checked() -> None:
    with pytest.raises(EngineError, match="workspace_mib is 0"):
        BuildOptions(workspace_mib=0)
    with pytest.raises(EngineError, match="batch is 0"):
        BuildOptions(batch=0)


def test_named_backend_takes_build_options(
    toolchain: OrtToolchain, model: Path, tmp_path: Path
) -> None:
    options = {"cache_dir": tmp_path / "c", "workspace_mib": 32, "threads": 2}
    with open_engine(model, "tensorrt", precision="fp16", **options) as engine:
        assert engine.info.precision == "fp16"
        assert engine.info.details["chosen"] == "tensorrt: named by the user"
    key = EngineCache(tmp_path / "c").entries()[0].key
    assert key["options"]["workspace_mib"] == 32 and key["precision"] == "fp16"
