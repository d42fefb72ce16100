"""Unit variance where layers are fresh, untouched weights where they were loaded."""

import torch
from torch import nn

from training import networks
from training.start.initialise import start_network
from training.start.lsuv import unit_variance


def test_fresh_layers_put_out_unit_variance():
    torch.manual_seed(0)
    network = networks.build("ds_net", depth_head="exp")
    start_network(network, "he", 12.0)
    image = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8)
    loaded = network.encoder.features[0].weight.clone()
    unit_variance(network, image, ["features.0.weight"])
    assert torch.equal(network.encoder.features[0].weight, loaded)
    spreads = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(
                lambda m, i, o, name=name: spreads.update({name: o.std().item()})
            )
    with torch.no_grad():
        depth_m, *_ = network(image)
    heads = {n: spreads.pop(n) for n in list(spreads) if n.endswith("head")}
    spreads.pop("encoder.features.0")
    assert all(abs(s - 1) < 0.01 for s in spreads.values())
    assert all(abs(s - 0.1) < 0.001 for s in heads.values())
    assert depth_m.min() > 8 and depth_m.max() < 18  # about the 12 m it starts at
