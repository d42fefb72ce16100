"""A data set made by a fleet: a scene is a task, the same bytes as from one process.

Workers write into the folder itself, which all of them see, or into any place that fsspec knows
(``s3://bucket/world``, ``memory://world``, ...): there a scene is drawn in a folder of the worker's
own and its files are put whole, the one that says "finished" last.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
from distributed import Client

from depth_seg_ros.errors import DepthSegError, FleetError
from depth_seg_ros.fleet.storage import Store
from depth_seg_ros.fleet.work import run_all
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.virtual_world.data.dataset import (
    Plan,
    begin,
    check_rate,
    finish,
    make_scene,
    progress_bar,
    world_name,
)
from depth_seg_ros.virtual_world.data.manifest import Histogram, check_same, statistics

MANIFEST = "manifest.json"
_SEEN = ".fleet"


def make_dataset_on(client: Client, plan: Plan, progress: bool = True) -> Histogram:
    """Draw what is missing into the folder ``plan.root``, which every worker sees."""
    todo = begin(plan)
    _check_seen(client, plan.root)
    _draw(client, plan, None, todo, progress)
    return finish(plan, todo)


def make_dataset_at(client: Client, plan: Plan, store: Store, progress: bool = True) -> Histogram:
    """Draw what is missing into a store; ``plan.root`` is not used."""
    check_rate(plan)
    _claim(store, plan)
    done = set(store.names("scenes"))
    todo = [i for i in plan.indices() if f"{world_name(i)}.json" not in done]
    _draw(client, plan, store, todo, progress)
    names = sorted(n for n in store.names("scenes") if n.endswith(".json"))
    text, total = statistics(store.read_text(f"scenes/{n}") for n in names)
    store.write("statistics.json", text.encode())
    return total


def _draw(client: Client, plan: Plan, store: Store | None, todo: list[int], progress: bool) -> None:
    """FleetError at the end where scenes failed: the others are complete."""
    failed: dict[str, DepthSegError] = {}
    tasks: Mapping[int, tuple[object, ...]] = {i: (plan, i, store) for i in todo}
    with progress_bar(plan, len(todo), progress) as bar:
        frames = plan.frames * len(plan.variations)
        for index, result in run_all(client, draw_scene, tasks, bar, frames):
            if isinstance(result, DepthSegError):
                failed[world_name(index)] = result
    if failed:
        world, error = min(failed.items())
        raise FleetError(
            f"{len(failed)} of {len(todo)} scenes failed, the first {world}: {error}; the others "
            "are complete, and the same command draws what is missing"
        )


def draw_scene(plan: Plan, index: int, store: Store | None) -> None:
    """The task: one scene, straight into the folder or through one of the worker's own."""
    cv2.setNumThreads(1)  # a worker has one core
    if store is None:
        make_scene(plan, index, _silent)
        return
    with tempfile.TemporaryDirectory(prefix="scene_") as folder:
        root = Path(folder)
        make_scene(replace(plan, root=root), index, _silent)
        files = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        for name in sorted(files, key=lambda n: (n.startswith("scenes/"), n)):
            store.write(name, (root / name).read_bytes())


def _silent(frames: int) -> None:
    """The bar counts scenes: a message a frame would cost more than it tells."""


def _claim(store: Store, plan: Plan) -> None:
    """Make the place this data set's, or see that it is; nothing written where it is another's."""
    wanted = plan.settings().to_json()
    if not store.exists(MANIFEST):
        if strangers := store.names(""):
            raise FleetError(
                f"{store.url} is not empty ({strangers[0]}) and has no {MANIFEST}; choose another"
            )
        store.write(MANIFEST, (json.dumps(wanted, indent=1, sort_keys=True) + "\n").encode())
    try:
        found = json.loads(store.read_text(MANIFEST))
    except ValueError as e:
        raise FleetError(f"{store.url}/{MANIFEST} is not readable ({e}); choose another") from e
    check_same(found, wanted, store.url)


def _check_seen(client: Client, root: Path) -> None:
    """FleetError where a worker does not see what this process writes into the folder."""
    mark = root / _SEEN
    write_text(mark, f"{os.getpid()}\n")
    try:
        seen = client.run(_reads, str(mark.resolve()), f"{os.getpid()}\n")
    finally:
        mark.unlink(missing_ok=True)
    if blind := sorted(address for address, found in seen.items() if not found):
        raise FleetError(
            f"the worker {blind[0]} does not see {root.resolve()} ({len(blind)} of {len(seen)} "
            "workers); mount the folder there at the same place, or give a URL that all reach"
        )


def _reads(path: str, text: str) -> bool:
    try:
        return Path(path).read_text() == text
    except OSError:
        return False
