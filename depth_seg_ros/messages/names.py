"""Topic names: relative, absolute, private; namespaces; remapping as on a ROS command line.

Convention (https://design.ros2.org/articles/topic_and_service_names.html): ``image`` in namespace
``/front`` is ``/front/image``; ``/image`` stays; ``~/image`` of node ``camera`` is
``/front/camera/image``. DDS knows the topic ``/image`` as ``rt/image``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from depth_seg_ros.errors import ConfigError

_TOKEN = r"[A-Za-z_][A-Za-z0-9_]*"
_NAME = re.compile(rf"(/|~/)?{_TOKEN}(/{_TOKEN})*")
_NODE = re.compile(_TOKEN)
DDS_TOPIC_PREFIX = "rt"


@dataclass(frozen=True)
class Names:
    """Resolves names for one node.

    remaps: name as the program says it -> name to use instead (both as given by the user).
    """

    node: str
    namespace: str = "/"
    remaps: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NODE.fullmatch(self.node):
            raise ConfigError(
                f"node name {self.node!r} may hold letters, digits and underscores only"
            )
        if self.namespace != "/":
            check_topic(self.namespace)
            if not self.namespace.startswith("/"):
                raise ConfigError(f"namespace {self.namespace!r} must start with /")

    @property
    def full_node(self) -> str:
        """``/namespace/node``."""
        return f"{'' if self.namespace == '/' else self.namespace}/{self.node}"

    def resolve(self, name: str) -> str:
        """The absolute name of a topic, after remapping."""
        full = self._expand(name)
        for source, target in self.remaps.items():
            if self._expand(source) == full:
                return self._expand(target)
        return full

    def _expand(self, name: str) -> str:
        check_topic(name)
        base = "" if self.namespace == "/" else self.namespace
        if name.startswith("/"):
            return name
        if name.startswith("~/"):
            return f"{base}/{self.node}/{name[2:]}"
        return f"{base}/{name}"


def check_topic(name: str) -> None:
    """ConfigError where ROS would refuse the name."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is no topic name: letters, digits, underscores and single slashes, "
            "no token starting with a digit"
        )


def parse_remaps(rules: Iterable[str]) -> dict[str, str]:
    """``["from:=to", ...]`` -> {from: to}; ConfigError for anything else."""
    remaps: dict[str, str] = {}
    for rule in rules:
        source, found, target = rule.partition(":=")
        if not found:
            raise ConfigError(f"remapping {rule!r} must look like from:=to")
        for name in (source, target):
            check_topic(name)
        remaps[source] = target
    return remaps


def dds_topic(resolved: str) -> str:
    """``/image`` -> ``rt/image``."""
    return DDS_TOPIC_PREFIX + resolved


def ros_topic(dds_name: str) -> str | None:
    """``rt/image`` -> ``/image``; None for DDS topics that are no ROS topics."""
    prefix = DDS_TOPIC_PREFIX + "/"
    return dds_name[len(DDS_TOPIC_PREFIX) :] if dds_name.startswith(prefix) else None


def dds_type(ros_type: str) -> str:
    """``sensor_msgs/msg/Image`` -> ``sensor_msgs::msg::dds_::Image_``."""
    package, kind, name = ros_type.split("/")
    return f"{package}::{kind}::dds_::{name}_"


def ros_type(dds_name: str) -> str | None:
    """``sensor_msgs::msg::dds_::Image_`` -> ``sensor_msgs/msg/Image``; None if it is no message."""
    parts = dds_name.split("::")
    if len(parts) != 4 or parts[1:3] != ["msg", "dds_"] or not parts[3].endswith("_"):
        return None
    return f"{parts[0]}/msg/{parts[3][:-1]}"
