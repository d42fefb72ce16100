"""Skips start silent where the decoders come from a network without, and learn from there."""

import pytest
import torch

from training import networks
from training.layers import batch_norm
from training.optimise import freeze_blocks


@pytest.mark.parametrize("normalised", [False, True])
def test_from_ds_net_it_first_says_what_ds_net_says(normalised):
    torch.manual_seed(0)
    old = networks.build("ds_net", depth_head="exp")
    new = networks.build("ds_net_skip", depth_head="exp")
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
    parameters = [p for k, p in new.named_parameters() if "skips" in k and k.endswith("weight")]
    assert len(parameters) == (16 if normalised else 8)
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in parameters)


def test_skips_that_were_taken_go_on():
    torch.manual_seed(0)
    network = networks.build("ds_net_skip")
    before = {k: v.clone() for k, v in network.state_dict().items()}
    network.started_from(before.keys())
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
