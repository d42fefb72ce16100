"""Parameters of ``perception_node``."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.engines import BACKENDS, FALLBACKS
from depth_seg_ros.messages.depth import ENCODINGS
from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.nodes.parameters.declaration import Config, parameter
from depth_seg_ros.perception.output_size import check_output_size
from depth_seg_ros.perception.reliability import CHOICES as RELIABILITY
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.predictor import INPUT_SHAPES

_MODEL_FIXED = "the network is loaded on configure; clean the node up, set it, configure again"
_TOPIC_FIXED = "it is read on configure; clean the node up, set it, configure again"


@dataclass(frozen=True)
class PerceptionConfig(Config):
    """Parameters of ``perception_node``."""

    model: str = parameter(
        "model",
        DEFAULT_MODEL,
        "Network: a shipped name or the path of an ONNX file with a model spec.",
        fixed=_MODEL_FIXED,
    )
    backend: str = parameter(
        "engine.backend",
        "auto",
        "Inference backend; auto takes the fastest that is installed.",
        choices=("auto", *BACKENDS),
        fixed=_MODEL_FIXED,
    )
    precision: str = parameter(
        "engine.precision",
        "auto",
        "Arithmetic of the engine; auto leaves it to backend and file.",
        choices=("auto", "fp32", "fp16", "bf16", "int8"),
        fixed=_MODEL_FIXED,
    )
    threads: int = parameter(
        "engine.threads",
        0,
        "CPU threads of the engine; 0 leaves it to the backend.",
        limit="threads_or_auto",
        fixed=_MODEL_FIXED,
    )
    fallback: str = parameter(
        "engine.fallback",
        "none",
        "When the engine's device fails, it is opened again at growing intervals and frames are "
        "lost; cpu: after three tries in vain a backend on the CPU takes over.",
        choices=FALLBACKS,
        fixed=_MODEL_FIXED,
    )
    camera_size: str = parameter(
        "engine.camera_size",
        "",
        "Size of the images to come, e.g. 1242x375: the engine takes them whole and shrinks them "
        "on its device where that proves faster on configure; empty: OpenCV shrinks them.",
        fixed=_MODEL_FIXED,
    )
    input_shape: str = parameter(
        "engine.input_shape",
        "camera",
        "camera: a model that knows several shapes of its input gets the one that shows most of "
        "the camera's image at equal cost (on a GPU only with engine.camera_size, since an engine "
        "is built for it); file: the model's own.",
        choices=INPUT_SHAPES,
        fixed=_MODEL_FIXED,
    )
    detail: float = parameter(
        "engine.detail",
        1.0,
        "How many times the model's pixels a network that knows several shapes of its input sees, "
        "for as many times the cost: 2 finds smaller and thinner things, 0.5 is faster.",
        limit="detail",
        fixed=_MODEL_FIXED,
    )
    fit: str = parameter(
        "fit",
        "model",
        "How another aspect ratio meets the network: pad sees the whole image, "
        "crop fills the input and leaves the rest unseen; model takes the spec's choice.",
        choices=("model", "pad", "crop"),
        fixed=_MODEL_FIXED,
    )
    autostart: bool = parameter(
        "autostart",
        True,
        "Configure and activate by itself at start; set it false under a lifecycle manager.",
        fixed="it is read once, at start",
    )
    bond_heartbeat_period: float = parameter(
        "bond_heartbeat_period",
        0.1,
        "Seconds between two heartbeats on `bond` while the node is active and `autostart` is "
        "false, for Nav2's lifecycle manager; 0: none (then its bond_timeout must be 0.0).",
        limit="heartbeat_s_or_off",
        fixed=_TOPIC_FIXED,
    )
    image_transport: str = parameter(
        "image_transport",
        "raw",
        "raw subscribes to `image`, compressed to `image/compressed`.",
        choices=("raw", "compressed"),
        fixed=_TOPIC_FIXED,
    )
    image_reliability: str = parameter(
        "image_reliability",
        Settings.reliability,
        "reliable asks for lost images again, best_effort does not; auto follows the camera's "
        "publishers, also when they change. qos_overrides.<topic>.subscription.reliability wins.",
        choices=RELIABILITY,
        fixed=_TOPIC_FIXED,
    )
    image_is_rectified: bool = parameter(
        "image_is_rectified",
        Settings.rectified,
        "True takes the focal lengths from P of the camera_info (a rectified image), "
        "false from K (a raw image; its distortion is ignored).",
        fixed=_TOPIC_FIXED,
    )
    require_camera_info: bool = parameter(
        "require_camera_info",
        Settings.require_camera,
        "Refuse images while no calibrated camera_info is known instead of "
        "assuming the training camera's focal length.",
        fixed=_TOPIC_FIXED,
    )
    max_rate_hz: float = parameter(
        "max_rate_hz",
        Settings.max_rate_hz,
        "Images above this rate are skipped (and counted); 0 takes all.",
        limit="max_rate_hz",
    )
    camera_height_m: float = parameter(
        "camera_height_m",
        0.0,
        "Height of the camera above the ground; depth is made metric by it. 0: not known "
        "(or known from tf, see base_frame).",
        limit="camera_height_m_or_tf",
    )
    camera_pitch_deg: float = parameter(
        "camera_pitch_deg",
        1000.0,
        "Pitch of the camera, upwards positive, -90 to 90; 1000: not known (or from tf).",
        limit="camera_pitch_deg_or_unknown",
    )
    camera_roll_deg: float = parameter(
        "camera_roll_deg",
        1000.0,
        "Roll of the camera, positive where the image's right side is down, -180 to 180; "
        "1000: not known (or from tf).",
        limit="camera_roll_deg_or_unknown",
    )
    base_frame: str = parameter(
        "base_frame",
        "",
        "tf frame that stands on the ground (z = 0), e.g. base_footprint: the camera's height and "
        "attitude are taken from tf at each image's stamp. Empty: tf is not asked.",
        fixed=_TOPIC_FIXED,
    )
    imu_topic: str = parameter(
        "imu_topic",
        "",
        "sensor_msgs/Imu with an orientation: the camera's pitch and roll are taken from it (and "
        "from tf between its frame and the camera's) at each image's stamp. Empty: none is asked.",
        fixed=_TOPIC_FIXED,
    )
    depth_encoding: str = parameter(
        "depth.encoding",
        OutputOptions.depth_encoding,
        "32FC1: metres, NaN = unknown; 16UC1: millimetres, 0 = unknown.",
        choices=ENCODINGS,
        fixed=_TOPIC_FIXED,
    )
    depth_min_m: float = parameter(
        "depth.min_m",
        OutputOptions.min_depth_m,
        "Nearer depth is published as -Inf (0 in 16UC1).",
        limit="depth_m",
    )
    depth_max_m: float = parameter(
        "depth.max_m",
        OutputOptions.max_depth_m,
        "Farther depth is published as +Inf (0 in 16UC1); "
        "0 takes the farthest depth the network was taught.",
        limit="depth_m",
    )
    depth_min_confidence: float = parameter(
        "depth.min_confidence",
        OutputOptions.min_depth_confidence,
        "Depth that is within 25 % with less probability than this becomes NaN (0 in 16UC1), and "
        "has no point; only for networks that say so (the diagnostics tell).",
        limit="confidence",
    )
    min_confidence: float = parameter(
        "labels.min_confidence",
        OutputOptions.min_confidence,
        "Labels less probable than this become 255 (unlabelled); "
        "also published as LabelInfo.threshold.",
        limit="confidence",
    )
    output_size: str = parameter(
        "output.size",
        Settings.output_size,
        "Size of everything published, with a camera_info to match: camera, network (what the "
        'network really sees), a width in pixels ("640"), or auto: the camera\'s up to 2 '
        "megapixels, beyond that a whole fraction of it.",
    )
    points_stride: int = parameter(
        "points.stride",
        OutputOptions.points_stride,
        "Every n-th pixel of every n-th row becomes a point; 1 keeps `points` pixel-aligned with "
        "`labels/image` (Nav2 needs that).",
        limit="points_stride",
    )
    publish_depth: bool = parameter(
        "publish.depth",
        True,
        "Offer `depth/image`, `depth/image/compressedDepth` and `depth/camera_info`.",
        fixed=_TOPIC_FIXED,
    )
    publish_labels: bool = parameter(
        "publish.labels",
        True,
        "Offer `labels/image`, `labels/confidence` and `labels/info` "
        "(networks with semantics only).",
        fixed=_TOPIC_FIXED,
    )
    publish_points: bool = parameter(
        "publish.points", True, "Offer `points` (needs camera_info).", fixed=_TOPIC_FIXED
    )
    points_height: bool = parameter(
        "points.height",
        OutputOptions.points_height,
        "Points have a field `height`: metres above the ground (NaN while that is not known).",
    )
    points_max_jump: float = parameter(
        "points.max_jump",
        OutputOptions.points_max_jump,
        "Points at outlines, between near and far, are left out: where depth changes by more than "
        "this share from a pixel to the next but one (0.15 is a good start; 0: all are kept).",
        limit="max_jump",
    )
    publish_overlay: bool = parameter(
        "publish.overlay",
        True,
        "Offer `overlay/image` and `overlay/image/compressed`.",
        fixed=_TOPIC_FIXED,
    )
    jpeg_quality: int = parameter(
        "overlay.jpeg_quality",
        OutputOptions.jpeg_quality,
        "JPEG quality of `overlay/image/compressed`.",
        limit="jpeg_quality",
    )
    no_image_after_s: float = parameter(
        "diagnostics.no_image_after_s",
        Settings.no_image_after_s,
        "Report an error after so long without an image.",
        limit="no_image_after_s",
    )
    max_dropped_share: float = parameter(
        "diagnostics.max_dropped_share",
        Settings.max_dropped_share,
        "Warn where more than this share of the images of the last 10 s were overtaken by newer "
        "ones; 1 never warns.",
        limit="share",
    )
    diagnostics_period_s: float = parameter(
        "diagnostic_updater.period",
        1.0,
        "Seconds of real time between two publications of the diagnostics.",
        limit="period_s",
    )
    late_after_s: float = parameter(
        "diagnostics.late_after_s",
        Settings.late_after_s,
        "Warn where images arrive older than this.",
        limit="late_after_s",
    )

    def problem(self) -> str:
        """Why these values cannot be taken together; empty if they can."""
        if problem := check_output_size(self.output_size):
            return problem
        if 0 < self.depth_max_m <= self.depth_min_m:
            return (
                f"depth.min_m is {self.depth_min_m:g} and depth.max_m {self.depth_max_m:g}: "
                "nothing would be left; set depth.min_m below depth.max_m"
            )
        return ""
