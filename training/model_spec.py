"""What an exported file says about itself: a network's spec, and the facts of its checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.spec import DEFAULT_RIG, ModelSpec
from training.checkpoint import load
from training.config import Experiment
from training.geometry import NETWORK_HEIGHT, NETWORK_WIDTH, training_camera
from training.layers.network import Network
from training.provenance import git_commit


def default_spec(
    network: Network,
    max_depth_m: float = 80.0,
    width: int = NETWORK_WIDTH,
    height: int = NETWORK_HEIGHT,
) -> ModelSpec:
    """The spec of a network of ours; its classes are the published ones."""
    camera = training_camera(width, height)
    return ModelSpec(
        name=network.name,
        input_width=camera.width,
        input_height=camera.height,
        fx=camera.fx,
        fy=camera.fy,
        max_depth_m=max_depth_m,
        classes=NETWORK_CLASSES if network.predicts_labels else None,
        rig_input=network.rig is not None,
        default_rig=DEFAULT_RIG if network.rig is None else None,
        depth_confidence=network.doubts,
        git_commit=git_commit(),
    )


def load_for_export(path: str | Path) -> tuple[Network, ModelSpec]:
    """The network and the spec that belongs to it."""
    checkpoint = load(path)
    e, progress = checkpoint.experiment, checkpoint.progress
    network = checkpoint.network()
    spec = default_spec(network, e.loss.max_depth_m, e.data.width, e.data.height)
    if any(s.width for s in e.data.train):
        spec = replace(spec, stride=network.stride)
    return network, spec.with_training(
        data=[" ".join((Path(s.root).name, *s.worlds)) for s in e.data.train],
        steps=progress.step,
        recipe=_recipe(e),
        validation=progress.scores,
        **checkpoint.facts,
    )


def _recipe(e: Experiment) -> dict[str, Any]:
    """The experiment without its data and without this machine's paths."""
    recipe = {k: v for k, v in e.to_dict().items() if k not in ("data", "loop")}
    network = recipe["network"]
    for key in ("encoder_weights", "start_from"):
        network[key] = Path(network[key]).name
    recipe["loss"]["teacher"] = Path(recipe["loss"]["teacher"]).name
    return recipe | {"seed": e.loop.seed, "precision": e.loop.precision}
