"""How the camera hangs above the ground, on a command line: the same for every command."""

from __future__ import annotations

import argparse
import math

from depth_seg_ros.cli.shared.camera_options import chosen_camera
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.system.command import ranged


def add_rig_options(parser: argparse.ArgumentParser, tf: bool = False) -> None:
    """--camera-height, --camera-pitch, --camera-roll; --base-frame and --imu-topic where there may
    be messages."""
    group = parser.add_argument_group("camera above the ground (makes depth metric at any height)")
    group.add_argument(
        "--camera-height", type=ranged("camera_height_m"), metavar="M", help="above the ground"
    )
    group.add_argument(
        "--camera-pitch",
        type=ranged("camera_pitch_deg"),
        metavar="DEG",
        help="upwards positive; without it the ground's plane is found in the picture",
    )
    group.add_argument(
        "--camera-roll",
        type=ranged("camera_roll_deg"),
        metavar="DEG",
        help="positive where the image's right side is down (default: 0 with a pitch)",
    )
    if tf:
        group.add_argument(
            "--base-frame",
            default="",
            metavar="FRAME",
            help="tf frame that stands on the ground: height and attitude come from tf",
        )
        group.add_argument(
            "--imu-topic",
            default="",
            metavar="TOPIC",
            help="sensor_msgs/Imu: pitch and roll come from its orientation",
        )


def rig_options(arguments: argparse.Namespace) -> RigOptions:
    """What those options say, and else the file of --camera, where it says exactly how the camera
    hangs (``height_m``, ``pitch_deg``, ``roll_deg``); ConfigError where it makes no sense."""
    height_m, pitch_deg = arguments.camera_height, arguments.camera_pitch
    roll_deg = arguments.camera_roll
    base_frame = getattr(arguments, "base_frame", "")
    imu_topic = getattr(arguments, "imu_topic", "")
    if height_m is None and not base_frame and getattr(arguments, "camera", None):
        mount = chosen_camera(arguments).mount
        height_m = _exact(mount.height_m)
        if height_m is not None and pitch_deg is None:
            pitch_deg = _degrees(mount.pitch)
        if pitch_deg is not None and roll_deg is None:
            roll_deg = _degrees(mount.roll)
    return RigOptions(height_m, pitch_deg, roll_deg, base_frame, imu_topic)


def _degrees(span: tuple[float, float] | None) -> float | None:
    exact = None if span is None else _exact(span)
    return None if exact is None else math.degrees(exact)


def _exact(span: tuple[float, float]) -> float | None:
    """The one value of a range that is none."""
    return span[0] if span[0] == span[1] else None
