"""Everything that is published for one prediction, as far as somebody wants it.

Everything made of one image carries that image's header.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from depth_seg_ros.annotate import annotate
from depth_seg_ros.errors import ConfigError, FrameError
from depth_seg_ros.labels import ClassTable
from depth_seg_ros.limits import LIMITS
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import CameraInfoMessage, info_from_intrinsics, repeated_info
from depth_seg_ros.messages.compressed_depth import compressed_depth_payload
from depth_seg_ros.messages.depth import ENCODINGS, depth_payload, mark_out_of_range
from depth_seg_ros.messages.ground import ground_payload
from depth_seg_ros.messages.labels import confident_labels, mask_payload
from depth_seg_ros.messages.payloads import (
    CloudPayload,
    CompressedPayload,
    Header,
    ImagePayload,
    Payload,
    flat_bytes,
    image_payload,
)
from depth_seg_ros.messages.points import HEIGHT_STEP, POINT_STEP, PointPacker, without_flying
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.types import Float32Array, Frame, Intrinsics, Prediction, UInt8Array
from depth_seg_ros.visualize import depth_overlay, overlay


@dataclass(frozen=True)
class OutputOptions:
    """What a user may choose about the outputs.

    depth_encoding: ``32FC1`` metres or ``16UC1`` millimetres.
    min_depth_m, max_depth_m: nearer is -Inf, farther is +Inf; a max of 0 takes the farthest depth
        the network was taught, through this camera (given to :meth:`OutputBuilder.build`).
    min_depth_confidence: depth less probable than this to be within 25 % becomes NaN.
    min_confidence: labels less probable than this become 255.
    points_height: points have their height above the ground.
    points_max_jump: see :func:`~depth_seg_ros.messages.points.without_flying`; 0 keeps all points.
    jpeg_quality: of the compressed overlay.
    points_stride: every n-th pixel of every n-th row becomes a point.
    """

    depth_encoding: str = "32FC1"
    min_depth_m: float = 0.0
    max_depth_m: float = 0.0
    min_depth_confidence: float = 0.0
    min_confidence: float = 0.0
    points_height: bool = False
    points_max_jump: float = 0.0
    jpeg_quality: int = 80
    points_stride: int = 1

    def __post_init__(self) -> None:
        for name, limit in OPTION_LIMITS.items():
            LIMITS[limit].check(name, getattr(self, name))
        if self.max_depth_m and not self.min_depth_m < self.max_depth_m:
            raise ConfigError(
                f"depths from {self.min_depth_m:g} to {self.max_depth_m:g} m leave nothing; give "
                "a minimum below the maximum"
            )
        if self.depth_encoding not in ENCODINGS:
            raise ConfigError(
                f"depth encoding {self.depth_encoding!r} is unknown; known: {', '.join(ENCODINGS)}"
            )


OPTION_LIMITS = {
    "min_depth_m": "depth_m",
    "max_depth_m": "depth_m",
    "min_depth_confidence": "confidence",
    "min_confidence": "confidence",
    "points_max_jump": "max_jump",
    "jpeg_quality": "jpeg_quality",
    "points_stride": "points_stride",
}
"""Name of the range (in LIMITS) of every number."""


Memory = Callable[[Topic, int], UInt8Array]
"""(topic, n) -> uint8 [n] that the topic's next payload may be written into."""


class KeptMemory:
    """The same memory for every message of a topic, as long as its size stays."""

    def __init__(self) -> None:
        self._kept: dict[Topic, UInt8Array] = {}

    def __call__(self, topic: Topic, size: int) -> UInt8Array:
        kept = self._kept.get(topic)
        if kept is None or kept.size != size:
            kept = self._kept[topic] = np.empty(size, np.uint8)
        return kept


