"""One scene of a stream: its frames at network resolution, rendered here and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depth_seg_ros.readers.base import Sample
from depth_seg_ros.readers.rig import rig_from_truth
from depth_seg_ros.types import Frame, GroundTruth, Intrinsics
from depth_seg_ros.virtual_world.cameras import CameraKind, open_camera
from depth_seg_ros.virtual_world.data.dataset import Plan, frame_times, scene_seed
from depth_seg_ros.virtual_world.data.drive import FRAME_ID, Drive, look_of
from depth_seg_ros.virtual_world.data.writers.virtual_kitti import optical_extrinsics
from depth_seg_ros.virtual_world.light.environment import RANDOM
from training.config import StreamConfig
from training.data.resample import NetworkSample, to_network
from training.geometry import training_camera


@dataclass(frozen=True)
class SceneMaker:
    """Picklable: every worker process has one."""

    cameras: tuple[CameraKind, ...]
    frames: int
    seed: int
    network: Intrinsics
    """The training camera."""

    def make(self, index: int) -> list[NetworkSample]:
        """The frames of scene ``index``, in a light and through a camera of its own."""
        plan = Plan(Path(), self.camera_of(index), 1, self.frames, self.seed)
        seed = scene_seed(self.seed, index)
        look = look_of(RANDOM, seed)
        made = []
        with Drive(seed, plan.camera) as drive:
            for number, t_s in enumerate(frame_times(drive.duration_s, plan, seed)):
                view = drive.look(t_s, look.yaw)
                rgb, _ = drive.picture(view, look, seed + 7919 * number)
                camera, down = drive.rig.intrinsics, optical_extrinsics(view.pose)[:3, 1]
                rig = rig_from_truth(down, camera, view.depth_m, view.class_id)
                frame = Frame(0, FRAME_ID, rgb, camera, rig)
                truth = GroundTruth(0, view.depth_m, view.class_id)
                sample = Sample(f"{index}/{number}", frame, truth)
                made.append(to_network(sample, self.network))
        return made

    def camera_of(self, index: int) -> CameraKind:
        """Cameras are drawn by their share of the mix."""
        rng = np.random.default_rng((self.seed, index, 0xCA))
        return self.cameras[int(rng.integers(len(self.cameras)))]


def scene_maker(config: StreamConfig, width: int, height: int) -> SceneMaker:
    """Opens the cameras once."""
    cameras = tuple(open_camera(name).scaled(config.scale) for name in _mix(config.cameras))
    return SceneMaker(cameras, config.frames, config.seed, training_camera(width, height))


def _mix(cameras: Sequence[str]) -> list[str]:
    """``car:3`` stands for three of ``car``."""
    names = []
    for text in cameras:
        name, _, count = text.rpartition(":")
        names += [name] * int(count) if name and count.isdecimal() else [text]
    return names
