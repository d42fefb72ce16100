"""Every parameter of every node, declared once: name, default, description, range, changeability.

``config/*.yaml`` only overrides, ``docs/ros.md`` is generated from here; tests keep both honest.
This file knows no ROS; :mod:`depth_seg_ros.nodes.declare` hands the declarations to rclpy.

A configuration is a frozen dataclass; its field ``depth_encoding`` is the ROS parameter
``depth.encoding`` where the declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar

from depth_seg_ros.engines import BACKENDS, FALLBACKS
from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import LIMITS
from depth_seg_ros.messages.depth import ENCODINGS
from depth_seg_ros.perception.output_size import check_output_size
from depth_seg_ros.perception.reliability import CHOICES as RELIABILITY

Value = bool | int | float | str
_METADATA = "parameter"


@dataclass(frozen=True)
class Parameter:
    """One ROS parameter.

    name: as ROS sees it (dots make groups).
    range: inclusive (lowest, highest) of a number; None = anything.
    choices: allowed strings; empty = anything.
    fixed: why it cannot change while the node is configured; empty = it can, at any time.
    """

    name: str
    default: Value
    description: str
    range: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    fixed: str = ""

    @property
    def type_name(self) -> str:
        """``bool``, ``int``, ``double`` or ``string``, as ROS calls them."""
        return {bool: "bool", int: "int", float: "double", str: "string"}[type(self.default)]

    def check(self, value: object) -> str:
        """Why ``value`` cannot be taken; empty if it can."""
        if type(value) is not type(self.default):
            return f"{self.name} is a {self.type_name}, not {type(value).__name__} {value!r}"
        if self.choices and value not in self.choices:
            return f"{self.name} is {value!r}; known: {', '.join(self.choices)}"
        if self.range is not None and isinstance(value, (int, float)):
            low, high = self.range
            if not low <= value <= high:  # also refuses NaN
                return f"{self.name} is {value}; allowed: {low:g} to {high:g}"
        return ""


PROTOCOL_NAMES = (
    "eigen", "eigen_benchmark", "kitti_devkit", "dense", "paper", "paper_as_released",
)  # fmt: skip
"""The evaluation's own table (a test holds them equal): nodes do not know that room."""

_MODEL_FIXED = "the network is loaded on configure; clean the node up, set it, configure again"
_WORLD_FIXED = "the world is built at start; restart the node"
_TOPIC_FIXED = "it is read on configure; clean the node up, set it, configure again"


def _parameter(
    name: str,
    default: Value,
    description: str,
    *,
    limit: str = "",
    choices: tuple[str, ...] = (),
    fixed: str = "",
) -> Any:
    """A dataclass field that declares a parameter; limit: the name of its range in LIMITS."""
    range = LIMITS[limit].bounds if limit else None
    declared = Parameter(name, default, description, range, choices, fixed)
    if problem := declared.check(default):
        raise ConfigError(f"bad default: {problem}")
    return field(default=default, metadata={_METADATA: declared})


