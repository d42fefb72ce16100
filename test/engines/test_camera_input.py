"""A camera's image made small by the graph itself: OpenCV's numbers, in every backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import choose, open_engine, openvino, parity
from depth_seg_ros.engines.camera_input import CameraInput, take_camera_images
from depth_seg_ros.engines.onnx_file import FLOAT, UINT8, Node, OnnxFile, make_model, value_info
from depth_seg_ros.engines.precision import prepare_for_build
from depth_seg_ros.errors import EngineError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.preprocess import plan_geometry, prepare
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Intrinsics, UInt8Array

ort = pytest.importorskip("onnxruntime")
SPEC = ModelSpec("small", WIDTH, HEIGHT, 20.0, 20.0, 80.0, classes=NETWORK_CLASSES)
SIZES = [(124, 37), (192, 108), (64, 48), (WIDTH, HEIGHT), (20, 30), (33, 17), (1, 1)]


def camera(width: int, height: int, fit: str = "pad") -> CameraInput:
    return CameraInput.of(plan_geometry(SPEC, width, height, None, fit), SPEC)


def pictures(width: int, height: int) -> list[UInt8Array]:
    """A made-up scene, noise, and the two ends of the range."""
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (height, width, 3), np.uint8)
    scene = parity.frames(max(height, 8), max(width, 8), 1)[0, :height, :width]
    return [scene, noise, np.full_like(noise, 255), np.zeros_like(noise)]


def to_be_shrunk(way: CameraInput, batch: int, casts: bool) -> OnnxFile:
    """A graph whose output is the network's input: float32 behind a Cast, else uint8."""
    node = Node.make("Cast", ["image"], ["out"], to=FLOAT) if casts else None
    node = node or Node.make("Identity", ["image"], ["out"])
    model = OnnxFile(make_model(node, {"image": (UINT8, (1, HEIGHT, WIDTH, 3))}, {}))
    model.outputs = [value_info("out", FLOAT if casts else UINT8, (batch, HEIGHT, WIDTH, 3))]
    take_camera_images(model, way, batch)
    return model


def shrunk_by_graph(images: UInt8Array, way: CameraInput, casts: bool) -> np.ndarray:
    """The network's input as the graph makes it of each image."""
    data = to_be_shrunk(way, len(images), casts).encode()
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"image": images})[0])


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_colour_is_more_than_one_step_from_opencvs(size: tuple[int, int], fit: str) -> None:
    geometry = plan_geometry(SPEC, *size, None, fit)
    images = np.stack(pictures(*size))
    wanted = np.concatenate([prepare(image, geometry, SPEC) for image in images])
    for casts in (True, False):
        found = shrunk_by_graph(images, CameraInput.of(geometry, SPEC), casts)
        assert found.dtype == (np.float32 if casts else np.uint8) and (found % 1 == 0).all()
        difference = np.abs(found.astype(int) - wanted)
        assert difference.max() <= 1 and difference.mean() < 0.25
        assert not difference[2:].any()  # plain colours, padding among them, are exact


def test_oblong_pixels_and_crops_are_followed() -> None:
    geometry = plan_geometry(SPEC, 90, 80, Intrinsics(90, 80, 60.0, 30.0, 44.5, 39.5))
    image = pictures(90, 80)[0]
    found = shrunk_by_graph(image[None], CameraInput.of(geometry, SPEC), True)
    assert np.abs(found - prepare(image, geometry, SPEC)).max() <= 1


def test_rows_and_columns_are_averages() -> None:
    way = camera(124, 37)
    rows, columns = way.weights()
    assert rows.shape == (HEIGHT, 37) and columns.shape == (WIDTH, 124)
    top, left = way.network_rect.slices()
    inside = np.zeros(HEIGHT, bool)
    inside[top] = True
    assert np.allclose(rows.sum(1), inside, atol=1e-5) and np.allclose(columns.sum(1), 1, atol=1e-5)
    assert left == slice(0, WIDTH) and (rows >= 0).all() and (columns >= 0).all()


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("rig", [False, True], ids=["image", "image and ground"])
def test_an_engine_that_shrinks_gives_what_the_network_gives(
    backend: str, rig: bool, tmp_path: Path
) -> None:
    if not choose.is_available(backend):
        pytest.skip(f"{backend} does not run here")
    model = write_convolutions(tmp_path / "small.onnx", rig=rig)
    way, batch = camera(124, 50), 3
    images = parity.frames(50, 124, batch)
    with (
        open_engine(model, backend, threads=1) as plain,
        open_engine(model, backend, threads=1, batch=batch, camera=way) as engine,
    ):
        assert engine.info.camera == way and engine.info.input_shape == (batch, 50, 124, 3)
        assert engine.info.map_shape == (batch, HEIGHT, WIDTH)
        grounds = parity.inputs_like(engine, images)[1:]
        found = {k: v.copy() for k, v in engine.infer(images, *grounds).items()}
        for i, image in enumerate(images):
            small = shrunk_by_graph(image[None], way, casts=False)
            alone = plain.infer(small, *(g[i : i + 1] for g in grounds))
            assert all(np.allclose(found[k][i], alone[k][0], atol=1e-3) for k in alone)


def test_in_bfloat16_colours_are_two_steps_apart_at_most() -> None:
    if not (choose.is_available("openvino") and choose.cpu_has_bf16()):
        pytest.skip("no OpenVINO, or no bfloat16 in this processor")
    geometry = plan_geometry(SPEC, 192, 108, None)
    data = to_be_shrunk(CameraInput.of(geometry, SPEC), 1, casts=True).encode()
    core = openvino._core()  # there must be no second one in a process
    settings = {"INFERENCE_PRECISION_HINT": "bf16"}
    compiled = core.compile_model(core.read_model(data), "CPU", settings)
    for image in pictures(192, 108):
        (found,) = compiled({"image": image[None]}).values()
        assert np.abs(found - prepare(image, geometry, SPEC)).max() <= 2


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_build_shrinks_in_float32(precision: str, tmp_path: Path) -> None:
    model = write_convolutions(tmp_path / "small.onnx")
    data = prepare_for_build(model.read_bytes(), precision, 2, camera(124, 37))
    onnx = pytest.importorskip("onnx")
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    built = OnnxFile(data)
    assert built.initializers["image.seen.rows"].dtype == np.float32
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [2, 37, 124, 3]
    assert session.get_outputs()[0].shape == [2, HEIGHT, WIDTH]


def test_a_graph_without_an_image_is_refused() -> None:
    node = Node.make("Relu", ["picture"], ["out"])
    model = OnnxFile(make_model(node, {"picture": (FLOAT, (1, 2))}, {}))
    with pytest.raises(EngineError, match="no input 'image'"):
        take_camera_images(model, camera(9, 9), 1)
