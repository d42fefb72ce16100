"""The path of one image message through a configured node: decode, predict, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from depth_seg_ros.errors import DepthSegError, EngineError
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.topics import BULKY_TOPICS, Topic
from depth_seg_ros.nodes.publishers import PerceptionPublishers, Result
from depth_seg_ros.perception.loop import OVERHEAD, FrameLoop, Stages
from depth_seg_ros.predictor import Predictor, StageTimes
from depth_seg_ros.types import Frame, Prediction

_BULKY = frozenset(BULKY_TOPICS)
_BULKY_S = 2.0
"""How long a frame waits for the points and the overlay of the one before; then those are lost
(and counted)."""


@dataclass(frozen=True)
class _Bulky:
    """Outputs still to be made of one frame.

    started: when work on it began [s of perf_counter], the network's time left out.
    """

    wanted: frozenset[Topic]
    result: Result
    started: float


class Pipeline:
    """What a configured node holds; ``process`` runs on the frame loop's thread.

    Points and overlay take longer to make and send than everything else: they go out on a thread of
    their own, while the next image is in the network. It never lags by more than one frame.
    """

    def __init__(
        self,
        predictor: Predictor,
        publishers: PerceptionPublishers,
        assembler: FrameAssembler,
        on_error: Callable[[DepthSegError], None],
    ) -> None:
        """on_error: told of frames whose points or overlay could not be made."""
        self.predictor = predictor
        self.publishers = publishers
        self.unwatched = 0
        self._assembler = assembler
        self.bulky: FrameLoop[_Bulky] = FrameLoop(self._publish_bulky, on_error)

    def start(self) -> None:
        """Counts at zero, ready for images."""
        self.unwatched = 0
        self.bulky.start()

    def stop(self) -> None:
        """Finish the outputs in work."""
        self.bulky.wait_idle(_BULKY_S)
        self.bulky.stop()

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
        started = perf_counter()
        camera = self._assembler.camera
        with stages.measure("decode"):
            frame = self._decode(message)
        prediction, times = self._predict(frame)
        stages.add("preprocess", times.preprocess_ms)
        stages.add("inference", times.inference_ms)
        stages.add("postprocess", times.postprocess_ms)
        started += times.inference_ms / 1e3  # from here on the clock knows of no network
        with stages.measure("publish"):
            result = Result(frame, prediction, self._taught_depth_m(frame), camera)
            self.publishers.publish(wanted - _BULKY, result)
            if bulky := wanted & _BULKY:
                self.bulky.wait_idle(_BULKY_S)
                self.bulky.offer(_Bulky(bulky, result, started))
        stages.add(OVERHEAD, (perf_counter() - started) * 1e3)

    def close(self) -> None:
        """Free the engine and take the topics back."""
        self.publishers.destroy()
        self.predictor.close()

    def _publish_bulky(self, item: _Bulky, stages: Stages) -> None:
        with stages.measure("publish"):
            self.publishers.publish(item.wanted, item.result)
        stages.add(OVERHEAD, (perf_counter() - item.started) * 1e3)

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
