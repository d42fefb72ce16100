"""Killed a few times, the same bytes in the end (``make kill TIMES=...``: more often, training
too)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("kill", Path(__file__).with_name("kill.py"))
assert _SPEC is not None and _SPEC.loader is not None


def test_kitti_to_bag(tmp_path: Path) -> None:
    import sys

    kill = importlib.util.module_from_spec(_SPEC)
    sys.modules["kill"] = kill  # dataclasses look their module up
    _SPEC.loader.exec_module(kill)
    assert kill.trial(kill.CASES["kitti_to_bag"], tmp_path, times=4, seed=1) >= 1
