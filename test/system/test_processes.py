"""Workers end with the process that started them, even when it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from depth_seg_ros.system.processes import end_processes

PARENT = """
import multiprocessing, os, time
from depth_seg_ros.system.processes import end_with_parent

def work():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work).start()
    time.sleep(600)
"""


def runs(pid: int) -> bool:
    """Whether the process is there and more than a name that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    """Whether the process is gone within 20 s; it does not outlive the answer."""
    for _ in range(200):
        if not runs(pid):
            return True
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    return False


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at /proc")
def test_a_worker_of_a_killed_parent_is_gone(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, str(script)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert runs(worker)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert ends(worker)


POOL = """
import sys, time
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from depth_seg_ros.system.atomic import atomic_output
from depth_seg_ros.system.command import run
from depth_seg_ros.system.processes import end_with_parent, end_workers

def write(number):
    with atomic_output(Path(sys.argv[1]) / f"{number}.bin") as partial:
        partial.write_bytes(b"half")
        time.sleep(600)

def work():
    pool = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), end_with_parent)
    try:
        for future in [pool.submit(write, n) for n in range(6)]:
            future.result()
    except BaseException:
        end_workers()
        raise
    finally:
        pool.shutdown(cancel_futures=True)

if __name__ == "__main__":
    sys.exit(run(work))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_workers_and_removes_what_they_had_half_written(tmp_path, number):
    script, out = tmp_path / "pool.py", tmp_path / "out"
    script.write_text(POOL)
    out.mkdir()
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen(
        [sys.executable, str(script), str(out)],
        stderr=subprocess.PIPE,
        env=here,
        start_new_session=True,
    )
    for _ in range(600):
        if len(list(out.glob(".*.partial"))) == 2:
            break
        time.sleep(0.1)
    os.killpg(parent.pid, number)  # as a terminal does it: to all of them
    _, said = parent.communicate(timeout=60)
    assert parent.returncode == 128 + number and said == b"stopped\n"
    assert list(out.iterdir()) == []


def test_children_are_asked_before_they_are_killed():
    script = "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    stubborn = subprocess.Popen(
        [sys.executable, "-c", f"{script}; time.sleep(600)"], stdout=subprocess.PIPE
    )
    willing = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    end_processes([stubborn, willing], 1.0)
    assert (stubborn.returncode, willing.returncode) == (-signal.SIGKILL, -signal.SIGTERM)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_a_child_ends_with_a_killed_parent():
    script = (
        "import subprocess,sys,time; from depth_seg_ros.system.processes import die_with_parent; "
        "c = subprocess.Popen([sys.executable,'-c','import time; time.sleep(600)'], "
        "preexec_fn=die_with_parent); print(c.pid, flush=True); time.sleep(600)"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=here
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert ends(child)
