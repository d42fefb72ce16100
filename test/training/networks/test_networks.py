"""One contract for every network in the directory, and the published sizes."""

import subprocess
import sys

import pytest
import torch

from depth_seg_ros.errors import ConfigError
from training import networks

PUBLISHED = {"depth_mancini": 21_245_873, "ds_net": 22_478_991}


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_number_of_parameters(name):
    assert count(networks.build(name)) == PUBLISHED[name]


def test_parts_have_the_published_sizes():
    network = networks.build("ds_net")
    parts = network.encoder, network.depth_decoder, network.class_decoder
    assert [count(p) for p in parts] == [20_024_384, 1_221_489, 1_233_118]


@pytest.mark.parametrize("depth_head", ["relu", "exp"])
@pytest.mark.parametrize("name", networks.names())
def test_every_network_keeps_the_contract(name, depth_head):
    torch.manual_seed(0)
    network = networks.build(name, depth_head=depth_head)
    assert network.name == name
    image = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8)
    depth_m, logits, _ = network(image)
    assert depth_m.shape == (2, 32, 64)
    assert bool((depth_m >= 0).all())
    if logits is not None:
        assert logits.shape == (2, 30, 32, 64)
    depth_m.sum().backward()
    assert all(p.grad is not None for p in network.encoder.parameters())


def test_every_encoder_key_is_torchvisions():
    keys = list(networks.build("ds_net").encoder.state_dict())
    convolutions = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    assert keys == [f"features.{n}.{p}" for n in convolutions for p in ("weight", "bias")]


@pytest.mark.parametrize("name", networks.names())
def test_stages_are_the_outputs_of_the_blocks(name):
    network = networks.build(name)
    encoder = network.encoder.eval()
    image = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8)
    ends = []
    for number in range(1, 6):
        encoder.block_end(number).register_forward_hook(lambda m, i, o: ends.append(o))
    with torch.no_grad():
        stages = encoder.stages(image)
        assert all(torch.equal(a, b) for a, b in zip(stages, ends, strict=True))
        assert torch.equal(stages[-1], encoder(image))
    assert [s.shape[-1] * network.stride // 64 for s in stages] == [16, 8, 4, 2, 1]


@pytest.mark.parametrize("name", networks.names())
def test_block_parameters_are_disjoint_and_complete(name):
    encoder = networks.build(name).encoder
    blocks = [encoder.block_parameters(n) for n in range(1, 6)]
    assert all(blocks)
    assert len({id(p) for b in blocks for p in b}) == len(list(encoder.parameters()))


def test_unknown_names_and_options_are_one_clear_error():
    with pytest.raises(ConfigError, match=r"resnet.*known: .*ds_net"):
        networks.build("resnet")
    with pytest.raises(ConfigError, match="colour"):
        networks.build("ds_net", colour=3)
    with pytest.raises(ConfigError, match=r"softmax.*known: relu, exp"):
        networks.build("ds_net", depth_head="softmax")


def test_the_settled_name_makes_the_same_network():
    from training import models
    from training.models import ds_net

    assert models.names() == networks.names()
    assert ds_net.build().state_dict().keys() == networks.build("ds_net").state_dict().keys()


def test_listing_networks_imports_none():
    code = (
        "import sys; from training import networks; assert 'ds_net' in networks.names(); "
        "assert 'training.networks.ds_net' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
