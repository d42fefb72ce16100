"""A disk that becomes full under training: one clear line, nothing half written, no SIGBUS."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch

from depth_seg_ros.errors import DepthSegError, OutputError
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from training import checkpoint, toy
from training.data import cache
from training.errors import DatasetError, TrainingError
from training.geometry import training_camera


@pytest.fixture
def world(tmp_path: Path) -> VirtualKitti1:
    toy.write(tmp_path / "toy", ("0001",), 4, 64, 32)
    return VirtualKitti1(tmp_path / "toy")


def test_toy_says_what_it_could_not_write(tmp_path: Path, full_disk, capsys) -> None:  # type: ignore[no-untyped-def]
    with full_disk(200):
        assert toy.main(["--out", str(tmp_path / "t"), "--frames", "1", "--width", "64"]) == 1
    assert "free some space" in capsys.readouterr().err
    assert not list((tmp_path / "t").rglob("*.png"))


def test_the_cache_reserves_its_room_before_it_is_filled(
    world: VirtualKitti1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(cache.os, "posix_fallocate", refuse)
        with pytest.raises(OutputError, match=r"No space left on device.*free some space"):
            cache.open_cache(world, tmp_path / "cache", training_camera(32, 32), workers=0)
    assert not list((tmp_path / "cache").rglob("*.npy"))
    opened = cache.open_cache(world, tmp_path / "cache", training_camera(32, 32), workers=0)
    assert len(opened.usable) == 4
    for path in opened.folder.glob("*.npy"):
        assert path.stat().st_blocks * 512 >= path.stat().st_size, "no holes left in it"


def test_out_of_descriptors_is_not_called_damaged(
    world: VirtualKitti1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache.open_cache(world, tmp_path / "cache", training_camera(32, 32), workers=0).folder

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(cache.np, "load", refuse)
    with pytest.raises(DatasetError, match=r"Too many open files.*ulimit") as error:
        cache._map(folder, "r")
    assert "delete" not in str(error.value) and "damaged" not in str(error.value)


def test_a_torn_cache_is_called_damaged(world: VirtualKitti1, tmp_path: Path) -> None:
    folder = cache.open_cache(world, tmp_path / "cache", training_camera(32, 32), workers=0).folder
    (folder / "depth.npy").write_bytes(b"torn")
    with pytest.raises(DatasetError, match=r"is damaged .*delete the folder"):
        cache._map(folder, "r")


def plain(**changes: object) -> dict[str, object]:
    from training.config import Experiment, OptimConfig

    data: dict[str, object] = {
        "format": checkpoint.FORMAT,
        "experiment": Experiment(optim=OptimConfig(epochs=1)).to_dict(),
        "progress": vars(checkpoint.Progress()),
        "weights": {"a": torch.zeros(1000)},
        "average": None,
        "optimizer": {},
        "scaler": {},
        "facts": {},
    }
    return data | changes


def test_a_checkpoint_on_a_full_disk(tmp_path: Path, full_disk) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "last.pt"
    torch.save(plain(), path)
    found = checkpoint.load(path)
    before = path.read_bytes()
    with (
        full_disk(),
        pytest.raises(OutputError, match=r"cannot write .*last\.pt .*free some space"),
    ):
        checkpoint.save(path, found)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["last.pt"]
    checkpoint.save(path, found)
    assert torch.equal(checkpoint.load(path).weights["a"], torch.zeros(1000))


@pytest.mark.parametrize(
    "changes",
    [
        {"progress": {"step": -1}}, {"progress": {"step": "x"}}, {"progress": {"steps": 3}},
        {"progress": {"seconds": float("nan")}}, {"progress": 3}, {"weights": [1]},
        {"weights": {"a": 1}}, {"average": 4}, {"optimizer": None}, {"facts": "x"},
        {"experiment": {"optim": {"lr": -1.0}}}, {"format": 99},
    ],
)  # fmt: skip
def test_a_tampered_checkpoint_is_one_line(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "last.pt"
    torch.save(plain(**changes), path)
    with pytest.raises(DepthSegError, match=r"last\.pt") as error:
        checkpoint.load(path)
    assert "\n" not in str(error.value)
    for key in ("progress", "weights", "scaler"):
        torch.save({k: v for k, v in plain().items() if k != key}, path)
        with pytest.raises(TrainingError, match=r"last\.pt"):
            checkpoint.load(path)


def test_damaged_checkpoints(tmp_path: Path) -> None:
    path, rng = tmp_path / "last.pt", np.random.default_rng(0)
    torch.save(plain(), path)
    good = path.read_bytes()
    for size in rng.integers(0, len(good), 30):
        path.write_bytes(good[:size])
        with pytest.raises(TrainingError, match=r"last\.pt") as error:
            checkpoint.load(path)
        assert "\n" not in str(error.value)
