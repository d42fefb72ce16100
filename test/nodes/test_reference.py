"""docs/ros.md says what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.nodes.parameters import CONFIGS
from depth_seg_ros.nodes.parameters.declaration import declarations
from depth_seg_ros.nodes.reference import replaced, tables

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "ros.md"


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == replaced(text), "run: python -m depth_seg_ros.nodes.reference docs/ros.md"


def test_every_parameter_is_in_the_tables() -> None:
    shown = tables()
    names = [p.name for config in CONFIGS.values() for _, p in declarations(config)]
    assert all(f"| `{name}` |" in shown for name in names)


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not mark"):
        replaced("# nothing here")
