"""Labels that are equally likely: the lowest id, from every engine, in every frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import BACKENDS, choose, open_engine, parity


@pytest.fixture
def tied(tmp_path: Path) -> Path:
    """A network whose two classes score alike in every pixel, whatever it sees."""
    onnx = pytest.importorskip("onnx")
    path = write_convolutions(tmp_path / "tied.onnx")
    model = onnx.load(path)
    (head,) = (w for w in model.graph.initializer if w.name == "w3")
    values = onnx.numpy_helper.to_array(head).copy()
    values[:, 2] = values[:, 1]
    head.CopyFrom(onnx.numpy_helper.from_array(values, "w3"))
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tie_is_broken_the_same_way_from_frame_to_frame(
    tied: Path, backend: str, tmp_path: Path
) -> None:
    if not choose.is_available(backend):
        pytest.skip(f"{backend} does not run here")
    with open_engine(tied, backend, threads=1, cache_dir=tmp_path) as engine:
        for image in parity.frames(HEIGHT, WIDTH, 3):
            found = engine.infer(image[None] if image.ndim == 3 else image)
            assert (found["labels"] == 0).all()
            assert np.abs(found["confidence"].astype(int) - 128).max() <= 1
