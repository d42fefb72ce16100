"""ONNX Runtime's GPU backends with its CPU provider in the GPU's place.

Sessions, bindings, options, compilation, cache and parity are real, the "GPU's" memory is that of
the stand-in driver; what a GPU computes is not shown here.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import cuda, gpu, open_engine, ort_device, parity, tensorrt_rtx
from depth_seg_ros.engines.cache import EngineCache
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.errors import EngineError
from depth_seg_ros.preprocess import plan_geometry
from depth_seg_ros.spec import read_spec

ort = pytest.importorskip("onnxruntime")
CPU = "CPUExecutionProvider"
CARD = gpu.Gpu(0, "Fake RTX", "8.9", 8192, "CUDA 13.0", (13, 0))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_convolutions(tmp_path / "small.onnx")


@pytest.fixture(autouse=True)
def one_gpu(monkeypatch: pytest.MonkeyPatch, private_driver: Path) -> Iterator[None]:
    monkeypatch.setattr(gpu, "_LIBRARY", str(private_driver))
    monkeypatch.setattr(ort_device, "MEMORY", "cpu")
    for module in (gpu, cuda, tensorrt_rtx):
        monkeypatch.setattr(module, "probe", lambda: gpu.Probe((CARD,)))
    tensorrt_rtx.devices.cache_clear()
    yield
    monkeypatch.undo()
    tensorrt_rtx.devices.cache_clear()


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The plugin's package, installed and registering well; what was registered."""
    registered: list[str] = []
    package = ModuleType(tensorrt_rtx.PACKAGE)
    package.__spec__ = importlib.machinery.ModuleSpec(tensorrt_rtx.PACKAGE, None)
    vars(package).update(
        __version__="0.5.0", get_ep_name=lambda: CPU, get_library_path=lambda: "no/lib.so"
    )
    monkeypatch.setitem(sys.modules, tensorrt_rtx.PACKAGE, package)
    monkeypatch.setattr(ort, "__version__", "1.32.0")
    monkeypatch.setattr(
        ort, "register_execution_provider_library", lambda name, path: registered.append(name)
    )
    monkeypatch.setattr(tensorrt_rtx, "compiled_parts", lambda plan: (1, 0))
    return registered


def agrees(model: Path, backend: str, cache: Path, **options: object) -> dict[str, object]:
    """Runs a batch through the backend and ONNX Runtime's CPU; its details."""
    with open_engine(model, backend, cache_dir=cache, **options) as engine:  # type: ignore[arg-type]
        batch = engine.info.input_shape[0]
        images = parity.frames(HEIGHT, WIDTH, batch)
        found = {k: v.copy() for k, v in engine.infer(images).items()}
        details, device = dict(engine.info.details), engine.info.device
    with open_engine(model, "onnxruntime") as reference:
        for i in range(batch):
            wanted = reference.infer(images[i : i + 1])
            assert np.allclose(found["depth"][i], wanted["depth"][0], rtol=0.01, atol=0.01)
    assert device == "Fake RTX"
    return details


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_rtx_compiles_checks_and_keeps(
    model: Path, plugin: list[str], tmp_path: Path, precision: str
) -> None:
    for _ in range(2):
        details = agrees(model, "tensorrt_rtx", tmp_path / "c", precision=precision, batch=3)
        assert details["parity"]["frames"] == 4  # type: ignore[index]
    (entry,) = EngineCache(tmp_path / "c").entries()
    assert entry.key["backend_version"] == "0.5.0 in onnxruntime 1.32.0"
    assert entry.key["precision"] == precision and plugin == [CPU]
    assert list((tmp_path / "c").glob("kept_tensorrt_rtx*"))


def test_the_ground_is_taken_in_batches(
    plugin: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda, "PROVIDER", CPU)
    model = write_convolutions(tmp_path / "rig.onnx", rig=True)
    for backend in ("tensorrt_rtx", "cuda"):
        with open_engine(
            model, backend, batch=2, precision="fp16", cache_dir=tmp_path / "c"
        ) as engine:
            assert engine.info.takes_ground and "depth_confidence" in engine.info.outputs
            assert engine.info.details["parity"]["confidence_mean"] < 0.01


