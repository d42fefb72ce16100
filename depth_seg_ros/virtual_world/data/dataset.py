"""A data set: many scenes, a few frames of each, in the Virtual KITTI layout.

One scene is one task; tasks share nothing, so that any number of processes and machines (shards)
can work on one data set. What a killed run left is kept: finished scenes are skipped, finished
frames of an unfinished scene are read back instead of drawn again.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.system.atomic import remove_stale, write_text
from depth_seg_ros.system.processes import end_with_parent, end_workers
from depth_seg_ros.virtual_world.cameras import CameraKind
from depth_seg_ros.virtual_world.course import draw_legs, parse_mix
from depth_seg_ros.virtual_world.data.drive import Drive, look_of
from depth_seg_ros.virtual_world.data.manifest import (
    Histogram,
    PlaceHistogram,
    Settings,
    claim_folder,
    scene_file,
    versions,
    write_statistics,
)
from depth_seg_ros.virtual_world.data.writers.virtual_kitti import (
    PREFIX,
    VirtualKittiWriter,
    depth_as_stored,
    labels_as_stored,
    scene_colors,
)
from depth_seg_ros.virtual_world.light.environment import KNOWN, RANDOM
from depth_seg_ros.virtual_world.scene import CLUTTER

_NO_FRAME = -1
_STALE_S = 60.0  # a file is written in milliseconds


@dataclass(frozen=True)
class Plan:
    """A data set to make, and this process's share of it (shard ``part`` of ``parts``, from 1)."""

    root: Path
    camera: CameraKind
    scenes: int
    frames: int
    seed: int = 0
    variations: tuple[str, ...] = (RANDOM,)
    places: str | None = None  # a mix: names, weights (default: every place)
    rate_hz: float | None = None
    clutter: float = CLUTTER  # share of places with randomised geometry
    queues: float = 0.0  # share of drives put into a jam
    part: int = 1
    parts: int = 1

    def __post_init__(self) -> None:
        if self.scenes < 1 or self.frames < 1:
            raise VirtualWorldError(
                f"{self.scenes} scenes of {self.frames} frames are no data set; give 1 or more"
            )
        if self.seed < 0:
            raise VirtualWorldError(f"seed {self.seed} is negative; give 0 or more")
        if self.rate_hz is not None and not 0 < self.rate_hz < math.inf:
            raise VirtualWorldError(f"{self.rate_hz} Hz is no rate; give a number above 0")
        if len(set(self.variations)) < len(self.variations):
            raise VirtualWorldError(
                f"a variation is named twice in {', '.join(self.variations)}; name each once"
            )
        parse_mix(self.places)
        if not 0 <= self.clutter <= 1:
            raise VirtualWorldError(f"clutter {self.clutter} is no share; give 0 to 1")
        if not 0 <= self.queues <= 1:
            raise VirtualWorldError(f"queues {self.queues} is no share; give 0 to 1")
        if not 1 <= self.part <= self.parts:
            raise VirtualWorldError(
                f"shard {self.part}/{self.parts} does not exist; shards count from 1 to n"
            )
        unknown = [v for v in self.variations if v not in KNOWN]
        if unknown or not self.variations:
            raise VirtualWorldError(
                f"no variation is named {', '.join(unknown) or 'nothing'}; known: "
                f"{', '.join(KNOWN)}"
            )

    def settings(self) -> Settings:
        camera = {"name": self.camera.name, **asdict(self.camera)}
        return Settings(
            self.seed,
            self.scenes,
            self.frames,
            camera,
            self.variations,
            self.places,
            self.rate_hz,
            self.clutter,
            self.queues,
        )

    def indices(self) -> list[int]:
        """Scenes of this shard."""
        return list(range(self.part - 1, self.scenes, self.parts))


