"""Message packages that not every ROS has (pip's lacks most): what is lost without them.

A missing one costs exactly its feature, said once, in one line.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

LOST = {
    "vision_msgs": "labels/info (LabelInfo) is not offered; the classes go out on labels/classes",
    "bond": "there is no bond; set the lifecycle manager's bond_timeout to 0.0",
    "std_srvs": "~/set_enabled is not offered",
    "tf2_msgs": "no transforms are sent or read (/tf, /tf_static)",
}


def has(package: str) -> bool:
    """Whether a ROS package can be imported."""
    return importlib.util.find_spec(package) is not None


def tell_missing(package: str, say: Callable[[str], object]) -> bool:
    """Whether it is there; where not, what that costs is said."""
    if has(package):
        return True
    say(f"{package} is not installed: {LOST[package]}")
    return False
