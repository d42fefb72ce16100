"""Encoder weights: the Keras fold is exact, partial files are partial, strangers are refused."""

import os

import numpy as np
import pytest
import torch
from torch import nn

from training import networks
from training.errors import TrainingError
from training.start.initialise import keras_npz, load_encoder, start_network


@pytest.fixture
def partial_npz(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "vgg.npz"
    np.savez(
        path,
        **{
            "block1_conv1.kernel": rng.normal(0, 0.02, (3, 3, 3, 64)).astype("f4"),
            "block1_conv1.bias": rng.normal(0, 1, 64).astype("f4"),
            "block1_conv2.kernel": rng.normal(0, 0.05, (3, 3, 64, 64)).astype("f4"),
            "block1_conv2.bias": np.zeros(64, "f4"),
        },
    )
    return path


def test_folding_keeps_the_function_of_the_image(partial_npz):
    """The Keras layer on BGR - mean equals the folded layer on the encoder's own normalisation."""
    encoder = networks.build("depth_mancini").encoder
    load_encoder(encoder, str(partial_npz))
    image = torch.randint(0, 256, (1, 16, 16, 3), dtype=torch.uint8)
    ours = encoder.features[0](encoder.normalise(image))

    with np.load(partial_npz) as keras:
        kernel = torch.from_numpy(keras["block1_conv1.kernel"]).permute(3, 2, 0, 1)
        bias = torch.from_numpy(keras["block1_conv1.bias"])
    mean = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    bgr = image.flip(-1).permute(0, 3, 1, 2).float() - mean
    theirs = nn.functional.conv2d(bgr, kernel, bias, padding=1)
    inside = (..., slice(1, -1), slice(1, -1))  # zero padding means slightly different colours
    torch.testing.assert_close(ours[inside], theirs[inside], rtol=1e-4, atol=1e-4)


def test_a_partial_file_leaves_the_rest_at_he(partial_npz):
    network = networks.build("depth_mancini")
    loaded = start_network(network, str(partial_npz), typical_depth_m=12.0)
    assert loaded == ["features.0.weight", "features.2.weight"]
    deep = network.encoder.features[34].weight
    assert deep.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.02)


@pytest.mark.parametrize(("head", "raw"), [("relu", 12.0), ("exp", np.log(12.0))])
def test_the_depth_starts_at_a_typical_value(head, raw):
    network = networks.build("depth_mancini", depth_head=head)
    start_network(network, "he", typical_depth_m=12.0)
    assert network.depth_decoder.head.bias.item() == pytest.approx(raw)


def test_strange_files_are_refused(tmp_path):
    network = networks.build("depth_mancini")
    with pytest.raises(TrainingError, match="no encoder weights"):
        start_network(network, str(tmp_path / "none.pt"), 12.0)
    other = tmp_path / "other.pt"
    torch.save({"features.0.weight": torch.zeros(8, 3, 3, 3)}, other)
    with pytest.raises(TrainingError, match=r"other.pt: features.0.weight .* does not fit"):
        start_network(network, str(other), 12.0)
    np.savez(tmp_path / "empty.npz", something=np.zeros(3))
    with pytest.raises(TrainingError, match="no VGG19 convolution"):
        start_network(network, str(tmp_path / "empty.npz"), 12.0)


@pytest.mark.skipif(
    "DEPTH_SEG_ROS_VGG19_PARTIAL" not in os.environ, reason="DEPTH_SEG_ROS_VGG19_PARTIAL not set"
)
def test_imagenet_blocks_1_to_3_load():
    state = keras_npz(os.environ["DEPTH_SEG_ROS_VGG19_PARTIAL"])
    numbers = sum(v.numel() for v in state.values())
    assert numbers == 2_325_568