def scene_seed(seed: int, index: int) -> int:
    """Seed of a scene: well apart for neighbouring data sets."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0] >> 1)


def make_dataset(plan: Plan, workers: int = 1, progress: bool = True) -> Histogram:
    """Draw what is missing of this shard; returns the statistics of all finished scenes."""
    todo = begin(plan)
    with progress_bar(plan, len(todo), progress) as bar:
        if workers <= 1 or len(todo) <= 1:
            for index in todo:
                make_scene(plan, index, bar.update)
        else:
            in_processes(plan, todo, min(workers, len(todo)), bar.update)
    return finish(plan, todo)


def begin(plan: Plan) -> list[int]:
    """Check the plan and make the folder its own; the scenes of this shard that are missing."""
    check_rate(plan)
    claim_folder(plan.root, plan.settings())
    return [i for i in plan.indices() if not scene_file(plan.root, world_name(i)).is_file()]


def finish(plan: Plan, drawn: Sequence[int]) -> Histogram:
    """Statistics of all finished scenes; what killed runs left of ``drawn`` is removed."""
    total = write_statistics(plan.root)
    _tidy(plan, drawn)
    _check_complete(plan)
    return total


def _check_complete(plan: Plan) -> None:
    """VirtualWorldError where something of this shard is gone: its folder was removed, or files in
    it, while it was being drawn."""
    lost = [i for i in plan.indices() if not scene_file(plan.root, world_name(i)).is_file()]
    if not lost:
        lost = [i for i in plan.indices() if not _has_frames(plan, i)]
    if lost or not (plan.root / "manifest.json").is_file():
        names = ", ".join(world_name(i) for i in lost[:3]) or "its manifest"
        raise VirtualWorldError(
            f"{plan.root} is not complete: {len(lost)} of {len(plan.indices())} scenes are missing "
            f"or lack frames ({names}); was it moved or deleted meanwhile? Run the same command "
            "again"
        )


def _has_frames(plan: Plan, index: int) -> bool:
    """Whether the pictures of a scene, which are written last, are all there."""
    folders = [plan.root / f"{PREFIX}_rgb" / world_name(index) / v for v in plan.variations]
    return all(f.is_dir() and len(list(f.glob("*.png"))) >= plan.frames for f in folders)


def progress_bar(plan: Plan, missing: int, shown: bool) -> tqdm:
    """Counts frames, those of finished scenes from the start."""
    per_scene = plan.frames * len(plan.variations)
    return tqdm(
        total=len(plan.indices()) * per_scene,
        initial=(len(plan.indices()) - missing) * per_scene,
        unit="frame",
        desc=f"shard {plan.part}/{plan.parts}" if plan.parts > 1 else "frames",
        disable=not shown,
        smoothing=0.1,
    )


def _tidy(plan: Plan, scenes: Sequence[int]) -> None:
    """Delete what killed runs left half written in the folders of these scenes.

    Other machines may be at work there: what was touched a moment ago stays, by the clock of the
    disk, which has just dated the statistics.
    """
    before_s = (plan.root / "statistics.json").stat().st_mtime - _STALE_S
    parts = sorted(plan.root.glob(f"{PREFIX}_*"))
    videos = [Path(world_name(i), variation) for i in scenes for variation in plan.variations]
    for folder in (plan.root, plan.root / "scenes", *parts):
        remove_stale(folder, before_s)
    for part in parts:
        for video in videos:
            remove_stale(part / video, before_s)


def world_name(index: int) -> str:
    """Name of a scene in the layout."""
    return f"{index:04d}"


def make_scene(plan: Plan, index: int, tick: Callable[[int], Any]) -> None:
    """Draw one scene in all its variations; ``tick(1)`` after every frame."""
    seed, world = scene_seed(plan.seed, index), world_name(index)
    histogram = PlaceHistogram()
    with Drive(
        seed, plan.camera, places=plan.places, clutter=plan.clutter, queues=plan.queues
    ) as drive:
        times = frame_times(drive.duration_s, plan, seed)
        colors = scene_colors(drive.car_instances())
        for variation in plan.variations:
            writer = VirtualKittiWriter(plan.root, world, variation, colors)
            look = look_of(variation, seed)
            writer.write_tables(drive.rig.intrinsics, [drive.pose(t, look.yaw) for t in times])
            for number, t_s in enumerate(times):
                place = histogram.of(drive.place_at(t_s))
                if writer.has(number):
                    place.add(*writer.read_back(number))
                else:
                    view = drive.look(t_s, look.yaw)
                    rgb, _ = drive.picture(view, look, seed + 7919 * number)
                    # As a later run would read it back: the statistics do not depend on kills.
                    place.add(depth_as_stored(view.depth_m), labels_as_stored(view.class_id))
                    writer.write_frame(number, rgb, view.depth_m, view.class_id, view.instance_id)
                tick(1)
    done = {
        "seed": seed,
        "places": list(drive.scene.places),
        "versions": versions(),
        "times_s": [round(t, 6) for t in times],
        **histogram.to_json(),
    }
    write_text(scene_file(plan.root, world), json.dumps(done) + "\n")


def check_rate(plan: Plan) -> None:
    """Before anything is written: VirtualWorldError where a fixed rate outlasts a drive of any
    scene, on this machine or another's shard."""
    if plan.rate_hz is None:
        return
    seeds = [scene_seed(plan.seed, index) for index in range(plan.scenes)]
    mix = parse_mix(plan.places)
    shortest_s = min(draw_legs(seed, mix)[0].parameters.duration_s for seed in seeds)
    longest = math.floor(shortest_s * plan.rate_hz) + 1
    if plan.frames > longest:
        raise VirtualWorldError(
            f"{plan.frames} frames at {plan.rate_hz:g} Hz outlast the shortest of these drives "
            f"({shortest_s:.1f} s); ask for at most {longest} frames, or for a higher rate"
        )


