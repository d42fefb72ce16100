"""A finished ONNX file is a place to start from, like a checkpoint."""

import pytest
import torch

from depth_seg_ros.errors import DepthSegError
from training import networks
from training.checkpoint import load_weights
from training.export import default_spec, export
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
