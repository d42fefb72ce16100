"""Rewriting ONNX files without ``onnx``: proven by onnx's own checker and by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import parity
from depth_seg_ros.engines.onnx_file import Node, OnnxFile
from depth_seg_ros.engines.precision import (
    file_precision,
    fold_constants,
    prepare_for_build,
    sign_activations,
    stored_spec,
    to_float16,
)
from depth_seg_ros.errors import EngineError
from depth_seg_ros.system.protobuf import Message

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
IMAGES = parity.frames(HEIGHT, WIDTH, 3)


def run(data: bytes, images: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Checked by onnx, run by ONNX Runtime."""
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, {"image": images, **inputs}), strict=True))


@pytest.fixture(params=[False, True], ids=["fp32 storage", "fp16 storage"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    path = write_convolutions(tmp_path / "small.onnx", half_storage=request.param)
    return path.read_bytes()


def test_unchanged_file_keeps_its_meaning(model: bytes) -> None:
    before, after = run(model, IMAGES[:1]), run(OnnxFile(model).encode(), IMAGES[:1])
    assert all(np.array_equal(before[k], after[k]) for k in before)


def test_constants_are_folded(model: bytes) -> None:
    file = OnnxFile(model)
    fold_constants(file)
    assert {"Constant", "Identity"}.isdisjoint(n.op for n in file.nodes)
    assert all(v.dtype != np.float16 for v in file.initializers.values())
    before, after = run(model, IMAGES[:1]), run(file.encode(), IMAGES[:1])
    assert all(np.array_equal(before[k], after[k]) for k in before)


def test_batch_is_set_and_frames_stay_apart(model: bytes) -> None:
    together = run(prepare_for_build(model, "fp32", 3), IMAGES)
    assert together["depth"].shape == (3, HEIGHT, WIDTH)
    for i in range(3):
        alone = run(model, IMAGES[i : i + 1])
        assert all(np.allclose(together[k][i], alone[k][0], atol=1e-5) for k in alone)


def test_float16_computes_in_float16_with_the_same_interface(model: bytes) -> None:
    data = prepare_for_build(model, "fp16", 1)
    file = OnnxFile(data)
    assert file_precision(file) == "fp16"
    assert {v.dtype for v in file.initializers.values()} <= {np.dtype(np.float16), np.dtype(int)}
    spec = stored_spec(file)
    assert spec is not None and spec.precision == "fp16"
    before, after = run(model, IMAGES[:1]), run(data, IMAGES[:1])
    assert {k: v.dtype for k, v in after.items()} == {k: v.dtype for k, v in before.items()}
    error = np.abs(before["depth"] - after["depth"]).max()
    assert 0 < error < 0.02
    assert (before["labels"] == after["labels"]).mean() > 0.98


def test_float16_takes_the_ground_in_float32(tmp_path: Path) -> None:
    data = write_convolutions(tmp_path / "rig.onnx", rig=True).read_bytes()
    ground = parity.grounds(HEIGHT, WIDTH, 2)
    before, after = (
        run(d, IMAGES[:2], ground=ground)
        for d in (prepare_for_build(data, "fp32", 2), prepare_for_build(data, "fp16", 2))
    )
    error = np.abs(before["depth"] - after["depth"]).max()
    assert 0 < error < 0.03 and after["depth"].dtype == np.float32
    sure = before["depth_confidence"].astype(int) - after["depth_confidence"]
    assert np.abs(sure).max() <= 1 and file_precision(OnnxFile(data)) == "fp32"


def test_float16_output_that_is_also_used_inside() -> None:
    a = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, [1, 4])
    outs = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1, 4]) for n in "de"]
    node = onnx.helper.make_node
    nodes = [
        node("Cast", ["image"], ["x"], to=1),
        node("Relu", ["x"], ["d"]),
        node("Neg", ["d"], ["e"]),
    ]
    graph = onnx.helper.make_graph(nodes, "g", [a], outs)
    opset = [onnx.helper.make_opsetid("", 17)]
    file = OnnxFile(
        onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )
    to_float16(file)
    found = run(file.encode(), np.array([[1, 2, 3, 4]], np.uint8))
    assert found["d"].tolist() == [[1, 2, 3, 4]] and found["e"].tolist() == [[-1, -2, -3, -4]]


def test_values_beyond_float16_are_refused(model: bytes) -> None:
    file = OnnxFile(model)
    fold_constants(file)
    file.initializers["w1"] = file.initializers["w1"] * np.float32(1e6)
    with pytest.raises(EngineError, match="'w1' holds values beyond float16's 65504"):
        to_float16(file)


@pytest.mark.parametrize(("precision", "text"), [("int8", "quantise it"), ("fp8", "known: fp32")])
def test_precisions_that_cannot_be_made_are_refused(
    model: bytes, precision: str, text: str
) -> None:
    with pytest.raises(EngineError, match=text):
        prepare_for_build(model, precision, 1)


def test_half_file_does_not_become_float32(model: bytes) -> None:
    half = prepare_for_build(model, "fp16", 1)
    assert OnnxFile(prepare_for_build(half, "fp16", 2)).nodes
    with pytest.raises(EngineError, match="a fp16 file cannot become fp32"):
        prepare_for_build(half, "fp32", 1)


def _quantised(points: np.ndarray) -> OnnxFile:
    cast = onnx.helper.make_node("Cast", ["image"], ["x"], to=1)
    graph = onnx.helper.make_graph([cast], "g", [], [])
    file = OnnxFile(onnx.helper.make_model(graph).SerializeToString())
    file.nodes += [
        Node.make("QuantizeLinear", ["x", "s", "z"], ["q"]),
        Node.make("DequantizeLinear", ["q", "s", "z"], ["depth"]),
    ]
    file.initializers = {"s": np.float32([0.127])[0:1].reshape(()), "z": points}
    return file


def test_unsigned_activations_become_signed_ones() -> None:
    file = _quantised(np.zeros((), np.uint8))
    sign_activations(file)
    assert file.initializers["z"].dtype == np.int8
    assert file.initializers["s"] == pytest.approx(0.255)
    with pytest.raises(EngineError, match="symmetric int8 only"):
        sign_activations(_quantised(np.array(3, np.uint8)))


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x0a\xff\xff\xff\x0f"])
def test_garbage_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(data)
    with pytest.raises(EngineError, match=r"cannot read .*x\.onnx"):
        OnnxFile.read(path)


def test_messages_survive_and_negative_integers_too() -> None:
    message = Message().put(1, "name").put(3, -2).put(5, Message().put(1, 7))
    again = Message(message.encode())
    assert again.text(1) == "name" and again.integer(3) == -2
    assert again.message(5).integer(1) == 7
    assert again.put(1, "other").put(5).encode() == Message().put(1, "other").put(3, -2).encode()
