"""What the launch files share: one set of arguments, one way to start perception nodes.

An argument left empty sets nothing, so ``params_file`` decides; a given one wins over the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)
from launch.action import Action
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events.process import ProcessExited
from launch.launch_context import LaunchContext
from launch.launch_description import LaunchDescription
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages.topics import camera_info_beside
from depth_seg_ros.nodes.parameters.declaration import Value, declarations
from depth_seg_ros.nodes.parameters.perception import PerceptionConfig

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


_BOOL = ("true", "false", "True", "False")
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
    Argument("fixed_frame", "camera_optical", "tf frame that rviz2 shows the points in."),
    Argument("respawn", "false", "Start a node again that has died.", _BOOL),
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
    _sets("engine.camera_size", "camera_size"),
    _sets("camera_height_m", "camera_height_m"),
    _sets("camera_pitch_deg", "camera_pitch_deg"),
    _sets("camera_roll_deg", "camera_roll_deg"),
    _sets("base_frame", "base_frame"),
    _sets("imu_topic", "imu_topic"),
    _sets("max_rate_hz", "max_rate_hz"),
    _sets("autostart", "autostart"),
)


def perception_launch(model: str) -> LaunchDescription:
    """Launch description of one network on one camera or several."""
    chosen = Argument("model", model, "Shipped model's name or ONNX file.", None, "model")
    return LaunchDescription(
        [
            *(a.declare() for a in (chosen, *PERCEPTION, *COMMON)),
            rviz(),  # first: where it is missing, nothing is started
            OpaqueFunction(function=lambda context: guarded(perception_nodes(context, (chosen,)))),
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
    return [_perception_node(camera, value, given) for camera in _cameras(value)]


def _cameras(value: dict[str, str]) -> list[str]:
    return [c.strip() for c in value["cameras"].split(",") if c.strip()] or [""]


def _place(camera: str, value: dict[str, str]) -> str:
    """Namespace of one camera's node."""
    return "/".join(part for part in (value["namespace"], camera) if part)


def values_of(context: LaunchContext, arguments: Iterable[Argument]) -> dict[str, str]:
    """What the arguments were set to."""
    return {a.name: LaunchConfiguration(a.name).perform(context) for a in arguments}


def _perception_node(camera: str, value: dict[str, str], given: dict[str, Value]) -> Node:
    image = value["image"]
    info = value["camera_info"] or camera_info_beside(image)
    files = [value["params_file"]] if value["params_file"] else []
    return Node(
        package=PACKAGE,
        executable="perception_node",
        namespace=_place(camera, value),
        parameters=[*files, {"use_sim_time": is_true(value["use_sim_time"]), **given}],
        remappings=[("image", image), ("camera_info", info)],
        arguments=["--ros-args", "--log-level", value["log_level"]],
        respawn=is_true(value["respawn"]),
        respawn_delay=2.0,
        output="screen",
    )


def is_true(text: str) -> bool:
    """A truth value as launch arguments write it."""
    return text.lower() == "true"


def guarded(nodes: Iterable[Node]) -> list[Action]:
    """The nodes, and an end of the launch with code 1 where one of them fails (a bad parameter, a
    missing model file is no reason to go on without a word)."""
    actions: list[Action] = []
    for node in nodes:
        actions += [RegisterEventHandler(OnProcessExit(target_action=node, on_exit=_failed)), node]
    return actions


def _failed(event: ProcessExited, context: LaunchContext) -> None:
    respawns = is_true(context.launch_configurations.get("respawn", "false"))
    if event.returncode and not context.is_shutdown and not respawns:
        raise LiveError(
            f"{event.process_name} ended with code {event.returncode}; its log says why"
        )


def _typed(parameter: str, text: str) -> Value:
    """The value of a command line text in the type of its declaration."""
    default = {p.name: p for _, p in declarations(PerceptionConfig)}[parameter].default
    if isinstance(default, bool):
        return is_true(text)
    return type(default)(text)


def command(executable: str, *arguments: str) -> ExecuteProcess:
    """A command of this package, which is no node: it gets no ROS arguments."""
    return ExecuteProcess(
        cmd=[ExecutableInPackage(executable, PACKAGE), *arguments], output="screen"
    )


def evaluation() -> Node:
    """The evaluation node, from the arguments ``namespace``, ``protocol`` and ``report``."""
    settings = {name: LaunchConfiguration(name) for name in ("protocol", "report")}
    return Node(
        package=PACKAGE,
        executable="evaluation_node",
        namespace=LaunchConfiguration("namespace"),
        parameters=[settings],
        output="screen",
    )


def resolved(namespace: str, topic: str) -> str:
    """Absolute name of a relative topic in a namespace."""
    return "/" + "/".join(part.strip("/") for part in (namespace, topic) if part.strip("/"))


def rviz() -> OpaqueFunction:
    """rviz2 with the view that is installed, of the first camera, if ``rviz:=true``; LiveError
    where it is missing."""

    def start(context: LaunchContext) -> list[Node]:
        value = values_of(context, (*PERCEPTION, *COMMON))
        if not is_true(value["rviz"]):
            return []
        if not installed("rviz2"):
            raise LiveError("rviz:=true, but rviz2 is not installed: ros-$ROS_DISTRO-rviz2")
        return [
            Node(
                package="rviz2",
                executable="rviz2",
                namespace=_place(_cameras(value)[0], value),
                parameters=[{"use_sim_time": is_true(value["use_sim_time"])}],
                arguments=["-d", share("rviz", "depth_seg_ros.rviz"), "-f", value["fixed_frame"]],
                output="screen",
            )
        ]

    return OpaqueFunction(function=start)


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
