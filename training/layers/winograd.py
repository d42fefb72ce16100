"""3x3 convolutions of a training step with a quarter of the multiplications, for processors.

Winograd's minimal filtering F(4, 3) (Lavin and Gray, CVPR 2016) computes a tile of 4x4 outputs from
6x6 inputs with 36 instead of 144 multiplications for each pair of channels, in the forward pass and
in both products of the backward pass; what remains are large matrix products. torch has no such
kernel for processors without AVX-512. Results differ by rounding (about 1e-5 of the output's size).

``Y = A' [ (G g G') * (B' d B) ] A`` for a kernel g and a tile d (primes mean transposed); here
every pair of products is one product with a Kronecker square, over all tiles and channels at once.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from depth_seg_ros.engines.winograd import TRANSFORMS

MIN_CHANNELS = 128
"""With fewer channels, moving the tiles costs more than the multiplications saved."""
MIN_TILES = 40
"""In a batch; with fewer, transforming the kernels costs more."""

_B, _G, _A = (torch.from_numpy(matrix) for matrix in TRANSFORMS[4])  # B', G, A'
INPUT = torch.kron(_B, _B).float()  # [36, 36]: tile -> coefficients
KERNEL = torch.kron(_G, _G).float()  # [36, 9]
OUTPUT = torch.kron(_A, _A).float()  # [16, 36]: coefficients -> outputs


def use_winograd(network: nn.Module) -> int:
    """Let the wide 3x3 convolutions of a network on the CPU compute this way; returns how many."""
    count = 0
    for module in network.modules():
        if not isinstance(module, nn.Conv2d) or isinstance(module, nn.ConvTranspose2d):
            continue
        plain = (module.kernel_size, module.stride, module.padding, module.groups)
        if plain == ((3, 3), (1, 1), (1, 1), 1) and module.in_channels >= MIN_CHANNELS:
            module._conv_forward = _forward_of(module)  # type: ignore[method-assign]
            count += 1
    return count


def winograd_conv(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """conv2d(x [B, C, h, w], weight [K, C, 3, 3], bias [K], padding=1) -> [B, K, h, w]."""
    return _convolve(x, transformed(weight), bias)


def transformed(weight: Tensor) -> Tensor:
    """[K, C, 3, 3] -> [36, K, C]."""
    outputs, inputs = weight.shape[:2]
    coefficients: Tensor = KERNEL @ weight.reshape(outputs * inputs, 9).t()
    return coefficients.view(36, outputs, inputs)


def _forward_of(module: nn.Conv2d) -> Any:
    """What ``module._conv_forward`` becomes; a frozen kernel is transformed only once."""
    kept: list[Tensor] = []

    def forward(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if x.shape[0] * -(-x.shape[2] // 4) * -(-x.shape[3] // 4) < MIN_TILES:
            return functional.conv2d(x, weight, bias, padding=1)
        if weight.requires_grad:
            return winograd_conv(x, weight, bias)
        if not kept:
            kept.append(transformed(weight))
        return _convolve(x, kept[0], bias)

    return forward


def _convolve(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    out: Tensor = _Winograd.apply(x, kernel)  # type: ignore[no-untyped-call]
    return out if bias is None else out + bias.view(-1, 1, 1)


class _Winograd(torch.autograd.Function):
    """The convolution with a transformed kernel [36, K, C]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        rows, columns = -(-height // 4), -(-width // 4)
        padded = functional.pad(x, (1, 4 * columns + 1 - width, 1, 4 * rows + 1 - height))
        tiles = padded.unfold(2, 6, 4).unfold(3, 6, 4).permute(4, 5, 1, 0, 2, 3)
        coefficients = (INPUT @ tiles.reshape(36, -1)).view(36, channels, -1)
        ctx.save_for_backward(coefficients, kernel)
        ctx.shape = x.shape
        out = OUTPUT @ torch.bmm(kernel, coefficients).view(36, -1)
        out = out.view(4, 4, -1, batch, rows, columns).permute(3, 2, 4, 0, 5, 1)
        return out.reshape(batch, -1, 4 * rows, 4 * columns)[:, :, :height, :width]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None]:
        coefficients, kernel = ctx.saved_tensors
        batch, channels, height, width = ctx.shape
        rows, columns = -(-height // 4), -(-width // 4)
        padded = functional.pad(grad, (0, 4 * columns - width, 0, 4 * rows - height))
        tiles = padded.view(batch, -1, rows, 4, columns, 4).permute(3, 5, 1, 0, 2, 4)
        products = (OUTPUT.T @ tiles.reshape(16, -1)).view(36, kernel.shape[1], -1)
        for_kernel = for_x = None
        if ctx.needs_input_grad[1]:
            for_kernel = torch.bmm(products, coefficients.transpose(1, 2))
        if ctx.needs_input_grad[0]:
            spread = INPUT.T @ torch.bmm(kernel.transpose(1, 2), products).view(36, -1)
            parts = spread.view(6, 6, channels, batch, rows, columns).permute(3, 2, 4, 0, 5, 1)
            for_x = _overlap_add(parts)[:, :, 1 : height + 1, 1 : width + 1]
        return for_x, for_kernel


def _overlap_add(tiles: Tensor) -> Tensor:
    """[B, C, rows, 6, columns, 6], 4 apart -> their sum [B, C, 4 (rows + 1), 4 (columns + 1)]."""
    batch, channels, rows, _, columns, _ = tiles.shape
    wide = tiles.new_zeros(batch, channels, rows, 6, columns + 1, 4)
    wide[..., :columns, :] = tiles[..., :4]
    wide[..., 1:, :2] += tiles[..., 4:]
    out = tiles.new_zeros(batch, channels, rows + 1, 4, columns + 1, 4)
    out[:, :, :rows] = wide[:, :, :, :4]
    out[:, :, 1:, :2] += wide[:, :, :, 4:]
    return out.view(batch, channels, 4 * (rows + 1), 4 * (columns + 1))
