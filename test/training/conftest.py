"""Training tests need torch; without it they are skipped, not failed. One thread each."""

from pathlib import Path

import pytest
import yaml

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
torch.set_num_threads(1)

NETWORKS = Path(__file__).parent / "networks"


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    """Root of a small data set in the Virtual KITTI layout: worlds 0001 and 0006 of 12 frames."""
    from training import toy

    root = tmp_path_factory.mktemp("toy")
    toy.write(root, ["0001", "0006"], frames=12, width=124, height=40)
    return root


@pytest.fixture
def tiny():
    """The network ``tiny`` in the registry."""
    from training import networks

    networks.__path__.append(str(NETWORKS))
    yield
    networks.__path__.remove(str(NETWORKS))


@pytest.fixture
def experiment_data(toy, tmp_path):
    """A complete experiment on the toy data: six steps, two epochs."""
    return {
        "network": {"name": "tiny", "depth_head": "exp", "encoder_weights": "he"},
        "data": {
            "train": [{"root": str(toy), "worlds": ["0001"]}],
            "validation": [{"root": str(toy), "worlds": ["0006"]}],
            "cache": str(tmp_path / "cache"),
            "width": 48,
            "height": 32,
            "limit_validation": 4,
        },
        "augment": {"flip": 0.5, "zoom": 1.2, "shift": 1.0, "pad": 0.5, "color": 1.0, "noise": 0.5},
        "loss": {"depth": {"log_l1": 1.0, "silog": 0.5}, "class_weights": "enet"},
        "optim": {"batch": 4, "epochs": 2, "lr": 0.003, "ema": 0.9, "schedule": "onecycle"},
        "loop": {"log_every": 1, "tensorboard": False, "threads": 1},
    }


@pytest.fixture
def experiment_file(experiment_data, tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment_data))
    return path


@pytest.fixture
def saved():
    """Writes a checkpoint ``last.pt`` of fresh weights into a new folder, and gives it."""
    from training import checkpoint, networks
    from training.config import Experiment, NetworkConfig, OptimConfig

    def write(folder, seed, name="ds_net_lite", ema=False):
        torch.manual_seed(seed)
        experiment = Experiment(network=NetworkConfig(name=name), optim=OptimConfig(steps=1))
        weights = networks.build(name).state_dict()
        raised = {k: v + 1 if v.is_floating_point() else v for k, v in weights.items()}
        progress = checkpoint.Progress(step=10 + seed)
        made = checkpoint.Checkpoint(
            experiment, progress, weights, raised if ema else None, {}, {}, {"gpu": "none"}
        )
        folder.mkdir()
        checkpoint.save(folder / "last.pt", made)
        return made

    return write
