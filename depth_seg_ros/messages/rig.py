"""How a camera hangs above the ground, from what a user says, from an IMU and from tf.

Convention: the base frame stands on the ground (z = 0), z up, as REP-103 and REP-105 have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from depth_seg_ros.errors import ConfigError, FrameError
from depth_seg_ros.messages.imu import ImuTrack
from depth_seg_ros.messages.tf_tree import TfTree
from depth_seg_ros.messages.transforms import Matrix
from depth_seg_ros.types import Rig

LOWEST_M = 0.02
UNKNOWN_DEG = 1000.0
"""An angle that a ROS parameter, which must have a value, says for "not known"."""


@dataclass(frozen=True)
class RigOptions:
    """What a user says; what is said goes before what an IMU says, and that before tf.

    height_m, pitch_deg, roll_deg: as in :class:`~depth_seg_ros.types.Rig`; None = not known.
    base_frame: the frame whose z = 0 is the ground; "" asks no tf.
    imu_topic: of the IMU that tells pitch and roll; "" asks none.
    """

    height_m: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    base_frame: str = ""
    imu_topic: str = ""

    def __post_init__(self) -> None:
        if self.height_m is not None and not (0 < self.height_m < math.inf):
            raise ConfigError(f"camera height is {self.height_m:g} m; give metres, more than 0")
        for name, angle, most in (("pitch", self.pitch_deg, 90), ("roll", self.roll_deg, 180)):
            if angle is not None and not abs(angle) <= most:
                raise ConfigError(f"camera {name} is {angle:g} degrees; give -{most} to {most}")
        angled = self.pitch_deg is not None or self.roll_deg is not None or self.imu_topic
        if angled and not self.given:
            raise ConfigError(
                "the camera's pitch and roll say nothing without its height; give the height too, "
                "or a base frame"
            )

    @property
    def given(self) -> bool:
        """Whether a height may become known."""
        return self.height_m is not None or bool(self.base_frame)

    @property
    def wants_transforms(self) -> bool:
        """Whether tf is asked for anything."""
        return bool(self.base_frame or self.imu_topic)

    @property
    def words(self) -> str:
        """For reports; "" where nothing is said."""
        heard = [f"attitude of {self.imu_topic}"] if self.imu_topic else []
        heard += [f"tf of {self.base_frame}"] if self.base_frame else []
        said = (("height", self.height_m, " m"), ("pitch", self.pitch_deg, " degrees"),
                ("roll", self.roll_deg, " degrees"))  # fmt: skip
        return ", ".join([*(f"{n} {v:g}{u}" for n, v, u in said if v is not None), *heard])


def degrees_or_none(parameter: float) -> float | None:
    """The angle that a ROS parameter says."""
    return None if parameter == UNKNOWN_DEG else parameter


class RigSource:
    """Frame id and stamp -> rig. ``tree`` and ``imu`` are filled by whoever hears them."""

    def __init__(
        self,
        options: RigOptions | None = None,
        tree: TfTree | None = None,
        imu: ImuTrack | None = None,
    ) -> None:
        self.options = options or RigOptions()
        self.tree = tree or TfTree()
        self.imu = imu or ImuTrack()
        self.imu_problem = ""
        """The same of the IMU."""
        self.problem = ""
        """Why tf could not be used for the last frame; "" where it was, or was not asked."""

    def __call__(self, frame_id: str, stamp_ns: int) -> Rig | None:
        """None where no height is known."""
        options, self.problem, self.imu_problem = self.options, "", ""
        found: Rig | None = None
        level: Rig | None = None
        if options.base_frame:
            try:
                pose = self.tree.between(options.base_frame, frame_id, stamp_ns)
                found = rig_of_pose(pose, options.base_frame)
            except FrameError as e:
                self.problem = str(e)
        if options.imu_topic:
            try:
                level = self._level(frame_id, stamp_ns)
            except FrameError as e:
                self.imu_problem = str(e)
        return _said(options, level or found, found)

    def _level(self, frame_id: str, stamp_ns: int) -> Rig:
        """The camera's pitch and roll by the IMU (the height means nothing)."""
        imu_frame, down = self.imu.down_at(stamp_ns)
        if imu_frame != frame_id.lstrip("/"):
            down = self.tree.between(frame_id, imu_frame, stamp_ns)[:3, :3] @ down
        return Rig.from_down(1.0, np.asarray(down))


def rig_of_pose(T_base_camera: Matrix, base_frame: str) -> Rig:
    """The rig of a camera at a pose in a frame that stands on the ground; FrameError below it."""
    height_m = float(T_base_camera[2, 3])
    if height_m < LOWEST_M:
        raise FrameError(
            f"tf puts the camera {height_m:.2f} m above the ground of {base_frame!r}; its z = 0 "
            "must be the ground"
        )
    return Rig.from_down(height_m, -T_base_camera[2, :3])


def _said(options: RigOptions, level: Rig | None, found: Rig | None) -> Rig | None:
    """level: the rig whose attitude counts where nothing is said; found: whose height does."""
    height_m = options.height_m or (found.height_m if found else None)
    if height_m is None:
        return None
    pitch = _radians(options.pitch_deg, level.pitch_rad if level else None)
    roll = _radians(options.roll_deg, level.roll_rad if level else None)
    if options.pitch_deg is not None and roll is None:
        roll = 0.0  # who says the pitch and nothing of a roll has none
    return Rig(height_m, pitch, roll)


def _radians(said_deg: float | None, found_rad: float | None) -> float | None:
    return found_rad if said_deg is None else math.radians(said_deg)
