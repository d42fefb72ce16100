"""Where a run may start from: a checkpoint of an earlier one, or a finished ONNX file of ours.

The shipped ``.onnx`` files hold every weight under its torch name (rounded to float16), so that a
fine-tune for another camera needs nothing but the file the robot runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from depth_seg_ros.models import resolve_model, shipped_models
from depth_seg_ros.spec import read_spec
from training.checkpoint import load as load_checkpoint
from training.errors import TrainingError
from training.onnx_storage import restore

PREFIX = "network."
"""Of every weight's name in an exported graph; what follows is the torch name."""


_MARKS = {
    "rig_input": "rig.",
    "ground_lean": "ground_lean.",
    "depth_confidence": "doubt_head.",
    "context": "context.",
}
"""What the keys of an option's weights hold."""


@dataclass(frozen=True)
class StartingPoint:
    """A network's weights, and what they belong to. width, height: of its input."""

    name: str
    depth_head: str
    width: int
    height: int
    weights: Mapping[str, Tensor]

    @property
    def options(self) -> dict[str, bool]:
        """What it has beyond the published structure, as ``networks.build`` takes it."""
        return {k: True for k, mark in _MARKS.items() if any(mark in key for key in self.weights)}


def open_starting_point(path: str) -> StartingPoint:
    """Read a checkpoint (``.pt``: the averaged weights where there are), an ONNX file, or a model
    that ships, by its name."""
    if path in shipped_models():
        path = str(resolve_model(path))
    if path.endswith(".onnx"):
        return _from_onnx(Path(path))
    checkpoint = load_checkpoint(path)
    e = checkpoint.experiment
    return StartingPoint(
        e.network.name, e.network.depth_head, e.data.width, e.data.height,
        checkpoint.average or checkpoint.weights,
    )  # fmt: skip


def _from_onnx(path: Path) -> StartingPoint:
    spec = read_spec(path)
    model = onnx.load(path)
    restore(model)
    graph = model.graph
    arrays = {t.name: _tensor(t) for t in graph.initializer}
    for node in graph.node:  # equal tensors are stored once
        if node.op_type == "Identity" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    weights = {k.removeprefix(PREFIX): v for k, v in arrays.items() if k.startswith(PREFIX)}
    for node in graph.node:  # the exporter reshapes the slopes and forgets their names
        if node.op_type == "PRelu" and node.name.startswith("/network/"):
            _, _, decoder, *_, layer, _ = node.name.split("/")
            weights[f"{decoder}.{layer}.weight"] = arrays[node.input[1]].flatten()
    recipe = spec.training.get("recipe", {})
    if not weights or "network" not in recipe:
        raise TrainingError(
            f"{path} does not hold the weights of a network of training.networks; give a file that "
            "training.export wrote, or a checkpoint"
        )
    return StartingPoint(
        spec.name, recipe["network"]["depth_head"], spec.input_width, spec.input_height, weights
    )


def _tensor(tensor: onnx.TensorProto) -> Tensor:
    return torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
