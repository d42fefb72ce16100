"""Knowledge distillation: a small network learns what a large one says (Hinton et al., 2015).

The teacher says something at every pixel, also where nothing was measured or labelled, and its
class probabilities tell what else a thing might be.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from depth_seg_ros.errors import ConfigError
from training import networks
from training.layers import batch_norm
from training.layers.network import Network, Outputs
from training.losses import LOG_FLOOR_M
from training.start.starting_point import open_starting_point


def open_teacher(path: str, width: int, height: int) -> Network:
    """The network of a checkpoint or of an ONNX file of ours, as it is used: nothing learns."""
    source = open_starting_point(path)
    if (source.width, source.height) != (width, height):
        raise ConfigError(
            f"loss.teacher {path} looks at {source.width}x{source.height}, this run at "
            f"{width}x{height}; set data.width and data.height to the teacher's"
        )
    network = networks.build(source.name, depth_head=source.depth_head, **source.options)
    weights = dict(source.weights)
    if batch_norm.is_normalised(weights):
        weights = batch_norm.fold(network, weights)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def disagreement(student: Outputs, teacher: Outputs) -> dict[str, Tensor]:
    """``depth``: mean |ln p - ln t|; ``classes``: mean KL divergence from the teacher's classes."""
    said, taught = (o.depth_m.float().clamp_min(LOG_FLOOR_M).log() for o in (student, teacher))
    terms = {"teacher_depth": functional.l1_loss(said, taught)}
    if student.logits is not None and teacher.logits is not None:
        said, taught = (functional.log_softmax(o.float(), 1) for o in _logits(student, teacher))
        pixels = taught.shape[0] * taught.shape[2] * taught.shape[3]
        divergence = functional.kl_div(said, taught, reduction="sum", log_target=True)
        terms["teacher_classes"] = divergence / pixels
    return terms


def _logits(student: Outputs, teacher: Outputs) -> tuple[Tensor, Tensor]:
    assert student.logits is not None and teacher.logits is not None
    return student.logits, teacher.logits


class Lesson:
    """What a teacher adds to the loss of a step. weight: of its terms."""

    def __init__(self, teacher: Network, weight: float, device: torch.device) -> None:
        self.teacher: nn.Module = teacher.to(device)
        self.network, self.weight = teacher, weight

    def __call__(
        self, student: Outputs, inputs: tuple[Tensor, ...]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """(what to add, each term unweighted); ``inputs`` are the teacher's."""
        with torch.no_grad():
            taught = self.teacher(*inputs)
        terms = disagreement(student, taught)
        return self.weight * torch.stack(list(terms.values())).sum(), {
            k: v.detach() for k, v in terms.items()
        }
