"""Data sets: reproducible, resumable after any kill, sharded, and never overwritten."""

import json
import os
import shutil
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
from depth_seg_ros.virtual_world.cameras import CAMERAS, CameraKind
from depth_seg_ros.virtual_world.data import dataset, drive, manifest
from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset, scene_seed
from depth_seg_ros.virtual_world.data.writers.virtual_kitti import (
    depth_as_stored,
    labels_as_stored,
    optical_extrinsics,
    scene_colors,
)
from depth_seg_ros.virtual_world.scene import build_scene

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


def test_a_folder_that_is_removed_under_it_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, root = dataset.make_scene, tmp_path / "data"

    def then_removed(plan: Plan, index: int, tick: object) -> None:
        make(plan, index, tick)  # type: ignore[arg-type]
        if index == 1:
            shutil.rmtree(root)

    monkeypatch.setattr(dataset, "make_scene", then_removed)
    with pytest.raises(VirtualWorldError, match="is not complete"):
        make_dataset(plan(root, scenes=3), progress=False)
    monkeypatch.setattr(dataset, "make_scene", make)
    one = tmp_path / "one"
    make_dataset(plan(one), progress=False)
    next(one.rglob("vkitti_1.3.1_rgb/**/*.png")).unlink()
    with pytest.raises(VirtualWorldError, match="lack frames"):
        make_dataset(plan(one), progress=False)


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


def test_the_poses_on_disk_are_those_of_the_drive(tmp_path: Path) -> None:
    made = plan(tmp_path, scenes=1)
    make_dataset(made, progress=False)
    lines = (tmp_path / "vkitti_1.3.1_extrinsicsgt" / "0000_random.txt").read_text().splitlines()
    done = json.loads((tmp_path / "scenes" / "0000.json").read_text())
    with drive.Drive(scene_seed(made.seed, 0), CAMERA) as own:
        for number, (line, t_s) in enumerate(zip(lines[1:], done["times_s"], strict=True)):
            frame, *values = (float(v) for v in line.split())
            assert frame == number
            wanted = optical_extrinsics(own.pose(t_s))
            np.testing.assert_allclose(np.reshape(values, (4, 4)), wanted, atol=1e-4)


def test_the_shipped_pictures_are_small_and_the_command_is_installed() -> None:
    root = Path(__file__).parents[2]
    pictures = [p for p in (root / "docs").rglob("*") if p.suffix in (".jpg", ".png", ".webp")]
    assert pictures and all(p.stat().st_size <= 512 * 1024 for p in pictures)
    assert (root / "depth_seg_ros" / "cli" / "virtual_world.py").is_file()


def test_what_is_counted_is_what_is_read() -> None:
    """Classes without a category, centimetres and the far end."""
    depth_m = np.array([[0.004, 2.996, 3.004, 700.0, np.inf]], np.float32)
    wanted = np.array([[0.0, 3.0, 3.0, 654.99, np.inf]], np.float32)
    assert np.array_equal(depth_as_stored(depth_m), wanted)
    ids = np.array([[4, 7, 26, 33, 255]], np.uint8)
    colors = scene_colors([9])
    read = colors.decode(colors.encode(ids, np.full(ids.shape, 9, np.uint16)))
    assert labels_as_stored(ids).tolist() == read.tolist() == [[0, 7, 26, 33, 0]]


def test_statistics_are_those_of_a_reader(tmp_path: Path) -> None:
    counted = make_dataset(plan(tmp_path), progress=False)
    read = manifest.Histogram()
    for sample in VirtualKitti1(tmp_path):
        assert sample.truth.depth_m is not None and sample.truth.labels is not None
        read.add(sample.truth.depth_m, sample.truth.labels)
    assert read.to_json() == counted.to_json()


def test_two_workers_write_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real scenes: worker processes know no other."""
    monkeypatch.setattr(drive, "build_scene", build_scene)
    for workers in (1, 2):
        make_dataset(plan(tmp_path / str(workers), scenes=2, frames=1), workers, progress=False)
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_a_fixed_rate_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(VirtualWorldError, match=r"500 frames at 10 Hz outlast .* at most \d+ fr"):
        make_dataset(plan(tmp_path / "out", frames=500, rate_hz=10.0), progress=False)
    assert not (tmp_path / "out").exists()


def test_a_run_continues_where_it_was_cut(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    first = make_dataset(plan(whole), progress=False).to_json()
    assert first["class_pixels"]["unlabeled"] > 0  # the layout has no category for the bin
    wanted = files(whole)
    (whole / "scenes" / "0001.json").unlink()
    lost = whole / "vkitti_1.3.1_rgb" / "0001" / "random" / "00001.png"
    lost.unlink()  # killed between the truth and the picture
    kept = whole / "vkitti_1.3.1_rgb" / "0001" / "random" / "00000.png"
    before = kept.stat().st_mtime_ns
    again = make_dataset(plan(whole), progress=False).to_json()
    assert files(whole) == wanted
    assert kept.stat().st_mtime_ns == before
    assert again == first  # every class and every depth bin


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


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    make_dataset(plan(tmp_path), progress=False)
    (tmp_path / "scenes" / "0001.json").unlink()
    video = tmp_path / "vkitti_1.3.1_depthgt" / "0001" / "random"
    old = [folder / ".x.png.0a1b.partial" for folder in (tmp_path, video, video.parents[1])]
    for path in old:
        path.touch()
        os.utime(path, (time.time() - 3600,) * 2)
    fresh = video / ".x.png.2c3d.partial"  # of another machine's run, maybe
    fresh.touch()
    make_dataset(plan(tmp_path), progress=False)
    assert list(tmp_path.rglob("*.partial")) == [fresh]


def test_of_two_first_runs_at_the_same_moment_one_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = manifest.create_text

    def too_late(path: Path, text: str) -> bool:
        monkeypatch.setattr(manifest, "create_text", create)
        make_dataset(plan(tmp_path, seed=6), progress=False)
        return create(path, text)

    monkeypatch.setattr(manifest, "create_text", too_late)
    with pytest.raises(VirtualWorldError, match="seed=6, not 5"):
        make_dataset(plan(tmp_path), progress=False)
    assert json.loads((tmp_path / "manifest.json").read_text())["seed"] == 6


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
     ({"variations": ("hail",)}, "hail"), ({"places": "moon"}, "'moon'; known: campus"),
     ({"seed": -1}, "seed -1"), ({"rate_hz": -1.0}, "no rate"),
     ({"rate_hz": float("nan")}, "no rate"), ({"variations": ("fog", "fog")}, "named twice")],
)  # fmt: skip
def test_impossible_plans_are_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(VirtualWorldError, match=message):
        plan(tmp_path, **changes)


def test_a_manifest_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(VirtualWorldError, match="no manifest of a data set"):
        make_dataset(plan(tmp_path), progress=False)
    assert (tmp_path / "manifest.json").read_text() == "[]"


def test_errors_in_worker_processes_are_the_same_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spawned workers build real scenes; an impossible rate, let through, stops them at once."""
    monkeypatch.setattr(dataset, "check_rate", lambda plan: None)
    with pytest.raises(VirtualWorldError, match=r"the drive \d+\.\d s"):
        make_dataset(plan(tmp_path, frames=2, rate_hz=0.001), workers=2, progress=False)
    assert not list(tmp_path.rglob("*.png"))


def test_a_fixed_rate_beyond_the_drive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VirtualWorldError, match=r"last 9\.5 s, the drive 4\.0 s"):
        make_dataset(plan(tmp_path, frames=20, rate_hz=2.0), progress=False)
