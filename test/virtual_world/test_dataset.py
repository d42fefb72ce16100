"""Data sets: reproducible, resumable after any kill, sharded, and never overwritten."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tiny_virtual_world as tiny
from scenes import build_tiny_scene

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from depth_seg_ros.virtual_world import drive
from depth_seg_ros.virtual_world.cameras import CAMERAS, CameraKind
from depth_seg_ros.virtual_world.dataset import Plan, make_dataset

CAMERA = CameraKind("tiny", tiny.CAMERA, CAMERAS["car"].mount)


@pytest.fixture(autouse=True)
def tiny_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "build_scene", build_tiny_scene)


def plan(root: Path, **changes: object) -> Plan:
    options = {"scenes": 3, "frames": 2, "seed": 5, **changes}
    return Plan(root, CAMERA, **options)  # type: ignore[arg-type]


def files(root: Path) -> dict[str, bytes]:
    """Content of every file but the bookkeeping of times."""
    skip = {"statistics.json"}
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name not in skip and p.parent.name != "scenes"
    }


def test_a_data_set_is_complete_readable_and_counted(tmp_path: Path) -> None:
    total = make_dataset(plan(tmp_path, variations=("clone", "fog")), progress=False)
    reader = VirtualKitti1(tmp_path)
    assert len(reader) == total.frames == 3 * 2 * 2
    assert {k.split("/")[1] for k in reader.keys} == {"clone", "fog"}
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["scenes"] == 3
    pixels = 12 * tiny.CAMERA.width * tiny.CAMERA.height
    assert sum(statistics["class_pixels"].values()) == pixels
    assert sum(statistics["depth_pixels"]) + statistics["sky_pixels"] == pixels
    assert statistics["class_pixels"]["sky"] == statistics["sky_pixels"]
    truth = [VirtualKitti1(tmp_path, variations=[v])[1].truth for v in ("clone", "fog")]
    assert np.array_equal(truth[0].depth_m, truth[1].depth_m)
    assert np.array_equal(truth[0].labels, truth[1].labels)


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_dataset(plan(tmp_path / name), progress=False)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_shards_together_make_the_whole(tmp_path: Path) -> None:
    make_dataset(plan(tmp_path / "whole"), progress=False)
    make_dataset(plan(tmp_path / "parts", part=2, parts=2), progress=False)
    total = make_dataset(plan(tmp_path / "parts", part=1, parts=2), progress=False)
    assert total.frames == 6
    assert files(tmp_path / "whole") == files(tmp_path / "parts")


def test_a_run_continues_where_it_was_cut(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    first = make_dataset(plan(whole), progress=False).to_json()
    wanted = files(whole)
    (whole / "scenes" / "0001.json").unlink()
    lost = whole / "vkitti_1.3.1_rgb" / "0001" / "random" / "00001.png"
    lost.unlink()  # killed between the truth and the picture
    kept = whole / "vkitti_1.3.1_rgb" / "0001" / "random" / "00000.png"
    before = kept.stat().st_mtime_ns
    again = make_dataset(plan(whole), progress=False).to_json()
    assert files(whole) == wanted
    assert kept.stat().st_mtime_ns == before
    assert again["class_pixels"] == first["class_pixels"]
    assert again["frames"] == first["frames"]


KILLED = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
import test_dataset as t
t.drive.build_scene = t.build_tiny_scene
t.make_dataset(t.plan(Path(sys.argv[1]), scenes=12), progress=False)
"""


def test_kill_9_leaves_nothing_half_written(tmp_path: Path) -> None:
    root, here = tmp_path / "killed", Path(__file__).parent
    # Silent children: their output would be of no use.
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root), str(here), str(here.parents[1])],
        stdout=subprocess.DEVNULL,
    )
    pictures = root / "vkitti_1.3.1_rgb"
    while len(list(pictures.rglob("*.png"))) < 5 and run.poll() is None:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    for sample in VirtualKitti1(root):  # every picture has its truth, every file is whole
        assert sample.truth.depth_m is not None
    make_dataset(plan(root, scenes=12), progress=False)
    make_dataset(plan(tmp_path / "calm", scenes=12), progress=False)
    left = {k: v for k, v in files(root).items() if not k.endswith(".partial")}
    assert left == files(tmp_path / "calm")


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"seed": 6}, "seed=5, not 6"), ({"frames": 3}, "frames=2, not 3"),
     ({"variations": ("fog",)}, "variations=.'random'., not .'fog'.")],
)  # fmt: skip
def test_other_settings_are_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    make_dataset(plan(tmp_path, scenes=1), progress=False)
    before = files(tmp_path)
    with pytest.raises(VirtualWorldError, match=message):
        make_dataset(plan(tmp_path, **{"scenes": 1, **changes}), progress=False)
    assert files(tmp_path) == before


def test_a_strangers_folder_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(VirtualWorldError, match=r"not empty \(thesis.tex\)"):
        make_dataset(plan(tmp_path), progress=False)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"scenes": 0}, "0 scenes"), ({"part": 3, "parts": 2}, "shard 3/2"),
     ({"variations": ("snow",)}, "snow"), ({"style": "moon"}, "'moon'; known: city")],
)  # fmt: skip
def test_impossible_plans_are_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(VirtualWorldError, match=message):
        plan(tmp_path, **changes)


def test_errors_in_worker_processes_are_the_same_errors(tmp_path: Path) -> None:
    """Spawned workers build real scenes; an impossible rate stops them at once."""
    with pytest.raises(VirtualWorldError, match=r"the drive \d+\.\d s"):
        make_dataset(plan(tmp_path, frames=2, rate_hz=0.001), workers=2, progress=False)
    assert not list(tmp_path.rglob("*.png"))


def test_a_fixed_rate_beyond_the_drive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VirtualWorldError, match=r"last 9\.5 s, the drive 4\.0 s"):
        make_dataset(plan(tmp_path, frames=20, rate_hz=2.0), progress=False)
