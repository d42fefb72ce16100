"""Every command block of README and docs works as it is written, at toy size."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from .blocks import PAGES, ROOT, at_toy_size, blocks_of, extras_named

SETUP = (ROOT / "setup.py").read_text(encoding="utf-8")
CAMERA_INFO = """image_width: 640
image_height: 480
camera_name: mine
camera_matrix: {rows: 3, cols: 3, data: [525.0, 0.0, 319.5, 0.0, 525.0, 239.5, 0.0, 0.0, 1.0]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0.0, 0.0, 0.0, 0.0, 0.0]}
mount: robot
"""
CAM_TO_CAM = """R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_02: 90 0 77.5 0 0 90 23.5 0 0 0 1 0
"""


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_block_says_whether_it_runs(page: Path) -> None:
    for block in blocks_of(page):
        assert block.runs or re.fullmatch(r"no, .+", block.tag), (
            f"this block needs <!-- ci: run --> or <!-- ci: no, WHY -->:\n{block.text}"
        )
        for extra in extras_named(block.text):
            assert f'"{extra}": ' in SETUP, f"there is no extra {extra}"


@pytest.mark.parametrize("page", [p for p in PAGES if any(b.runs for b in blocks_of(p))], ids=title)
@pytest.mark.timeout(900)
def test_the_blocks_of_a_page_run(page: Path, reader: Path) -> None:
    for block in (b for b in blocks_of(page) if b.runs):
        if block.language == "python":
            (reader / block.file).write_text(block.text, encoding="utf-8")
            continue
        script = at_toy_size(block.text)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=reader, capture_output=True, text=True,
            env=environment(reader),
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def environment(home: Path) -> dict[str, str]:
    """The reader's shell: ``depth-seg`` and ``python`` are this environment's."""
    paths = os.pathsep.join([str(home / "bin"), os.environ["PATH"]])
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": paths,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".venv" / "numba")),
    }


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """A folder with what a reader has: a clone's files, photographs, a calibration, KITTI."""
    pytest.importorskip("torch")
    pytest.importorskip("numba")
    for name in ("config", "launch", "training", "depth_seg_ros"):
        (tmp_path / name).symlink_to(ROOT / name)
    folder = tmp_path / "bin"
    folder.mkdir()
    training = ("train", "export", "compare", "quantize", "make_your_own")
    choice = " | ".join(training)
    write_script(
        folder / "depth-seg",
        f'case "$1" in\n{choice.replace(" | ", "|")}) name=$1; shift; '
        f'exec {sys.executable} -m training.$name "$@";;\n'
        f'*) exec {sys.executable} -m depth_seg_ros.cli "$@";;\nesac',
    )
    write_script(folder / "python", f'exec {sys.executable} "$@"')
    (tmp_path / "my_camera_info.yaml").write_text(CAMERA_INFO)
    write_photos(tmp_path / "photos")
    write_kitti(tmp_path / "kitti")
    return tmp_path


def write_script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def write_photos(folder: Path) -> None:
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(2):
        image = cv2.resize(rng.integers(0, 256, (6, 8, 3), np.uint8), (640, 480))
        assert cv2.imwrite(str(folder / f"street{number}.jpg"), image)


def write_kitti(root: Path) -> None:
    """A raw drive of two frames with raw LiDAR depth, and two frames of the depth selection."""
    date = root / "2011_09_26"
    drive = date / "2011_09_26_drive_0001_sync"
    image, depth = np.full((48, 156, 3), 90, np.uint8), np.zeros((48, 156), np.uint16)
    depth[24:40:2] = 9 * 256
    selection = root / "depth_selection" / "val_selection_cropped"
    name = "2011_09_26_drive_0002_sync_{kind}_000000000{n}_image_02"
    for n in range(2):
        for folder, value in (
            (drive / "image_02/data", image),
            (drive / "proj_depth/velodyne_raw/image_02", depth),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(folder / f"{n:010d}.png"), value)
        for folder, kind, value in (
            (selection / "image", "image", image),
            (selection / "groundtruth_depth", "groundtruth_depth", depth),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(folder / f"{name.format(kind=kind, n=n)}.png"), value)
        intrinsics = selection / "intrinsics"
        intrinsics.mkdir(exist_ok=True)
        (intrinsics / f"{name.format(kind='image', n=n)}.txt").write_text(
            "90 0 77.5 0 90 23.5 0 0 1\n"
        )
    stamps = "".join(f"2011-09-26 13:02:25.{n}00000000\n" for n in range(2))
    (drive / "image_02/timestamps.txt").write_text(stamps)
    (date / "calib_cam_to_cam.txt").write_text(CAM_TO_CAM)
    (date / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
