"""The one runner: every kind of error is one line and an exit status; signals unwind the work."""

from __future__ import annotations

import argparse
import errno
import io
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.system.command import command_parser, explain, ranged, run

DEBUG = argparse.Namespace(debug=True)


ABOUT = """Does a thing.

A paragraph that is long enough to be broken over two lines, since a terminal has eighty columns.

    example --with options
    example --in lines
"""


def test_help_keeps_examples_and_shows_every_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["depth-seg"])
    parser = command_parser("thing", ABOUT)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="x", help="of the thing")
    parser.add_argument("--quiet", action="store_true", help="say nothing")
    parser.add_argument("--rate", default=3, help="default: three")
    text = parser.format_help()
    assert text.startswith("usage: depth-seg thing")
    assert "    example --with options\n    example --in lines" in text
    assert "default: 0" in text
    assert "of the thing (default: x)" in text
    assert "False" not in text
    assert "default: three" in text and "(default: 3)" not in text


def test_alone_a_command_has_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/lib/depth_seg_ros/thing"])
    assert command_parser("thing", ABOUT).format_usage().startswith("usage: thing")


def raising(error: BaseException):
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ReaderError("a.png is cut off;\nfetch it again"), "a.png is cut off; fetch it again"),
        (OSError(errno.ENOSPC, "No space left on device", "x"), "free some space"),
        (OSError(errno.EACCES, "Permission denied", "x"), "permissions"),
        (OSError(errno.EROFS, "Read-only file system", "x"), "choose a place you may use"),
        (OSError(errno.EMFILE, "Too many open files", "x"), "ulimit -n"),
        (MemoryError(), "out of memory; use smaller images"),
        (RuntimeError("[enforce fail] not enough memory: tried 9 GB"), "fewer workers"),
        (BrokenProcessPool("gone"), "a worker process was killed"),
        (KeyError("x"), "KeyError: 'x' - this is a fault of the program; --debug shows where"),
    ],
)
def test_one_line_and_exit_status_1(error, words, capsys):
    assert run(raising(error)) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1 and words in said


def test_permission_denied_is_not_a_full_disk():
    assert "free" not in explain(PermissionError(errno.EACCES, "Permission denied", "x"))


def test_memory_that_opencv_and_numpy_do_not_get():
    with pytest.raises(MemoryError) as numpys:
        np.empty((1 << 50, 1 << 10), np.uint8)
    assert "out of memory" in explain(numpys.value)
    with pytest.raises(cv2.error) as opencvs:
        cv2.resize(np.zeros((1, 1, 3), np.uint8), (1 << 30, 1 << 30))
    assert "\n" not in explain(opencvs.value)


def test_the_traceback_comes_with_debug_only(capsys):
    assert run(raising(ValueError("x")), DEBUG) == 1
    assert "Traceback" in capsys.readouterr().err


def test_every_parser_knows_debug(capsys):
    parser = command_parser("x", None)
    parser.add_argument("--threads", type=ranged("threads"))
    assert parser.parse_args(["--debug"]).debug
    for bad in ("0", "nan", "100000"):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args(["--threads", bad])
        assert ended.value.code == 2
        assert "a whole number from 1 to 1024" in capsys.readouterr().err


def test_the_work_may_have_an_exit_status_of_its_own():
    assert run(lambda: 3) == 3
    assert run(lambda: True) == 0 and run(lambda: None) == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_say_it(encoding, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert run(lambda: print("δ1 → 0.9 \udcff")) == 0
    assert b"0.9" in stream.buffer.getvalue()  # type: ignore[attr-defined]


SLEEPER = """
import sys, time
from pathlib import Path
from depth_seg_ros.system.atomic import atomic_output
from depth_seg_ros.system.command import run

def work():
    with atomic_output(Path(sys.argv[1]) / "a.bin") as partial:
        partial.write_bytes(b"half")
        print("ready", flush=True)
        time.sleep(60)

sys.exit(run(work))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_removes_what_is_half_written(number, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    process.send_signal(number)  # terminal and parent both tell it
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number and err == b"stopped\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough():
    script = "import sys\nfrom depth_seg_ros.system.command import run\n"
    script += "sys.exit(run(lambda: [print('x' * 1000) for _ in range(1000)]))"
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 128 + signal.SIGPIPE


def test_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    run(lambda: None)
    assert signal.getsignal(signal.SIGTERM) == before
