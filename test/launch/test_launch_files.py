"""The installed launch files with launch_testing: real processes, real ROS 2.

Skipped without ROS 2, and where this package is not installed in the sourced workspace
(``colcon build`` and source it).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("launch_testing", reason="launch_testing is not installed")
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

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
