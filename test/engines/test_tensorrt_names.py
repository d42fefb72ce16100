"""Every TensorRT name and call in the source exists in the real bindings, as many as are here.

The bindings need no GPU to be looked at. Beside an installed ``tensorrt``, those in the folders of
``DEPTH_SEG_ROS_TENSORRT_BINDINGS`` (separated like PATH; each holds one unpacked wheel and may hold
a folder ``lib`` with libraries to load it with) are checked, each in a process of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from binding_names import Use, uses

HERE = Path(__file__).parent

FOLDERS = [f for f in os.environ.get("DEPTH_SEG_ROS_TENSORRT_BINDINGS", "").split(os.pathsep) if f]


def _check(module: str, folder: str, libraries: str = "") -> dict[str, Any]:
    paths = os.pathsep.join(filter(None, [folder, *sys.path]))
    environment = {**os.environ, "PYTHONPATH": paths, "LD_LIBRARY_PATH": libraries}
    done = subprocess.run(
        [sys.executable, str(HERE / "binding_names.py"), module],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_source_is_read() -> None:
    found = uses()
    assert Use("IExecutionContext.execute_async_v3", 1) in found
    assert Use("Builder.build_serialized_network", 2) in found
    assert Use("BuilderFlag.TF32") in found and len(found) > 45


def test_the_stand_in_has_every_name() -> None:
    pytest.importorskip("onnxruntime")
    missing = _check("tensorrt", str(HERE / "stand_in"))["problems"]
    # The stand-in hides its classes of objects that only TensorRT makes.
    hidden = ("IBuilderConfig", "INetworkDefinition", "ICudaEngine", "IExecutionContext",
              "EngineInspector", "ITimingCache", "ILayer", "ITensor", "ParserError")  # fmt: skip
    assert [m for m in missing if not m.startswith(tuple(f"no {h}." for h in hidden))] == []


@pytest.mark.skipif(importlib.util.find_spec("tensorrt") is None, reason="no tensorrt installed")
def test_installed_binding() -> None:
    assert _check("tensorrt", "", os.environ.get("LD_LIBRARY_PATH", ""))["problems"] == []


@pytest.mark.skipif(not FOLDERS, reason="DEPTH_SEG_ROS_TENSORRT_BINDINGS names no bindings")
@pytest.mark.parametrize("folder", FOLDERS)
def test_unpacked_binding(folder: str) -> None:
    (package,) = (
        p for p in Path(folder).iterdir() if p.name.startswith("tensorrt") and p.suffix == ""
    )
    found = _check(package.name, folder, str(Path(folder) / "lib"))
    assert found["problems"] == [], found["version"]
