"""A fleet on loopback, of processes that the tests start, kill and add."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")
pytest.importorskip("numba")
sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "virtual_world"))

from distributed import LocalCluster

from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.cameras import CameraKind, open_camera
from depth_seg_ros.virtual_world.data.dataset import Plan


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """Three worker processes."""
    with LocalCluster(
        n_workers=3, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        silence_logs=50,
    ) as cluster:  # fmt: skip
        yield cluster


@pytest.fixture
def camera(tmp_path: Path) -> CameraKind:
    file = tmp_path / "small.yaml"
    small = Intrinsics(64, 32, 40.0, 40.0, 31.5, 15.5)
    file.write_text(
        f"{{width: 64, height: 32, fx: {small.fx}, fy: {small.fy}, cx: {small.cx}, cy: {small.cy}}}"
    )
    return open_camera(str(file), "car", False)


@pytest.fixture
def plan(camera: CameraKind, tmp_path: Path) -> Plan:
    """Six tiny scenes."""
    return Plan(tmp_path / "world", camera, 6, 2, seed=3, places="country")
