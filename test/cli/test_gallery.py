"""The gallery: every sheet is made, the page names places and networks."""

from pathlib import Path

import pytest

pytest.importorskip("numba")

from depth_seg_ros.cli import gallery
from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.virtual_world import places


def test_the_page_and_its_sheets(
    tiny_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "names", lambda: ("city", "field", "residential"))
    argv = ["--out", str(tmp_path), "--scale", "0.1", "--models", str(tiny_onnx)]
    assert gallery.main(argv) == 0
    names = {"places", "cameras", "lights", "networks", "failures"}
    assert {p.stem for p in tmp_path.glob("*.jpg")} == names
    page = (tmp_path / "index.md").read_text()
    assert "| city |" in page and "| field |" in page and "| tiny |" in page
    assert all(f"({name}.jpg)" in page for name in names)


def test_the_default_network_comes_first() -> None:
    assert gallery.in_order()[0] == DEFAULT_MODEL
