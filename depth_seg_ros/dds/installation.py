"""Whether the DDS side can run here; where not, the ways out."""

from __future__ import annotations

import importlib.util
import platform
import sys

from depth_seg_ros.errors import LiveError
from depth_seg_ros.system.extras import cure


def require_dds() -> None:
    """LiveError saying what to install where ``cyclonedds`` or ``rosbags`` is missing."""
    missing = [n for n in ("cyclonedds", "rosbags") if importlib.util.find_spec(n) is None]
    if missing:
        raise LiveError(missing_text(missing, sys.platform, platform.machine()))


def missing_text(missing: list[str], system: str, machine: str) -> str:
    """What is missing and what to do about it on this platform."""
    what = f"{' and '.join(missing)} not installed"
    if "cyclonedds" in missing and system == "linux" and machine not in ("x86_64", "AMD64"):
        return (
            f"{what}: there is no cyclonedds wheel for Linux on {machine}. Two ways out: "
            "(1) use the ROS node, `ros2 run depth_seg_ros perception_node`, which needs no "
            "wheel; (2) build Cyclone DDS 11.0.1 from source (cmake; installed to DIR) and then "
            "`CYCLONEDDS_HOME=DIR pip install --no-binary cyclonedds cyclonedds==11.0.1 rosbags`"
        )
    return f"{what}: {cure(missing)}"