def frame_times(duration_s: float, plan: Plan, seed: int) -> list[float]:
    """Seconds into the drive: one in each equal part of it, or at a fixed rate from its start."""
    if plan.rate_hz is not None:
        times = np.arange(plan.frames) / plan.rate_hz
        if times[-1] > duration_s:
            raise VirtualWorldError(
                f"{plan.frames} frames at {plan.rate_hz} Hz last {times[-1]:.1f} s, the drive "
                f"{duration_s:.1f} s; ask for fewer frames or a higher rate"
            )
        return [float(t) for t in times]
    inside = np.random.default_rng([seed, 0x71E]).random(plan.frames)
    return [float(t) for t in (np.arange(plan.frames) + inside) * (duration_s / plan.frames)]


# --- worker processes

_ticks: Any = None


def in_processes(plan: Plan, todo: Sequence[int], workers: int, tick: Callable[[int], Any]) -> None:
    """Draw scenes in processes of their own. Spawned, not forked: a forked process would inherit
    locks of threads it does not have."""
    context = multiprocessing.get_context("spawn")
    ticks: Any = context.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(ticks, tick), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(workers, context, _start_worker, (ticks,))
    try:
        for future in [pool.submit(_work, plan, index) for index in todo]:
            future.result()
    except BrokenProcessPool as e:
        raise VirtualWorldError(
            "a worker process died (killed, or out of memory); run the same command again to "
            "continue, with fewer --workers if memory is short"
        ) from e
    except BaseException:
        end_workers()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        ticks.put(_NO_FRAME)
        listener.join()


def _start_worker(ticks: Any) -> None:
    global _ticks
    _ticks = ticks
    end_with_parent()
    cv2.setNumThreads(1)


def _work(plan: Plan, index: int) -> None:
    make_scene(plan, index, lambda _: _ticks.put(1))


def _listen(ticks: Any, tick: Callable[[int], Any]) -> None:
    for count in _received(ticks):
        tick(count)


def _received(ticks: Any) -> Iterator[int]:
    while (count := int(ticks.get())) != _NO_FRAME:
        yield count