class OutputBuilder:
    """Prediction -> payloads; each lives until the next one of its topic.

    Different topics may be built in different threads.
    """

    def __init__(
        self,
        classes: ClassTable | None,
        options: OutputOptions | None = None,
        memory: Memory | None = None,
    ) -> None:
        """memory: where large payloads go; a front end whose messages have memory saves a copy."""
        self._classes = classes
        self.options = options or OutputOptions()
        self._memory = memory or KeptMemory()
        self._packer = PointPacker()

    def build(
        self,
        frame: Frame,
        prediction: Prediction,
        taught_depth_m: float,
        wanted: Collection[Topic],
        camera: CameraInfoMessage | None = None,
    ) -> dict[Topic, Payload]:
        """All that :meth:`each` gives."""
        return dict(self.each(frame, prediction, taught_depth_m, wanted, camera))

    def each(
        self,
        frame: Frame,
        prediction: Prediction,
        taught_depth_m: float,
        wanted: Collection[Topic],
        camera: CameraInfoMessage | None = None,
    ) -> Iterator[tuple[Topic, Payload]]:
        """Payloads of the wanted topics in the order of publication, each made when its turn comes.

        Without labels there are no masks; without intrinsics neither camera_info nor points.
        taught_depth_m: spec.max_depth_m x the geometry's depth_scale.
        camera: the CameraInfo message of the image, repeated as it is where possible.
        """
        prediction = self._sure(prediction)
        header = Header(prediction.stamp_ns, prediction.frame_id)
        labels = self._labels(prediction)
        if topics.DEPTH_INFO in wanted and prediction.intrinsics is not None:
            used = prediction.intrinsics
            repeated = repeated_info(camera, header, used) if camera is not None else None
            yield topics.DEPTH_INFO, repeated or info_from_intrinsics(used, header)
        if topics.DEPTH in wanted:
            yield topics.DEPTH, self._depth(header, prediction.depth_m, taught_depth_m)
        if topics.DEPTH_CONFIDENCE in wanted and prediction.depth_confidence is not None:
            yield topics.DEPTH_CONFIDENCE, mask_payload(header, prediction.depth_confidence)
        ground = prediction.ground
        if topics.GROUND in wanted and ground is not None and not ground.contradicted:
            yield topics.GROUND, ground_payload(header, ground)
        if topics.LABELS in wanted and labels is not None:
            yield topics.LABELS, mask_payload(header, labels)
        if topics.CONFIDENCE in wanted and prediction.confidence is not None:
            yield topics.CONFIDENCE, mask_payload(header, prediction.confidence)
        if topics.POINTS in wanted and prediction.intrinsics is not None:
            yield topics.POINTS, self._cloud(header, frame, prediction, labels, taught_depth_m)
        if topics.DEPTH_COMPRESSED in wanted:
            yield topics.DEPTH_COMPRESSED, self._compressed(header, prediction, taught_depth_m)
        if topics.OVERLAY in wanted or topics.OVERLAY_JPEG in wanted:
            picture = self._overlay(frame, prediction, labels)
            if topics.OVERLAY in wanted:
                yield topics.OVERLAY, image_payload(header, picture, "rgb8")
            if topics.OVERLAY_JPEG in wanted:
                quality = self.options.jpeg_quality
                yield topics.OVERLAY_JPEG, jpeg_payload(header, picture, quality)

    def _depth(self, header: Header, depth_m: Float32Array, taught_depth_m: float) -> ImagePayload:
        encoding, out = self.options.depth_encoding, None
        if encoding == "32FC1":
            memory = self._memory(topics.DEPTH, 4 * depth_m.size)
            out = memory.view(np.float32).reshape(depth_m.shape)
        return depth_payload(header, self._marked(depth_m, taught_depth_m, out), encoding)

    def _compressed(
        self, header: Header, prediction: Prediction, taught_depth_m: float
    ) -> CompressedPayload:
        options = self.options
        marked = self._marked(prediction.depth_m, taught_depth_m)
        far_m = options.max_depth_m or taught_depth_m
        return compressed_depth_payload(
            header, marked, options.depth_encoding, options.min_depth_m, far_m
        )

    def _cloud(
        self,
        header: Header,
        frame: Frame,
        prediction: Prediction,
        labels: UInt8Array | None,
        taught_depth_m: float,
    ) -> CloudPayload:
        options, camera = self.options, prediction.intrinsics
        n = max(1, options.points_stride)
        if camera is None:
            raise FrameError("points need camera_info; publish it, or do without points")
        depth_m, image = self._marked(prediction.depth_m, taught_depth_m), frame.image
        if options.points_max_jump:
            depth_m = without_flying(depth_m, options.points_max_jump)
        if n > 1:
            depth_m = np.ascontiguousarray(depth_m[::n, ::n])
            image = np.ascontiguousarray(image[::n, ::n])
            labels = None if labels is None else np.ascontiguousarray(labels[::n, ::n])
            camera = camera.strided(n)
        heights_m = self._heights(depth_m, prediction, camera) if options.points_height else None
        step = POINT_STEP if heights_m is None else HEIGHT_STEP
        memory = self._memory(topics.POINTS, depth_m.size * step)
        return self._packer.cloud(header, depth_m, image, labels, camera, memory, heights_m)

    @staticmethod
    def _heights(depth_m: Float32Array, prediction: Prediction, camera: Intrinsics) -> Float32Array:
        """Above the ground; NaN where there is no depth, or no ground is known."""
        heights_m = np.full_like(depth_m, np.nan)
        if prediction.ground is not None and not prediction.ground.contradicted:
            above_m = prediction.ground.height_above(depth_m, camera)
            np.copyto(heights_m, above_m, where=np.isfinite(depth_m))
        return heights_m

    def _sure(self, prediction: Prediction) -> Prediction:
        """Without the depth that the network is not sure of."""
        least, known = self.options.min_depth_confidence, prediction.depth_confidence
        if known is None or not least:
            return prediction
        sure_m = np.where(known < 255 * least, np.float32(np.nan), prediction.depth_m)
        return replace(prediction, depth_m=sure_m)

    def _marked(
        self, depth_m: Float32Array, taught_depth_m: float, out: Float32Array | None = None
    ) -> Float32Array:
        options = self.options
        return mark_out_of_range(
            depth_m, options.min_depth_m, options.max_depth_m or taught_depth_m, out
        )

    def _labels(self, prediction: Prediction) -> UInt8Array | None:
        if prediction.labels is None:
            return None
        return confident_labels(
            prediction.labels, prediction.confidence, self.options.min_confidence
        )

    def _overlay(
        self, frame: Frame, prediction: Prediction, labels: UInt8Array | None
    ) -> UInt8Array:
        image = frame.image
        out = self._memory(topics.OVERLAY, image.size).reshape(image.shape)
        if labels is not None and self._classes is not None:
            return annotate(overlay(image, labels, self._classes, out), prediction)
        return annotate(depth_overlay(image, prediction.depth_m, out), prediction)


def jpeg_payload(header: Header, picture: UInt8Array, quality: int) -> CompressedPayload:
    """uint8 [H, W, 3] RGB -> JPEG."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    ok, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise FrameError(f"OpenCV cannot encode a JPEG of {picture.shape[1]}x{picture.shape[0]}")
    return CompressedPayload(header, "rgb8; jpeg compressed bgr8", flat_bytes(data))
