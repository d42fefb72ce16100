"""How every command begins and ends: one kind of help page, and known errors as one line."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import DepthSegError

UMBRELLA = "depth-seg"
"""The one command on pip's PATH: ``depth-seg X`` runs the command X (cli/__main__.py)."""


class CommandParser(argparse.ArgumentParser):
    """Help with examples in their own lines and every default shown, for subcommands too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", _Formatter)
        super().__init__(*args, **kwargs)


def command_parser(name: str, about: str | None) -> CommandParser:
    """The parser of a command; ``about`` is its file's docstring.

    Its usage line begins with what was typed: ``name`` alone (``ros2 run``), or ``depth-seg name``.
    """
    typed = Path(sys.argv[0]).name == UMBRELLA
    return CommandParser(prog=f"{UMBRELLA} {name}" if typed else name, description=about)


def run(work: Callable[[], int | None]) -> int:
    """Do the work; 0 (or the status it returns), or 1 after one line on stderr. Ctrl-C ends with
    130, quietly."""
    try:
        return work() or 0
    except (DepthSegError, OSError) as e:
        # OSError: a full disk, a missing permission, a vanished file: the system's words name it.
        print(f"error: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


class _Formatter(argparse.HelpFormatter):
    """Fills paragraphs, leaves indented ones (examples) as they are, and adds the defaults."""

    def add_argument(self, action: argparse.Action) -> None:
        if action.help is not argparse.SUPPRESS and _default_is_news(action):
            told = (action.help or "").strip()
            action.help = f"{told} (default: %(default)s)" if told else "default: %(default)s"
        super().add_argument(action)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.replace("``", "").strip().split("\n\n")
        return "\n\n".join(
            textwrap.indent(p, indent)
            if any(line.startswith(" ") for line in p.splitlines())
            else super(_Formatter, self)._fill_text(p, width, indent)
            for p in paragraphs
        )


def _default_is_news(action: argparse.Action) -> bool:
    """Whether the option has a default that its help does not tell yet."""
    told = "default" in (action.help or "")
    silent = action.nargs == 0 or action.default in _SILENT  # nargs 0: a switch
    return bool(action.option_strings) and not (told or silent)


_SILENT: tuple[object, ...] = (None, [], argparse.SUPPRESS)
"""Defaults that need no word."""
