"""The arrows between rooms, held by reading every import (see docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "depth_seg_ros"

# Who may import what: distribution or room -> the folders (relative to the repository) allowed to.
ONLY_IN = {
    "torch": ["training"],
    "torchvision": ["training"],
    "onnx": ["training"],
    "training": ["training"],
    "rclpy": ["depth_seg_ros/nodes"],
    "cv_bridge": ["depth_seg_ros/nodes"],
    "rosbags": ["depth_seg_ros/evaluation", "depth_seg_ros/live", "depth_seg_ros/messages",
                "depth_seg_ros/virtual_world/writers", "depth_seg_ros/nodes"],
    "cyclonedds": ["depth_seg_ros/live"],
    "numba": ["depth_seg_ros/virtual_world"],
    "onnxruntime": ["depth_seg_ros/engines", "training"],
    "openvino": ["depth_seg_ros/engines", "training"],
    "tensorrt": ["depth_seg_ros/engines"],
    "pycuda": ["depth_seg_ros/engines"],
}  # fmt: skip
# Lower rooms know nothing of higher ones.
NEVER = {
    "depth_seg_ros/types.py": ["depth_seg_ros.spec", "depth_seg_ros.engines"],
    "depth_seg_ros/metrics": ["depth_seg_ros.predictor", "depth_seg_ros.engines",
                              "depth_seg_ros.evaluation", "depth_seg_ros.readers"],
    "depth_seg_ros/readers": ["depth_seg_ros.predictor", "depth_seg_ros.engines",
                              "depth_seg_ros.evaluation"],
    "depth_seg_ros/engines": ["depth_seg_ros.predictor", "depth_seg_ros.nodes",
                              "depth_seg_ros.evaluation", "depth_seg_ros.live"],
    "depth_seg_ros/virtual_world": ["depth_seg_ros.predictor", "depth_seg_ros.engines",
                                    "depth_seg_ros.nodes", "depth_seg_ros.live"],
    "depth_seg_ros/evaluation": ["depth_seg_ros.nodes", "depth_seg_ros.live", "depth_seg_ros.cli"],
    "depth_seg_ros/live": ["depth_seg_ros.nodes", "depth_seg_ros.cli"],
    "training": ["depth_seg_ros.nodes", "depth_seg_ros.live"],
}  # fmt: skip


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


SOURCES = [
    p.relative_to(ROOT).as_posix()
    for folder in (PACKAGE, ROOT / "training")
    for p in sorted(folder.rglob("*.py"))
]


@pytest.mark.parametrize("source", SOURCES)
def test_imports_follow_the_arrows(source: str) -> None:
    imports = _imports(ROOT / source)
    wrong = [
        f"{name} (only in {', '.join(places)})"
        for name, places in ONLY_IN.items()
        for imported in imports
        if imported.split(".")[0] == name and not any(source.startswith(p + "/") for p in places)
    ]
    wrong += [
        imported
        for place, names in NEVER.items()
        for imported in imports
        if (source == place or source.startswith(place + "/"))
        and any(imported == n or imported.startswith(n + ".") for n in names)
    ]
    assert not wrong, f"{source} imports {wrong}"


def test_there_are_sources() -> None:
    assert len(SOURCES) > 20
