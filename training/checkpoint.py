"""Checkpoints: whole or absent, plain data only (``weights_only=True`` reads it), self-describing.

A checkpoint holds the weights, their average, the optimiser, where the run stands and the whole
experiment. Pictures of the random generators are not needed: every draw is a function of the seed
and the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from depth_seg_ros.system.atomic import atomic_output
from training import networks
from training.config import Experiment, experiment_from_dict
from training.errors import TrainingError
from training.layers import batch_norm
from training.layers.network import Network

FORMAT = 1


@dataclass
class Progress:
    """Where a run stands. step: steps done; best: (score, step) of best.pt, and stale validations
    since; scores: of the last validation; loaded: encoder layers that started pretrained;
    interrupted: a signal asked to stop before the end."""

    step: int = 0
    best: float | None = None
    best_step: int = 0
    stale: int = 0
    seconds: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True)
class Checkpoint:
    experiment: Experiment
    progress: Progress
    weights: Mapping[str, Tensor]
    average: Mapping[str, Tensor] | None
    optimizer: Mapping[str, Any]
    scaler: Mapping[str, Any]
    facts: Mapping[str, Any]

    def network(self) -> Network:
        """The network with the weights to use: the averaged ones where there are."""
        config = self.experiment.network
        network = networks.build(config.name, **config.options())
        weights = batch_norm.fold(network, self.average or self.weights)
        load_weights(network, weights, "checkpoint")
        return network


def save(path: str | Path, checkpoint: Checkpoint) -> None:
    """Atomic: a reader never sees half a file."""
    data = {
        "format": FORMAT,
        "experiment": checkpoint.experiment.to_dict(),
        "progress": vars(checkpoint.progress),
        "weights": dict(checkpoint.weights),
        "average": None if checkpoint.average is None else dict(checkpoint.average),
        "optimizer": dict(checkpoint.optimizer),
        "scaler": dict(checkpoint.scaler),
        "facts": dict(checkpoint.facts),
    }
    with atomic_output(path) as temporary:
        torch.save(data, temporary)


def load(path: str | Path) -> Checkpoint:
    """Read; TrainingError naming the file where it is not one of ours."""
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError(f"no checkpoint {path}; give last.pt or best.pt of a run") from None
    except Exception as e:  # torch raises many kinds, among them bare pickle errors
        raise TrainingError(f"{path} is not a checkpoint of training.train ({e})") from e
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise TrainingError(f"{path} has checkpoint format {found}, this version reads {FORMAT}")
    return Checkpoint(
        experiment=experiment_from_dict(data["experiment"], str(path)),
        progress=Progress(**data["progress"]),
        weights=data["weights"],
        average=data["average"],
        optimizer=data["optimizer"],
        scaler=data["scaler"],
        facts=data["facts"],
    )


def load_weights(network: Network, weights: Mapping[str, Tensor], origin: str) -> None:
    """Strictly; one clear line where the weights are those of another network."""
    own = network.state_dict()
    wrong = [k for k in weights if k not in own or own[k].shape != weights[k].shape]
    missing = [k for k in own if k not in weights]
    if wrong or missing:
        raise TrainingError(
            f"{origin} is not of {network.name}: {len(wrong)} tensors do not fit "
            f"({', '.join(wrong[:2]) or '-'}), {len(missing)} are missing "
            f"({', '.join(missing[:2]) or '-'}); give a checkpoint of the same network"
        )
    network.load_state_dict(dict(weights))
