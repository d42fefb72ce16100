"""Batch norms that come and go: the folded network computes the same and has the old structure."""

import torch

from training import networks
from training.layers import batch_norm
from training.optimise import freeze_blocks
from training.start.initialise import start_network


def trained_a_little(frozen: int):
    torch.manual_seed(0)
    network = networks.build("ds_net", depth_head="exp")
    freeze_blocks(network, frozen)
    batch_norm.insert(network)
    start_network(network, "he", 12.0)
    image = torch.randint(0, 256, (4, 32, 64, 3), dtype=torch.uint8)
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=1e-3)
    for _ in range(3):
        depth_m, logits, _ = network(image)
        (depth_m.log().mean() + logits.square().mean()).backward()
        optimizer.step()
    return network.eval(), image


def test_folded_network_computes_the_same():
    network, image = trained_a_little(frozen=2)
    plain = networks.build("ds_net", depth_head="exp").eval()
    plain.load_state_dict(batch_norm.fold(plain, network.state_dict()), strict=True)
    with torch.no_grad():
        expected, found = network(image), plain(image)
    torch.testing.assert_close(found.depth_m, expected.depth_m, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found.logits, expected.logits, rtol=1e-3, atol=1e-3)


def test_only_learning_layers_are_normalised_and_never_the_last():
    network, _ = trained_a_little(frozen=3)
    normalised = {k.partition(".norm.")[0] for k in network.state_dict() if ".norm." in k}
    assert "encoder.features.16" not in normalised  # the last convolution of block 3
    assert "encoder.features.19" in normalised
    assert {"depth_decoder.up.0", "class_decoder.up.6"} <= normalised
    assert not any(name.endswith("head") for name in normalised)
    assert network.encoder.features[16].weight.requires_grad is False


def test_weights_without_batch_norm_fold_to_themselves():
    network = networks.build("depth_mancini")
    weights = network.state_dict()
    folded = batch_norm.fold(network, weights)
    assert folded.keys() == weights.keys()
    assert not batch_norm.is_normalised(weights)
    assert all(torch.equal(folded[k], weights[k]) for k in weights)


def test_unfolded_network_computes_the_same_with_weights_of_unit_length():
    network, image = trained_a_little(frozen=2)
    plain = networks.build("ds_net", depth_head="exp").eval()
    plain.load_state_dict(batch_norm.fold(plain, network.state_dict()))
    again = networks.build("ds_net", depth_head="exp")
    freeze_blocks(again, 2)
    batch_norm.insert(again)
    again.load_state_dict(plain.state_dict(), strict=False)
    batch_norm.unfold(again, image)
    assert again.training
    other = image.flip(0, 2)  # not what was measured on
    with torch.no_grad():
        expected = plain(other)
        found = again.eval()(other)
        torch.testing.assert_close(found.depth_m, expected.depth_m, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(found.logits, expected.logits, rtol=1e-2, atol=1e-2)
        # Where the statistics are those of the batch itself, training changes nothing either.
        close = again.train()(image)
        torch.testing.assert_close(close.depth_m, plain(image).depth_m, rtol=1e-2, atol=1e-2)
    lengths = again.encoder.features[12].weight.square().sum((1, 2, 3)).sqrt()
    torch.testing.assert_close(lengths, torch.ones_like(lengths))
    lengths = again.depth_decoder.up[2].weight.square().sum((0, 2, 3)).sqrt()
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_norms_that_came_with_statistics_are_left_alone():
    """A pretrained encoder that brings its own norms (ds_net_lite) keeps them."""
    network = networks.build("ds_net_lite", depth_head="exp")
    batch_norm.insert(network)
    own = [m.norm for m in network.encoder.modules() if isinstance(m, batch_norm.NormConv2d)]
    for norm in own:
        norm.running_mean.fill_(0.5)
        norm.weight.data.fill_(2.0)
    batch_norm.unfold(network, torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8))
    assert own and all((n.running_mean == 0.5).all() and (n.weight == 2).all() for n in own)
    fresh = [
        m.norm for m in network.depth_decoder.modules() if isinstance(m, batch_norm.NormConv2d)
    ]
    assert fresh and all((n.running_mean != 0).any() for n in fresh)


def test_a_pretrained_encoder_alone_computes_what_it_did():
    """Blocks that learn on from ImageNet begin where it left them, decoders being fresh."""
    torch.manual_seed(0)
    plain, learning = (networks.build("ds_net", depth_head="exp") for _ in range(2))
    start_network(plain, "he", 12.0)
    freeze_blocks(learning, 3)
    batch_norm.insert(learning)
    learning.encoder.load_state_dict(plain.encoder.state_dict(), strict=False)
    image = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        wanted = plain.encoder.eval()(image)
        assert not torch.allclose(learning.encoder.eval()(image), wanted, rtol=1e-3)
        batch_norm.unfold(learning.encoder, image)
        torch.testing.assert_close(learning.encoder.eval()(image), wanted, rtol=1e-3, atol=1e-3)


def test_fixed_statistics_stay_while_the_rest_learns():
    torch.manual_seed(0)
    network = networks.build("ds_net_lite")
    freeze_blocks(network, 5)
    batch_norm.insert(network, fixed=True)
    images = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8)
    batch_norm.unfold(network, images)
    before = {k: v.clone() for k, v in network.state_dict().items() if ".running_" in k}
    network.train()
    loss = network(images)[0].mean()
    loss.backward()
    after = network.state_dict()
    own = [k for k in before if k.startswith("depth_decoder")]
    assert own and all(torch.equal(before[k], after[k]) for k in own)
    norm = next(m for m in network.modules() if isinstance(m, batch_norm.FixedNorm2d))
    assert norm.weight.grad is not None and not norm.training
    # In use it computes what it did while training.
    torch.testing.assert_close(network.eval()(images)[0].mean(), loss)
