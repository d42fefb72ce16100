"""How long a frame takes: CPU time of every stage on one core, the machine named."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.machine import machine_name
from depth_seg_ros.virtual_world.cameras import CameraKind
from depth_seg_ros.virtual_world.course import parse_mix
from depth_seg_ros.virtual_world.data.dataset import Plan, in_processes, scene_seed
from depth_seg_ros.virtual_world.data.drive import Drive, look_of
from depth_seg_ros.virtual_world.data.writers.virtual_kitti import VirtualKittiWriter, scene_colors
from depth_seg_ros.virtual_world.light.environment import RANDOM
from depth_seg_ros.virtual_world.render.jit import was_on_disk
from depth_seg_ros.virtual_world.render.raster import resolve_truth


@dataclass(frozen=True)
class Scaling:
    """Wall time of one data set with one worker process and with several, their start included."""

    scenes: int
    frames: int
    workers: int
    cores: int
    one_s: float
    all_s: float

    def text(self) -> str:
        total = self.scenes * self.frames
        return "\n".join([
            f"{self.scenes} scenes x {self.frames} frames with files on {self.cores} cores, wall "
            "time with the start of the processes",
            f"  1 worker                   {self.one_s:7.1f} s {total / self.one_s:8.2f} frames/s",
            f"  {f'{self.workers} workers':<25}  {self.all_s:7.1f} s "
            f"{total / self.all_s:8.2f} frames/s: {self.one_s / self.all_s:.2f} x as fast",
        ])  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """CPU milliseconds a frame (median over frames), CPU seconds a scene, memory."""

    machine: str
    width: int
    height: int
    scenes: int
    frames: int
    triangles: int
    geometry_ms: float
    picture_ms: float
    files_ms: float
    frame_ms: float
    frame_p95_ms: float
    scene_s: float
    light_s: float
    first_frame_s: float
    compiled: bool
    memory_mib: float
    scaling: Scaling | None = None

    def text(self) -> str:
        return "\n".join([
            f"{self.machine}, one thread, {self.width}x{self.height}, "
            f"{self.scenes} scenes x {self.frames} frames, {self.triangles} triangles (mean)",
            f"frame (picture, depth, ids)  {self.frame_ms:7.1f} CPU-ms "
            f"(p95 {self.frame_p95_ms:.1f})",
            f"  geometry: depth and ids    {self.geometry_ms:7.1f}",
            f"  picture                    {self.picture_ms:7.1f}",
            f"three PNG files              {self.files_ms:7.1f} CPU-ms",
            f"scene: layout, baking        {self.scene_s:7.2f} CPU-s",
            f"light: sky, sun shadows      {self.light_s:7.2f} CPU-s",
            f"first frame of the process   {self.first_frame_s:7.2f} s from the start of drawing, "
            f"compiled code {'on disk' if self.compiled else 'not on disk yet'}",
            f"memory, peak                 {self.memory_mib:7.0f} MiB",
        ])  # fmt: skip

    def write(self, path: Path) -> None:
        write_text(path, json.dumps(asdict(self), indent=1) + "\n")


def measure(
    camera: CameraKind, scenes: int, frames: int, seed: int = 0, places: str | None = None
) -> Measured:
    """Draw ``frames`` frames of each scene after one that is not counted."""
    cv2.setNumThreads(1)
    geometry, picture, files, whole = [], [], [], []
    setup, light, triangles, first = [], [], [], 0.0
    start = time.perf_counter()
    for index in range(scenes):
        own = scene_seed(seed, index)
        look = look_of(RANDOM, own)
        began = time.process_time()
        with Drive(own, camera, places=places) as drive, tempfile.TemporaryDirectory() as folder:
            setup.append(time.process_time() - began)
            triangles.append(drive.triangles)
            writer = VirtualKittiWriter(
                Path(folder), "0000", RANDOM, scene_colors(drive.car_instances())
            )
            for number, t_s in enumerate(np.linspace(0, drive.duration_s * 0.95, frames + 1)):
                a = time.process_time()
                view = drive.look(float(t_s))
                b = time.process_time()
                rgb, _ = drive.picture(view, look, own + number)
                c = time.process_time()
                writer.write_frame(number, rgb, view.depth_m, view.class_id, view.instance_id)
                d = time.process_time()
                if number == 0:
                    light.append(c - b)
                    first = first or time.perf_counter() - start
                    continue
                geometry.append(b - a)
                picture.append(c - b)
                files.append(d - c)
                whole.append(c - a)
    k = camera.intrinsics
    compiled = was_on_disk(resolve_truth)  # one kernel stands for all
    return Measured(
        machine_name(), k.width, k.height, scenes, frames, int(np.mean(triangles)),
        _ms(geometry), _ms(picture), _ms(files), _ms(whole),
        round(float(np.quantile(whole, 0.95)) * 1e3, 1),
        round(float(np.median(setup)), 2),
        round(max(float(np.median(light)) - _ms(picture) / 1e3, 0.0), 2),
        round(first, 2), compiled, _memory_mib(),
    )  # fmt: skip


def measure_by_place(
    camera: CameraKind, scenes: int, frames: int, seed: int, places: str | None
) -> dict[str, Measured]:
    """:func:`measure` for every place of a mix alone, by name."""
    return {
        name: measure(camera, scenes, frames, seed, name)
        for name, weight in sorted(parse_mix(places).items())
        if weight > 0
    }


def table(measured: Mapping[str, Measured]) -> str:
    """What places cost, a line each: per frame, and per frame at equal triangles."""
    lines = [f"{'place':<14}{'triangles':>10}{'frame':>10}{'per 100,000':>13}{'scene':>10}"]
    for name, one in measured.items():
        equal_ms = one.frame_ms * 1e5 / max(one.triangles, 1)
        lines.append(
            f"{name:<14}{one.triangles:>10}{one.frame_ms:>7.1f} ms{equal_ms:>10.1f} ms"
            f"{one.scene_s:>8.2f} s"
        )
    return "\n".join(lines)


def measure_scaling(plan: Plan, workers: int) -> Scaling:
    """Draw a data set into a temporary folder with one worker process, then with ``workers``.

    Both times hold the start of the processes and what each draws for itself (texture sheets), so
    that more scenes come closer to what a long run gains. Scenes are rounded up to a multiple of
    the workers: none idles for want of one.
    """
    scenes = -(-plan.scenes // workers) * workers
    seconds = []
    for count in (1, workers):
        with tempfile.TemporaryDirectory() as folder:
            own = replace(plan, root=Path(folder), scenes=scenes)
            start = time.perf_counter()
            in_processes(own, own.indices(), count, lambda _: None)
            seconds.append(round(time.perf_counter() - start, 2))
    return Scaling(scenes, plan.frames, workers, os.cpu_count() or 1, *seconds)


def _ms(seconds: list[float]) -> float:
    return round(float(np.median(seconds)) * 1e3, 1)


def _memory_mib() -> float:
    """Peak resident memory of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
