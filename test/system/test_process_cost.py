"""What /proc says about a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from depth_seg_ros.system.process_cost import cpu_s, find_pid, memory_mb

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")


def test_this_process_has_used_time_and_memory() -> None:
    before = cpu_s(os.getpid())
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    assert cpu_s(os.getpid()) > before
    assert memory_mb(os.getpid()) > 5


def test_a_process_that_is_gone_is_not_known() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert cpu_s(gone.pid) is None
    assert memory_mb(gone.pid) is None
    assert cpu_s(None) is None


def started(script: Path) -> subprocess.Popen[bytes]:
    """The script as a process, once it runs."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, script], stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    return process


def test_a_process_is_found_by_the_name_of_its_script(tmp_path: Path) -> None:
    script = tmp_path / "a_node_of_this_test"  # as an installed command
    script.write_text('import sys; print("here", flush=True); sys.stdin.read()', encoding="utf-8")
    with started(script) as process:
        assert find_pid("a_node_of_this_test") == process.pid
        with started(script):
            assert find_pid("a_node_of_this_test") is None  # which of the two?
    assert find_pid("a_node_of_this_test") is None
