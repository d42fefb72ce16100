"""The ROS node's health statuses for the participant without ROS: the same words and numbers."""

from __future__ import annotations

from collections.abc import Mapping

from depth_seg_ros.dds.perception import NO_IMAGE_AFTER_S, Perception
from depth_seg_ros.perception import health

LATE_AFTER_S = 1.0


class NodeHealth:
    """Implements :class:`depth_seg_ros.dds.diagnostics.Health` with :mod:`.health`."""

    def __init__(self) -> None:
        self._watch = health.ArrivalWatch()

    def arrived(self, stamp_ns: int) -> None:
        self._watch.take(stamp_ns, now_s=0.0, max_rate_hz=0.0)

    def statuses(self, perception: Perception) -> Mapping[str, health.Status]:
        report, engine = perception.report(), perception.predictor
        state = health.InputState(
            topic=perception.image.topic,
            active=True,
            publishers=perception.image.publishers(),
            camera=perception.camera_state,
            arrivals=self._watch.counts(),
            problems=tuple(perception.problems),
        )
        return {
            "input": health.input_status(state, report, NO_IMAGE_AFTER_S, LATE_AFTER_S),
            "processing": health.processing_status(
                active=True,
                report=report,
                watched=perception.watched,
                unwatched=perception.unwatched,
                last_error=perception.last_error,
            ),
            "engine": health.engine_status(engine.info, engine.spec, ""),
        }
