"""Python, its packages, and ROS or the lack of it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping

from depth_seg_ros.dds.installation import missing_text
from depth_seg_ros.doctor.findings import BROKEN, HINT, Finding

NEEDED = {"numpy": "numpy", "cv2": "opencv-python-headless", "yaml": "PyYAML", "tqdm": "tqdm"}
"""Import name -> distribution; without them nothing runs."""
ROS_MODULES = ("rclpy", "sensor_msgs", "vision_msgs", "tf2_msgs", "diagnostic_msgs")
_SUPPORTED = ((3, 10), (3, 13))


def findings(environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """All of it."""
    return [_python(), *map(_needed, NEEDED), *_ros(environment), _without_ros()]


def version(distribution: str) -> str:
    """Installed version, or ""."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def import_problem(module: str) -> str:
    """Why an installed module does not import; "" where it does."""
    try:
        importlib.import_module(module)
    except Exception as e:  # a broken binary may raise anything at import
        return f"{type(e).__name__}: {e}".splitlines()[0]
    return ""


def _python() -> Finding:
    environment = "a virtual environment" if sys.prefix != sys.base_prefix else "the system's"
    value = f"{platform.python_version()} ({environment}), depth_seg_ros {version('depth_seg_ros')}"
    if _SUPPORTED[0] <= sys.version_info[:2] <= _SUPPORTED[1]:
        return Finding("software", "Python", value)
    return Finding("software", "Python", value, HINT, "tested with 3.10 to 3.13")


def _needed(module: str) -> Finding:
    name = NEEDED[module]
    if problem := import_problem(module):
        cure = f"pip install --force-reinstall {name}"
        return Finding("software", name, problem, BROKEN, cure, blocks=True)
    return Finding("software", name, str(importlib.import_module(module).__version__))


def _ros(environment: Mapping[str, str]) -> list[Finding]:
    distribution = environment.get("ROS_DISTRO", "")
    if importlib.util.find_spec("rclpy") is None:
        if distribution:
            cure = "use the Python that ROS was made for: source its setup.bash, leave conda"
            value = f"{distribution} is sourced, but this Python does not find rclpy"
            return [Finding("software", "ROS", value, BROKEN, cure)]
        return [Finding("software", "ROS", "none here; bags, files and the participant without "
                        "ROS work all the same")]  # fmt: skip
    rmw = environment.get("RMW_IMPLEMENTATION", "the distribution's default")
    domain = environment.get("ROS_DOMAIN_ID", "0")
    told = [
        Finding("software", "ROS", f"{distribution or 'not sourced'}, RMW {rmw}, domain {domain}")
    ]
    for module in ROS_MODULES:
        if problem := import_problem(module):
            package = module.replace("_", "-")
            cure = f"sudo apt install ros-{distribution or '$ROS_DISTRO'}-{package}"
            told.append(Finding("software", module, problem, BROKEN, cure))
    return told


def _without_ros() -> Finding:
    missing = [n for n in ("cyclonedds", "rosbags") if importlib.util.find_spec(n) is None]
    if missing:
        cure = missing_text(missing, sys.platform, platform.machine()).partition(": ")[2]
        return Finding("software", "participant without ROS", f"no: {', '.join(missing)} missing",
                       HINT, cure)  # fmt: skip
    value = f"cyclonedds {version('cyclonedds')}, rosbags {version('rosbags')}"
    return Finding("software", "participant without ROS", value)
