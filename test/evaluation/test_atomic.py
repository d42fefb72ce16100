from pathlib import Path

import pytest

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.atomic import atomic_output, write_text


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a/b.txt"
    with atomic_output(target) as partial:
        partial.write_text("half")
        assert not target.exists()
    assert target.read_text() == "half"
    assert [p.name for p in target.parent.iterdir()] == ["b.txt"]


def test_an_exception_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "b.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_output(target) as partial:
        partial.write_text("new")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]


def test_overwriting_can_be_forbidden(tmp_path: Path) -> None:
    write_text(tmp_path / "b.txt", "old")
    with (
        pytest.raises(EvaluationError, match="exists already"),
        atomic_output(tmp_path / "b.txt", overwrite=False),
    ):
        pass
