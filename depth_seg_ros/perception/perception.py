"""A running perception: one camera, one network, whatever carries the messages.

Threads: the adapter offers images and calibration from its own; the frame loop predicts and
publishes the newest image on another; points and overlay follow on a third.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from depth_seg_ros.errors import DepthSegError, InternalError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cameras import CameraInfoMessage, wrong_guess
from depth_seg_ros.messages.labels import classes_payload, label_info_payload
from depth_seg_ros.messages.outputs import OutputBuilder
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.messages.rig import RigSource
from depth_seg_ros.perception import health
from depth_seg_ros.perception.arrivals import (
    ArrivalWatch,
    RhythmWatch,
    SilenceWatch,
    explain_silence,
)
from depth_seg_ros.perception.ground import GroundScale
from depth_seg_ros.perception.loop import FrameLoop
from depth_seg_ros.perception.output_size import AUTO
from depth_seg_ros.perception.pipeline import Pipeline
from depth_seg_ros.perception.report import LoopReport
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.perception.teller import Teller
from depth_seg_ros.perception.transport import Log, Transport
from depth_seg_ros.perception.wording import ENGINE, GROUND, INPUT, PROCESSING
from depth_seg_ros.predictor import Predictor

Item = TypeVar("Item")

_OUTPUTS = tuple(f"/{t.name}" for t in topics.FRAME_TOPICS)
"""Topics that no camera publishes."""

_NO_CAMERA = {
    "missing": "no camera_info has come on {topic}",
    "uncalibrated": "camera_info on {topic} is all zeros",
}

_TRACED = 64
"""Internal errors whose traceback is shown, at most."""


class Perception(Generic[Item]):
    """Started and stopped as often as wanted (counts begin at zero); as a context manager once."""

    def __init__(
        self, predictor: Predictor, settings: Settings, transport: Transport[Item], log: Log
    ) -> None:
        self.predictor = predictor
        self._settings = settings
        self._transport = transport
        self._log = log
        self._tell = Teller(log.warning)
        self._rigs = RigSource(settings.rig)
        self._ground = GroundScale(predictor.spec)
        predictor.correction = self._ground
        self._assembler = FrameAssembler(settings.require_camera, settings.rectified, self._rigs)
        self._builder = OutputBuilder(predictor.spec.classes, settings.outputs, transport.room)
        self._pipeline = Pipeline(
            predictor, self._builder, self._assembler, transport, settings.compressed, self._lost
        )
        self._pipeline.output_size = settings.output_size
        self._loop = FrameLoop(self._pipeline.process, self._lost)
        self._arrivals = ArrivalWatch()
        self._rhythm = RhythmWatch()
        self._silence = SilenceWatch()
        self.running = False
        self._told: set[str] = set()
        self._losing = False
        self._contradicted = False
        self.last_error = ""
        self.enabled = True
        """False: images are counted, not processed."""
        self._problems: tuple[str, ...] = ()
        self._traced: set[str] = set()
        self._broken = ""

    # --- the adapter's side

    def start(self) -> None:
        """Ready for images; LiveError if it already runs."""
        self._arrivals, self._rhythm, self._silence = ArrivalWatch(), RhythmWatch(), SilenceWatch()
        self._loop.start()
        self._pipeline.start()
        self.announce()
        self.running = True
        if reason := self._no_confidence():
            self._log.warning(reason)

    def stop(self) -> None:
        """Finish what is in work; a second call does nothing."""
        self._loop.stop()
        if self.running:
            self._pipeline.stop()
        self.running = False

    def close(self) -> None:
        """Stop and free the engine."""
        self.stop()
        self.predictor.close()

    def set_camera(self, info: CameraInfoMessage) -> None:
        """Take a new sensor_msgs/CameraInfo."""
        self._assembler.camera = info

    def set_transforms(self, message: Any, static: bool) -> None:
        """Take a tf2_msgs/TFMessage of /tf or /tf_static."""
        self._rigs.tree.add_message(message, static)

    def set_imu(self, message: Any) -> None:
        """Take a sensor_msgs/Imu."""
        self._rigs.imu.add_message(message)

    @property
    def wants_transforms(self) -> bool:
        """Whether tf is asked for anything."""
        return self._settings.rig.wants_transforms

    def offer(self, item: Item, stamp_ns: int, age_ms: float | None) -> None:
        """An image has come; never blocks. age_ms: how old it is, where the clock is known."""
        self._rhythm.add(stamp_ns)
        taken = self._arrivals.take(stamp_ns, time.monotonic(), self._settings.max_rate_hz)
        if taken and self.enabled:
            self._loop.offer(item, age_ms=age_ms)

    def change(self, settings: Settings) -> None:
        """Take changed settings from the next frame on (those that may change while it runs)."""
        before = self._builder.options
        self._settings, self._builder.options = settings, settings.outputs
        self._rigs.options = settings.rig
        self._pipeline.output_size = settings.output_size
        if settings.outputs.min_confidence != before.min_confidence:
            self.announce()

    def announce(self) -> None:
        """Publish what belongs to no frame: the meaning of the labels (latched)."""
        classes = self.predictor.spec.classes
        if classes is not None:
            header = Header(self._transport.now_ns(), "")
            threshold = self._builder.options.min_confidence
            info = label_info_payload(header, classes, threshold)
            self._transport.publish(topics.LABEL_INFO, info)
            self._transport.publish(topics.LABEL_CLASSES, classes_payload(info))

    def check(self) -> None:
        """To be called once a second: a loop that stopped and silence are said."""
        if not self.running:
            return
        self._loop.check()
        self._pipeline.bulky.check()
        broken = self._loop.report().broken or self._pipeline.bulky.report().broken
        if broken and broken != self._broken:
            self._log.error(f"{broken}; deactivate and activate, or restart, to try again")
        self._broken = broken
        self._check_camera()
        self._check_height()
        self._tell_size()
        self._check_transport()
        since_s = self._loop.report().since_input_s
        change = self._silence.look(since_s, self._settings.no_image_after_s)
        if change:
            self._log.warning(health.no_image(self._input_state(silent=True), since_s))
        elif change is False:
            self._log.info(f"images arrive again on {self._transport.image_topic}")

    def _no_confidence(self) -> str:
        """Why depth.min_confidence does nothing; "" where it does, or is not set."""
        if not self._settings.outputs.min_depth_confidence or self.predictor.spec.depth_confidence:
            return ""
        return (
            f"depth.min_confidence is set, but {self.predictor.spec.name} does not say how sure it "
            "is of its depth: nothing is left out (take a network with depth_confidence)"
        )

    # --- what it says about itself

    @property
    def unwatched(self) -> int:
        """Images that nobody wanted an output of: taken, not computed."""
        return self._pipeline.unwatched

    def report(self) -> LoopReport:
        """The loop's counts, rates and percentiles."""
        return self._loop.report()

    def bulky_report(self) -> LoopReport:
        """The same of points and overlay."""
        return self._pipeline.bulky.report()

    def statuses(self) -> Mapping[str, health.Status]:
        """Name of each status -> status."""
        report = self._loop.report() if self.running else None
        settings = self._settings
        silent = report is not None and report.since_input_s > settings.no_image_after_s
        return {
            INPUT: health.input_status(
                self._input_state(silent), report, settings.no_image_after_s, settings.late_after_s
            ),
            PROCESSING: health.processing_status(
                report,
                bool(self._transport.wanted()),
                self.unwatched,
                self.last_error,
                self.bulky_report(),
                settings.max_dropped_share,
            ),
            ENGINE: health.engine_status(self.predictor.info, self.predictor.spec),
            GROUND: health.ground_status(
                self._settings.rig,
                self._ground.last if self.running else None,
                self._rigs.problem,
                self._rigs.imu_problem,
            ),
        }

    def _input_state(self, silent: bool) -> health.InputState:
        transport = self._transport
        return health.InputState(
            topic=transport.image_topic,
            publishers=transport.image_publishers(),
            silence=self._reason_of_silence() if silent else "",
            camera=self._assembler.camera_state,
            arrivals=self._arrivals.counts(),
            problems=tuple(self._transport.problems()),
            gaps=self._rhythm.gaps(),
            cure=self._transport.cure(),
            enabled=self.enabled,
            doubt=self._doubt(),
            focal_from="P" if self._settings.rectified else "K",
        )

    def _doubt(self) -> str:
        camera = self._assembler.camera
        if camera is None:
            return ""
        return wrong_guess(camera, self._transport.image_topic, self._settings.rectified)

    def _check_camera(self) -> None:
        """What is missing or wrong about the calibration, said once."""
        if (found := self._doubt()) and found not in self._told:
            self._told.add(found)
            self._log.warning(found)
        state = self._assembler.camera_state
        if state != "known" and self._loop.report().processed and state not in self._told:
            self._told.add(state)
            self._log.warning(
                f"{_NO_CAMERA[state].format(topic=self._transport.camera_topic)}: no points and no "
                "depth/camera_info are published, and depth is metric for the training camera only"
            )

    def _check_height(self) -> None:
        """That the camera's height cannot be right, and that it may be again."""
        ground = self._ground.last
        contradicted = ground is not None and ground.contradicted
        if ground is not None and contradicted and not self._contradicted:
            self._log.error(f"{ground.reason}: depth is the network's own until it is mended")
        elif self._contradicted and not contradicted:
            self._log.info("nothing contradicts the camera's height any more")
        self._contradicted = contradicted

    def _tell_size(self) -> None:
        """That outputs are smaller than the images, where nobody asked for it."""
        sizes = self._pipeline.sizes
        if sizes is None or sizes[0] == sizes[1] or self._settings.output_size != AUTO:
            return
        (width, height), (wide, high) = sizes
        told = f"images of {width}x{height} are published as {wide}x{high}"
        if told not in self._told:
            self._told.add(told)
            self._log.info(
                f"{told}: output.size auto keeps outputs below 2 megapixels; camera publishes all"
            )

    def _check_transport(self) -> None:
        """Endpoints that do not match, and images lost on the way, said when they begin."""
        problems = tuple(self._transport.problems())
        for problem in problems:
            if problem not in self._problems:
                self._log.warning(problem)
        self._problems = problems
        losing = health.losing(self._rhythm.gaps())
        if losing and not self._losing:
            self._log.warning(f"{losing}; {self._transport.cure()}")
        self._losing = bool(losing)

    def _reason_of_silence(self) -> str:
        transport = self._transport
        offered = {t: k for t, k in transport.offered().items() if not t.endswith(_OUTPUTS)}
        return explain_silence(
            transport.image_topic, transport.image_type, transport.image_publishers(), offered
        )

    def _lost(self, error: DepthSegError) -> None:
        self.last_error = str(error)
        self._tell(f"image lost: {error}")
        new = str(error) not in self._traced and len(self._traced) < _TRACED
        if isinstance(error, InternalError) and new:
            self._traced.add(str(error))
            self._log.error("".join(traceback.format_exception(error.__cause__)))

    def __enter__(self) -> Perception[Item]:
        self.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.stop()
        if error is None:
            self._loop.check()
            self._pipeline.bulky.check()
