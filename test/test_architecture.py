"""The arrows between rooms, an allow-list held by reading every import, type-only ones too.

A room may import what its row names (and itself); a distribution only the rooms in its row. There
is no circle between files. See docs/architecture.md.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "depth_seg_ros"

CORE = {"types", "errors", "labels", "spec", "preprocess", "postprocess", "predictor", "visualize",
        "models", "annotate", "limits", "encoded", "plane"}  # fmt: skip
"""The nouns and the one path; the predictor is handed its engine by ``engines``."""

ARROWS = {
    "core": {"system", "engines"},
    "system": {"core"},
    "metrics": {"core"},
    "messages": {"core"},
    "readers": {"core", "system"},
    "bags": {"core", "system", "messages"},
    "engines": {"core", "system", "metrics"},
    "perception": {"core", "system", "messages", "engines", "metrics"},
    "evaluation": {"core", "system", "messages", "bags", "readers", "metrics", "engines",
                   "perception"},
    "virtual_world": {"core", "system", "messages", "bags"},
    "nodes": {"core", "system", "messages", "engines", "metrics", "perception"},
    "dds": {"core", "system", "messages", "bags", "engines", "metrics", "perception"},
    "doctor": {"core", "system", "engines", "dds"},
    "fleet": {"core", "system", "readers", "metrics", "evaluation", "virtual_world"},
    "cli": {"core", "system", "messages", "bags", "readers", "metrics", "engines", "perception",
            "evaluation", "virtual_world", "dds", "doctor", "fleet"},
    "training": {"core", "system", "readers", "metrics", "engines", "evaluation", "virtual_world",
                 "cli", "fleet"},
}  # fmt: skip

ONLY_IN = {
    "torch": {"training"},
    "torchvision": {"training"},
    "onnx": {"training"},
    "rclpy": {"nodes"},
    "cv_bridge": {"nodes"},
    "rosbags": {"messages", "bags"},
    "cyclonedds": {"dds"},
    "numba": {"virtual_world"},
    "distributed": {"fleet"},
    "fsspec": {"fleet"},
    "onnxruntime": {"engines", "training"},
    "openvino": {"engines", "training"},
    "tensorrt": {"engines"},
}

DEBTS: set[tuple[str, str]] = set()
"""(file, room or distribution): arrows that still point the wrong way. It only shrinks."""

LONGEST = 350
"""Lines that a file may have."""

CIRCLES: set[str] = set()
"""Files in a circle today. It only shrinks."""


def _sources() -> dict[str, Path]:
    """Module name -> file, of both distributions."""
    found = {}
    for folder in (PACKAGE, ROOT / "training"):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


SOURCES = _sources()


def _room(module: str) -> str:
    parts = module.split(".")
    if parts[0] != "depth_seg_ros":
        return parts[0]
    if parts[-1] == "__main__":
        return "cli"  # a command, wherever Python wants its file
    return "core" if len(parts) == 1 or parts[1] in CORE else parts[1]


def _imports(module: str) -> set[str]:
    """Every module that the file's text imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {n if n in SOURCES else node.module for n in names}
    return found


@pytest.mark.parametrize("module", SOURCES)
def test_imports_follow_the_arrows(module: str) -> None:
    room = _room(module)
    wrong = set()
    for imported in _imports(module):
        other, distribution = _room(imported), imported.split(".")[0]
        if (
            distribution in ("depth_seg_ros", "training")
            and other != room
            and other not in ARROWS[room]
        ):
            wrong.add((module, other))
        if room not in ONLY_IN.get(distribution, {room}):
            wrong.add((module, distribution))
    assert not wrong - DEBTS, f"{module} may not import these"


def test_there_is_no_circle() -> None:
    direct = {m: {i for i in _imports(m) if i in SOURCES and i != m} for m in SOURCES}
    reach = {m: set(imports) for m, imports in direct.items()}
    sizes: list[int] = []
    while sizes != (sizes := [len(seen) for seen in reach.values()]):
        for seen in reach.values():
            seen.update(*[reach[i] for i in seen])
    circular = {m for m in SOURCES if m in reach[m]}
    assert not circular - CIRCLES, "these import each other in a circle"


def test_nothing_imports_a_start() -> None:
    """``__main__`` files stand above every room, the one whose folder they lie in as well."""
    starts = {m for m in SOURCES if m.endswith(".__main__")}
    assert starts
    assert not {m for m in SOURCES if _imports(m) & starts}


def test_there_are_sources() -> None:
    assert len(SOURCES) > 20


def test_files_are_short_and_say_what_they_are_for() -> None:
    texts = {module: path.read_text(encoding="utf-8") for module, path in SOURCES.items()}
    assert not {m: n for m, t in texts.items() if (n := len(t.splitlines())) > LONGEST}
    assert not [m for m, t in texts.items() if t and not ast.get_docstring(ast.parse(t))]


def test_the_documentation_shows_these_arrows() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room, may in ARROWS.items():
        assert f"| {room} | {', '.join(sorted(may))} |" in page