@dataclass(frozen=True)
class PerceptionConfig:
    """Parameters of ``perception_node``."""

    model: str = _parameter(
        "model",
        "ds_net",
        "Network: a shipped name or the path of an ONNX file with a model spec.",
        fixed=_MODEL_FIXED,
    )
    backend: str = _parameter(
        "engine.backend",
        "auto",
        "Inference backend; auto takes the fastest that is installed.",
        choices=("auto", *BACKENDS),
        fixed=_MODEL_FIXED,
    )
    precision: str = _parameter(
        "engine.precision",
        "auto",
        "Arithmetic of the engine; auto leaves it to backend and file.",
        choices=("auto", "fp32", "fp16", "bf16", "int8"),
        fixed=_MODEL_FIXED,
    )
    threads: int = _parameter(
        "engine.threads",
        0,
        "CPU threads of the engine; 0 leaves it to the backend.",
        limit="threads_or_auto",
        fixed=_MODEL_FIXED,
    )
    fallback: str = _parameter(
        "engine.fallback",
        "none",
        "When the engine's device fails, it is opened again at growing intervals and frames are "
        "lost; cpu: after three tries in vain a backend on the CPU takes over.",
        choices=FALLBACKS,
        fixed=_MODEL_FIXED,
    )
    fit: str = _parameter(
        "fit",
        "model",
        "How another aspect ratio meets the network: pad sees the whole image, "
        "crop fills the input and leaves the rest unseen; model takes the spec's choice.",
        choices=("model", "pad", "crop"),
        fixed=_MODEL_FIXED,
    )
    autostart: bool = _parameter(
        "autostart",
        True,
        "Configure and activate by itself at start; set it false under a lifecycle manager.",
        fixed="it is read once, at start",
    )
    image_transport: str = _parameter(
        "image_transport",
        "raw",
        "raw subscribes to `image`, compressed to `image/compressed`.",
        choices=("raw", "compressed"),
        fixed=_TOPIC_FIXED,
    )
    image_reliability: str = _parameter(
        "image_reliability",
        "auto",
        "reliable asks for lost images again, best_effort does not; auto follows the camera's "
        "publishers, also when they change. qos_overrides.<topic>.subscription.reliability wins.",
        choices=RELIABILITY,
        fixed=_TOPIC_FIXED,
    )
    image_is_rectified: bool = _parameter(
        "image_is_rectified",
        True,
        "True takes the focal lengths from P of the camera_info (a rectified image), "
        "false from K (a raw image; its distortion is ignored).",
        fixed=_TOPIC_FIXED,
    )
    require_camera_info: bool = _parameter(
        "require_camera_info",
        False,
        "Refuse images while no calibrated camera_info is known instead of "
        "assuming the training camera's focal length.",
        fixed=_TOPIC_FIXED,
    )
    max_rate_hz: float = _parameter(
        "max_rate_hz",
        0.0,
        "Images above this rate are skipped (and counted); 0 takes all.",
        limit="max_rate_hz",
    )
    camera_height_m: float = _parameter(
        "camera_height_m",
        0.0,
        "Height of the camera above the ground; depth is made metric by it. 0: not known "
        "(or known from tf, see base_frame).",
        limit="camera_height_m_or_tf",
    )
    camera_pitch_deg: float = _parameter(
        "camera_pitch_deg",
        1000.0,
        "Pitch of the camera, upwards positive, -90 to 90; 1000: not known (or from tf).",
        limit="camera_pitch_deg_or_unknown",
    )
    camera_roll_deg: float = _parameter(
        "camera_roll_deg",
        1000.0,
        "Roll of the camera, positive where the image's right side is down, -180 to 180; "
        "1000: not known (or from tf).",
        limit="camera_roll_deg_or_unknown",
    )
    base_frame: str = _parameter(
        "base_frame",
        "",
        "tf frame that stands on the ground (z = 0), e.g. base_footprint: the camera's height and "
        "attitude are taken from tf at each image's stamp. Empty: tf is not asked.",
        fixed=_TOPIC_FIXED,
    )
    depth_encoding: str = _parameter(
        "depth.encoding",
        "32FC1",
        "32FC1: metres, NaN = unknown; 16UC1: millimetres, 0 = unknown.",
        choices=ENCODINGS,
        fixed=_TOPIC_FIXED,
    )
    depth_min_m: float = _parameter(
        "depth.min_m", 0.0, "Nearer depth is published as -Inf (0 in 16UC1).", limit="depth_m"
    )
    depth_max_m: float = _parameter(
        "depth.max_m",
        0.0,
        "Farther depth is published as +Inf (0 in 16UC1); "
        "0 takes the farthest depth the network was taught.",
        limit="depth_m",
    )
    depth_min_confidence: float = _parameter(
        "depth.min_confidence",
        0.0,
        "Depth that is within 25 % with less probability than this becomes NaN (0 in 16UC1), and "
        "has no point; only for networks that say so (the diagnostics tell).",
        limit="confidence",
    )
    min_confidence: float = _parameter(
        "labels.min_confidence",
        0.0,
        "Labels less probable than this become 255 (unlabelled); "
        "also published as LabelInfo.threshold.",
        limit="confidence",
    )
    output_size: str = _parameter(
        "output.size",
        "auto",
        "Size of everything published, with a camera_info to match: camera, network (what the "
        'network really sees), a width in pixels ("640"), or auto: the camera\'s up to 2 '
        "megapixels, beyond that a whole fraction of it.",
    )
    points_stride: int = _parameter(
        "points.stride",
        1,
        "Every n-th pixel of every n-th row becomes a point; 1 keeps `points` pixel-aligned with "
        "`labels/image` (Nav2 needs that).",
        limit="points_stride",
    )
    publish_depth: bool = _parameter(
        "publish.depth",
        True,
        "Offer `depth/image`, `depth/image/compressedDepth` and `depth/camera_info`.",
        fixed=_TOPIC_FIXED,
    )
    publish_labels: bool = _parameter(
        "publish.labels",
        True,
        "Offer `labels/image`, `labels/confidence` and `labels/info` "
        "(networks with semantics only).",
        fixed=_TOPIC_FIXED,
    )
    publish_points: bool = _parameter(
        "publish.points", True, "Offer `points` (needs camera_info).", fixed=_TOPIC_FIXED
    )
    points_height: bool = _parameter(
        "points.height",
        False,
        "Points have a field `height`: metres above the ground (NaN while that is not known).",
    )
    points_max_jump: float = _parameter(
        "points.max_jump",
        0.0,
        "Points at outlines, between near and far, are left out: where depth changes by more than "
        "this share from a pixel to the next but one (0.15 is a good start; 0: all are kept).",
        limit="max_jump",
    )
    publish_overlay: bool = _parameter(
        "publish.overlay",
        True,
        "Offer `overlay/image` and `overlay/image/compressed`.",
        fixed=_TOPIC_FIXED,
    )
    jpeg_quality: int = _parameter(
        "overlay.jpeg_quality",
        80,
        "JPEG quality of `overlay/image/compressed`.",
        limit="jpeg_quality",
    )
    no_image_after_s: float = _parameter(
        "diagnostics.no_image_after_s",
        5.0,
        "Report an error after so long without an image.",
        limit="no_image_after_s",
    )
    max_dropped_share: float = _parameter(
        "diagnostics.max_dropped_share",
        0.5,
        "Warn where more than this share of the images of the last 10 s were overtaken by newer "
        "ones; 1 never warns.",
        limit="share",
    )
    diagnostics_period_s: float = _parameter(
        "diagnostic_updater.period",
        1.0,
        "Seconds of real time between two publications of the diagnostics.",
        limit="period_s",
    )
    late_after_s: float = _parameter(
        "diagnostics.late_after_s",
        1.0,
        "Warn where images arrive older than this.",
        limit="late_after_s",
    )


