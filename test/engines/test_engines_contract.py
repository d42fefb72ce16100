"""One contract for every engine that runs here, and how ``auto`` chooses among them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

import depth_seg_ros.engines as engines
from depth_seg_ros.engines import BACKENDS, Engine, choose, open_engine, parity
from depth_seg_ros.engines.base import OUTPUT_DTYPES, EngineInfo, Tensors
from depth_seg_ros.engines.choose import (
    INT8_SPEED,
    QUANTIZED_FROM,
    candidates,
    int8_path,
    int8_variant,
)
from depth_seg_ros.engines.gpu import Gpu, Probe
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.precision import set_stored_spec
from depth_seg_ros.errors import EngineError
from depth_seg_ros.spec import file_sha256, read_spec

FILES = {
    p.stem if p.stem != "__init__" else p.parent.name
    for pattern in ("[a-z]*.py", "*/__init__.py")
    for p in Path(engines.__file__).parent.glob(pattern)
    if "\nopen_engine = " in p.read_text("utf-8")
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_convolutions(tmp_path / "small.onnx")


@pytest.fixture(params=BACKENDS)
def rig_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if not choose.is_available(request.param):
        pytest.skip(f"{request.param} does not run here")
    model = write_convolutions(tmp_path / "rig.onnx", rig=True)
    with open_engine(model, request.param, threads=1, cache_dir=tmp_path) as opened:
        yield opened


def test_a_network_that_is_told_its_rig_takes_and_gives_one_more(
    rig_engine: Engine, tmp_path: Path
) -> None:
    image = parity.frames(HEIGHT, WIDTH, 1)
    assert rig_engine.info.takes_ground and rig_engine.info.outputs == tuple(OUTPUT_DTYPES)
    level, sloping = np.zeros((2, 1, HEIGHT, WIDTH), np.float32)
    sloping[0] = np.linspace(0, 3, WIDTH)
    plain = {k: v.copy() for k, v in rig_engine.infer(image, level).items()}
    assert {k: v.dtype for k, v in plain.items()} == OUTPUT_DTYPES
    moved = rig_engine.infer(image, sloping)
    assert np.allclose(moved["depth"] - plain["depth"], sloping, atol=1e-4)
    expected = 255 * (1 - np.exp(-plain["depth"]))
    assert np.abs(plain["depth_confidence"] - expected).max() <= 0.51
    with open_engine(tmp_path / "rig.onnx", "onnxruntime", threads=1) as reference:
        found = parity.measure(rig_engine, reference)
    parity.check(found, "fp32")
    assert found.confidence_mean is not None and found.confidence_mean < 0.002


def test_the_ground_is_asked_for_exactly_where_it_is_taken(
    engine: Engine, rig_engine: Engine
) -> None:
    image = parity.frames(HEIGHT, WIDTH, 1)
    ground = np.zeros((1, HEIGHT, WIDTH), np.float32)
    with pytest.raises(EngineError, match="takes image, found image and ground"):
        engine.infer(image, ground)
    with pytest.raises(EngineError, match="takes image and ground, found image"):
        rig_engine.infer(image)
    with pytest.raises(EngineError, match=r"takes float32 \[1, 16, 32\], found float64"):
        rig_engine.infer(image, ground.astype(np.float64))  # type: ignore[arg-type]


@pytest.fixture(params=BACKENDS)
def engine(request: pytest.FixtureRequest, model: Path, tmp_path: Path) -> Iterator[Engine]:
    if not choose.is_available(request.param):
        pytest.skip(f"{request.param} does not run here")
    with open_engine(model, request.param, threads=1, cache_dir=tmp_path) as opened:
        yield opened


def test_backends_are_the_files() -> None:
    assert set(BACKENDS) == FILES
    assert all(callable(choose.backend_module(b).is_available) for b in BACKENDS)


def test_info_describes_the_engine(engine: Engine) -> None:
    info = engine.info
    assert info.backend in BACKENDS and info.version[0].isdigit() and info.device
    assert info.precision == "fp32" and info.input_shape == (1, HEIGHT, WIDTH, 3)
    assert not info.takes_ground and info.outputs == ("depth", "labels", "confidence")
    assert "named by the user" in info.details["chosen"]


def test_outputs_keep_the_contract_and_agree(engine: Engine, model: Path) -> None:
    image = parity.frames(HEIGHT, WIDTH, 1)
    tensors = {k: v.copy() for k, v in engine.infer(image).items()}
    assert {k: v.dtype for k, v in tensors.items()} == {k: OUTPUT_DTYPES[k] for k in tensors}
    assert all(v.shape == (1, HEIGHT, WIDTH) for v in tensors.values())
    again = engine.infer(image)
    assert all(np.array_equal(tensors[k], again[k]) for k in tensors)
    with open_engine(model, "onnxruntime", threads=1) as reference:
        found = parity.measure(engine, reference)
    parity.check(found, "fp32")
    assert found.label_agreement == 1 and found.depth_max_m < 1e-3


@pytest.mark.parametrize(
    "image",
    [np.zeros((1, HEIGHT, WIDTH, 3), np.float32), np.zeros((1, HEIGHT, WIDTH - 1, 3), np.uint8)],
    ids=["dtype", "shape"],
)
def test_wrong_input_is_refused(engine: Engine, image: np.ndarray) -> None:
    with pytest.raises(EngineError, match=rf"takes uint8 \[1, {HEIGHT}, {WIDTH}, 3\], found"):
        engine.infer(image)


def test_input_need_not_be_contiguous(engine: Engine) -> None:
    image = parity.frames(HEIGHT, WIDTH, 1)
    mirrored = engine.infer(image[:, :, ::-1])["depth"].copy()
    assert np.array_equal(engine.infer(image[:, :, ::-1].copy())["depth"], mirrored)


def test_closing_twice_is_harmless(engine: Engine) -> None:
    engine.close()
    engine.close()


class Failing(Engine):
    """A runtime that goes wrong in its own way, and a bug of ours."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.info = EngineInfo("some", "1", "a GPU", "fp32", (1, 2, 2, 3), ("depth",))

    def _infer(self, inputs: Tensors) -> Tensors:
        raise self.error


