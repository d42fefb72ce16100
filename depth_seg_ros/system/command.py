"""How every command begins and ends, those of training too: one kind of help page, one runner.

A known error is one line on stderr and exit status 1, a bad option argparse's line and 2; Ctrl-C
and SIGTERM unwind the work in order (children end, partial files go) and give 130 and 143. What
nobody foresaw is one line as well; ``--debug`` shows its traceback.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.limits import LIMITS, image_size
from depth_seg_ros.system.extras import explain_missing
from depth_seg_ros.system.reasons import expected
from depth_seg_ros.system.unwind import Stopped, signals_unwind

UMBRELLA = "depth-seg"
"""The one command on pip's PATH: ``depth-seg X`` runs the command X (cli/__main__.py)."""


class CommandParser(argparse.ArgumentParser):
    """Help with examples in their own lines and every default shown, for subcommands too; knows
    ``--debug``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", _Formatter)
        super().__init__(*args, **kwargs)
        # Suppressed, so that a subcommand's default does not undo what was said before it.
        self.add_argument(
            "--debug",
            action="store_true",
            default=argparse.SUPPRESS,
            help="show the traceback of an error",
        )


def command_parser(name: str, about: str | None) -> CommandParser:
    """The parser of a command; ``about`` is its file's docstring.

    Its usage line begins with what was typed: ``name`` alone (``ros2 run``), or ``depth-seg name``.
    """
    typed = Path(sys.argv[0]).name == UMBRELLA
    return CommandParser(prog=f"{UMBRELLA} {name}" if typed else name, description=about)


def ranged(name: str) -> Callable[[str], Any]:
    """``type=`` of an option: a number in the range that :data:`LIMITS` gives to ``name``."""
    limit = LIMITS[name]

    def parse(text: str) -> int | float:
        try:
            return limit.parse(text)
        except ValueError as e:
            raise argparse.ArgumentTypeError(str(e)) from None

    return parse


def sized(text: str) -> tuple[int, int]:
    """``type=`` of an option: (width, height) of an image, as in ``1242x375``."""
    try:
        return image_size(text)
    except ValueError as e:
        raise argparse.ArgumentTypeError(str(e)) from None


def run(work: Callable[[], object], arguments: argparse.Namespace | None = None) -> int:
    """Do the work; the exit status of the process.

    work: may return an exit status of its own (an int); anything else counts as success.
    arguments: of the command; ``--debug`` among them shows tracebacks.
    """
    _say_anything()
    debug = getattr(arguments, "debug", False)
    try:
        with signals_unwind():
            code = work()
        sys.stdout.flush()
        return code if type(code) is int else 0
    except Stopped as e:
        print("stopped", file=sys.stderr)
        return e.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would try to flush once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as e:
        if debug:
            traceback.print_exc()
        print(f"error: {explain(e)}", file=sys.stderr)
        return 1


def explain(error: Exception) -> str:
    """One line of an exception: ours, the machine's, or a bug's."""
    if isinstance(error, DepthSegError):
        return " ".join(str(error).split("\n"))
    if (reason := expected(error)) is not None:
        return reason
    if isinstance(error, ModuleNotFoundError) and (missing := explain_missing(error)):
        return missing
    told = " ".join(str(error).split())
    return (
        f"{type(error).__name__}{f': {told}' if told else ''} - this is a fault of the program; "
        "--debug shows where"
    )


def _say_anything() -> None:
    """Let every text reach the terminal: what its encoding lacks is escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


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
