"""Kernels whose disk cache is damaged, foreign, full or not ours to write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

KERNEL = """
import sys
import numpy as np
from depth_seg_ros.virtual_world.render.jit import kernel, was_on_disk

@kernel
def add(a, b):
    return a + b

assert add(2, 3) == 5
print("disk" if was_on_disk(add) else "compiled")
"""


def run(folder: Path, source: Path, prefix: str = "") -> tuple[str, str]:
    """(where the kernel came from, what was said about it)."""
    if not source.exists():  # a newer file is another kernel
        source.write_text(KERNEL)
    command = [sys.executable, str(source)]
    if prefix:
        command = ["bash", "-c", f"{prefix}; exec {sys.executable} {source}"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(bytes(data))


def foreign(path: Path) -> None:
    """A pickle of a module that is not there, as after a move of modules."""
    path.write_bytes(b"\x80\x04cno_such_module\nthing\n.")


@pytest.mark.parametrize(
    ("pattern", "damage"), [("*.nbi", foreign), ("*.nbc", cut), ("*.nbc", flip)]
)
def test_a_damaged_cache_heals(
    tmp_path: Path, pattern: str, damage: Callable[[Path], None]
) -> None:
    cache, source = tmp_path / "cache", tmp_path / "kernels.py"
    assert run(cache, source) == ("compiled", "")
    assert run(cache, source) == ("disk", "")
    for path in cache.rglob(pattern):
        damage(path)
    origin, said = run(cache, source)
    assert origin == "compiled"
    assert said.count("kernel cache") <= 1 and "Traceback" not in said
    assert run(cache, source)[0] == "disk", "healed for ever"


def test_a_full_disk_costs_time_and_names_the_folder(tmp_path: Path) -> None:
    cache, source = tmp_path / "cache", tmp_path / "kernels.py"
    cache.mkdir()
    origin, said = run(cache, source, prefix="ulimit -f 0; trap '' XFSZ")
    assert origin == "compiled"
    assert str(cache) in said and "NUMBA_CACHE_DIR" in said and "Traceback" not in said
