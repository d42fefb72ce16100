"""The path of one image message through a configured node: decode, predict, publish."""

from __future__ import annotations

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from depth_seg_ros.errors import DepthSegError, EngineError
from depth_seg_ros.live.loop import Stages
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.nodes.publishers import PerceptionPublishers
from depth_seg_ros.predictor import Predictor, StageTimes
from depth_seg_ros.types import Frame, Prediction


class Pipeline:
    """What a configured node holds; ``process`` runs on the frame loop's thread."""

    def __init__(
        self,
        predictor: Predictor,
        publishers: PerceptionPublishers,
        assembler: FrameAssembler,
    ) -> None:
        self.predictor = predictor
        self.publishers = publishers
        self.unwatched = 0
        self._assembler = assembler

    def set_camera(self, info: CameraInfo) -> None:
        """Take a new calibration (from any thread)."""
        self._assembler.camera = info

    @property
    def camera_state(self) -> str:
        """``known``, ``missing`` or ``uncalibrated``."""
        info = self._assembler.camera
        if info is None:
            return "missing"
        return "known" if info.k[0] or info.p[0] else "uncalibrated"

    def process(self, message: Image | CompressedImage, stages: Stages) -> None:
        """One image; a DepthSegError means this image is lost and says why."""
        wanted = self.publishers.wanted()
        if not wanted:
            self.unwatched += 1
            return
        camera = self._assembler.camera
        with stages.measure("decode"):
            frame = self._decode(message)
        prediction, times = self._predict(frame)
        stages.add("preprocess", times.preprocess_ms)
        stages.add("inference", times.inference_ms)
        stages.add("postprocess", times.postprocess_ms)
        with stages.measure("publish"):
            self.publishers.publish(wanted, frame, prediction, self._taught_depth_m(frame), camera)

    def close(self) -> None:
        """Free the engine and take the topics back."""
        self.publishers.destroy()
        self.predictor.close()

    def _decode(self, message: Image | CompressedImage) -> Frame:
        if isinstance(message, CompressedImage):
            return self._assembler.frame_from_compressed(message)
        return self._assembler.frame_from_image(message)

    def _predict(self, frame: Frame) -> tuple[Prediction, StageTimes]:
        try:
            return self.predictor.predict_timed(frame)
        except DepthSegError:
            raise
        except Exception as e:  # a lost GPU surfaces as whatever its runtime throws
            raise EngineError(f"inference failed: {type(e).__name__}: {e}") from e

    def _taught_depth_m(self, frame: Frame) -> float:
        """The farthest depth the network was taught, seen through this camera."""
        scale = self.predictor.geometry(frame).depth_scale
        return self.predictor.spec.max_depth_m * scale
