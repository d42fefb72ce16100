"""Networks that are told their rig and say how sure they are: start, learn, export, quantise."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from depth_seg_ros.engines import open_engine, parity
from depth_seg_ros.engines.precision import prepare_for_build
from depth_seg_ros.spec import read_spec
from training import networks
from training.calibration import activation, observe
from training.export import export
from training.layers import batch_norm
from training.layers.doubt import TYPICAL_SCALE, WITHIN, laplace, probability_within
from training.layers.rig import RigInput, draw_ground
from training.losses import Loss, depth_target, doubt
from training.model_spec import default_spec
from training.optimise import freeze_blocks
from training.quantize import OnnxFile, fold_constants, insert_qdq, quantised_convolutions
from training.start.initialise import start_network

BOTH = {"rig_input": True, "depth_confidence": True}


@pytest.mark.parametrize("name", networks.names())
def test_networks_without_either_are_what_they_were(name):
    plain, told = networks.build(name), networks.build(name, **BOTH)
    extra = set(told.state_dict()) - set(plain.state_dict())
    assert extra == {
        "rig.conv.weight", "rig.conv.bias",
        "depth_decoder.doubt_head.weight", "depth_decoder.doubt_head.bias",
    }  # fmt: skip
    assert plain.rig is None and not plain.doubts


@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("name", networks.names())
def test_from_a_network_without_it_first_says_the_same_and_then_learns(name, normalised):
    torch.manual_seed(0)
    old = networks.build(name, depth_head="exp")
    new = networks.build(name, depth_head="exp", **BOTH)
    image = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    ground = draw_ground(torch.tensor([[0.0, 0.02, -0.5], [0.01, 0.03, -1.0]]), 64, 64)
    freeze_blocks(new, 2)
    if normalised:
        batch_norm.insert(new)
    new.load_state_dict(old.state_dict(), strict=False)
    new.started_from(old.state_dict().keys())
    if normalised:
        batch_norm.unfold(new, image)
    said, expected = new.eval()(image, ground), old(image)
    torch.testing.assert_close(said.depth_m, expected.depth_m, rtol=1e-3, atol=1e-3)
    assert torch.allclose(said.log_scale, torch.tensor(math.log(TYPICAL_SCALE)))

    new.train()(image, ground).depth_m.log().mean().backward()
    assert new.rig.conv.weight.grad.abs().max() > 0  # also behind frozen blocks
    with torch.no_grad():
        new.rig.conv.weight += 0.1
    assert not torch.equal(new.eval()(image, ground).depth_m, new(image, 3 * ground).depth_m)


@pytest.mark.parametrize("name", networks.names())
def test_the_doubt_teaches_nothing_but_itself(name):
    network = networks.build(name, depth_head="exp", **BOTH)
    with torch.no_grad():  # it starts at zero, where nothing could flow back anyway
        network.depth_decoder.doubt_head.weight.normal_(std=1e-4)
    image = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8)
    network(image).log_scale.sum().backward()
    taught = {k for k, p in network.named_parameters() if p.grad is not None and p.grad.any()}
    assert taught == {f"depth_decoder.doubt_head.{k}" for k in ("weight", "bias")}


def test_a_rig_that_was_taken_goes_on():
    network = networks.build("ds_net", **BOTH)
    before = network.rig.conv.weight.clone()
    network.started_from(network.state_dict().keys())
    assert torch.equal(network.rig.conv.weight, before)


def test_ground_is_drawn_as_the_robot_draws_it():
    from depth_seg_ros.preprocess import draw_ground as on_the_robot

    planes = np.float32([[0.001, 0.004, -0.3], [-0.002, 0.01, -0.9]])
    drawn = draw_ground(torch.from_numpy(planes), 160, 256).numpy()
    for plane, picture in zip(planes, drawn, strict=True):
        assert np.allclose(on_the_robot(plane, 256, 160), picture, atol=1e-6)
    assert RigInput(8, stride=2, scale=1.0)(torch.from_numpy(drawn)).shape == (2, 8, 80, 128)


def test_doubt_learns_the_spread_of_the_errors_and_leaves_the_depth_alone():
    torch.manual_seed(0)
    spread = torch.tensor([0.05, 0.4])
    errors = torch.distributions.Laplace(0.0, spread.view(2, 1, 1)).sample((100, 100))[..., 0, 0]
    errors = errors.permute(2, 0, 1)
    truth = torch.full((2, 100, 100), 10.0)
    prediction = (truth * errors.exp()).requires_grad_()
    target = depth_target(truth, 1e6, "clip", "mask")
    log_scale = torch.zeros(2, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([log_scale], lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        doubt(prediction, log_scale.expand(2, 100, 100), target).backward()
        optimizer.step()
    assert log_scale.exp().flatten().tolist() == pytest.approx(spread.tolist(), rel=0.05)
    assert prediction.grad is None
    held = (errors.abs() < math.log(WITHIN)).float().mean((1, 2))
    said = probability_within(log_scale.detach()).flatten()
    assert said.tolist() == pytest.approx(held.tolist(), abs=0.02)
    assert laplace(torch.tensor(0.2), torch.tensor(0.0)).item() == pytest.approx(0.2)


def test_the_loss_has_a_term_only_where_there_is_doubt():
    image = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8)
    depth, labels = torch.full((1, 32, 32), 9.0), torch.full((1, 32, 32), 7, dtype=torch.uint8)
    loss = Loss({"log_l1": 1.0}, 1.0, 80.0, confidence=0.5)
    total, terms = loss(networks.build("ds_net", depth_confidence=True)(image), depth, labels)
    assert set(terms) == {"log_l1", "cross_entropy", "doubt"}
    expected = terms["log_l1"] + terms["cross_entropy"] + 0.5 * terms["doubt"]
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(loss(networks.build("ds_net")(image), depth, labels)[1]) == set(terms) - {"doubt"}


def exported(name, path):
    torch.manual_seed(0)
    network = networks.build(name, **BOTH)
    start_network(network, "he", 12.0)
    with torch.no_grad():
        network.depth_decoder.doubt_head.weight.normal_(0, 1.0)
    spec = replace(default_spec(network), input_width=64, input_height=32)
    export(network, spec, path)
    return path


@pytest.mark.parametrize("name", networks.names())
def test_the_file_takes_the_ground_and_gives_the_confidence(name, tmp_path):
    path = exported(name, tmp_path / "net.onnx")
    spec = read_spec(path)
    assert spec.rig_input and spec.depth_confidence
    image, ground = parity.frames(32, 64, 1), parity.grounds(32, 64, 1)
    with open_engine(path, "onnxruntime", threads=1) as engine:
        assert engine.info.outputs[-1] == "depth_confidence"
        one = {k: v.copy() for k, v in engine.infer(image, ground).items()}
        other = engine.infer(image, 0 * ground)
        assert one["depth_confidence"].std() > 1 and not np.array_equal(
            one["depth"], other["depth"]
        )
    half = tmp_path / "half.onnx"
    half.write_bytes(prepare_for_build(path.read_bytes(), "fp16", 1))
    with (
        open_engine(half, "onnxruntime", threads=1) as found,
        open_engine(path, "onnxruntime", threads=1) as wanted,
    ):
        parity.check(parity.measure(found, wanted), "fp16")


def test_int8_is_calibrated_with_the_ground(tmp_path):
    path = exported("ds_net_skip", tmp_path / "net.onnx")
    model = OnnxFile.read(path)
    fold_constants(model)
    tensors = sorted({node.inputs[0] for node in quantised_convolutions(model)})
    images, grounds = parity.frames(32, 64, 3), parity.grounds(32, 64, 3)
    inputs = [{"image": images[i : i + 1], "ground": grounds[i : i + 1]} for i in range(3)]
    seen = observe(model, tensors, inputs)
    insert_qdq(model, {name: activation(values) for name, values in seen.items()})
    int8 = tmp_path / "net.int8.onnx"
    int8.write_bytes(model.encode())
    with (
        open_engine(int8, "onnxruntime", threads=1) as found,
        open_engine(path, "onnxruntime", threads=1) as wanted,
    ):
        measured = parity.measure(found, wanted)
    assert 0 < measured.depth_mean_relative < 0.05 and measured.confidence_mean < 0.03
    assert prepare_for_build(int8.read_bytes(), "int8", 2)
