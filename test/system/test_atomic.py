from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import OutputError
from depth_seg_ros.system.atomic import (
    atomic_output,
    check_free,
    create_text,
    remove_stale,
    write_array,
    write_bytes,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a/b.txt"
    with atomic_output(target) as partial:
        partial.write_text("half")
        assert not target.exists()
        assert partial.suffix == ".partial", "would be found by a search for *.txt"
    assert target.read_text() == "half"
    assert names(target.parent) == ["b.txt"]


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with atomic_output(tmp_path / "out") as partial:
            partial.mkdir()
            (partial / content).touch()
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["new"]


def test_an_exception_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "b.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_output(target) as partial:
        partial.write_text("new")
        raise RuntimeError
    assert target.read_text() == "old"
    assert names(tmp_path) == ["b.txt"]


def test_overwriting_can_be_forbidden(tmp_path: Path) -> None:
    write_text(tmp_path / "b.txt", "old")
    check_free(tmp_path / "b.txt", overwrite=True)
    with pytest.raises(OutputError, match="exists already"):
        check_free(tmp_path / "b.txt", overwrite=False)


@pytest.mark.parametrize("links", [True, False])
def test_only_the_first_creates_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    assert create_text(tmp_path / "a", "first")
    assert not create_text(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "first"
    assert names(tmp_path) == ["a"]
    with pytest.raises(OutputError, match="cannot write"):
        create_text(tmp_path / "a" / "b", "text")


def test_two_processes_with_one_id_do_not_meet(tmp_path: Path) -> None:
    with atomic_output(tmp_path / "a") as one, atomic_output(tmp_path / "a") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "a").read_text() == "one"  # the last to end
    assert names(tmp_path) == ["a"]


def test_what_killed_processes_left_is_deleted_once_it_is_old(tmp_path: Path) -> None:
    for name, age_s in ((".a.png.0a1b.partial", 100), (".a.png.2c3d.partial", 1), ("a.png", 100)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9 - age_s, 1e9 - age_s))
    remove_stale(tmp_path, before_s=1e9 - 60)
    remove_stale(tmp_path / "nowhere", before_s=1e9)
    assert names(tmp_path) == [".a.png.2c3d.partial", "a.png"]


def test_text_bytes_and_arrays(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "ä")
    write_bytes(tmp_path / "b", b"\x00")
    write_array(str(tmp_path / "c.npy"), np.arange(3))
    assert (tmp_path / "a").read_text("utf-8") == "ä"
    assert (tmp_path / "b").read_bytes() == b"\x00"
    assert np.load(tmp_path / "c.npy").tolist() == [0, 1, 2]


def test_a_full_disk_names_the_output_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(path: Path, data: bytes) -> None:
        with path.open("wb") as stream:
            stream.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OutputError, match=r"cannot write .*b\.txt \(No space left on device\)"):
        write_text(tmp_path / "b.txt", "text")
    assert names(tmp_path) == []
