"""A data set by a fleet: the bytes of one process, whoever dies or joins on the way."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest
from distributed import Client, LocalCluster

from depth_seg_ros.errors import DepthSegError, FleetError
from depth_seg_ros.fleet.dataset import make_dataset_at, make_dataset_on
from depth_seg_ros.fleet.storage import Store, is_url
from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset


def digests(root: Path) -> dict[str, str]:
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def test_killed_and_added_workers_change_no_byte(cluster: LocalCluster, plan: Plan) -> None:
    alone = replace(plan, root=plan.root.with_name("alone"))
    make_dataset(alone, 1, progress=False)
    with Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))

        def disturb() -> None:
            while not list((plan.root / "scenes").glob("*.json")):
                time.sleep(0.02)
            os.kill(victim, signal.SIGKILL)
            cluster.scale(4)

        disturber = threading.Thread(target=disturb)
        disturber.start()
        total = make_dataset_on(client, plan, progress=False)
        disturber.join()
    assert total.frames == 12
    assert digests(plan.root) == digests(alone.root)


def test_any_place_that_fsspec_knows(plan: Plan) -> None:
    """In this process, where memory:// is shared; a second run draws nothing."""
    alone = replace(plan, root=plan.root.with_name("alone"), scenes=2)
    make_dataset(alone, 1, progress=False)
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address=None) as local,
        Client(local) as client,
    ):
        store = Store("memory://world")
        some = replace(plan, scenes=2)
        make_dataset_at(client, some, store, progress=False)
        fs = fsspec.filesystem("memory")
        there = {
            name.removeprefix("/world/"): hashlib.sha256(fs.cat_file(name)).hexdigest()
            for name in fs.find("/world")
        }
        assert there == digests(alone.root)
        stamp = fs.modified("/world/scenes/0000.json")
        make_dataset_at(client, some, store, progress=False)
        assert fs.modified("/world/scenes/0000.json") == stamp
        with pytest.raises(DepthSegError, match="seed=3, not 4"):
            make_dataset_at(client, replace(some, seed=4), store, progress=False)
    fs.rm("/world", recursive=True)


def test_a_place_without_its_library_is_one_error() -> None:
    with pytest.raises(FleetError, match="nosuch"):
        Store("nosuch://bucket").exists("manifest.json")
    assert is_url("s3://bucket/world") and not is_url("data/world")


def test_a_folder_that_workers_do_not_see(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from depth_seg_ros.fleet import dataset as room

    class Blind:
        def run(self, *arguments: object) -> dict[str, bool]:
            return {"tcp://far:1": False}

    with pytest.raises(FleetError, match=r"tcp://far:1 does not see .*world"):
        room._check_seen(Blind(), plan.root)  # type: ignore[arg-type]
    assert not list(plan.root.glob(".fleet*"))


def test_a_scene_that_fails_is_told_and_the_others_stay(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from depth_seg_ros.errors import VirtualWorldError
    from depth_seg_ros.fleet import dataset as room

    whole = room.make_scene

    def failing(plan: Plan, index: int, tick: object) -> None:
        if index == 1:
            raise VirtualWorldError("no such luck")
        whole(plan, index, tick)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "make_scene", failing)
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address=None) as local,
        Client(local) as client,
        pytest.raises(FleetError, match=r"1 of 2 .*0001: no such luck"),
    ):
        make_dataset_on(client, replace(plan, scenes=2), progress=False)
    assert [p.name for p in (plan.root / "scenes").iterdir()] == ["0000.json"]


def test_a_lost_scheduler_is_one_error(plan: Plan) -> None:
    local = LocalCluster(n_workers=1, processes=True, host="127.0.0.1", dashboard_address=None,
                         silence_logs=50)  # fmt: skip

    def stop() -> None:
        while not (plan.root / "manifest.json").exists():
            time.sleep(0.02)
        local.close()

    client = Client(local)
    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(FleetError, match=r"lost|does not see|died"):
        make_dataset_on(client, plan, progress=False)
    stopper.join()
    client.close()
    make_dataset(plan, 1, progress=False)  # and it completes without
