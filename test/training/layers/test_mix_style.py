"""MixStyle: statistics move between images, shapes stay, and nothing of it is left in use."""

import pytest
import torch

from depth_seg_ros.errors import ConfigError
from training import networks
from training.layers import mix_style


def test_each_channel_takes_on_statistics_between_its_own_and_anothers():
    torch.manual_seed(0)
    features = torch.randn(6, 4, 16, 16) * torch.arange(1, 7).view(6, 1, 1, 1)
    mixed = mix_style.mix_style(features)
    before, after = features.std((2, 3)), mixed.std((2, 3))
    assert (after >= before.min(0).values * 0.999).all()
    assert (after <= before.max(0).values * 1.001).all()
    assert not torch.allclose(before, after, rtol=0.05)

    # Where things are stays: normalised, every channel is what it was.
    def normal(x):
        return (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True)

    torch.testing.assert_close(normal(mixed), normal(features), rtol=1e-3, atol=1e-3)


def test_a_channel_that_speaks_in_one_pixel_only_stays_finite():
    torch.manual_seed(0)
    features = torch.rand(4, 3, 16, 16)
    features[0, 0] = 0
    features[0, 0, 5, 7] = 0.01
    features[1, 1] = 0
    mixed = mix_style.mix_style(features)
    assert mixed.isfinite().all() and mixed.abs().max() < 16 * features.abs().max()


def test_only_training_mixes_and_the_structure_stays():
    torch.manual_seed(0)
    network, plain = (networks.build("depth_mancini", depth_head="exp") for _ in range(2))
    plain.load_state_dict(network.state_dict())
    mix_style.insert(network, 1.0)
    assert network.state_dict().keys() == plain.state_dict().keys()
    image = torch.randint(0, 256, (3, 32, 32, 3), dtype=torch.uint8)
    image[1] //= 4  # another look
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(image).depth_m, plain.eval()(image).depth_m)
        torch.manual_seed(1)
        one = network.train()(image).depth_m
        assert not torch.equal(one, plain.train()(image).depth_m)
        torch.manual_seed(1)  # what is drawn depends on the seed alone
        assert torch.equal(network(image).depth_m, one)


def test_encoders_without_blocks_are_refused(tiny):
    with pytest.raises(ConfigError, match="tiny has no blocks"):
        mix_style.insert(networks.build("tiny", depth_head="exp"), 0.5)
