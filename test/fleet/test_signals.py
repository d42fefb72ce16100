"""A signal: the fleet of a command ends with it, and what is finished stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
WAIT_S = 120.0


def test_a_signal_leaves_no_process_and_keeps_what_is_finished(tmp_path: Path) -> None:
    out = tmp_path / "world"
    command = [
        sys.executable, "-m", "depth_seg_ros.cli", "virtual_world", "dataset", "--out", str(out),
        "--scenes", "40", "--frames", "1", "--place", "country", "--scheduler", "local",
        "--workers", "2", "--camera", "64,32,40,40,31.5,15.5",
    ]  # fmt: skip
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + WAIT_S
    while not list((out / "scenes").glob("*.json")):
        assert process.poll() is None and time.monotonic() < deadline, "no scene was drawn"
        time.sleep(0.1)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.send_signal(signal.SIGTERM)  # as SIGINT, which background jobs of a shell ignore
    _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 143, told
    assert told.strip().endswith("stopped")
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    done = {p.name: p.stat().st_mtime_ns for p in (out / "scenes").glob("*.json")}
    assert 1 <= len(done) < 40
    command[command.index("40")] = str(len(done))
    refused = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert refused.returncode == 1 and "scenes=40" in refused.stderr
    assert (
        done.items()
        <= {p.name: p.stat().st_mtime_ns for p in (out / "scenes").glob("*.json")}.items()
    )
