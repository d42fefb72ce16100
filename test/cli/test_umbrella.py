"""``depth-seg X``: finds commands by file name, runs them, and helps where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import depth_seg_ros.cli.__main__ as umbrella
from depth_seg_ros.cli.__main__ import main, overview, own_names


def test_every_command_has_a_line_in_the_overview() -> None:
    text = overview()
    for name in own_names():
        (line,) = [s for s in text.splitlines() if s.split()[:1] == [name]]
        assert len(line.split()) > 2


@pytest.mark.parametrize("name", own_names())
def test_every_command_answers_help(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["depth-seg"])
    with pytest.raises(SystemExit) as done:
        main([name, "--help"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: depth-seg {name}")


def test_another_distribution_may_bring_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("count", "builtins:len", umbrella.GROUP)
    monkeypatch.setattr(umbrella, "entry_points", lambda group: [entry])
    assert "count" in overview()
    assert main(["count", "a", "b"]) == 2


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predct"]) == 2
    assert "did you mean predict?" in capsys.readouterr().err


def test_without_a_command_the_overview_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_the_overview_imports_no_command() -> None:
    code = (
        "import sys; from depth_seg_ros.cli.__main__ import overview; overview(); "
        "assert 'cv2' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_library_is_one_line_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "rosbags.py").write_text("raise ModuleNotFoundError(name='rosbags')")
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "depth_seg_ros.cli", "kitti_to_bag", "drive", "--out", "bag"],
        env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "error: rosbags is not installed: pip install '.[bags]' (in the clone), or pip install "
        "rosbags\n"
    )
