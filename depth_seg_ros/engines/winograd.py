"""3x3 convolutions with fewer multiplications, exact up to rounding (Lavin and Gray, 2016).

ONNX Runtime computes a 3x3 convolution on a CPU with nine multiplications for each output and
input channel. Winograd's minimal filtering F(m, 3) takes tiles of m x m outputs and needs 4 (m = 2)
or 2.25 (m = 4). It is spelled in ordinary ONNX operators, so no kernel has to be written: tiles are
cut and transformed by one small strided convolution, one matrix product a coefficient follows, and
the way back is a product and DepthToSpace. Only the loaded graph changes, never the file.

Convention: for a kernel g and an input tile d, ``Y = A' [ (G g G') * (B' d B) ] A`` (primes mean
transposed), m x m outputs from (m + 2) x (m + 2) inputs, tiles m apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from depth_seg_ros.engines.onnx_file import Node, OnnxFile

MIN_CHANNELS = 128
"""With fewer, moving tiles through memory costs more than the multiplications saved."""
SMALL_KERNEL = 256 * 256
"""Input times output channels up to which m = 4 is taken: its kernels are 4 times as large in
memory as the stored ones, those of m = 2 1.8 times."""

Matrix = npt.NDArray[np.float64]

TRANSFORMS: dict[int, tuple[Matrix, Matrix, Matrix]] = {  # m: (B', G, A')
    2: (
        np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float64),
        np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float64),
        np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float64),
    ),
    4: (
        np.array(
            [
                [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
                [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
            ], np.float64,
        ),
        np.array(
            [
                [6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24],
            ], np.float64,
        ) / 24,
        np.array(
            [
                [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0],
                [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
            ], np.float64,
        ),
    ),
}  # fmt: skip


def use_winograd(
    model: OnnxFile, shapes: Mapping[str, list[int]], min_channels: int = MIN_CHANNELS
) -> int:
    """Rewrite the convolutions that gain from it; returns how many there were.

    shapes: of the inputs of the graph's convolutions, [B, C, H, W]. Constants must be folded.
    """
    nodes: list[Node] = []
    rewritten = 0
    for node in model.nodes:
        m = _tile(node, model, shapes, min_channels)
        nodes += _rewrite(node, model, shapes[node.inputs[0]], m) if m else [node]
        rewritten += m > 0
    model.nodes = nodes
    return rewritten


def _tile(node: Node, model: OnnxFile, shapes: Mapping[str, list[int]], min_channels: int) -> int:
    """m for a convolution: 4, 2, or 0 where it has to stay."""
    if node.op != "Conv" or node.domain:
        return 0
    kernel, shape = model.initializers.get(node.inputs[1]), shapes.get(node.inputs[0], [])
    if kernel is None or kernel.dtype != np.float32 or kernel.shape[2:] != (3, 3):
        return 0
    if len(node.inputs) == 3 and node.inputs[2] not in model.initializers:
        return 0
    outputs, inputs = kernel.shape[:2]
    numbers = {name: a.integers(8) for name, a in node.attributes().items()}
    plain = (
        numbers.get("pads") == [1, 1, 1, 1]
        and numbers.get("strides", [1, 1]) == [1, 1]
        and numbers.get("dilations", [1, 1]) == [1, 1]
        and node.attribute("group").integer(3, 1) == 1
    )
    known = len(shape) == 4 and all(isinstance(n, int) for n in shape)
    if not (plain and known) or min(inputs, outputs) < min_channels:
        return 0
    height, width = shape[2:]
    if height % 4 == 0 and width % 4 == 0 and inputs * outputs <= SMALL_KERNEL:
        return 4
    return 2 if height % 2 == 0 and width % 2 == 0 else 0


def _rewrite(node: Node, model: OnnxFile, shape: list[int], m: int) -> list[Node]:
    """Operators with the same output; their constants go into the model."""
    out = node.outputs[0]
    kernel = model.initializers[node.inputs[1]]
    outputs, inputs = kernel.shape[:2]
    batch, _, height, width = shape
    rows, columns = height // m, width // m
    tiles = rows * columns
    side = m + 2  # of an input tile

    def constant(name: str, value: npt.NDArray[np.generic]) -> str:
        model.initializers[f"{out}.{name}"] = value
        return f"{out}.{name}"

    def reshape(source: str, target: str, *to: int) -> Node:
        return Node.make("Reshape", [source, constant(f"{target}.shape", np.array(to))], [target])

    x, y = f"{out}.input", f"{out}.result"
    cut = Node.make(
        "Conv", [f"{x}.planes", constant("cut", _cutting(m))], [f"{x}.tiles"],
        kernel_shape=[side, side], strides=[m, m], pads=[1, 1, 1, 1],
    )  # fmt: skip
    nodes = [
        reshape(node.inputs[0], f"{x}.planes", batch * inputs, 1, height, width),
        cut,  # [B C, side^2, rows, columns]
        reshape(f"{x}.tiles", f"{x}.flat", batch, inputs, side**2, tiles),
        Node.make("Transpose", [f"{x}.flat"], [f"{x}.turned"], perm=[2, 1, 0, 3]),
        reshape(f"{x}.turned", f"{x}.by_coefficient", side**2, inputs, batch * tiles),
        # [side^2, K, C] x [side^2, C, B tiles]
        Node.make("MatMul", [constant("kernel", _kernels(kernel, m)), f"{x}.by_coefficient"], [y]),
        reshape(y, f"{y}.flat", side**2, outputs * batch * tiles),
        Node.make("MatMul", [constant("back", _back(m)), f"{y}.flat"], [f"{y}.tiles"]),
        reshape(f"{y}.tiles", f"{y}.apart", m * m * outputs, batch, tiles),
        Node.make("Transpose", [f"{y}.apart"], [f"{y}.together"], perm=[1, 0, 2]),
        reshape(f"{y}.together", f"{y}.phases", batch, m * m * outputs, rows, columns),
    ]
    if len(node.inputs) < 3:
        return [*nodes, Node.make("DepthToSpace", [f"{y}.phases"], [out], blocksize=m)]
    bias = constant("bias", model.initializers[node.inputs[2]].reshape(outputs, 1, 1))
    return [
        *nodes,
        Node.make("DepthToSpace", [f"{y}.phases"], [f"{y}.unbiased"], blocksize=m),
        Node.make("Add", [f"{y}.unbiased", bias], [out]),
    ]


def _cutting(m: int) -> npt.NDArray[np.float32]:
    """[side^2, 1, side, side]: B' d B of each tile, as a convolution of stride m."""
    B, _, _ = TRANSFORMS[m]
    side = m + 2
    both = np.einsum("ia,jb->ijab", B, B).reshape(side**2, 1, side, side)
    return np.asarray(both, np.float32)


def _kernels(kernel: npt.NDArray[np.float32], m: int) -> npt.NDArray[np.float32]:
    """[K, C, 3, 3] -> [side^2, K, C]: G g G'."""
    _, G, _ = TRANSFORMS[m]
    both = np.einsum("ia,jb->ijab", G, G).reshape((m + 2) ** 2, 9).astype(np.float32)
    outputs, inputs = kernel.shape[:2]
    flat = np.ascontiguousarray(kernel.reshape(outputs * inputs, 9).T)
    return np.asarray(both @ flat, np.float32).reshape(-1, outputs, inputs)


def _back(m: int) -> npt.NDArray[np.float32]:
    """[m^2, side^2]: A' y A."""
    _, _, A = TRANSFORMS[m]
    return np.asarray(np.einsum("pi,qj->pqij", A, A).reshape(m * m, (m + 2) ** 2), np.float32)
