"""The path of one image through a perception: decode, predict, publish.

Points and overlay take longer to make and send than everything else: they go out on a thread of
their own, while the next image is in the network. It never lags by more than one frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cameras import CameraInfoMessage
from depth_seg_ros.messages.outputs import OutputBuilder
from depth_seg_ros.messages.topics import BULKY_TOPICS, Topic
from depth_seg_ros.perception.loop import FrameLoop, Stages
from depth_seg_ros.perception.output_size import AUTO, output_size, shown_at
from depth_seg_ros.perception.report import OVERHEAD
from depth_seg_ros.perception.transport import Transport
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame, Prediction

Item = TypeVar("Item")

_BULKY = frozenset(BULKY_TOPICS)
_BULKY_S = 2.0
"""How long a frame waits for the points and the overlay of the one before; then those are lost
(and counted)."""


@dataclass(frozen=True)
class _Result:
    """What is known of one frame when its outputs are made.

    taught_depth_m: the farthest depth the network was taught, through this camera.
    camera: the CameraInfo message it was read with.
    """

    frame: Frame
    prediction: Prediction
    taught_depth_m: float
    camera: CameraInfoMessage | None


@dataclass(frozen=True)
class _Bulky:
    """Outputs still to be made. started: when work on the frame began [s of perf_counter], the
    network's time left out."""

    wanted: frozenset[Topic]
    result: _Result
    started: float


class Pipeline(Generic[Item]):
    """``process`` runs on the frame loop's thread."""

    def __init__(
        self,
        predictor: Predictor,
        builder: OutputBuilder,
        assembler: FrameAssembler,
        transport: Transport[Item],
        compressed: bool,
        on_error: Callable[[DepthSegError], None],
    ) -> None:
        """on_error: told of frames whose points or overlay could not be made."""
        self._predictor = predictor
        self._builder = builder
        self._transport = transport
        self._to_frame = (
            assembler.frame_from_compressed if compressed else assembler.frame_from_image
        )
        self._assembler = assembler
        self.unwatched = 0
        """Images taken while nobody listened: not computed."""
        self.output_size = AUTO
        """See :mod:`.output_size`; may be changed at any time."""
        self.sizes: tuple[tuple[int, int], tuple[int, int]] | None = None
        """(camera's, outputs') of the last frame."""
        self.bulky: FrameLoop[_Bulky] = FrameLoop(
            self._publish_bulky, on_error, name="points and overlay"
        )

    def start(self) -> None:
        """Counts at zero, ready for images."""
        self.unwatched = 0
        self.bulky.start()

    def stop(self) -> None:
        """Finish the outputs in work."""
        self.bulky.wait_idle(_BULKY_S)
        self.bulky.stop()

    def process(self, item: Item, stages: Stages) -> None:
        """One image; a DepthSegError means this image is lost and says why."""
        wanted = self._transport.wanted()
        if not wanted:
            self.unwatched += 1
            return
        started = perf_counter()
        camera = self._assembler.camera
        with stages.measure("decode"):
            frame = self._to_frame(self._transport.decode(item))
            size = output_size(self.output_size, self._predictor.geometry(frame))
            shown = shown_at(frame, size)
        self.sizes = (frame.image.shape[1], frame.image.shape[0]), size
        prediction, times = self._predictor.predict_timed(frame, shown)
        stages.add("preprocess", times.preprocess_ms)
        stages.add("inference", times.inference_ms)
        stages.add("postprocess", times.postprocess_ms)
        started += times.inference_ms / 1e3  # from here on the clock knows of no network
        with stages.measure("publish"):
            result = _Result(shown, prediction, self._taught_depth_m(frame), camera)
            self._publish(wanted - _BULKY, result)
            if bulky := wanted & _BULKY:
                self.bulky.wait_idle(_BULKY_S)
                self.bulky.offer(_Bulky(bulky, result, started))
        stages.add(OVERHEAD, (perf_counter() - started) * 1e3)

    def _publish_bulky(self, item: _Bulky, stages: Stages) -> None:
        with stages.measure("publish"):
            self._publish(item.wanted, item.result)
        stages.add(OVERHEAD, (perf_counter() - item.started) * 1e3)

    def _publish(self, wanted: frozenset[Topic], result: _Result) -> None:
        """Make and send the wanted outputs of one frame, each as soon as it is made."""
        for topic, payload in self._builder.each(
            result.frame, result.prediction, result.taught_depth_m, wanted, result.camera
        ):
            self._transport.publish(topic, payload)

    def _taught_depth_m(self, frame: Frame) -> float:
        """The farthest depth the network was taught, seen through this camera."""
        scale = self._predictor.geometry(frame).depth_scale
        return self._predictor.spec.max_depth_m * scale