def test_a_runtimes_failure_is_an_engine_error_and_a_bug_is_not() -> None:
    image = np.zeros((1, 2, 2, 3), np.uint8)
    with pytest.raises(EngineError, match="some on a GPU failed: device lost"):
        Failing(RuntimeError("device lost")).infer(image)
    with pytest.raises(KeyError):
        Failing(KeyError("depth")).infer(image)


def test_onnxruntimes_own_exceptions_are_engine_errors(model: Path) -> None:
    ort = pytest.importorskip("onnxruntime")
    with open_engine(model, "onnxruntime", threads=1) as engine:
        for error in (ort.capi.onnxruntime_pybind11_state.Fail, RuntimeError):
            assert issubclass(error, engine.foreign_errors)
        assert not issubclass(TypeError, engine.foreign_errors)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_broken_or_foreign_files_are_engine_errors(
    backend: str, model: Path, tmp_path: Path
) -> None:
    if not choose.is_available(backend):
        pytest.skip(f"{backend} does not run here")
    data = OnnxFile(model.read_bytes())
    data.nodes = data.nodes[:5]  # outputs without a producer
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(data.encode())
    with pytest.raises(EngineError, match=r"cannot load .*broken\.onnx"):
        open_engine(broken, backend)
    data = OnnxFile(model.read_bytes())
    for node in data.nodes:
        node.outputs = ["metres" if o == "depth" else o for o in node.outputs]
    for output in data.outputs:
        output.put(1, output.text(1).replace("depth", "metres"))
    foreign = tmp_path / "foreign.onnx"
    foreign.write_bytes(data.encode())
    with pytest.raises(EngineError, match=r"has image .*metres .*; expected image uint8"):
        open_engine(foreign, backend)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_batch_keeps_frames_apart(backend: str, model: Path) -> None:
    if not choose.is_available(backend):
        pytest.skip(f"{backend} does not run here")
    images = parity.frames(HEIGHT, WIDTH, 3)
    with open_engine(model, backend, batch=3) as three, open_engine(model, backend) as one:
        together = {k: v.copy() for k, v in three.infer(images).items()}
        for i in range(3):
            alone = one.infer(images[i : i + 1])
            assert all(np.allclose(together[k][i], alone[k][0], atol=1e-4) for k in together)


def test_unknown_names_and_options_are_named(model: Path) -> None:
    with pytest.raises(EngineError, match="no backend 'tpu'; known: auto, tensorrt"):
        open_engine(model, "tpu")
    with pytest.raises(EngineError, match="no backend knows the option speed; known: batch"):
        open_engine(model, speed="high")
    with pytest.raises(EngineError, match="cannot run it as fp16"):
        open_engine(model, "onnxruntime", precision="fp16")


def _with_int8(model: Path, source: str | None = None, **more: Any) -> Path:
    """A file that says it is the int8 form of ``model``."""
    file = OnnxFile(model.read_bytes())
    facts = {QUANTIZED_FROM: source or file_sha256(model), **more}
    set_stored_spec(file, replace(read_spec(model), precision="int8").with_training(**facts))
    int8_path(model).write_bytes(file.encode())
    return int8_path(model)


GPU = Probe((Gpu(0, "RTX 4090", "8.9", 24564, "CUDA 13.0"),))