@dataclass(frozen=True)
class VirtualCameraConfig:
    """Parameters of ``virtual_camera_node``."""

    camera: str = _parameter(
        "camera",
        "car",
        "car, robot, drone, or a yaml file (camera_info, or width height fx fy cx cy).",
        fixed=_WORLD_FIXED,
    )
    seed: int = _parameter(
        "seed",
        1,
        "Seed of the world; the same seed drives through the same world.",
        limit="seed",
        fixed=_WORLD_FIXED,
    )
    variation: str = _parameter(
        "variation",
        "clone",
        "Light and weather: clone, fog, morning, overcast, rain, sunset, random.",
        fixed=_WORLD_FIXED,
    )
    rate_hz: float = _parameter(
        "rate_hz", 10.0, "Frames per second.", limit="rate_hz", fixed=_WORLD_FIXED
    )
    scale: float = _parameter(
        "scale",
        1.0,
        "Size of the image relative to the camera's.",
        limit="scale",
        fixed=_WORLD_FIXED,
    )
    threads: int = _parameter(
        "threads",
        0,
        "Threads that render; 0 takes all cores.",
        limit="threads_or_auto",
        fixed=_WORLD_FIXED,
    )
    base_frame_id: str = _parameter(
        "base_frame_id",
        "base_link",
        "tf frame of the robot, on the ground below the camera.",
        fixed=_WORLD_FIXED,
    )
    odom_frame_id: str = _parameter(
        "odom_frame_id",
        "odom",
        "tf frame of its odometry, which does not drift here.",
        fixed=_WORLD_FIXED,
    )
    camera_frame_id: str = _parameter(
        "camera_frame_id",
        "camera",
        "tf frame of the camera's body (x forward, y left, z up).",
        fixed=_WORLD_FIXED,
    )
    frame_id: str = _parameter(
        "frame_id", "camera_optical", "tf frame of the camera (optical axes).", fixed=_WORLD_FIXED
    )
    world_frame_id: str = _parameter(
        "world_frame_id",
        "map",
        "tf frame of the world (x east, y north, z up).",
        fixed=_WORLD_FIXED,
    )


