"""The node a robot runs: camera image in; metric depth, labels, points and diagnostics out.

Lifecycle: *configure* loads the network and offers the topics, *activate* subscribes, *deactivate*
stops, *cleanup* frees the engine. A known error (no model, no backend) is one line in the log and a
failed transition; afterwards the parameters can be set and the node configured again.

rclpy's executor receives messages and answers services; what happens to an image is decided in
:mod:`depth_seg_ros.perception.perception`, on threads of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from depth_seg_ros.errors import ConfigError, DepthSegError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.messages.rig import RigOptions, degrees_or_none
from depth_seg_ros.nodes.bond import Bond
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.diagnostics import Diagnostics
from depth_seg_ros.nodes.lifecycle import forbid_impossible_transitions
from depth_seg_ros.nodes.optional import has, tell_missing
from depth_seg_ros.nodes.parameters.perception import PerceptionConfig
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.nodes.transport import RosTransport
from depth_seg_ros.perception import health
from depth_seg_ros.perception.opening import open_warm
from depth_seg_ros.perception.perception import Perception
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.system.memory import keep_freed_memory

_SUCCESS, _FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class PerceptionNode(LifecycleNode):  # type: ignore[misc]
    """One camera, one network. The model's spec decides which topics there are."""

    def __init__(self, **kwargs: Any) -> None:
        """ConfigError where a given parameter is out of its declaration."""
        super().__init__("perception", **kwargs)
        tell_missing("vision_msgs", self.get_logger().warning)
        self._transport: RosTransport | None = None  # configured
        self._perception: Perception[Any] | None = None  # configured
        self._spec: ModelSpec | None = None  # configured
        self._bond: Bond | None = None  # active, where a manager wants one
        self._problem = ""
        self._enabled = True
        self._settings = NodeParameters(
            self,
            PerceptionConfig,
            lambda: self._perception is not None,
            self._on_parameters,
            lambda config: "" if self._spec is None else nothing_left(config, self._spec),
        )
        period_s = self._settings.config.diagnostics_period_s
        self._diagnostics = Diagnostics(self, period_s, self._statuses)
        self.create_timer(1.0, self._check, clock=self._diagnostics.clock)
        forbid_impossible_transitions(self)
        self._offer_switch()

    # --- lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._problem = ""
        try:
            self._configure(self._settings.config)
        except DepthSegError as e:
            return self._refuse(str(e))
        except Exception as e:  # rclpy would swallow it without a word
            return self._refuse(f"{type(e).__name__}: {e}")
        return _SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        if self._perception is None or self._transport is None:
            return self._refuse("not configured")
        perception = self._perception
        perception.start()
        self._transport.subscribe(
            perception.offer,
            perception.set_camera,
            perception.set_transforms if perception.wants_transforms else None,
            perception.set_imu,
        )
        self._hold_bond(self._settings.config)
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
        if self._perception is not None:
            self._perception.close()
        if self._transport is not None:
            self._transport.destroy()
        self._perception = self._transport = self._spec = None

    def _configure(self, config: PerceptionConfig) -> None:
        predictor = open_warm(
            config.model,
            config.backend,
            fit=None if config.fit == "model" else config.fit,
            threads=config.threads or None,
            precision=None if config.precision == "auto" else config.precision,
            fallback=config.fallback,
            camera_size=config.camera_size,
            input_shape=config.input_shape,
            detail=config.detail,
            progress=self.get_logger().info,
        )
        settings = settings_of(config)
        if problem := nothing_left(config, predictor.spec):
            predictor.close()
            raise ConfigError(problem)
        self._transport = RosTransport(self, offered_topics(config, predictor.spec), settings)
        self._perception = Perception(predictor, settings, self._transport, self.get_logger())
        self._perception.enabled = self._enabled
        self._spec = predictor.spec
        status = health.engine_status(predictor.info, predictor.spec)
        self._diagnostics.hardware = predictor.info.device
        self.get_logger().info(f"configured: {status.message}")

    def _hold_bond(self, config: PerceptionConfig) -> None:
        """With the manager that activates this node, where that is not the node itself."""
        if config.autostart or not config.bond_heartbeat_period:
            return
        if tell_missing("bond", self.get_logger().warning):
            self._bond = Bond(self, config.bond_heartbeat_period)

    def _stop(self) -> None:
        if self._bond is not None:
            self._bond.end()
            self._bond = None
        if self._transport is not None:
            self._transport.unsubscribe()
        if self._perception is not None:
            self._perception.stop()

    def _refuse(self, reason: str) -> TransitionCallbackReturn:
        self._problem = reason
        self.get_logger().error(reason)
        return _FAILURE

    def _offer_switch(self) -> None:
        """~/set_enabled pauses inference while the node stays active."""
        if tell_missing("std_srvs", self.get_logger().warning):
            from std_srvs.srv import SetBool

            self.create_service(SetBool, "~/set_enabled", self._on_set_enabled)

    def _on_set_enabled(self, request: Any, response: Any) -> Any:
        self._enabled = request.data
        if self._perception is not None:
            self._perception.enabled = self._enabled
        response.success = True
        response.message = "images are processed" if request.data else "inference is paused"
        self.get_logger().info(response.message)
        return response

    # --- what happens, and what is said about it

    def _on_parameters(self, config: PerceptionConfig) -> None:
        self._diagnostics.change_period(config.diagnostics_period_s)
        if self._perception is not None:
            self._perception.change(settings_of(config))

    def _check(self) -> None:
        """Once a second: a loop that stopped, silence and its end are logged."""
        if self._perception is not None and self._transport is not None:
            self._transport.follow_publishers()
            self._perception.check()

    def _statuses(self) -> Mapping[str, health.Status]:
        if self._perception is not None:
            return self._perception.statuses()
        resolved = str(self.resolve_topic_name(topics.IMAGE.name))
        compressed = self._settings.config.image_transport == "compressed"
        return health.idle(topics.image_topic(resolved, compressed), self._problem)


