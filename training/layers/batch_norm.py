"""Batch norm while training, folded into the convolutions afterwards.

The published networks have no normalisation, and sixteen plain convolutions in a row learn slowly
where only the first are pretrained. So a run may put a batch norm (Ioffe and Szegedy, ICML 2015)
behind every convolution that learns, except the last ones. In use a batch norm is a scale and an
offset a channel, which the convolution's own weights can say exactly: :func:`fold` does that, and
what is exported has the published structure and number of parameters. :func:`unfold` is the way
back, so that a finished network can learn on with batch norms.

Norms whose statistics are *fixed* keep those that they begin with, also while training. Where every
batch is of one kind (one shape, so one sort of camera), its own statistics would tell the kind, and
in use, where nothing does, the network would err on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from training.layers.network import NOT_OF_THE_IMAGE, Network

MARK = ".norm."
"""In the keys of the extra tensors: ``<convolution>.norm.running_mean`` and so on."""


class FixedNorm2d(nn.BatchNorm2d):
    """Normalises by its stored statistics, whatever the mode."""

    def train(self, mode: bool = True) -> FixedNorm2d:
        return super().train(False)


def _norm(channels: int, fixed: bool) -> nn.BatchNorm2d:
    return FixedNorm2d(channels).train() if fixed else nn.BatchNorm2d(channels)


class NormConv2d(nn.Conv2d):
    """A convolution with a batch norm behind it; ``weight`` and ``bias`` keep their keys."""

    def __init__(self, plain: nn.Conv2d, fixed: bool = False) -> None:
        super().__init__(**_shape(plain))
        self.weight, self.bias = plain.weight, plain.bias
        self.norm = _norm(plain.out_channels, fixed)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(super().forward(x))
        return out


class NormConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution with a batch norm behind it."""

    def __init__(self, plain: nn.ConvTranspose2d, fixed: bool = False) -> None:
        super().__init__(**_shape(plain))
        self.weight, self.bias = plain.weight, plain.bias
        self.norm = _norm(plain.out_channels, fixed)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        out: Tensor = self.norm(super().forward(x, output_size))
        return out


def insert(network: Network, fixed: bool = False) -> None:
    """Put a batch norm behind every convolution that learns, but heads and what is told of the rig.

    Frozen layers stay as they are: freeze first. fixed: with statistics that stay as they begin.
    """
    for name, module in list(network.named_modules()):
        plain = isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
        out = name.endswith("head") or name.startswith(NOT_OF_THE_IMAGE)
        if not plain or out or not module.weight.requires_grad:
            continue
        parent, _, own = name.rpartition(".")
        kind: Any = NormConv2d if isinstance(module, nn.Conv2d) else NormConvTranspose2d
        setattr(network.get_submodule(parent), own, kind(module, fixed))


def is_normalised(weights: Mapping[str, Tensor]) -> bool:
    """Whether a state dict is of a network with batch norms."""
    return any(MARK in key for key in weights)


@torch.no_grad()
def fold(network: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same function without batch norms: a state dict for ``network``, which has none."""
    folded = {k: v for k, v in weights.items() if MARK not in k}
    for key in weights:
        name, found, what = key.partition(MARK)
        if not found or what != "running_mean":
            continue
        norm = {k: weights[f"{name}{MARK}{k}"] for k in ("running_mean", "running_var")}
        gain, offset = weights[f"{name}{MARK}weight"], weights[f"{name}{MARK}bias"]
        scale = gain / (norm["running_var"] + EPSILON).sqrt()
        module = network.get_submodule(name)
        shape = [1, -1, 1, 1] if _outputs_of(module) else [-1, 1, 1, 1]
        folded[f"{name}.weight"] = weights[f"{name}.weight"] * scale.view(shape)
        bias = weights[f"{name}.bias"]
        folded[f"{name}.bias"] = (bias - norm["running_mean"]) * scale + offset
    return folded


@torch.no_grad()
def unfold(network: nn.Module, images: Tensor) -> None:
    """Set the batch norms of ``network`` to what its convolutions say about ``images`` (in place).

    network: whole or an encoder; with batch norms, its convolutions hold the weights of one
    without. images: uint8 [N, h, w, 3], typical ones. In use (``eval()``) it then computes what the
    plain network does. Every output channel's weights get unit length, about that of a fresh run,
    so that a learning rate means the same: the scale that folding left in them says nothing, and
    where inputs are large the weights are so small that the first steps would wipe them out. Norms
    with a gain of 0 stay silent; norms that came with statistics (a pretrained encoder's own) stay
    as they are.
    """
    norms = [m for m in network.modules() if isinstance(m, NormConv2d | NormConvTranspose2d)]
    norms = [m for m in norms if _is_fresh(m.norm)]
    hooks = [m.norm.register_forward_pre_hook(_take_over(m)) for m in norms]
    training = network.training
    try:
        network.eval()(images)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()


def _is_fresh(norm: nn.BatchNorm2d) -> bool:
    """Whether nothing has told the norm what its inputs are like."""
    assert norm.running_mean is not None and norm.running_var is not None
    return bool((norm.running_mean == 0).all() and (norm.running_var == 1).all())


def _take_over(module: NormConv2d | NormConvTranspose2d) -> Any:
    norm, inputs_of = module.norm, 1 - _outputs_of(module)

    def measured(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        """Before the norm sees them: outputs of the plain convolution -> of one of unit length."""
        assert module.bias is not None and norm.running_mean is not None
        assert norm.running_var is not None
        dims = [inputs_of, 2, 3]
        length = module.weight.square().sum(dims, keepdim=True).sqrt().clamp_min(SHORTEST)
        module.weight.div_(length)
        length = length.flatten()
        module.bias.div_(length)
        out = inputs[0] / length.view(1, -1, 1, 1)
        variance, mean = torch.var_mean(out, (0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        speaks = norm.weight != 0
        norm.weight.copy_(speaks * length * (variance + EPSILON).sqrt())
        norm.bias.copy_(speaks * length * mean)
        return (out,)

    return measured


EPSILON = nn.BatchNorm2d(1).eps
SHORTEST = 1e-9
"""Length of a channel's weights below which they count as none."""


def _outputs_of(module: nn.Module) -> int:
    """The dimension of a convolution's weights that counts its outputs."""
    return 1 if isinstance(module, nn.ConvTranspose2d) else 0


def _shape(plain: nn.Conv2d | nn.ConvTranspose2d) -> dict[str, Any]:
    keys = (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups",
    )  # fmt: skip
    return {key: getattr(plain, key) for key in keys}
