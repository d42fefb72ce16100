"""Help pages and exit statuses of commands."""

from __future__ import annotations

import sys

import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.system.command import command_parser, run

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


def _raise(error: BaseException) -> int:
    raise error


def test_known_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: _raise(ConfigError("no such key"))) == 1
    assert capsys.readouterr().err == "error: no such key\n"
    assert run(lambda: _raise(KeyboardInterrupt())) == 130


def test_bugs_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: 1 // 0)


def test_the_status_of_the_work_counts() -> None:
    assert run(lambda: None) == 0
    assert run(lambda: 3) == 3
