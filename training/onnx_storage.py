"""Weights stored as float16 in a graph that computes in float32."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STORED = ".float16"
"""What is added to the name of a weight that is stored so."""
SMALLEST = 256
"""Tensors with fewer numbers (biases, slopes, normalisation) stay float32: nothing to gain."""


def store_as_float16(model: onnx.ModelProto) -> None:
    """Replace large float32 initializers by float16 ones, each behind a Cast to float32.

    Runtimes fold the Cast when they load the file.
    """
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALLEST:
            continue
        name, stored = tensor.name, f"{tensor.name}{STORED}"
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        cast = helper.make_node("Cast", [stored], [name], f"{name}.cast", to=TensorProto.FLOAT)
        casts.append(cast)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
