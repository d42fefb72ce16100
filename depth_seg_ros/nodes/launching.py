"""What the launch files share: one set of arguments, one way to start perception nodes.

An argument left empty sets nothing, so ``params_file`` decides; a given one wins over the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.conditions import IfCondition
from launch.launch_context import LaunchContext
from launch.launch_description import LaunchDescription
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage

from depth_seg_ros.nodes.parameters import PerceptionConfig, Value, declarations

PACKAGE = "depth_seg_ros"


@dataclass(frozen=True)
class Argument:
    """A launch argument.

    default: None makes it one that must be given. parameter: the ROS parameter that it sets.
    """

    name: str
    default: str | None
    description: str
    choices: tuple[str, ...] | None = None
    parameter: str = ""

    def declare(self) -> DeclareLaunchArgument:
        return DeclareLaunchArgument(
            self.name,
            default_value=self.default,
            description=self.description,
            choices=list(self.choices) if self.choices else None,
        )


_BOOL = ("true", "false")
_MAYBE = ("", *_BOOL)


def _sets(parameter: str, argument: str) -> Argument:
    """An argument that sets a parameter; description and choices come from its declaration."""
    declared = {p.name: p for _, p in declarations(PerceptionConfig)}[parameter]
    choices: tuple[str, ...] | None = ("", *declared.choices) if declared.choices else None
    if isinstance(declared.default, bool):
        choices = _MAYBE
    return Argument(
        argument,
        "",
        f"{declared.description} Empty: params_file, or {declared.default!s}.",
        choices,
        parameter,
    )


COMMON = (
    Argument("namespace", "", "Namespace of the nodes and their relative topics."),
    Argument("params_file", "", "YAML file of ROS parameters (see config/)."),
    Argument("use_sim_time", "false", "Take the time from /clock.", _BOOL),
    Argument("log_level", "info", "Log level.", ("debug", "info", "warn", "error")),
    Argument("rviz", "false", "Start rviz2 with the installed view.", _BOOL),
)
PERCEPTION = (
    Argument("image", "image_raw", "Camera image topic (without /compressed)."),
    Argument("camera_info", "", "Its camera_info; empty takes the one beside the image."),
    Argument(
        "cameras",
        "",
        "Names of several cameras, comma separated: one node each in the namespace of its name.",
    ),
    _sets("image_transport", "image_transport"),
    _sets("engine.backend", "backend"),
    _sets("engine.precision", "precision"),
    _sets("engine.threads", "threads"),
    _sets("engine.fallback", "fallback"),
    _sets("max_rate_hz", "max_rate_hz"),
    _sets("autostart", "autostart"),
)


def perception_launch(model: str) -> LaunchDescription:
    """Launch description of one network on one camera or several."""
    chosen = Argument("model", model, "Shipped model's name or ONNX file.", None, "model")
    return LaunchDescription(
        [
            *(a.declare() for a in (chosen, *PERCEPTION, *COMMON)),
            OpaqueFunction(function=lambda context: perception_nodes(context, (chosen,))),
            rviz(),
        ]
    )


def perception_nodes(context: LaunchContext, extra: Iterable[Argument] = ()) -> list[Node]:
    """One node per camera, from the values of the arguments."""
    arguments = (*extra, *PERCEPTION, *COMMON)
    value = values_of(context, arguments)
    given: dict[str, Value] = {
        a.parameter: _typed(a.parameter, value[a.name])
        for a in arguments
        if a.parameter and value[a.name] != ""
    }
    cameras = [c.strip() for c in value["cameras"].split(",") if c.strip()] or [""]
    return [_perception_node(camera, value, given) for camera in cameras]


def values_of(context: LaunchContext, arguments: Iterable[Argument]) -> dict[str, str]:
    """What the arguments were set to."""
    return {a.name: LaunchConfiguration(a.name).perform(context) for a in arguments}


def _perception_node(camera: str, value: dict[str, str], given: dict[str, Value]) -> Node:
    image = value["image"]
    info = value["camera_info"] or str(PurePosixPath(image).parent / "camera_info")
    files = [value["params_file"]] if value["params_file"] else []
    return Node(
        package=PACKAGE,
        executable="perception_node",
        namespace="/".join(part for part in (value["namespace"], camera) if part),
        parameters=[*files, {"use_sim_time": value["use_sim_time"] == "true", **given}],
        remappings=[("image", image), ("camera_info", info)],
        arguments=["--ros-args", "--log-level", value["log_level"]],
        output="screen",
    )


def _typed(parameter: str, text: str) -> Value:
    """The value of a command line text in the type of its declaration."""
    default = {p.name: p for _, p in declarations(PerceptionConfig)}[parameter].default
    if isinstance(default, bool):
        return text == "true"
    return type(default)(text)


def command(executable: str, *arguments: str) -> ExecuteProcess:
    """A command of this package, which is no node: it gets no ROS arguments."""
    return ExecuteProcess(
        cmd=[ExecutableInPackage(executable, PACKAGE), *arguments], output="screen"
    )


def evaluation() -> Node:
    """The evaluation node, from the arguments ``namespace``, ``protocol`` and ``report``."""
    settings = {
        "protocol": LaunchConfiguration("protocol"),
        "report": LaunchConfiguration("report"),
    }
    return evaluation_node(LaunchConfiguration("namespace"), settings)


def evaluation_node(
    namespace: Any, settings: dict[str, Any], remappings: list[tuple[str, str]] | None = None
) -> Node:
    """The evaluation node with these parameters and remappings."""
    return Node(
        package=PACKAGE,
        executable="evaluation_node",
        namespace=namespace,
        parameters=[settings],
        remappings=remappings or [],
        output="screen",
    )


def resolved(namespace: str, topic: str) -> str:
    """Absolute name of a relative topic in a namespace."""
    return "/" + "/".join(part.strip("/") for part in (namespace, topic) if part.strip("/"))


def rviz() -> Node:
    """rviz2 with the view that is installed, if ``rviz:=true``."""
    return Node(
        package="rviz2",
        executable="rviz2",
        arguments=["-d", share("rviz", "depth_seg_ros.rviz")],
        condition=IfCondition(LaunchConfiguration("rviz")),
    )


def installed(package: str) -> bool:
    """Whether a ROS package is there."""
    try:
        get_package_prefix(package)
    except PackageNotFoundError:
        return False
    return True


def share(*parts: str) -> PathJoinSubstitution:
    """Path of an installed file."""
    return PathJoinSubstitution([get_package_share_directory(PACKAGE), *parts])
