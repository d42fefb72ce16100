"""The node a robot runs: camera image in; metric depth, labels, points and diagnostics out.

Lifecycle: *configure* loads the network and offers the topics, *activate* subscribes, *deactivate*
stops, *cleanup* frees the engine. A known error (no model, no backend) is one line in the log and a
failed transition; afterwards the parameters can be set and the node configured again.

Threads: rclpy's executor receives messages and answers services; images go to the frame loop, whose
own thread predicts and publishes the newest one; points and overlay follow on a third.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from depth_seg_ros.errors import DepthSegError, EngineError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.payloads import join_stamp
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.diagnostics import Diagnostics
from depth_seg_ros.nodes.parameters import PerceptionConfig
from depth_seg_ros.nodes.pipeline import Pipeline
from depth_seg_ros.nodes.publishers import PerceptionPublishers, message_type
from depth_seg_ros.nodes.qos import overridable, profile, subscription_events
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.perception import health
from depth_seg_ros.perception.loop import FrameLoop
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.system.memory import keep_freed_memory
from depth_seg_ros.types import Frame

_SUCCESS, _FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
_THROTTLE_S = 5.0


class PerceptionNode(LifecycleNode):  # type: ignore[misc]
    """One camera, one network. The model's spec decides which topics there are."""

    def __init__(self, **kwargs: Any) -> None:
        """ConfigError where a given parameter is out of its declaration."""
        super().__init__("perception", **kwargs)
        self._pipeline: Pipeline | None = None  # configured
        self._loop: FrameLoop[Image | CompressedImage] | None = None  # active
        self._subscriptions_made: list[Any] = []
        self._watch = health.ArrivalWatch()
        self._problem = ""
        self._last_error = ""
        self._qos_problems: list[str] = []
        self._silent = False
        self._settings = NodeParameters(
            self, PerceptionConfig, lambda: self._pipeline is not None, self._on_parameters
        )
        self._diagnostics = Diagnostics(
            self, {"input": self._input, "processing": self._processing, "engine": self._engine}
        )
        self.create_timer(1.0, self._check, clock=self._diagnostics.clock)

    # --- lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        config = self._settings.config
        self._problem = ""
        try:
            predictor = _open_predictor(config, self.get_logger().info)
        except DepthSegError as e:
            return self._refuse(str(e))
        except Exception as e:  # rclpy would swallow it without a word
            return self._refuse(f"{type(e).__name__}: {e}")
        publishers = PerceptionPublishers(self, config, predictor.spec, self._report_qos)
        assembler = FrameAssembler(config.require_camera_info, config.image_is_rectified)
        self._pipeline = Pipeline(predictor, publishers, assembler, self._on_frame_error)
        status = health.engine_status(predictor.info, predictor.spec, "")
        self._diagnostics.set_hardware(predictor.info.device)
        self.get_logger().info(f"configured: {status.message}")
        return _SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        if self._pipeline is None:
            return self._refuse("not configured")
        self._pipeline.start()
        self._watch = health.ArrivalWatch()
        self._loop = FrameLoop(self._pipeline.process, self._on_frame_error)
        self._loop.start()
        self._subscribe(self._settings.config)
        self._pipeline.publishers.announce()
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.close()
        return _SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.close()
        return _SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.close()
        return _SUCCESS

    def autostart(self) -> None:
        """Configure and activate, where the parameter says so."""
        if self._settings.config.autostart and self.trigger_configure() == _SUCCESS:
            self.trigger_activate()

    def close(self) -> None:
        """Stop and free everything; a second call does nothing."""
        self._stop()
        if self._pipeline is not None:
            self._pipeline.close()
            self._pipeline = None

    def _stop(self) -> None:
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        self._subscriptions_made = []
        if self._loop is not None:
            self._loop.stop()
            self._loop = None
        if self._pipeline is not None:
            self._pipeline.stop()

    def _refuse(self, reason: str) -> TransitionCallbackReturn:
        self._problem = reason
        self.get_logger().error(reason)
        return _FAILURE

    # --- input

    @property
    def _image_topic(self) -> str:
        """Resolved name; the compressed transport hangs below whatever `image` is remapped to."""
        base = str(self.resolve_topic_name(topics.IMAGE.name))
        if self._settings.config.image_transport == "raw" or base.endswith("/compressed"):
            return base
        return f"{base}/compressed"

    def _subscribe(self, config: PerceptionConfig) -> None:
        raw = config.image_transport == "raw"
        image = topics.IMAGE if raw else topics.IMAGE_COMPRESSED
        info = self.resolve_topic_name(topics.CAMERA_INFO.name)
        for topic, name, callback in (
            # Calibration first: where both are new, it is taken before the image it belongs to.
            (topics.CAMERA_INFO, info, self._on_camera_info),
            (image, self._image_topic, self._on_image),
        ):
            self._subscriptions_made.append(
                self.create_subscription(
                    message_type(topic),
                    name,
                    callback,
                    profile(topic),
                    event_callbacks=subscription_events(name, self._report_qos),
                    qos_overriding_options=overridable(),
                )
            )

    def _on_image(self, message: Image | CompressedImage) -> None:
        stamp_ns = join_stamp(message.header.stamp)
        rate = self._settings.config.max_rate_hz
        if self._loop is not None and self._watch.take(stamp_ns, time.monotonic(), rate):
            age_ms = (self.get_clock().now().nanoseconds - stamp_ns) / 1e6
            self._loop.offer(message, age_ms=age_ms)

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._pipeline is not None:
            self._pipeline.set_camera(message)

    # --- what happens, and what is said about it

    def _on_parameters(self, config: PerceptionConfig) -> None:
        if self._pipeline is not None:
            self._pipeline.publishers.set_config(config)

    def _on_frame_error(self, error: DepthSegError) -> None:
        self._last_error = str(error)
        self.get_logger().warning(f"image lost: {error}", throttle_duration_sec=_THROTTLE_S)

    def _report_qos(self, problem: str) -> None:
        if problem not in self._qos_problems:
            self._qos_problems.append(problem)
            self.get_logger().warning(problem)

    def _check(self) -> None:
        """Once a second: bugs of the frame loop surface here, silence and its end are logged."""
        if self._loop is None or self._pipeline is None:
            return
        self._loop.check()
        self._pipeline.bulky.check()
        since_s = self._loop.report().since_input_s
        silent = since_s > self._settings.config.no_image_after_s
        if silent and not self._silent:
            self.get_logger().warning(health.no_image(self._input_state(), since_s))
        elif self._silent and not silent:
            self.get_logger().info(f"images arrive again on {self._image_topic}")
        self._silent = silent

    def _input_state(self) -> health.InputState:
        topic = self._image_topic
        return health.InputState(
            topic=topic,
            active=self._loop is not None,
            publishers=self.count_publishers(topic),
            camera=self._pipeline.camera_state if self._pipeline else "missing",
            arrivals=self._watch.counts(),
            problems=tuple(self._qos_problems),
        )

    def _input(self) -> health.Status:
        config, loop = self._settings.config, self._loop
        return health.input_status(
            self._input_state(),
            loop.report() if loop else None,
            config.no_image_after_s,
            config.late_after_s,
        )

    def _processing(self) -> health.Status:
        loop, pipeline = self._loop, self._pipeline
        report = loop.report() if loop else None
        watched = pipeline is not None and bool(pipeline.publishers.wanted())
        unwatched = pipeline.unwatched if pipeline else 0
        return health.processing_status(
            loop is not None,
            report,
            watched,
            unwatched,
            self._last_error,
            pipeline.bulky.report() if pipeline else None,
        )

    def _engine(self) -> health.Status:
        predictor = self._pipeline.predictor if self._pipeline else None
        return health.engine_status(
            predictor.info if predictor else None,
            predictor.spec if predictor else None,
            self._problem,
        )


def _open_predictor(config: PerceptionConfig, progress: Callable[[str], None]) -> Predictor:
    """Load the network and run it once, so that the first real frame is not the slow one.

    progress: told the steps of an engine that is built first, which takes minutes.
    """
    options: dict[str, Any] = {"progress": progress}
    if config.threads:
        options["threads"] = config.threads
    if config.precision != "auto":
        options["precision"] = config.precision
    fit = None if config.fit == "model" else config.fit
    try:
        predictor = Predictor.open(config.model, config.backend, fit=fit, **options)
    except TypeError as e:  # a backend without this option
        raise EngineError(f"backend {config.backend} cannot take {sorted(options)}: {e}") from e
    spec = predictor.spec
    predictor.predict(Frame(0, "", np.zeros((spec.input_height, spec.input_width, 3), np.uint8)))
    return predictor


def main(args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros perception_node``."""
    keep_freed_memory()
    # OpenCV's own threads cost more than they give at these sizes, and take the network's cores.
    cv2.setNumThreads(1)
    return run_node(PerceptionNode, args)


if __name__ == "__main__":
    sys.exit(main())
