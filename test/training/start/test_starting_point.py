"""A finished ONNX file is a place to start from, like a checkpoint."""

import sys
from types import ModuleType, SimpleNamespace
from urllib.error import URLError

import pytest
import torch

from depth_seg_ros.errors import DepthSegError
from training import networks
from training.checkpoint import load_weights
from training.export import export
from training.model_spec import default_spec
from training.start import vgg19_weights
from training.start.initialise import start_network
from training.start.starting_point import open_starting_point


def exported(tmp_path, name, **training):
    torch.manual_seed(0)
    network = networks.build(name, depth_head="exp")
    start_network(network, "he", 12.0)
    path = tmp_path / "net.onnx"
    export(network, default_spec(network, 80.0, 64, 32).with_training(**training), path, "fp16")
    return network, path


@pytest.mark.parametrize("name", networks.names())
def test_every_weight_comes_back_from_the_file(tmp_path, name):
    network, path = exported(tmp_path, name, recipe={"network": {"depth_head": "exp"}})
    found = open_starting_point(str(path))
    assert (found.name, found.depth_head, found.width, found.height) == (name, "exp", 64, 32)
    again = networks.build(name, depth_head="exp")
    load_weights(again, found.weights, "the file")
    for key, value in network.state_dict().items():
        torch.testing.assert_close(again.state_dict()[key], value, rtol=1e-3, atol=1e-6)


def test_a_file_without_a_recipe_is_refused(tmp_path):
    _, path = exported(tmp_path, "depth_mancini")
    with pytest.raises(DepthSegError, match=r"training\.export"):
        open_starting_point(str(path))


def test_a_shipped_model_is_a_start_by_its_name():
    found = open_starting_point("ds_net")
    assert found.name == "ds_net" and "encoder.features.0.weight" in found.weights


def test_without_a_network_the_weights_are_one_line(monkeypatch):
    """Whatever goes wrong on the way to ImageNet's weights, the ways out are named."""
    monkeypatch.setattr(vgg19_weights, "PACKAGE", "nowhere_to_be_found")
    weights = SimpleNamespace(IMAGENET1K_V1=SimpleNamespace(get_state_dict=_unreachable))
    models = ModuleType("torchvision.models")
    models.VGG19_Weights = weights
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    with pytest.raises(DepthSegError, match=r"cannot be fetched.*start_from=ds_net") as error:
        start_network(networks.build("ds_net"), "imagenet", 12.0)
    assert "\n" not in str(error.value)


def _unreachable(**_):
    raise URLError("no route")