@dataclass(frozen=True)
class EvaluationConfig:
    """Parameters of ``evaluation_node``."""

    protocol: str = _parameter(
        "protocol",
        "dense",
        "Protocol of the depth metrics (range, crop, sampling).",
        choices=PROTOCOL_NAMES,
        fixed="a running mean has one protocol; restart the node",
    )
    max_waiting: int = _parameter(
        "max_waiting",
        60,
        "Unpaired messages kept per topic; older ones count as unpaired.",
        limit="max_waiting",
        fixed="queues are made at start",
    )
    period_s: float = _parameter(
        "period_s",
        1.0,
        "Seconds between two publications of the metrics.",
        limit="period_s",
        fixed="the timer is made at start",
    )
    report: str = _parameter(
        "report",
        "",
        "Path of a JSON file with the final metrics, written at shutdown; empty writes none.",
    )


CONFIGS: Mapping[str, type[Any]] = {
    "perception_node": PerceptionConfig,
    "virtual_camera_node": VirtualCameraConfig,
    "evaluation_node": EvaluationConfig,
}
"""Node executable -> its configuration."""

C = TypeVar("C")


def config_problem(config: object) -> str:
    """Why these values cannot be taken, together or at all; empty if they can."""
    if isinstance(config, PerceptionConfig) and (problem := check_output_size(config.output_size)):
        return problem
    if isinstance(config, PerceptionConfig) and 0 < config.depth_max_m <= config.depth_min_m:
        return (
            f"depth.min_m is {config.depth_min_m:g} and depth.max_m {config.depth_max_m:g}: "
            "nothing would be left; set depth.min_m below depth.max_m"
        )
    return ""


def declarations(config: type[Any]) -> Iterator[tuple[str, Parameter]]:
    """(field name, parameter) of every parameter of a configuration, in order."""
    for f in fields(config):
        yield f.name, _declared(f)


def build(config: type[C], values: Mapping[str, object]) -> C:
    """A configuration from ROS parameter names and values; the rest keeps its default.

    Raises ConfigError for an unknown name or a value outside its declaration.
    """
    by_name = {p.name: (attribute, p) for attribute, p in declarations(config)}
    chosen: dict[str, object] = {}
    for name, value in values.items():
        if name not in by_name:
            raise ConfigError(f"no parameter {name!r}; known: {', '.join(by_name)}")
        attribute, parameter = by_name[name]
        if problem := parameter.check(value):
            raise ConfigError(problem)
        chosen[attribute] = value
    built = config(**chosen)
    if problem := config_problem(built):
        raise ConfigError(problem)
    return built


def _declared(f: Field[Any]) -> Parameter:
    parameter = f.metadata.get(_METADATA)
    if not isinstance(parameter, Parameter) or f.default is MISSING:
        raise ConfigError(f"field {f.name} declares no parameter")
    return parameter
