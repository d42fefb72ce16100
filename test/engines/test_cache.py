"""Engines on disk: found only where every fact agrees, never half written, never half read."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from depth_seg_ros.engines.cache import CacheKey, EngineCache, default_folder
from depth_seg_ros.errors import EngineError

KEY = CacheKey(
    model="ds_net", model_sha256="0" * 64, backend="tensorrt", backend_version="10.3.0",
    device="Orin", compute_capability="8.7", driver="CUDA 12.6", precision="fp16",
    shape=(1, 160, 256, 3), options={"tf32": False},
)  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    return EngineCache(tmp_path / "engines")


def test_store_and_find(cache: EngineCache) -> None:
    assert cache.find(KEY) is None
    stored = cache.store(KEY, b"plan", {"parity": {"frames": 4}})
    found = cache.find(KEY)
    assert found == stored and found.read_plan() == b"plan" and found.facts["parity"]["frames"] == 4
    assert [e.path.name for e in cache.entries()] == [KEY.folder_name]


@pytest.mark.parametrize(
    "change",
    [
        {"model_sha256": "1" * 64}, {"backend_version": "10.9.0"}, {"device": "RTX 4090"},
        {"compute_capability": "8.9"}, {"driver": "CUDA 13.0"}, {"precision": "int8"},
        {"shape": (4, 160, 256, 3)}, {"options": {"tf32": True}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_every_fact_counts(cache: EngineCache, change: dict[str, object]) -> None:
    cache.store(KEY, b"plan", {})
    assert cache.find(replace(KEY, **change)) is None  # type: ignore[arg-type]


def test_copied_from_another_machine(cache: EngineCache) -> None:
    entry = cache.store(KEY, b"plan", {})
    other = replace(KEY, device="RTX 4090")
    entry.path.rename(cache.folder / other.folder_name)
    with pytest.raises(EngineError, match="is for another device"):
        cache.find(other)


def test_damage_is_noticed(cache: EngineCache) -> None:
    entry = cache.store(KEY, b"plan", {})
    entry.plan_path.write_bytes(b"plam")
    with pytest.raises(EngineError, match="damaged"):
        entry.read_plan()
    (entry.path / "engine.json").write_text("{", encoding="utf-8")
    with pytest.raises(EngineError, match="no readable description"):
        cache.find(KEY)
    assert cache.entries()[0].facts == {"damaged": True}
    assert cache.store(KEY, b"new", {}).read_plan() == b"new"


def test_a_failed_write_leaves_nothing(cache: EngineCache) -> None:
    cache.store(KEY, b"plan", {})
    with pytest.raises(TypeError):
        cache.store(KEY, b"other", {"facts": object()})
    found = cache.find(KEY)
    assert found is not None and found.read_plan() == b"plan"
    assert [p.name for p in cache.folder.iterdir()] == [KEY.folder_name]


def test_clear_removes_all_and_says_what(cache: EngineCache) -> None:
    cache.store(KEY, b"plan", {})
    (cache.folder / ".x.partial").mkdir()
    cache.kept(KEY).mkdir()
    assert len(cache.clear()) == 2
    assert list(cache.folder.iterdir()) == [] and cache.entries() == []


def test_unwritable_folder_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(EngineError, match="DEPTH_SEG_ROS_CACHE"):
        EngineCache(tmp_path / "file").store(KEY, b"", {})


def test_builders_take_turns(cache: EngineCache) -> None:
    """flock works between open files, so threads stand for processes here."""
    events: list[str] = []

    def build() -> None:
        with cache.lock(KEY):
            events.append("in")
            time.sleep(0.1)
            events.append("out")

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert events == ["in", "out"] * 3


def test_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("DEPTH_SEG_ROS_CACHE", raising=False)
    assert default_folder() == tmp_path / "depth_seg_ros" / "engines"
    monkeypatch.setenv("DEPTH_SEG_ROS_CACHE", str(tmp_path / "here"))
    assert default_folder() == tmp_path / "here"
