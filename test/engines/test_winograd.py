"""Convolutions computed otherwise give the same numbers, and only where they may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import write_convolutions

from depth_seg_ros.engines import parity
from depth_seg_ros.engines.onnx_file import FLOAT, Node, OnnxFile, make_model
from depth_seg_ros.engines.onnxruntime import OnnxRuntimeEngine
from depth_seg_ros.engines.winograd import use_winograd
from depth_seg_ros.models import resolve_model

ort = pytest.importorskip("onnxruntime")


def layer(
    shape: tuple[int, ...], kernel: tuple[int, ...], bias: bool = True, **how: Any
) -> tuple[OnnxFile, dict[str, list[int]]]:
    """A model of one convolution with random weights, and the shapes the rewriting wants."""
    rng = np.random.default_rng(0)
    constants = {"w": rng.standard_normal(kernel).astype(np.float32)}
    if bias:
        constants["b"] = rng.standard_normal(kernel[0]).astype(np.float32)
    node = Node.make("Conv", ["x", *constants], ["y"], kernel_shape=list(kernel[2:]), **how)
    return OnnxFile(make_model(node, {"x": (FLOAT, shape)}, constants)), {"x": list(shape)}


def run(model: OnnxFile, shape: tuple[int, ...]) -> np.ndarray:
    session = ort.InferenceSession(model.encode(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((1, 8, 12, 20), 6), ((1, 8, 10, 16), 4), ((1, 8, 2, 2), 4), ((1, 8, 4, 4), 6),
        ((3, 8, 12, 20), 6), ((2, 8, 6, 4), 4),
    ],
    ids=["4x4 tiles", "2x2 tiles", "one 2x2 tile", "one 4x4 tile", "three images", "two images"],
)  # fmt: skip
def test_winograd_is_the_same_convolution(shape: tuple[int, ...], side: int, bias: bool) -> None:
    model, shapes = layer(shape, (16, 8, 3, 3), bias, pads=[1, 1, 1, 1])
    plain = run(model, shape)
    assert use_winograd(model, shapes, min_channels=8) == 1
    assert model.initializers["y.kernel"].shape == (side**2, 16, 8)
    assert "w" not in [name for node in model.nodes for name in node.inputs]
    fast = run(model, shape)
    assert fast.shape == plain.shape
    np.testing.assert_allclose(fast, plain, atol=2e-5 * np.abs(plain).max())


@pytest.mark.parametrize(
    ("shape", "kernel", "how"),
    [
        ((1, 8, 5, 4), (8, 8, 3, 3), {"pads": [1, 1, 1, 1]}),
        ((1, 8, 4, 4), (8, 8, 3, 3), {"pads": [0, 0, 0, 0]}),
        ((1, 8, 4, 4), (8, 8, 3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        ((1, 8, 4, 4), (8, 8, 3, 3), {"pads": [1, 1, 1, 1], "dilations": [2, 2]}),
        ((1, 16, 4, 4), (8, 8, 3, 3), {"pads": [1, 1, 1, 1], "group": 2}),
        ((1, 8, 4, 4), (8, 8, 5, 5), {"pads": [1, 1, 1, 1]}),
        ((1, 4, 4, 4), (8, 4, 3, 3), {"pads": [1, 1, 1, 1]}),
    ],
    ids=["odd size", "padding", "stride", "dilation", "groups", "5x5", "few channels"],
)
def test_other_convolutions_stay(
    shape: tuple[int, ...], kernel: tuple[int, ...], how: dict[str, Any]
) -> None:
    model, shapes = layer(shape, kernel, **how)
    before = model.encode()
    assert use_winograd(model, shapes, min_channels=8) == 0
    assert model.encode() == before


def test_a_tensor_of_unknown_shape_stays() -> None:
    model, _ = layer((1, 8, 4, 4), (8, 8, 3, 3), pads=[1, 1, 1, 1])
    assert use_winograd(model, {}, min_channels=8) == 0
    model, _ = layer((1, 8, 4, 4), (8, 8, 3, 3), pads=[1, 1, 1, 1])
    assert use_winograd(model, {"x": [1, 8, "h", "w"]}, min_channels=8) == 0  # type: ignore[list-item]


def test_the_engine_says_what_it_changed(tmp_path: Path) -> None:
    with OnnxRuntimeEngine(write_convolutions(tmp_path / "a.onnx"), threads=1) as engine:
        assert engine.info.details["graph"] == "as stored"


def test_the_shipped_network_gives_the_same_with_both_graphs() -> None:
    path = resolve_model("ds_net")
    with OnnxRuntimeEngine(path, threads=1) as fast:
        changed = "weights unpacked, 13 convolutions by Winograd's filtering"
        assert fast.info.details["graph"] == changed
        with OnnxRuntimeEngine(path, threads=1, rewrite_graph=False) as plain:
            found = parity.measure(fast, plain)
    assert found.depth_max_relative < 1e-4 and found.label_agreement >= 0.999
