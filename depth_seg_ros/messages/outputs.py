"""Everything that is published for one prediction, as far as somebody wants it.

Topics are relative names; types, meaning and order are the same for the ROS node and for the
participant without ROS. Everything made of one image carries that image's header.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from depth_seg_ros.labels import ClassTable
from depth_seg_ros.messages.cameras import CameraInfoMessage, info_from_intrinsics, repeated_info
from depth_seg_ros.messages.depth import depth_payload, mark_out_of_range
from depth_seg_ros.messages.labels import mask_payload
from depth_seg_ros.messages.payloads import Header, Payload, image_payload
from depth_seg_ros.messages.points import PointPacker
from depth_seg_ros.types import Frame, Prediction, UInt8Array
from depth_seg_ros.visualize import depth_overlay, overlay

DEPTH_IMAGE = "depth/image"
DEPTH_INFO = "depth/camera_info"
LABELS_IMAGE = "labels/image"
LABELS_CONFIDENCE = "labels/confidence"
LABELS_INFO = "labels/info"
POINTS = "points"
OVERLAY = "overlay/image"

FRAME_TOPICS: Mapping[str, str] = {
    DEPTH_INFO: "sensor_msgs/msg/CameraInfo",
    DEPTH_IMAGE: "sensor_msgs/msg/Image",
    LABELS_IMAGE: "sensor_msgs/msg/Image",
    LABELS_CONFIDENCE: "sensor_msgs/msg/Image",
    POINTS: "sensor_msgs/msg/PointCloud2",
    OVERLAY: "sensor_msgs/msg/Image",
}
"""Topics with one message a frame, in the order of publication, and their types."""

LABEL_TOPICS = frozenset({LABELS_IMAGE, LABELS_CONFIDENCE, LABELS_INFO})
"""Topics that only a network with semantics has."""


def frame_topics(has_labels: bool) -> Mapping[str, str]:
    """The per-frame topics of a network with or without semantics."""
    return {t: kind for t, kind in FRAME_TOPICS.items() if has_labels or t not in LABEL_TOPICS}


@dataclass(frozen=True)
class DepthLimits:
    """What counts as measured [m]; ``far_m`` is this camera's: spec.max_depth_m x depth_scale."""

    near_m: float
    far_m: float


class OutputBuilder:
    """Prediction -> payloads. Keeps the camera's ray directions; one thread."""

    def __init__(self, classes: ClassTable | None, depth_encoding: str = "32FC1") -> None:
        self._classes = classes
        self._depth_encoding = depth_encoding
        self._packer = PointPacker()

    def build(
        self,
        frame: Frame,
        prediction: Prediction,
        limits: DepthLimits,
        wanted: Collection[str],
        camera: CameraInfoMessage | None = None,
    ) -> dict[str, Payload]:
        """Payloads of the wanted topics, as far as they can be made.

        Without labels there are no masks; without intrinsics neither camera_info nor points.
        camera: the CameraInfo message of the image, repeated as it is where possible.
        """
        header = Header(prediction.stamp_ns, prediction.frame_id)
        made: dict[str, Payload] = {}
        if DEPTH_IMAGE in wanted or POINTS in wanted:
            marked = mark_out_of_range(prediction.depth_m, limits.near_m, limits.far_m)
            if DEPTH_IMAGE in wanted:
                made[DEPTH_IMAGE] = depth_payload(header, marked, self._depth_encoding)
            if POINTS in wanted and prediction.intrinsics is not None:
                made[POINTS] = self._packer.cloud(
                    header, marked, prediction.intrinsics, frame.image
                )
        if DEPTH_INFO in wanted and prediction.intrinsics is not None:
            repeated = repeated_info(camera, header) if camera is not None else None
            made[DEPTH_INFO] = repeated or info_from_intrinsics(prediction.intrinsics, header)
        if LABELS_IMAGE in wanted and prediction.labels is not None:
            made[LABELS_IMAGE] = mask_payload(header, prediction.labels)
        if LABELS_CONFIDENCE in wanted and prediction.confidence is not None:
            made[LABELS_CONFIDENCE] = mask_payload(header, prediction.confidence)
        if OVERLAY in wanted:
            made[OVERLAY] = image_payload(header, self._overlay(frame, prediction), "rgb8")
        return {topic: made[topic] for topic in FRAME_TOPICS if topic in made}

    def _overlay(self, frame: Frame, prediction: Prediction) -> UInt8Array:
        if prediction.labels is not None and self._classes is not None:
            return overlay(frame.image, prediction.labels, self._classes)
        return depth_overlay(frame.image, prediction.depth_m)