def test_a_plugin_that_does_not_load_is_one_line(
    model: Path, plugin: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(gpu, "probe", lambda: gpu.Probe((CARD,)))
    package = ModuleType(tensorrt_rtx.PACKAGE)
    vars(package).update(get_ep_name=lambda: "Nv", get_library_path=lambda: "no/lib.so")
    monkeypatch.setitem(sys.modules, tensorrt_rtx.PACKAGE, package)
    with pytest.raises(EngineError, match="does not load") as caught:
        tensorrt_rtx.devices()
    assert "cu12" in str(caught.value)


def test_a_gpu_that_the_plugin_does_not_take(
    model: Path, plugin: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[tensorrt_rtx.PACKAGE], "get_ep_name", lambda: "Nv")
    with pytest.raises(EngineError, match="offers 0 devices"):
        open_engine(model, "tensorrt_rtx", cache_dir=tmp_path)
    monkeypatch.setattr(tensorrt_rtx, "devices", lambda: ort.get_ep_devices())
    monkeypatch.setattr(tensorrt_rtx, "compiled_parts", lambda plan: (0, 9))
    with pytest.raises(EngineError, match="took no part of the graph"):
        open_engine(model, "tensorrt_rtx", cache_dir=tmp_path)


def test_a_build_that_runs_out_of_memory_is_one_line(
    model: Path, plugin: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiler(*arguments: object, **options: object) -> object:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(ort, "ModelCompiler", compiler)
    with pytest.raises(EngineError, match="did not build the engine: CUDA out of memory"):
        open_engine(model, "tensorrt_rtx", cache_dir=tmp_path)
    assert EngineCache(tmp_path).entries() == []


def test_kernels_that_cannot_be_kept_are_no_reason_to_stop(
    model: Path,
    plugin: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mkdir = Path.mkdir

    def full(self: Path, *arguments: object, **options: object) -> None:
        if "kept_" in self.name:
            raise OSError(28, "No space left on device")
        mkdir(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", full)
    agrees(model, "tensorrt_rtx", tmp_path, precision="fp32")
    assert "compiled kernels are not kept" in caplog.text


def test_a_driver_too_old_is_named(monkeypatch: pytest.MonkeyPatch, old_driver: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(gpu, "_LIBRARY", str(old_driver))
    found = gpu.probe()
    assert found.gpus == () and "older than CUDA 11.4" in found.reason
    assert "install a newer one" in cuda.why_not()


def test_what_was_compiled_is_counted(model: Path) -> None:
    compiled, left = tensorrt_rtx.compiled_parts(model.read_bytes())
    assert compiled == 0 and left > 20


def test_an_old_runtime_and_a_missing_plugin_are_named(
    plugin: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ort, "__version__", "1.23.2")
    assert "1.23.2 is too old" in tensorrt_rtx.why_not()
    monkeypatch.setattr(tensorrt_rtx, "PACKAGE", "no_such_plugin")
    assert "pip install" in tensorrt_rtx.why_not()


def test_a_plugin_for_a_newer_driver_is_named(
    plugin: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = gpu.Gpu(0, "Fake RTX", "8.9", 8192, "CUDA 12.4", (12, 4))
    monkeypatch.setattr(tensorrt_rtx, "probe", lambda: gpu.Probe((old,)))
    monkeypatch.setattr(tensorrt_rtx, "_installed", lambda name: name.endswith("cu13"))
    assert "CUDA 12.4, the plugin is the one for 13" in tensorrt_rtx.why_not()


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_cuda_keeps_the_rewritten_file(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    monkeypatch.setattr(cuda, "PROVIDER", CPU)
    for _ in range(2):
        details = agrees(model, "cuda", tmp_path / "c", precision=precision, batch=2)
        assert details["parity"]["frames"] == 4  # type: ignore[index]
    (entry,) = EngineCache(tmp_path / "c").entries()
    assert entry.key["backend"] == "cuda" and entry.key["shape"] == [2, HEIGHT, WIDTH, 3]


def test_cuda_never_computes_on_the_cpu_in_silence(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cuda.PROVIDER in ort.get_available_providers():
        pytest.skip("this ONNX Runtime has the provider")
    with pytest.raises(EngineError, match="pip install onnxruntime-gpu"):
        open_engine(model, "cuda", cache_dir=tmp_path)
    monkeypatch.setattr(ort, "get_available_providers", lambda: [cuda.PROVIDER])
    with pytest.warns(UserWarning), pytest.raises(EngineError, match="fell back to the CPU"):
        open_engine(model, "cuda", cache_dir=tmp_path)


def test_cuda_has_no_int8() -> None:
    options = cuda.BuildOptions(precision="int8")
    with pytest.raises(EngineError, match="no int8 convolutions"):
        cuda.CudaToolchain().load(b"", options, "int8", Path("kept"))


def held(driver: Path) -> dict[str, int]:
    """What the stand-in driver counts as not given back."""
    library = ctypes.CDLL(str(driver))
    return {n: library.fake_count(n.encode()) for n in ("depth", "retained", "live", "streams")}


@pytest.fixture
def on_cuda(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The CUDA backend on the CPU's provider; settings of every session that is asked for."""
    asked: list[dict[str, str]] = []
    real = ort.InferenceSession

    def session(model: object, *arguments: object, **options: object) -> object:
        if isinstance(providers := options.get("providers"), list) and len(providers[0]) == 2:
            asked.append(providers[0][1])
            if (refusal := REFUSALS.get("graph")) and "enable_cuda_graph" in providers[0][1]:
                raise RuntimeError(refusal)
        return real(model, *arguments, **options)

    monkeypatch.setattr(cuda, "PROVIDER", CPU)
    monkeypatch.setattr(ort, "InferenceSession", session)
    return asked


REFUSALS: dict[str, str] = {}


def test_tensors_stay_on_the_gpu_and_nothing_is_left(
    model: Path, tmp_path: Path, on_cuda: list[dict[str, str]], private_driver: Path
) -> None:
    before = held(private_driver)
    images = parity.frames(HEIGHT, WIDTH, 2)
    with open_engine(model, "cuda", precision="fp32", batch=2, cache_dir=tmp_path) as engine:
        now = held(private_driver)
        assert now["live"] - before["live"] == 2 * 4 and now["streams"] == before["streams"] + 1
        assert engine.info.details["cuda_graph"].startswith("yes: asked of ONNX Runtime")
        assert engine.info.details["copies"] == "pinned, on one stream"
        first = engine.infer(images)
        kept = {k: v.copy() for k, v in first.items()}
        again: dict[str, np.ndarray] = {}
        thread = threading.Thread(target=lambda: again.update(engine.infer(images[::-1])))
        thread.start()
        thread.join()
        assert all(np.array_equal(again[k], kept[k][::-1]) for k in kept)
        assert all(again[k] is first[k] for k in kept)  # one place, written each time
    engine.close()
    assert held(private_driver) == before
    with pytest.raises(EngineError, match="closed"):
        engine.infer(images)
    (asked,) = on_cuda
    assert asked["enable_cuda_graph"] == "1" and int(asked["user_compute_stream"]) > 0


def test_without_a_graph_the_reason_is_told(
    model: Path,
    tmp_path: Path,
    on_cuda: list[dict[str, str]],
    private_driver: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = held(private_driver)
    monkeypatch.setitem(REFUSALS, "graph", "all compute graph nodes\nhave not been partitioned")
    details = agrees(model, "cuda", tmp_path, precision="fp32", batch=2)
    assert "partitioned" in str(details["cuda_graph"]) and str(details["cuda_graph"])[:3] == "no:"
    assert "\n" not in str(details["cuda_graph"]) and details["copies"] == "pinned, on one stream"
    assert ["enable_cuda_graph" in settings for settings in on_cuda] == [True, False]
    assert held(private_driver) == before


def test_without_bindings_onnx_runtime_copies(
    model: Path,
    tmp_path: Path,
    on_cuda: list[dict[str, str]],
    private_driver: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = held(private_driver)

    def refused(self: object, index: int) -> None:
        raise EngineError("no such memory")

    monkeypatch.setattr(ort_device.DeviceEngine, "_bind", refused)
    details = agrees(model, "cuda", tmp_path, precision="fp32", batch=2)
    assert details["cuda_graph"] == "no: no such memory"
    assert details["copies"] == "ONNX Runtime's" and "user_compute_stream" not in on_cuda[-1]
    assert held(private_driver) == before


def test_a_gpu_that_fails_gives_no_picture(
    model: Path,
    tmp_path: Path,
    on_cuda: list[dict[str, str]],
    private_driver: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = held(private_driver)
    images = parity.frames(HEIGHT, WIDTH, 1)
    with open_engine(
        model, "cuda", precision="fp32", cache_dir=tmp_path, fallback="none"
    ) as engine:
        monkeypatch.setenv("FAKE_SYNC_FAILS", "1")
        with pytest.raises(EngineError, match=r"engine lost: .*CUDA_ERROR_ILLEGAL_ADDRESS"):
            engine.infer(images)
        monkeypatch.delenv("FAKE_SYNC_FAILS")
        assert held(private_driver) == before  # it was closed, to be opened again
        monkeypatch.setattr(engine, "_next_try_s", 0.0)
        assert engine.infer(images)["depth"].shape == (1, HEIGHT, WIDTH)
    assert held(private_driver) == before


@pytest.mark.parametrize("backend", ["cuda", "tensorrt_rtx"])
def test_camera_images_are_shrunk_on_the_gpu(
    backend: str, model: Path, plugin: list[str], tmp_path: Path, on_cuda: list[dict[str, str]]
) -> None:
    spec = read_spec(model)
    camera = CameraInput.of(plan_geometry(spec, 124, 50, None), spec)
    with open_engine(
        model, backend, precision="fp16", camera=camera, batch=2, cache_dir=tmp_path
    ) as engine:
        assert engine.info.input_shape == (2, 50, 124, 3)
        assert engine.info.details["parity"]["frames"] == 4
        assert engine.infer(parity.frames(50, 124, 2))["depth"].shape == (2, HEIGHT, WIDTH)
    (entry,) = EngineCache(tmp_path).entries()
    assert entry.key["options"]["camera"]["camera_size"] == [124, 50]
    assert entry.key["shape"] == [2, 50, 124, 3]
