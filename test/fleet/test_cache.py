"""The training cache by a fleet: the bytes that the training itself would have written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch")

from training import toy
from training.config_file import load_experiment
from training.data import build_cache
from training.data.cache import open_cache
from training.data.sources import open_source
from training.geometry import training_camera


def test_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write(tmp_path / "toy", ["0001", "0006"], frames=12, width=124, height=40)
    root = str(tmp_path / "toy")
    data = {"train": [{"root": root, "worlds": ["0001"]}], "validation": [{"root": root}],
            "width": 48, "height": 32, "cache": str(tmp_path / "fleet")}  # fmt: skip
    file = tmp_path / "experiment.yaml"
    file.write_text(yaml.safe_dump({"data": data, "optim": {"steps": 1, "batch": 1}}))
    assert build_cache.main([str(file), "--scheduler", "local", "--workers", "2"]) == 0
    assert "24 frames" in capsys.readouterr().out
    experiment = load_experiment(file)
    for source in (*experiment.data.train, *experiment.data.validation):
        camera = training_camera(48, 32)
        alone = open_cache(open_source(source), tmp_path / "alone", camera, workers=1)
        for path in alone.folder.glob("*.npy"):
            other = tmp_path / "fleet" / alone.folder.name / path.name
            assert path.read_bytes() == other.read_bytes(), path.name
