"""The faster convolution gives what the plain one gives, forward and backward."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from training import networks
from training.layers import batch_norm
from training.layers.winograd import use_winograd, winograd_conv
from training.optimise import freeze_blocks


@pytest.mark.parametrize(
    ("batch", "inputs", "outputs", "height", "width"),
    [(2, 3, 5, 8, 8), (1, 4, 2, 10, 16), (3, 2, 4, 5, 7), (1, 1, 1, 1, 1)],
)
def test_outputs_and_gradients_agree(batch, inputs, outputs, height, width):
    torch.manual_seed(0)
    x = torch.randn(batch, inputs, height, width, requires_grad=True)
    weight = torch.randn(outputs, inputs, 3, 3, requires_grad=True)
    bias = torch.randn(outputs, requires_grad=True)
    expected = functional.conv2d(x, weight, bias, padding=1)
    found = winograd_conv(x, weight, bias)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    grad = torch.randn_like(expected)
    for f, e in zip(
        torch.autograd.grad(found, (x, weight, bias), grad),
        torch.autograd.grad(expected, (x, weight, bias), grad),
        strict=True,
    ):
        torch.testing.assert_close(f, e, rtol=1e-4, atol=1e-4)


def test_a_network_computes_the_same_and_frozen_layers_stay_frozen():
    torch.manual_seed(0)
    network = networks.build("depth_mancini", depth_head="exp")
    freeze_blocks(network, 3)
    batch_norm.insert(network)
    fast = copy.deepcopy(network)
    assert use_winograd(fast) == 13  # one of block 2, all of blocks 3, 4 and 5
    image = torch.randint(0, 256, (4, 80, 128, 3), dtype=torch.uint8)
    for _ in range(2):  # the second time a frozen kernel comes from the first
        expected, found = network(image).depth_m, fast(image).depth_m
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    found.log().mean().backward()
    assert all((p.grad is not None) == p.requires_grad for p in fast.parameters())


def test_other_convolutions_are_left_alone():
    layers = nn.Sequential(
        nn.Conv2d(128, 8, 5, padding=2),
        nn.Conv2d(128, 8, 3, padding=1, stride=2),
        nn.Conv2d(16, 8, 3, padding=1),
    )
    assert use_winograd(layers) == 0
