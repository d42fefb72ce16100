"""2x up-samplings (transposed convolution, kernel 4, stride 2, padding 1) as convolutions.

An output pixel sees 2x2 inputs; which of the sixteen weights it takes depends on whether its row
and column are even or odd. So one 2x2 convolution computes all four kinds at once, and DepthToSpace
puts them in their places. The same sums, without the scattered additions that make ONNX Runtime's
ConvTranspose slow.

Convention: with one row and column of zeros around the input, position j of the convolution sees
inputs j-1 and j, and gives outputs 2j-1 (weights 2 and 0) and 2j (weights 3 and 1). Outputs -1 and
2n do not exist: the border is cut off.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.onnx_file import Node, OnnxFile

_TAPS = ((2, 0), (3, 1))
"""Weights that meet inputs j-1 and j, for output 2j-1 and for output 2j."""


def use_subpixels(model: OnnxFile, shapes: Mapping[str, list[int]]) -> int:
    """Rewrite the up-samplings of that form; returns how many there were.

    shapes: of the inputs of the graph's convolutions, [B, C, H, W]. Constants must be folded.
    """
    nodes: list[Node] = []
    rewritten = 0
    for node in model.nodes:
        if _fits(node, model, shapes):
            nodes += _rewrite(node, model, shapes[node.inputs[0]])
            rewritten += 1
        else:
            nodes.append(node)
    model.nodes = nodes
    return rewritten


def _fits(node: Node, model: OnnxFile, shapes: Mapping[str, list[int]]) -> bool:
    if node.op != "ConvTranspose" or node.domain or len(node.inputs) != 3:
        return False
    kernel, bias = (model.initializers.get(name) for name in node.inputs[1:])
    if kernel is None or bias is None or kernel.dtype != np.float32:
        return False
    shape = shapes.get(node.inputs[0], [])
    numbers = {name: a.integers(8) for name, a in node.attributes().items()}
    return (
        kernel.shape[2:] == (4, 4)
        and numbers.get("strides") == [2, 2]
        and numbers.get("pads") == [1, 1, 1, 1]
        and numbers.get("dilations", [1, 1]) == [1, 1]
        and node.attribute("group").integer(3, 1) == 1
        and not numbers.get("output_shape")
        and not any(numbers.get("output_padding", []))
        and len(shape) == 4
        and all(isinstance(n, int) for n in shape)
    )


def _rewrite(node: Node, model: OnnxFile, shape: list[int]) -> list[Node]:
    """Operators with the same output; their constants go into the model."""
    out = node.outputs[0]
    height, width = shape[2:]
    constants: dict[str, npt.NDArray[np.generic]] = {
        "kernel": _phases(model.initializers[node.inputs[1]]),
        "bias": np.tile(model.initializers[node.inputs[2]], 4),
        "first": np.array([1, 1]),
        "end": np.array([2 * height + 1, 2 * width + 1]),
        "axes": np.array([2, 3]),
    }
    model.initializers.update({f"{out}.{name}": value for name, value in constants.items()})
    inner = Node.make(
        "Conv", [node.inputs[0], f"{out}.kernel", f"{out}.bias"], [f"{out}.phases"],
        kernel_shape=[2, 2], pads=[1, 1, 1, 1],
    )  # fmt: skip
    limits = [f"{out}.{name}" for name in ("first", "end", "axes")]
    return [
        inner,
        Node.make("DepthToSpace", [f"{out}.phases"], [f"{out}.framed"], blocksize=2),
        Node.make("Slice", [f"{out}.framed", *limits], [out]),
    ]


def _phases(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """[C, K, 4, 4] of the transposed convolution -> [4 K, C, 2, 2], (odd, even) rows x columns."""
    inputs, outputs = kernel.shape[:2]
    taps = np.array(_TAPS)
    chosen = kernel[:, :, taps[:, None, :, None], taps[None, :, None, :]]  # [C, K, r, c, 2, 2]
    ordered = np.ascontiguousarray(chosen.transpose(2, 3, 1, 0, 4, 5))  # [r, c, K, C, 2, 2]
    return ordered.reshape(4 * outputs, inputs, 2, 2)
