"""int8 files: right scales, the same interface, runnable everywhere, refused when worse."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

ENGINES = Path(__file__).resolve().parents[1] / "engines"
_spec = importlib.util.spec_from_file_location("networks", ENGINES / "networks.py")
assert _spec and _spec.loader
networks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(networks)

from depth_seg_ros.engines import open_engine, parity  # noqa: E402
from depth_seg_ros.engines.choose import INT8_SPEED, int8_path, int8_variant  # noqa: E402
from depth_seg_ros.engines.onnx_file import OnnxFile  # noqa: E402
from depth_seg_ros.engines.precision import (  # noqa: E402
    file_precision,
    fold_constants,
    prepare_for_build,
)
from depth_seg_ros.predictor import Predictor  # noqa: E402
from depth_seg_ros.readers.base import Reader, Sample  # noqa: E402
from depth_seg_ros.spec import read_spec  # noqa: E402
from depth_seg_ros.types import Frame, GroundTruth, Intrinsics  # noqa: E402
from training import quantize  # noqa: E402
from training.calibration import Observed, activation  # noqa: E402
from training.errors import TrainingError  # noqa: E402
from training.qdq import halve_storage, quantise_kernel  # noqa: E402

H, W = networks.HEIGHT, networks.WIDTH
IMAGES = parity.frames(H, W, 6)
CAMERA = Intrinsics(W, H, 20.0, 20.0, (W - 1) / 2, (H - 1) / 2)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return networks.write_convolutions(tmp_path / "small.onnx", half_storage=True)


class Teacher(Reader):
    """Truth = what the float32 network says, moved by ``noise``: int8 can only be a bit worse."""

    def __init__(self, model: Path, noise: float) -> None:
        self.keys = [str(i) for i in range(len(IMAGES))]
        self._samples: list[Sample] = []
        with Predictor.open(model, "onnxruntime") as predictor:
            for i, image in enumerate(IMAGES):
                frame = Frame(i, "camera", image, CAMERA)
                said = predictor.predict(frame)
                truth = GroundTruth(
                    i, said.depth_m * np.float32(1 + noise), np.full((H, W), 7, "u1")
                )
                self._samples.append(Sample(str(i), frame, truth))

    def load(self, index: int) -> Sample:
        return self._samples[index]


def _quantise(model: Path, noise: float, images: Sequence[np.ndarray] | None = None):  # type: ignore[no-untyped-def]
    reader = Teacher(model, noise)
    inputs = [{"image": i[None]} for i in (IMAGES if images is None else images)]
    truth = [(reader, i) for i in range(len(reader))]
    return quantize.quantise(model, int8_path(model), inputs, truth, "onnxruntime")


def test_quantised_file_is_found_and_nearly_as_good(model: Path) -> None:
    result = _quantise(model, noise=0.2)
    assert result.convolutions == 1 and result.calibration_images == 6
    assert result.before.abs_rel == pytest.approx(1 - 1 / 1.2, rel=0.01)
    assert abs(result.after.abs_rel / result.before.abs_rel - 1) < 0.03
    out = int8_path(model)
    assert int8_variant(model) == out and read_spec(out).precision == "int8"
    assert read_spec(out).training["int8_scores"]["abs_rel"] == result.after.abs_rel
    assert 0.01 < read_spec(out).training[INT8_SPEED] < 100
    file = OnnxFile.read(out)
    assert file_precision(file) == "int8"
    kernels = [v for v in file.initializers.values() if v.dtype == np.int8 and v.ndim == 4]
    assert [k.shape for k in kernels] == [(32, 32, 3, 3)]
    zeros = [v for k, v in file.initializers.items() if k.endswith(".zero")]
    assert zeros and not any(z.any() for z in zeros)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_every_cpu_backend_runs_it(model: Path, backend: str) -> None:
    pytest.importorskip(backend)
    _quantise(model, noise=0.2)
    with (
        open_engine(model, backend, precision="int8", threads=1) as engine,
        open_engine(model, "onnxruntime", threads=1) as reference,
    ):
        assert engine.info.precision == "int8"
        found = parity.measure(engine, reference)
    assert 0 < found.depth_mean_relative < 0.02


def test_tensorrt_gets_signed_integers(model: Path, tmp_path: Path) -> None:
    _quantise(model, noise=0.2)
    built = tmp_path / "built.onnx"
    built.write_bytes(prepare_for_build(int8_path(model).read_bytes(), "int8", 1))
    file = OnnxFile.read(built)
    assert not any(v.dtype == np.uint8 for v in file.initializers.values())
    with (
        open_engine(built, "onnxruntime", threads=1) as signed,
        open_engine(int8_path(model), "onnxruntime", threads=1) as unsigned,
    ):
        assert parity.measure(signed, unsigned).depth_mean_relative < 0.02


def test_worse_files_are_refused_and_not_written(model: Path) -> None:
    # Hardly any error before, so that rounding is a large part of it afterwards.
    with pytest.raises(TrainingError, match=r"not written, int8 loses too much: AbsRel"):
        _quantise(model, noise=1e-4)
    assert list(model.parent.iterdir()) == [model]


def test_bounds_are_the_promised_ones() -> None:
    def result(abs_rel: float, miou: float) -> quantize.Quantised:
        before, after = quantize.Scores(0.1, 0.6, 9), quantize.Scores(abs_rel, miou, 9)
        return quantize.Quantised(before, after, "onnxruntime", 9, 9)

    assert result(0.1029, 0.591).problems() == []
    assert "AbsRel" in result(0.1031, 0.6).problems()[0]
    assert "mIoU" in result(0.1, 0.589).problems()[0]
    assert len(result(float("nan"), float("nan")).problems()) == 2


def test_int8_files_are_not_quantised_twice(model: Path) -> None:
    _quantise(model, noise=0.2)
    with pytest.raises(TrainingError, match="is int8; give the float32 file"):
        quantize.quantise(int8_path(model), model, [], [], "onnxruntime")


def test_kernel_steps_are_within_half_a_step() -> None:
    kernel = np.random.default_rng(0).normal(0, 1, (5, 4, 3, 3)).astype(np.float32)
    kernel[2] = 0
    steps, scale = quantise_kernel(kernel)
    error = np.abs(steps * scale[:, None, None, None] - kernel)
    assert (error <= scale[:, None, None, None] * 0.5001).all() and not steps[2].any()
    assert np.abs(steps).reshape(5, -1).max(axis=1).tolist() == [127, 127, 0, 127, 127]


@pytest.mark.parametrize(("largest", "stored"), [(0.1, np.float16), (1e6, np.float32)])
def test_what_stays_float_takes_half_the_bytes(largest: float, stored: type) -> None:
    """Transposed convolutions' weights, unless they are beyond float16's range."""
    onnx = pytest.importorskip("onnx")
    weights = np.linspace(-largest, largest, 32 * 16 * 4 * 4, dtype=np.float32)
    node = onnx.helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])
    ends = [onnx.helper.make_tensor_value_info(n, 1, [1, c, None, None]) for n, c in
            (("x", 32), ("y", 16))]  # fmt: skip
    tensor = onnx.numpy_helper.from_array(weights.reshape(32, 16, 4, 4), "w")
    graph = onnx.helper.make_graph([node], "up", ends[:1], ends[1:], [tensor])
    opset = [onnx.helper.make_opsetid("", 17)]
    file = OnnxFile(onnx.helper.make_model(graph, opset_imports=opset).SerializeToString())
    whole = len(file.encode())
    halve_storage(file)
    assert {v.dtype for v in file.initializers.values()} == {np.dtype(stored)}
    assert (len(file.encode()) < 0.6 * whole) == (stored is np.float16)
    onnx.checker.check_model(onnx.load_from_string(file.encode()), full_check=True)
    fold_constants(file)
    assert np.allclose(file.initializers["w"].ravel(), weights, rtol=1e-3, atol=1e-6)


def test_scale_gives_up_rare_extremes_but_keeps_the_sign() -> None:
    rng = np.random.default_rng(0)
    even = rng.uniform(0, 1, 100_000).astype(np.float32)
    found = activation(Observed(even, 0.0, 1.0))
    assert found.scale == pytest.approx(1 / 255, rel=0.03) and not found.signed
    rare = activation(Observed(rng.normal(0, 1, 100_000).astype(np.float32), -4.0, 12.0))
    assert rare.signed and 3 / 127 < rare.scale < 6 / 127
    assert activation(Observed(np.zeros(10, np.float32), 0.0, 0.0)).scale == 1
    with pytest.raises(TrainingError, match="not finite"):
        activation(Observed(even, 0.0, float("inf")))


def test_frames_that_calibrate_are_not_scored() -> None:
    chosen = quantize.spread(10, 4)
    assert chosen == [0, 3, 6, 9]
    assert quantize.spread(10, 100, set(chosen)) == [1, 2, 4, 5, 7, 8]


def test_command_reports_known_errors(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quantize.main([str(model), "--data", str(model.parent)]) == 1
    assert "is not Virtual KITTI" in capsys.readouterr().err
