"""The path of one image message through the participant: decode, predict, build, send.

Messages are CDR bytes until their turn comes, so a superseded image costs nothing but its bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cdr import deserialize, serialize
from depth_seg_ros.messages.outputs import OutputBuilder
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.perception.loop import Stages
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame

Send = Callable[[Topic, bytes], None]


class Pipeline:
    """``process`` runs on the frame loop's thread; ``set_camera`` may be called from another.

    image: the topic images come from (raw or compressed). wanted: asked before each frame which
    outputs have subscribers. send: gets the CDR bytes of each output.
    """

    def __init__(
        self,
        predictor: Predictor,
        builder: OutputBuilder,
        assembler: FrameAssembler,
        image: Topic,
        wanted: Callable[[], frozenset[Topic]],
        send: Send,
    ) -> None:
        self._predictor = predictor
        self._builder = builder
        self._assembler = assembler
        self._image = image
        self._wanted = wanted
        self._send = send
        self.unwatched = 0
        """Images taken while nobody listened: not computed."""

    def set_camera(self, cdr: bytes) -> None:
        """Take a new sensor_msgs/CameraInfo."""
        self._assembler.camera = deserialize(cdr, topics.CAMERA_INFO.message)

    def process(self, cdr: bytes, stages: Stages) -> None:
        """One image; a DepthSegError means this image is lost and says why."""
        wanted = self._wanted()
        if not wanted:
            self.unwatched += 1
            return
        camera = self._assembler.camera
        with stages.measure("decode"):
            frame = self._decode(cdr)
        prediction, times = self._predictor.predict_timed(frame)
        stages.add("preprocess", times.preprocess_ms)
        stages.add("inference", times.inference_ms)
        stages.add("postprocess", times.postprocess_ms)
        with stages.measure("publish"):
            built = self._builder.build(
                frame, prediction, self._taught_depth_m(frame), wanted, camera
            )
            for topic, payload in built.items():
                self._send(topic, bytes(serialize(payload)[1]))

    def _decode(self, cdr: bytes) -> Frame:
        message = deserialize(cdr, self._image.message)
        if self._image == topics.IMAGE_COMPRESSED:
            return self._assembler.frame_from_compressed(message)
        return self._assembler.frame_from_image(message)

    def _taught_depth_m(self, frame: Frame) -> float:
        """The farthest depth the network was taught, seen through this camera."""
        scale = self._predictor.geometry(frame).depth_scale
        return self._predictor.spec.max_depth_m * scale
