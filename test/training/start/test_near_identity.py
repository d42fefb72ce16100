"""Fresh layers that pass on what comes in."""

import torch

from training import networks
from training.start.initialise import start_network
from training.start.near_identity import near_identity


def test_block_five_starts_by_repeating_its_input():
    torch.manual_seed(0)
    network = networks.build("ds_net", depth_head="exp")
    start_network(network, "he", 12.0)
    before = network.encoder.features[0].weight.clone()
    kept = network.encoder.features[19].weight.clone()
    near_identity(network, ["features.19.weight"])
    assert torch.equal(network.encoder.features[0].weight, before)  # 3 channels: no identity
    assert torch.equal(network.encoder.features[19].weight, kept)  # pretrained
    x = torch.rand(1, 512, 6, 8)
    out = network.encoder.features[28:30](x)  # the first convolution of block 5 and its ReLU
    correlation = torch.corrcoef(torch.stack([x.flatten(), out.flatten()]))[0, 1]
    assert correlation > 0.4


def test_up_sampling_of_a_constant_is_constant_inside():
    torch.manual_seed(0)
    network = networks.build("depth_mancini", depth_head="exp")
    near_identity(network, [])
    out = network.depth_decoder.up[0](torch.ones(1, 512, 6, 6))[0, :, 2:-2, 2:-2]
    assert out.std((1, 2)).mean() < 0.5 * out.mean((1, 2)).abs().mean()
