"""``depth-seg X``: the one command on pip's PATH, X any file of this folder.

A distribution beside this one may bring commands too: entry points of the group
``depth_seg_ros.commands`` (training does). Nothing but the chosen command is imported.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

from depth_seg_ros.system.command import UMBRELLA, run

GROUP = "depth_seg_ros.commands"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named first; its exit status, or 2 where there is no such command."""
    name, *rest = list(sys.argv[1:] if argv is None else argv) or [""]
    if name in ("", "-h", "--help", "help"):
        print(overview())
        return 0 if name else 2
    if name == "--version":
        print(f"depth_seg_ros {version('depth_seg_ros')}")
        return 0
    if name not in own_names() and name not in {e.name for e in _entries()}:
        near = get_close_matches(name, [*own_names(), *(e.name for e in _entries())], n=1)
        hint = f"did you mean {near[0]}?" if near else f"{UMBRELLA} --help lists what there is"
        print(f"error: there is no command {name!r}; {hint}", file=sys.stderr)
        return 2
    sys.argv[0] = UMBRELLA  # what usage lines begin with
    return run(lambda: _find(name)(rest))


def __getattr__(name: str) -> Callable[[], int]:
    """Each command as a function of this module: what colcon's scripts call."""
    if name not in own_names():
        raise AttributeError(f"module {__name__} has no command {name}")
    return lambda: run(lambda: _find(name)(None))


def own_names() -> list[str]:
    """The commands of this folder, by file name."""
    return sorted(p.stem for p in Path(__file__).parent.glob("[!_]*.py"))


def overview() -> str:
    """Every command with the first line of what it says about itself."""
    lines = [f"usage: {UMBRELLA} COMMAND [OPTIONS]", "", "Metric depth and semantics, one camera."]
    told = {n: _first_line(Path(__file__).with_name(f"{n}.py")) for n in own_names()}
    told |= {e.name: f"see python -m {e.module} --help" for e in _entries()}
    width = max(map(len, told))
    lines += ["", *(f"  {name:<{width}}  {line}" for name, line in told.items())]
    return "\n".join([*lines, "", f"{UMBRELLA} COMMAND --help tells the rest."])


def _find(name: str) -> Callable[[Sequence[str] | None], int]:
    """``main`` of a command; ModuleNotFoundError where a library of it is not installed."""
    found: Callable[[Sequence[str] | None], int]
    if name in own_names():
        found = importlib.import_module(f"depth_seg_ros.cli.{name}").main
    else:
        found = next(entry for entry in _entries() if entry.name == name).load()
    return found


def _entries() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda e: e.name)


def _first_line(path: Path) -> str:
    """Of a file's docstring, read without importing it."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    line = told.partition("\n")[0].replace("``", "")
    line = line.removeprefix(f"{path.stem}: ")
    return line[:1].upper() + line[1:]


if __name__ == "__main__":
    sys.exit(main())