def nothing_left(config: PerceptionConfig, spec: ModelSpec) -> str:
    """Why no depth would be within the limits; empty where some is."""
    if config.depth_min_m < (config.depth_max_m or spec.max_depth_m):
        return ""
    return (
        f"depth.min_m is {config.depth_min_m:g}, but {spec.name} was taught "
        f"{spec.max_depth_m:g} m at most; set depth.min_m below it"
    )


def settings_of(config: PerceptionConfig) -> Settings:
    """The parameters in the words of the perception."""
    return Settings(
        compressed=config.image_transport == "compressed",
        reliability=config.image_reliability,
        require_camera=config.require_camera_info,
        rectified=config.image_is_rectified,
        max_rate_hz=config.max_rate_hz,
        no_image_after_s=config.no_image_after_s,
        late_after_s=config.late_after_s,
        output_size=config.output_size,
        max_dropped_share=config.max_dropped_share,
        rig=RigOptions(
            config.camera_height_m or None,
            degrees_or_none(config.camera_pitch_deg),
            degrees_or_none(config.camera_roll_deg),
            config.base_frame,
            config.imu_topic,
        ),
        outputs=OutputOptions(
            depth_encoding=config.depth_encoding,
            min_depth_m=config.depth_min_m,
            max_depth_m=config.depth_max_m,
            min_depth_confidence=config.depth_min_confidence,
            min_confidence=config.min_confidence,
            points_height=config.points_height,
            points_max_jump=config.points_max_jump,
            jpeg_quality=config.jpeg_quality,
            points_stride=config.points_stride,
        ),
    )


def offered_topics(config: PerceptionConfig, spec: ModelSpec) -> tuple[topics.Topic, ...]:
    """The topics that parameters, network and installed messages allow."""
    offered = topics.offered_topics(
        spec.has_labels,
        spec.depth_confidence,
        depth=config.publish_depth,
        labels=config.publish_labels,
        points=config.publish_points,
        overlay=config.publish_overlay,
    )
    return tuple(t for t in offered if has(t.message.partition("/")[0]))


def main(args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros perception_node``."""
    keep_freed_memory()
    # OpenCV's own threads cost more than they give at these sizes, and take the network's cores.
    cv2.setNumThreads(1)
    return run_node(PerceptionNode, args)


if __name__ == "__main__":
    sys.exit(main())
