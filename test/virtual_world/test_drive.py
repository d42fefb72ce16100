"""Drives over time, live iteration, and the bag they are written to."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tiny_virtual_world as tiny
from scenes import TinyScene, build_tiny_scene

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.cli.virtual_world import main
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.messages.decoding import depth_from_message
from depth_seg_ros.messages.tf_tree import TfTree
from depth_seg_ros.virtual_world.cameras import CAMERAS, CameraKind
from depth_seg_ros.virtual_world.data import drive as drive_module
from depth_seg_ros.virtual_world.data.drive import FRAME_ID, Drive, look_of, open_live
from depth_seg_ros.virtual_world.data.poses import link_in_map
from depth_seg_ros.virtual_world.data.writers.bag import (
    DEPTH_TOPIC,
    IMAGE_TOPIC,
    INFO_TOPIC,
    LABEL_INFO_TOPIC,
    LABELS_TOPIC,
    write_bag,
)
from depth_seg_ros.virtual_world.light.environment import MORE, VARIATIONS

CAMERA = CameraKind("tiny", tiny.CAMERA, CAMERAS["car"].mount)


@pytest.fixture(autouse=True)
def tiny_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_module, "build_scene", build_tiny_scene)


def test_frames_and_truth_are_in_step() -> None:
    with Drive(2, CAMERA) as drive:
        moments = list(drive.frames(rate_hz=2.0, seconds=3.0))
    assert [m.frame.stamp_ns for m in moments] == [i * 500_000_000 for i in range(6)]
    nearest = []
    for m in moments:
        assert m.truth.stamp_ns == m.frame.stamp_ns
        assert m.truth.labels is not None
        assert m.truth.depth_m is not None
        assert np.array_equal(m.truth.labels == 26, m.instance_id == 5)
        nearest.append(m.truth.depth_m[m.truth.labels == 26].min())
    # The car pulls away at 5 - 3 m/s: 1 m a frame.
    assert np.allclose(np.diff(nearest), 1.0, atol=0.03)


def test_a_drive_is_reproducible() -> None:
    runs = []
    for _ in range(2):
        with Drive(4, CAMERA) as drive:
            runs.append(list(drive.frames(rate_hz=2.0, variation="rain", seconds=1.0)))
    for a, b in zip(*runs, strict=True):
        assert np.array_equal(a.frame.image, b.frame.image)
        assert np.array_equal(a.truth.depth_m, b.truth.depth_m)


def test_live_drives_go_on_with_rising_stamps() -> None:
    live = open_live(1, CAMERA, rate_hz=2.0, threads=1)
    moments = list(islice(live, 19))  # 8 frames a scene
    live.close()  # type: ignore[attr-defined]
    stamps = [m.frame.stamp_ns for m in moments]
    assert np.array_equal(np.diff(stamps), np.full(18, 500_000_000))
    assert moments[0].pose.position[0] != moments[-1].pose.position[0]


def axes(transform: Any) -> np.ndarray:
    """Rotation matrix of a message's quaternion: the child's axes in its parent, as columns."""
    q = transform.rotation
    v, w = np.array([q.x, q.y, q.z]), q.w
    return np.stack([e + 2 * np.cross(v, np.cross(v, e) + w * e) for e in np.eye(3)], 1)


def test_a_bag_holds_what_was_seen(tmp_path: Path) -> None:
    with Drive(2, CAMERA) as drive:
        moments = list(drive.frames(rate_hz=2.0, seconds=2.0))
    path = tmp_path / "drive.mcap"
    assert write_bag(path, iter(moments), {"seed": "2"}) == 4
    with BagFile(path) as bag:
        images = list(bag.messages(IMAGE_TOPIC))
        depths = list(bag.messages(DEPTH_TOPIC))
        labels = list(bag.messages(LABELS_TOPIC))
        info = next(iter(bag.messages(INFO_TOPIC)))
        names = next(iter(bag.messages(LABEL_INFO_TOPIC)))
        poses = list(bag.messages("/tf"))
        static = next(iter(bag.messages("/tf_static"))).transforms[0]
    assert len(images) == len(depths) == len(labels) == len(poses) == 4
    for m, image, depth, label in zip(moments, images, depths, labels, strict=True):
        for message in (image, depth, label):
            assert message.header.stamp.sec * 10**9 + message.header.stamp.nanosec == (
                m.frame.stamp_ns
            )
            assert message.header.frame_id == FRAME_ID
        assert np.array_equal(np.asarray(image.data).reshape(m.frame.image.shape), m.frame.image)
        assert np.array_equal(depth_from_message(depth), m.truth.depth_m)
        assert label.encoding == "mono8"
        assert np.array_equal(np.asarray(label.data).reshape(64, 96), m.truth.labels)
    assert list(info.k) == tiny.CAMERA.matrix().ravel().tolist()
    assert {c.class_id: c.class_name for c in names.class_map}[26] == CITYSCAPES.name(26)
    assert (static.header.frame_id, static.child_frame_id) == ("camera_link", FRAME_ID)
    # The optical frame's z is the link's x (forward), its x the link's -y (right).
    link_from_optical = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    np.testing.assert_allclose(axes(static.transform), link_from_optical, atol=1e-9)
    for m, message in zip(moments, poses, strict=True):
        names = [(t.header.frame_id, t.child_frame_id) for t in message.transforms]
        assert names == [("map", "base_link"), ("base_link", "camera_link")]
        tree = TfTree()
        tree.add_message(message, static=False)
        camera = tree.between("map", "camera_link", m.frame.stamp_ns)
        east, up, north = m.pose.position
        assert camera[:3, 3] == pytest.approx((east, north, up))
        right, above, forward = m.pose.rotation[[0, 2, 1]].T  # world x y z -> east north up
        np.testing.assert_allclose(camera[:3, :3].T, [forward, -right, above], atol=1e-9)
        base = tree.between("map", "base_link", m.frame.stamp_ns)
        above_base = base[:3, 3] + m.mounted.height_m * base[:3, 2]
        assert above_base == pytest.approx((east, north, up))
    assert poses[-1].transforms[0].transform.translation.y > 4  # 3 m/s to the north


def test_the_map_is_x_east_y_north_z_up() -> None:
    with Drive(2, CAMERA, exact_rig=True) as drive:
        start, later = (link_in_map(drive.pose(t)) for t in (0.0, 2.0))
    step = later[:3, 3] - start[:3, 3]
    assert step[1] == pytest.approx(6.0)  # the path runs north
    assert start[2, 3] == pytest.approx(1.65)  # height of the camera
    assert start[:3, 0] @ [0, 1, 0] > 0.99  # x of the link is forward
    assert start[:3, 2] @ [0, 0, 1] > 0.99
    assert np.linalg.det(start[:3, :3]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seconds", "900"], "lasts 3.9 s, not 900 s; ask for --seconds 3.9 at most"),
        (["--camera", "submarine"], "no camera is named 'submarine'"),
        (["--variation", "hail", "--seconds", "1"], "no variation is named 'hail'"),
    ],
)
def test_bad_options_are_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    out = tmp_path / "x.mcap"
    monkeypatch.setattr(
        drive_module, "build_scene", lambda seed, *_: TinyScene(seed, duration_s=3.97)
    )
    assert main(["drive", "--out", str(out), *arguments]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error
    assert not out.exists()


def test_a_drive_is_as_long_as_its_scene(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = tmp_path / "camera.yaml"
    camera.write_text("{width: 96, height: 64, fx: 80, fy: 80, cx: 47.5, cy: 31.5}")
    options = ["--out", str(tmp_path / "x.mcap"), "--camera", str(camera), "--rate-hz", "1"]
    assert main(["drive", *options]) == 0
    assert "4 frames" in capsys.readouterr().out


def test_a_camera_model_leaves_the_truth_alone() -> None:
    with Drive(2, CAMERA) as drive:
        plain, random = look_of("clone", 2), look_of("random", 2)
        before = drive.look(1.0)
        pictures = [drive.picture(before, look, 5)[0] for look in (plain, random)]
        after = drive.look(1.0)
    assert not np.array_equal(*pictures)
    assert np.array_equal(before.depth_m, after.depth_m)
    assert np.array_equal(before.class_id, after.class_id)


def test_an_existing_bag_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.mcap"
    out.write_text("mine")
    assert main(["drive", "--out", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert out.read_text() == "mine"


def test_preview_and_benchmark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camera = tmp_path / "camera.yaml"
    camera.write_text("{width: 96, height: 64, fx: 80, fy: 80, cx: 47.5, cy: 31.5}")
    for what in ("random", "variations", "truth"):
        sheet = tmp_path / f"{what}.png"
        options = ["--camera", str(camera), "--scenes", "2", "--width", "96", "--what", what]
        assert main(["preview", "--out", str(sheet), *options]) == 0
        assert sheet.read_bytes().startswith(b"\x89PNG")
    rows = -(-len((*VARIATIONS, *MORE)) // 3)  # every variation is on the sheet
    assert cv2.imread(str(tmp_path / "variations.png")).shape[0] == rows * (64 + 4) - 4
    result = tmp_path / "benchmark.json"
    options = ["--camera", str(camera), "--scenes", "1", "--frames", "1", "--out", str(result)]
    assert main(["benchmark", *options, "--by-place", "--place", "trail,park:2"]) == 0
    said = capsys.readouterr().out
    assert "trail" in said and "park" in said and "per 100,000" in said
    assert set(json.loads(result.read_text())) == {"trail", "park"}
    options[5] = "2"
    assert main(["benchmark", *options, "--workers", "2"]) == 0
    said = capsys.readouterr().out
    assert "CPU-ms" in said and "x as fast" in said
    scaling = json.loads(result.read_text())["scaling"]
    assert (scaling["scenes"], scaling["workers"]) == (2, 2)  # a scene for every worker
