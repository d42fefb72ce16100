"""How a camera hangs above the ground, from what a user says and from tf.

Convention: the base frame stands on the ground (z = 0), z up, as REP-103 and REP-105 have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from depth_seg_ros.errors import ConfigError, FrameError
from depth_seg_ros.messages.tf_tree import TfTree
from depth_seg_ros.messages.transforms import Matrix
from depth_seg_ros.types import Rig

LOWEST_M = 0.02
UNKNOWN_DEG = 1000.0
"""An angle that a ROS parameter, which must have a value, says for "not known"."""


@dataclass(frozen=True)
class RigOptions:
    """What a user says; what is said goes before what tf says.

    height_m, pitch_deg, roll_deg: as in :class:`~depth_seg_ros.types.Rig`; None = not known.
    base_frame: the frame whose z = 0 is the ground; "" asks no tf.
    """

    height_m: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    base_frame: str = ""

    def __post_init__(self) -> None:
        if self.height_m is not None and not (0 < self.height_m < math.inf):
            raise ConfigError(f"camera height is {self.height_m:g} m; give metres, more than 0")
        for name, angle, most in (("pitch", self.pitch_deg, 90), ("roll", self.roll_deg, 180)):
            if angle is not None and not abs(angle) <= most:
                raise ConfigError(f"camera {name} is {angle:g} degrees; give -{most} to {most}")
        if not self.given and (self.pitch_deg is not None or self.roll_deg is not None):
            raise ConfigError(
                "the camera's pitch and roll say nothing without its height; give the height too, "
                "or a base frame"
            )

    @property
    def given(self) -> bool:
        """Whether a height may become known."""
        return self.height_m is not None or bool(self.base_frame)

    @property
    def words(self) -> str:
        """For reports; "" where nothing is said."""
        tf = [f"tf of {self.base_frame}"] if self.base_frame else []
        said = (("height", self.height_m, " m"), ("pitch", self.pitch_deg, " degrees"),
                ("roll", self.roll_deg, " degrees"))  # fmt: skip
        return ", ".join([*(f"{n} {v:g}{u}" for n, v, u in said if v is not None), *tf])


def degrees_or_none(parameter: float) -> float | None:
    """The angle that a ROS parameter says."""
    return None if parameter == UNKNOWN_DEG else parameter


class RigSource:
    """Frame id and stamp -> rig. ``tree`` is filled by whoever hears tf."""

    def __init__(self, options: RigOptions | None = None, tree: TfTree | None = None) -> None:
        self.options = options or RigOptions()
        self.tree = tree or TfTree()
        self.problem = ""
        """Why tf could not be used for the last frame; "" where it was, or was not asked."""

    def __call__(self, frame_id: str, stamp_ns: int) -> Rig | None:
        """None where no height is known."""
        options, self.problem = self.options, ""
        found: Rig | None = None
        if options.base_frame:
            try:
                pose = self.tree.between(options.base_frame, frame_id, stamp_ns)
                found = rig_of_pose(pose, options.base_frame)
            except FrameError as e:
                self.problem = str(e)
        return _said(options, found)


def rig_of_pose(T_base_camera: Matrix, base_frame: str) -> Rig:
    """The rig of a camera at a pose in a frame that stands on the ground; FrameError below it."""
    height_m = float(T_base_camera[2, 3])
    if height_m < LOWEST_M:
        raise FrameError(
            f"tf puts the camera {height_m:.2f} m above the ground of {base_frame!r}; its z = 0 "
            "must be the ground"
        )
    return Rig.from_down(height_m, -T_base_camera[2, :3])


def _said(options: RigOptions, found: Rig | None) -> Rig | None:
    height_m = options.height_m or (found.height_m if found else None)
    if height_m is None:
        return None
    pitch = _radians(options.pitch_deg, found.pitch_rad if found else None)
    roll = _radians(options.roll_deg, found.roll_rad if found else None)
    if options.pitch_deg is not None and roll is None:
        roll = 0.0  # who says the pitch and nothing of a roll has none
    return Rig(height_m, pitch, roll)


def _radians(said_deg: float | None, found_rad: float | None) -> float | None:
    return found_rad if said_deg is None else math.radians(said_deg)
