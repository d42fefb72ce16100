"""Checkpoints: whole or absent, plain data only (``weights_only=True`` reads it), self-describing.

A checkpoint holds the weights, their average, the optimiser, where the run stands and the whole
experiment. Pictures of the random generators are not needed: every draw is a function of the seed
and the step.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from depth_seg_ros.limits import within
from depth_seg_ros.system.atomic import write_bytes
from depth_seg_ros.system.reasons import system_reason
from training import networks
from training.config import Experiment
from training.config_file import experiment_from_dict
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
    """Atomic: a reader never sees half a file; OutputError where the disk is full."""
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
    content = io.BytesIO()  # into a full disk torch writes short and says nothing a user can use
    torch.save(data, content)
    write_bytes(path, content.getbuffer())


def load(path: str | Path) -> Checkpoint:
    """Read; TrainingError naming the file where it is not one of ours."""
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError(f"no checkpoint {path}; give last.pt or best.pt of a run") from None
    except OSError as e:
        raise TrainingError(f"{path} cannot be read ({system_reason(e)})") from e
    except Exception as e:  # torch raises many kinds, among them bare pickle errors
        told = str(e).strip().partition("\n")[0] or type(e).__name__
        raise TrainingError(f"{path} is not a checkpoint of training.train ({told})") from e
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise TrainingError(f"{path} has checkpoint format {found}, this version reads {FORMAT}")
    try:
        found = Checkpoint(
            experiment=experiment_from_dict(data["experiment"], str(path)),
            progress=Progress(**data["progress"]),
            weights=_tensors(data["weights"]),
            average=None if data["average"] is None else _tensors(data["average"]),
            optimizer=_mapping(data["optimizer"]),
            scaler=_mapping(data["scaler"]),
            facts=_mapping(data["facts"]),
        )
        _check_progress(found.progress)
    except (KeyError, TypeError, ValueError) as e:
        raise TrainingError(
            f"{path} is a checkpoint with wrong contents ({type(e).__name__}: {e}): it was changed "
            "or damaged; take another one of the run"
        ) from e
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} where a mapping belongs")
    return value


def _tensors(value: Any) -> Mapping[str, Tensor]:
    for name, tensor in _mapping(value).items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise TypeError(f"{name!r} is no tensor")
    return _mapping(value)


def _check_progress(progress: Progress) -> None:
    for key in ("step", "best_step", "stale"):
        value = getattr(progress, key)
        if type(value) is not int or value < 0:
            raise ValueError(f"progress.{key} is {value!r}")
    if not within(progress.seconds, 1e12, 0):
        raise ValueError(f"progress.seconds is {progress.seconds!r}")


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
