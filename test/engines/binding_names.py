"""Every name of TensorRT that the package uses, read off its source, and a check of one binding.

binding_names.py MODULE    import MODULE and print what is missing or does not fit, as JSON
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ENGINES = Path(__file__).resolve().parents[2] / "depth_seg_ros" / "engines"
SOURCES = ("tensorrt/__init__.py", "tensorrt/build.py", "tensorrt/runner.py")

# What the variables of those files hold.
HOLDS = {
    "builder": "Builder", "config": "IBuilderConfig", "network": "INetworkDefinition",
    "parser": "OnnxParser", "self._runtime": "Runtime", "self._engine": "ICudaEngine",
    "engine": "ICudaEngine", "self._context": "IExecutionContext",
    "inspector": "EngineInspector", "timings": "ITimingCache",
    "parser.get_error(i)": "ParserError", "network.get_layer(i)": "ILayer",
    "network.get_layer(i).get_output(0)": "ITensor",
}  # fmt: skip

# Behind hasattr, or for versions before 10 only (see tensorrt.build._allow_types_of).
OPTIONAL = {
    "NetworkDefinitionCreationFlag.EXPLICIT_BATCH", "NetworkDefinitionCreationFlag.STRONGLY_TYPED",
    "BuilderFlag.FP16", "BuilderFlag.INT8", "IProgressMonitor", "IProgressMonitor.__init__",
    "IBuilderConfig.progress_monitor",
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Use:
    """``path`` from the module, e.g. ``Builder.create_network``; positional arguments of a call."""

    path: str
    arguments: int | None = None


def uses() -> set[Use]:
    """All of them."""
    found: set[Use] = set()
    for source in SOURCES:
        tree = ast.parse((ENGINES / source).read_text(encoding="utf-8"))
        calls = {id(n.func): len(n.args) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                aliases = _aliases(function)
                for node in ast.walk(function):
                    if isinstance(node, ast.Attribute) and (path := _path(node, aliases)):
                        found.add(Use(path, calls.get(id(node))))
    return found


def _aliases(function: ast.FunctionDef) -> dict[str, str]:
    """Local names of enums, as in ``flags = trt.BuilderFlag``."""
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            path = _path(node.value, {})
            if path and path[0].isupper():
                found[node.targets[0].id] = path
    return found


def _path(node: ast.AST, aliases: dict[str, str]) -> str:
    """``trt.X.Y``, ``self._trt.X.Y``, or an attribute of something HOLDS knows."""
    if not isinstance(node, ast.Attribute):
        return ""
    base = ast.unparse(node.value)
    if base in ("trt", "self._trt"):
        return node.attr
    if base in aliases:
        return f"{aliases[base]}.{node.attr}"
    if base in HOLDS:
        return f"{HOLDS[base]}.{node.attr}"
    inner = _path(node.value, aliases)
    return f"{inner}.{node.attr}" if inner else ""


def problems(module: object) -> list[str]:
    """Uses that a binding does not have, or does not take with that many arguments."""
    found = []
    for use in sorted(uses(), key=str):
        target = module
        for name in use.path.split("."):
            target = getattr(target, name, None)
        if target is None:
            if use.path not in OPTIONAL:
                found.append(f"no {use.path}")
        elif use.arguments is not None and not _accepts(target, use):
            found.append(
                f"{use.path} does not take {use.arguments}: {(target.__doc__ or '')[:200]}"
            )
    return found


def _accepts(target: object, use: Use) -> bool:
    """Whether one of the signatures in pybind11's docstring takes that many arguments."""
    if isinstance(target, type):
        target = target.__init__  # type: ignore[misc]
    doc = getattr(target, "__doc__", None) or ""
    name = use.path.rsplit(".", 1)[-1]
    name = "__init__" if "__init__(self" in doc else name
    signatures = re.findall(rf"{name}\((self: [^)]*(?:\([^)]*\)[^)]*)*)\)", doc)
    # TensorRT's own classes may be subclassed in Python: ILogger.__init__(self).
    given = use.arguments if ".__init__" in use.path else (use.arguments or 0) + 1
    for signature in signatures:
        parts = [p for p in _split(signature) if p.strip() not in ("*", "/")]
        needed = sum("=" not in p for p in parts)
        if needed <= (given or 0) <= len(parts):
            return True
    return not signatures  # a plain Python class of a stand-in


def _split(signature: str) -> list[str]:
    """Split at the commas outside brackets."""
    parts, depth = [""], 0
    for c in signature:
        depth += (c in "[(<") - (c in "])>")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts


if __name__ == "__main__":
    binding = importlib.import_module(sys.argv[1])
    print(json.dumps({"version": binding.__version__, "problems": problems(binding)}))
