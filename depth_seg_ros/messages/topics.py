"""Every topic of perception and of the virtual camera: relative name, type, QoS, meaning.

The same for the ROS nodes and for the participants without ROS. Names are relative, so a namespace
or a remapping moves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from depth_seg_ros.messages import type_names


@dataclass(frozen=True)
class QosProfile:
    """Quality of service in ROS's words; history is always keep-last ``depth``."""

    reliable: bool
    depth: int
    transient_local: bool = False

    def refuses(self, asked: QosProfile) -> str:
        """Which policy keeps a subscriber that asks for this from matching; empty if it matches."""
        if asked.reliable and not self.reliable:
            return "reliability"
        if asked.transient_local and not self.transient_local:
            return "durability"
        return ""


QOS: Mapping[str, QosProfile] = {
    "sensor": QosProfile(reliable=False, depth=8),
    "reliable": QosProfile(reliable=True, depth=10),
    "queued": QosProfile(reliable=True, depth=30),
    "latched": QosProfile(reliable=True, depth=1, transient_local=True),
    "tf": QosProfile(reliable=True, depth=100),
    "tf_static": QosProfile(reliable=True, depth=100, transient_local=True),
}
"""sensor: best effort; deep enough that what is dropped is dropped, and counted, by the frame loop
and not behind its back. reliable: matches best-effort and reliable subscribers, and is deep enough
that a reliable one that lags for a moment loses nothing. queued: no message
may be missed. latched: who comes late gets the last one."""


@dataclass(frozen=True)
class Topic:
    """One topic. message: ``package/msg/Type``; qos: a name in :data:`QOS`."""

    name: str
    message: str
    qos: str
    meaning: str

    @property
    def profile(self) -> QosProfile:
        return QOS[self.qos]


IMAGE = Topic("image", type_names.IMAGE, "sensor", "Camera image.")
IMAGE_COMPRESSED = Topic(
    "image/compressed", type_names.COMPRESSED_IMAGE, "sensor", "Camera image, JPEG or PNG."
)
CAMERA_INFO = Topic(
    "camera_info", type_names.CAMERA_INFO, "sensor", "Calibration of `image`; makes depth metric."
)
TF = Topic("/tf", type_names.TF_MESSAGE, "tf", "Where moving frames are (with `base_frame`).")
TF_STATIC = Topic(
    "/tf_static", type_names.TF_MESSAGE, "tf_static", "Where fixed frames are (with `base_frame`)."
)
IMU = Topic(
    "imu", type_names.IMU, "sensor", "The camera's attitude (named by `imu_topic`, else not asked)."
)

DEPTH_INFO = Topic(
    "depth/camera_info",
    type_names.CAMERA_INFO,
    "reliable",
    "The input's calibration with the depth image's stamp.",
)
DEPTH = Topic(
    "depth/image",
    type_names.IMAGE,
    "reliable",
    "32FC1 metres along Z (NaN unknown, +Inf too far, -Inf too near) or 16UC1 mm (0 unknown).",
)
DEPTH_COMPRESSED = Topic(
    "depth/image/compressedDepth",
    type_names.COMPRESSED_IMAGE,
    "reliable",
    "`depth/image` as image_transport's compressedDepth (PNG; 32FC1 as quantised inverse depth).",
)
DEPTH_CONFIDENCE = Topic(
    "depth/confidence",
    type_names.IMAGE,
    "reliable",
    "mono8, 255 x probability that the depth is within 25 % (only from networks that say so).",
)
GROUND = Topic(
    "ground/pose",
    type_names.POSE,
    "reliable",
    "The ground below the camera, in the camera's frame: z points up from it "
    "(while the camera's height is known).",
)
LABELS = Topic("labels/image", type_names.IMAGE, "reliable", "mono8 class ids, 255 = unlabelled.")
CONFIDENCE = Topic(
    "labels/confidence", type_names.IMAGE, "reliable", "mono8, 255 x probability of the label."
)
LABEL_INFO = Topic(
    "labels/info",
    type_names.LABEL_INFO,
    "latched",
    "What the class ids mean, and the threshold.",
)
LABEL_CLASSES = Topic(
    "labels/classes",
    type_names.STRING,
    "latched",
    'The same as JSON, `{"classes": {"7": "road", ...}, "threshold": 0.0}`.',
)
POINTS = Topic(
    "points",
    type_names.POINT_CLOUD,
    "reliable",
    "Organised, pixel-aligned with the image, optical frame: x y z [m], rgb, label, and "
    "height above the ground [m] where `points.height` asks for it.",
)
OVERLAY = Topic(
    "overlay/image", type_names.IMAGE, "reliable", "rgb8: the image with its labels (or depth)."
)
OVERLAY_JPEG = Topic(
    "overlay/image/compressed", type_names.COMPRESSED_IMAGE, "reliable", "The same as JPEG."
)
DIAGNOSTICS = Topic(
    "/diagnostics",
    type_names.DIAGNOSTIC_ARRAY,
    "reliable",
    "Input, processing and engine: rates, percentiles, drops, errors, identity.",
)

VIRTUAL_IMAGE = Topic("image", type_names.IMAGE, "reliable", "rgb8 rendered image.")
VIRTUAL_INFO = Topic("camera_info", type_names.CAMERA_INFO, "reliable", "Its exact calibration.")
TRUE_DEPTH = Topic(
    "ground_truth/depth/image", type_names.IMAGE, "reliable", "32FC1 exact depth, +Inf = sky."
)
TRUE_LABELS = Topic(
    "ground_truth/labels/image", type_names.IMAGE, "reliable", "mono8 exact class ids."
)

FRAME_TOPICS = (
    DEPTH_INFO, DEPTH, DEPTH_CONFIDENCE, GROUND, LABELS, CONFIDENCE, POINTS, DEPTH_COMPRESSED,
    OVERLAY, OVERLAY_JPEG,
)  # fmt: skip
"""One message a frame, in the order of publication: calibration before what it explains."""

BULKY_TOPICS = (POINTS, DEPTH_COMPRESSED, OVERLAY, OVERLAY_JPEG)
"""Those that take longer to make and send than all the others."""

LABEL_TOPICS = (LABELS, CONFIDENCE, LABEL_INFO, LABEL_CLASSES)
"""What only a network with semantics has."""


def image_topic(resolved: str, compressed: bool) -> str:
    """Where images come from; the compressed transport hangs below what ``image`` is mapped to."""
    if not compressed or resolved.endswith("/compressed"):
        return resolved
    return f"{resolved}/compressed"


def camera_info_beside(image: str) -> str:
    """The calibration by ROS's convention: of ``/cam/image_raw`` it is
    ``/cam/camera_info``."""
    namespace, slash, _ = image.removesuffix("/compressed").rpartition("/")
    return f"{namespace}{slash}camera_info"


def offered_topics(
    has_labels: bool,
    has_confidence: bool = False,
    *,
    depth: bool = True,
    labels: bool = True,
    points: bool = True,
    overlay: bool = True,
) -> tuple[Topic, ...]:
    """What a perception offers besides its health, as far as its groups are wanted."""
    groups = (
        (depth, (DEPTH_INFO, DEPTH, DEPTH_COMPRESSED)),
        (depth and has_confidence, (DEPTH_CONFIDENCE,)),
        (depth and has_labels, (GROUND,)),
        (labels and has_labels, LABEL_TOPICS),
        (points, (POINTS,)),
        (overlay, (OVERLAY, OVERLAY_JPEG)),
    )
    return tuple(topic for wanted, group in groups if wanted for topic in group)