def order(
    model: Path, *here: str, precision: str | None = None, bf16: bool = False
) -> list[tuple[str, str | None]]:
    gpus = GPU if set(here) & set(choose.GPU_BACKENDS) else Probe((), "no driver")
    found = candidates(model, precision, lambda name: name in here, lambda: bf16, lambda: gpus)
    return [(c.backend, c.precision) for c in found]


def test_auto_prefers_what_is_fastest(model: Path) -> None:
    assert order(model) == []
    assert order(model, "tensorrt", "onnxruntime") == [("tensorrt", "fp16"), ("onnxruntime", None)]
    everything = [backend for backend, _ in order(model, *BACKENDS)]
    assert everything == ["tensorrt", "tensorrt_rtx", "cuda", "onnxruntime", "openvino"]
    assert order(model, "cuda", precision="fp32") == [("cuda", "fp32")]
    assert order(model, "openvino", "onnxruntime") == [("onnxruntime", None), ("openvino", None)]
    assert order(model, "openvino", "onnxruntime", bf16=True)[:2] == [
        ("openvino", "bf16"), ("onnxruntime", None)
    ]  # fmt: skip
    assert order(model, "openvino", precision="fp32", bf16=True) == [("openvino", "fp32")]
    assert order(model, "onnxruntime", bf16=True) == [("onnxruntime", None)]


def test_auto_prefers_a_checked_int8_file_on_a_cpu(model: Path) -> None:
    _with_int8(model)
    assert order(model, "openvino", bf16=True)[:2] == [("openvino", "int8"), ("openvino", "bf16")]
    assert order(model, "openvino", "onnxruntime")[:2] == [
        ("openvino", "int8"), ("onnxruntime", "int8")
    ]  # fmt: skip
    assert order(model, "openvino", precision="fp32") == [("openvino", "fp32")]
    assert order(model, "tensorrt", precision="int8") == [("tensorrt", "int8")]


@pytest.mark.parametrize(("speed", "taken"), [(0.8, None), (1.9, "int8"), ("fast", "int8")])
def test_auto_leaves_an_int8_file_that_is_slower_in_onnx_runtime(
    model: Path, speed: float | str, taken: str | None
) -> None:
    _with_int8(model, **{INT8_SPEED: speed})
    assert order(model, "onnxruntime")[0] == ("onnxruntime", taken)
    assert order(model, "openvino", "onnxruntime")[0] == ("openvino", "int8")
    assert order(model, "onnxruntime", precision="int8")[0] == ("onnxruntime", "int8")


def test_every_choice_says_why(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(backend: str, gpus: Probe) -> choose.Choice:
        return candidates(
            model, None, lambda name: name == backend, lambda: False, lambda: gpus
        )[0]  # fmt: skip

    assert first("cuda", GPU).reason == "ONNX Runtime's CUDA provider and RTX 4090 are here"
    none = first("openvino", Probe((), "no driver"))
    assert "no GPU (no driver)" in none.reason and not none.gpu_unused
    for name in choose.GPU_BACKENDS:
        monkeypatch.setattr(choose.backend_module(name), "why_not", lambda name=name: f"no {name}")
    unused = first("onnxruntime", GPU)
    assert unused.gpu_unused and "the NVIDIA GPU is not used" in unused.reason
    assert "TensorRT for RTX: no tensorrt_rtx; ONNX" in unused.reason


def test_int8_file_of_another_model_is_not_taken(model: Path) -> None:
    _with_int8(model, source="0" * 64)
    assert int8_variant(model) is None
    with pytest.raises(EngineError, match=r"no int8 file small\.int8\.onnx made from"):
        open_engine(model, "onnxruntime", precision="int8")


def test_auto_falls_back_when_the_first_choice_fails(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, **options: object) -> Engine:
        raise EngineError("GPU is on fire")

    real = engines.backend_module
    module = SimpleNamespace(open_engine=broken)
    monkeypatch.setattr(
        engines, "backend_module", lambda name: module if name == "tensorrt" else real(name)
    )
    monkeypatch.setattr(
        engines,
        "candidates",
        lambda *a: [
            choose.Choice("tensorrt", model, None, "a GPU"),
            choose.Choice("onnxruntime", model, None, "installed"),
        ],
    )
    with open_engine(model) as engine:
        assert engine.info.backend == "onnxruntime"
        assert "tensorrt failed: GPU is on fire" in engine.info.details["chosen"]


def test_signals_are_survived_after_two_openvino_engines_have_gone(model: Path) -> None:
    """In a process of its own: what went wrong ended the process."""
    pytest.importorskip("openvino")
    script = """
import gc, os, signal, sys
from depth_seg_ros.engines import open_engine
signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
first, second = (open_engine(sys.argv[1], "openvino", threads=1) for _ in range(2))
first.close(); del first; gc.collect()
second.close(); del second; gc.collect()
os.kill(os.getpid(), signal.SIGUSR1)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(model)], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "handled\n"), done.stderr
