"""Depth that leans on the ground it is told of: how far, where not, and that it learns to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from depth_seg_ros.engines import open_engine, parity
from depth_seg_ros.errors import ConfigError
from training import networks
from training.export import export
from training.layers import batch_norm
from training.layers.depth_head import DepthHead
from training.layers.ground_lean import FARTHEST_M, GroundLean
from training.layers.rig import draw_ground
from training.model_spec import default_spec
from training.networks.ds_net_lite import DSNetLite
from training.optimise import freeze_blocks
from training.start.initialise import start_network
from training.start.lsuv import unit_variance
from training.start.starting_point import StartingPoint

OPTIONS = {"depth_head": "exp", "rig_input": True, "depth_confidence": True, "ground_lean": True}
GROUND = draw_ground(torch.tensor([[0.0, 0.01, -0.32], [0.001, 0.012, -0.4]]), 64, 64)


def build() -> DSNetLite:
    torch.manual_seed(0)
    network = networks.build("ds_net_lite", **OPTIONS)
    assert isinstance(network, DSNetLite)
    return network


@pytest.mark.parametrize("kind", ["exp", "relu"])
def test_all_its_weight_on_the_ground_gives_the_ground_but_never_beyond_the_horizon(
    kind: str,
) -> None:
    head, lean = DepthHead(kind), GroundLean([8, 4])
    assert lean.share.bias is not None
    with torch.no_grad():
        lean.share.bias.fill_(20.0)
    raw = head.raw(torch.full((2, 1, 32, 32), 12.0))
    depth_m = head(lean(raw, torch.zeros(2, 4, 32, 32), GROUND, head))
    inverse = torch.nn.functional.avg_pool2d(GROUND.unsqueeze(1), 2)[:, 0]
    near, sky = inverse > 1 / 40, inverse == 0
    assert near.any() and sky.any()
    torch.testing.assert_close(depth_m[near], 1 / inverse[near])
    torch.testing.assert_close(depth_m[sky], torch.full_like(depth_m[sky], 12.0))
    assert (depth_m <= FARTHEST_M + 1e-3).all()


def test_it_begins_with_next_to_nothing_and_learns() -> None:
    network = build()
    image = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    freeze_blocks(network, 3)
    batch_norm.insert(network)
    unit_variance(network, image, [])  # which looks at images alone
    assert not any("ground_lean" in key and "norm" in key for key in network.state_dict())
    plain = networks.build("ds_net_lite", **{**OPTIONS, "ground_lean": False})
    network.depth_head.start_at(network.depth_decoder.head, 12.0)
    network.started_from(plain.state_dict().keys())
    lean = network.ground_lean
    assert lean is not None
    with torch.inference_mode():
        told = network.eval()(image, GROUND).depth_m.log()
        network.ground_lean = None
        alone = network(image, GROUND).depth_m.log()
        network.ground_lean = lean
    farthest = (GROUND.clamp(1 / FARTHEST_M).log() + alone).abs().max()
    assert 0 < (told - alone).abs().max() < 0.06 * farthest  # a share of 5 %
    network.train()(image, GROUND).depth_m.log().square().mean().backward()
    assert lean.share.weight.grad is not None
    assert lean.share.weight.grad.abs().max() > 0
    assert all(hint.weight.grad.abs().max() > 0 for hint in lean.hints)
    before = lean.share.weight.clone()
    with torch.no_grad():
        lean.share.weight += 0.1
    network.started_from(network.state_dict().keys())
    assert torch.equal(lean.share.weight, before + 0.1)  # what was learnt goes on
    network.started_from(plain.state_dict().keys())
    assert not lean.share.weight.any()


def test_the_exported_file_does_the_same(tmp_path: Path) -> None:
    network = build()
    start_network(network, "he", 12.0)
    assert network.ground_lean is not None
    with torch.no_grad():
        network.ground_lean.share.weight.normal_(0, 0.5)
        for hint in network.ground_lean.hints:
            hint.weight.normal_(0, 0.1)
    path = tmp_path / "lean.onnx"
    export(network, replace(default_spec(network), input_width=64, input_height=32), path)
    image, ground = parity.frames(32, 64, 1), parity.grounds(32, 64, 1)
    with open_engine(path, "onnxruntime", threads=1) as engine, torch.inference_mode():
        said = engine.infer(image, ground)["depth"]
        own = network.eval()(torch.from_numpy(image), torch.from_numpy(ground)).depth_m
    assert np.allclose(said, own.numpy(), rtol=1e-3)


def test_there_must_be_something_to_lean_on() -> None:
    with pytest.raises(ConfigError, match="rig_input"):
        networks.build("ds_net_lite", ground_lean=True)
    with pytest.raises(ConfigError, match="ground_lean"):
        networks.build("ds_net", rig_input=True, ground_lean=True)


def test_a_start_that_leans_is_known_by_its_weights() -> None:
    start = StartingPoint("ds_net_lite", "exp", 64, 64, build().state_dict())
    assert start.options == {"rig_input": True, "ground_lean": True, "depth_confidence": True}
