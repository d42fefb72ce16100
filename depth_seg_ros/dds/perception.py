"""The perception participant: what the ROS node does with topics, without a ROS install.

Same topics, types, stamps and QoS; no parameters, lifecycle, services or /rosout.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from depth_seg_ros.dds import receive_buffer
from depth_seg_ros.dds.diagnostics import Health, diagnostic_array
from depth_seg_ros.dds.endpoints import Publisher
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.dds.pipeline import Pipeline
from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cdr import peek_stamp_ns, serialize
from depth_seg_ros.messages.labels import label_info_payload
from depth_seg_ros.messages.outputs import OutputBuilder, OutputOptions
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.messages.topics import QosProfile, Topic, frame_topics
from depth_seg_ros.perception.loop import FrameLoop, LoopReport
from depth_seg_ros.predictor import Predictor

INPUT_DEPTH = 8
"""History of the image reader: deeper than ROS's 1, so that the loop counts what it drops
(newest frame wins all the same) and DDS does not drop behind its back."""

NO_IMAGE_AFTER_S = 5.0
_DELIVERY_S = 2.0
_SAME_CLOCK_MS = 3_600_000.0

Log = Callable[[str], None]


@dataclass(frozen=True)
class PerceptionOptions:
    """What a user may choose.

    compressed: subscribe to ``image/compressed`` instead of ``image``.
    reliable: ask for lost images again; matches only a camera that publishes reliable.
    require_camera, rectified: see :class:`~depth_seg_ros.messages.assembler.FrameAssembler`.
    """

    compressed: bool = False
    reliable: bool = False
    require_camera: bool = False
    rectified: bool = True
    outputs: OutputOptions = field(default_factory=OutputOptions)


class Perception:
    """Subscribes, predicts, publishes, until told to stop."""

    def __init__(
        self,
        participant: Participant,
        predictor: Predictor,
        options: PerceptionOptions,
        log: Log,
        health: Health | None = None,
    ) -> None:
        """health: words the statuses on /diagnostics, which is not offered without it."""
        self._participant = participant
        self._log = log
        self.predictor = predictor
        self._health = health
        self._assembler = FrameAssembler(options.require_camera, options.rectified)
        offered = frame_topics(predictor.spec.has_labels)
        self._publishers = {t: self._offer(t) for t in offered}
        self._labels_publisher = self._announce_labels(options.outputs.min_confidence)
        self._diagnostics = self._offer(topics.DIAGNOSTICS) if health is not None else None
        image = topics.IMAGE_COMPRESSED if options.compressed else topics.IMAGE
        self._pipeline = Pipeline(
            predictor,
            OutputBuilder(predictor.spec.classes, options.outputs),
            self._assembler,
            image,
            self._wanted,
            self._send,
        )
        self._loop = FrameLoop(self._pipeline.process, self._on_frame_error)
        self.last_error = ""
        self.problems: list[str] = []
        self._errors_told: dict[str, float] = {}
        self._buffer_watch = receive_buffer.BufferWatch()
        self._silent = False
        # Calibration first: where both are new, it is delivered before the image it belongs to.
        participant.subscribe(
            topics.CAMERA_INFO.name,
            topics.CAMERA_INFO.message,
            topics.CAMERA_INFO.profile,
            self._pipeline.set_camera,
        )
        profile = QosProfile(options.reliable, INPUT_DEPTH)
        self.image = participant.subscribe(
            self._image_topic(options), image.message, profile, self._offer_image
        )

    def report(self) -> LoopReport:
        """The loop's counts, rates and percentiles."""
        return self._loop.report()

    @property
    def watched(self) -> bool:
        """Whether anybody subscribes to an output now."""
        return bool(self._wanted())

    @property
    def unwatched(self) -> int:
        """Images that nobody wanted an output of: taken, not computed."""
        return self._pipeline.unwatched

    @property
    def camera_state(self) -> str:
        """``known``, ``missing`` or ``uncalibrated``."""
        info = self._assembler.camera
        if info is None:
            return "missing"
        return "known" if info.k[0] or info.p[0] else "uncalibrated"

    @property
    def description(self) -> str:
        """What it listens to and offers, for the log."""
        offered = ", ".join(p.topic for p in self._publishers.values())
        return f"{self.image.topic} -> {offered}"

    def _image_topic(self, options: PerceptionOptions) -> str:
        """The compressed transport hangs below whatever ``image`` is remapped to."""
        base = self._participant.names.resolve(topics.IMAGE.name)
        if not options.compressed or base.endswith("/compressed"):
            return base
        return f"{base}/compressed"

    def run(self, stop: threading.Event, status_every_s: float = 10.0) -> None:
        """Work until ``stop`` is set; then finish the frame in work and see it delivered."""
        with self._loop:
            next_status = time.monotonic() + status_every_s
            while not stop.wait(0.5):
                self._participant.check()
                self._loop.check()
                self._watch()
                self._publish_health()
                if time.monotonic() >= next_status:
                    next_status += status_every_s
                    self._log(str(self._loop.report()))
        for topic in self._participant.undelivered(_DELIVERY_S):
            self._log(f"warning: {topic}: not everything was acknowledged")

    def summary(self) -> dict[str, object]:
        """Counts and percentiles as JSON.

        ``received = processed + unwatched + dropped + failed``.
        """
        report, buffers = self._loop.report(), receive_buffer.measure()
        shown = {"latency": report.latency, "input_age": report.input_age, **report.stages}
        return {
            "received": report.received,
            "processed": report.processed - self.unwatched,
            "dropped": report.dropped,
            "failed": report.failed,
            "unwatched": self.unwatched,
            "last_error": self.last_error,
            "lost_before": self.image.lost(),
            "datagrams_dropped": None if buffers is None else buffers.dropped,
            "published": {p.topic: p.sent for p in self._publishers.values()},
            "not_sent": {p.topic: p.not_sent for p in self._publishers.values() if p.not_sent},
            "milliseconds": {n: vars(p) for n, p in shown.items() if p is not None},
            "engine": f"{self.predictor.info.backend} {self.predictor.info.version}",
        }

    # --- outputs

    def _offer(self, topic: Topic) -> Publisher:
        return self._participant.publisher(topic.name, topic.message, topic.profile)

    def _announce_labels(self, threshold: float) -> Publisher | None:
        """The latched meaning of the labels, before the first mask."""
        classes = self.predictor.spec.classes
        if classes is None:
            return None
        publisher = self._offer(topics.LABEL_INFO)
        payload = label_info_payload(Header(time.time_ns(), ""), classes, threshold)
        publisher.publish(bytes(serialize(payload)[1]))
        return publisher

    def _wanted(self) -> frozenset[Topic]:
        return frozenset(t for t, p in self._publishers.items() if p.subscribers() > 0)

    def _send(self, topic: Topic, cdr: bytes) -> None:
        if not self._publishers[topic].publish(cdr):
            self._tell(f"{self._publishers[topic].topic}: a reliable subscriber is too slow")

    # --- input

    def _offer_image(self, cdr: bytes) -> None:
        stamp_ns = peek_stamp_ns(cdr)
        if self._health is not None:
            self._health.arrived(stamp_ns)
        age_ms = (time.time_ns() - stamp_ns) / 1e6
        # Stamps of a replayed drive or of simulated time say nothing about age.
        known = abs(age_ms) < _SAME_CLOCK_MS
        self._loop.offer(cdr, age_ms=age_ms if known else None)

    def _on_frame_error(self, error: DepthSegError) -> None:
        self.last_error = str(error)
        self._tell(f"image lost: {error}")

    # --- what goes wrong, said once

    def _watch(self) -> None:
        problems = self._participant.mismatches()
        problems += self._buffer_watch.problems(receive_buffer.measure(), self.image.largest)
        for problem in problems:
            self.problems.append(problem)
            self._log(f"warning: {problem}")
        since_s = self._loop.report().since_input_s
        silent = since_s > NO_IMAGE_AFTER_S
        if silent and not self._silent:
            why = self._participant.graph.explain_silence(
                self.image.topic, self.image.ros_type, [p.topic for p in self._publishers.values()]
            )
            self._log(f"warning: no image for {since_s:.0f} s: {why}")
        elif self._silent and not silent:
            self._log(f"images arrive again on {self.image.topic}")
        self._silent = silent

    def _publish_health(self) -> None:
        """Twice a second, if anybody listens."""
        publisher, health = self._diagnostics, self._health
        if publisher is None or health is None or publisher.subscribers() == 0:
            return
        hardware = self.predictor.info.device
        statuses = health.statuses(self)
        publisher.publish(
            diagnostic_array(time.time_ns(), self._participant.names.full_node, hardware, statuses)
        )

    def _tell(self, text: str) -> None:
        """Log a repeating problem at most every five seconds."""
        now = time.monotonic()
        if now - self._errors_told.get(text, float("-inf")) >= NO_IMAGE_AFTER_S:
            self._errors_told[text] = now
            self._log(f"warning: {text}")
