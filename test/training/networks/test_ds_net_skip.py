"""Skips start silent where the decoders come from a network without, and learn from there."""

import pytest
import torch

from training import networks
from training.layers import batch_norm
from training.layers.context import Context
from training.optimise import freeze_blocks


@pytest.mark.parametrize("context", [False, True])
@pytest.mark.parametrize("normalised", [False, True])
def test_from_ds_net_it_first_says_what_ds_net_says(normalised, context):
    torch.manual_seed(0)
    old = networks.build("ds_net", depth_head="exp")
    new = networks.build("ds_net_skip", depth_head="exp", context=context)
    image = torch.randint(0, 256, (2, 32, 48, 3), dtype=torch.uint8)
    freeze_blocks(new, 3)
    if normalised:
        batch_norm.insert(new)
    new.load_state_dict(old.state_dict(), strict=False)
    new.started_from(old.state_dict().keys())
    if normalised:
        batch_norm.unfold(new, image)
    depth_m, logits, _ = new.eval()(image)
    expected_m, expected_logits, _ = old(image)
    torch.testing.assert_close(depth_m, expected_m, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(logits, expected_logits, rtol=1e-3, atol=1e-3)

    optimizer = torch.optim.SGD(new.parameters(), lr=1e-2)
    for _ in range(2):  # the first step wakes the skips, the second moves what is before them
        optimizer.zero_grad()
        depth_m, logits, _ = new.train()(image)
        (depth_m.log().mean() + logits.square().mean()).backward()
        optimizer.step()
    added = ("depth_skips", "class_skips", "context")
    parameters = [
        p for k, p in new.named_parameters() if k.startswith(added) and k.endswith("weight")
    ]
    assert len(parameters) == (8 + 6 * context) * (1 + normalised)
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in parameters)


def test_context_sees_the_whole_height_of_an_input_of_any_shape():
    torch.manual_seed(0)
    context = Context(512)
    for rows, columns in ((10, 32), (15, 21)):
        features = torch.rand(1, 512, rows, columns, requires_grad=True)
        (seen,) = torch.autograd.grad(context(features)[0, :, 0, 0].sum(), features)
        told = seen[0].abs().sum(0) > 0
        assert told[:, 0].all() and told[0, :16].all() and not told[:, 16:].any()


@pytest.mark.parametrize("context", [False, True])
def test_skips_that_were_taken_go_on(context):
    torch.manual_seed(0)
    network = networks.build("ds_net_skip", context=context)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    network.started_from(before.keys())
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
