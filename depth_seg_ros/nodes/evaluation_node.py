"""Scores published depth and labels against ground truth topics, live, by equal stamps.

For the virtual camera, for a bag that holds ground truth, and for any simulator that publishes
depth: running means on ``metrics``, and a JSON report at the end if one is asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from sensor_msgs.msg import Image

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.messages.decoding import depth_from_message, labels_from_message
from depth_seg_ros.messages.payloads import join_stamp
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.parameters import EvaluationConfig
from depth_seg_ros.nodes.qos import overridable, profile, subscription_events
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.nodes.scoring import LiveScores, headline, shown
from depth_seg_ros.nodes.topics import METRICS, SCORED
from depth_seg_ros.system.atomic import write_text

_TELL_S = 10.0


class EvaluationNode(Node):  # type: ignore[misc]
    """Pairs, scores, publishes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("evaluation", **kwargs)
        self._settings = NodeParameters(self, EvaluationConfig, lambda: True)
        config = self._settings.config
        self._scores = LiveScores(get_protocol(config.protocol), config.max_waiting)
        self._failed = 0
        self._publisher = self.create_publisher(DiagnosticArray, METRICS.name, profile(METRICS))
        depth, labels = self._scores.depth_pairs, self._scores.label_pairs
        score_depth, score_labels = self._scores.score_depth, self._scores.score_labels
        ways: tuple[tuple[Any, Any, Any], ...] = (
            (depth_from_message, depth.add_prediction, score_depth),
            (depth_from_message, depth.add_truth, score_depth),
            (labels_from_message, labels.add_prediction, score_labels),
            (labels_from_message, labels.add_truth, score_labels),
        )
        for topic, way in zip(SCORED, ways, strict=True):
            self._listen(topic, *way)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(config.period_s, self._publish, clock=steady)
        self._told = ""
        self.create_timer(_TELL_S, self._tell, clock=steady)

    def close(self) -> None:
        """Say the scores, and write the report, if one was asked for."""
        for part, values in self._scores.report().items():
            print("\n".join([f"{part}:", *(f"  {k:26} {v}" for k, v in shown(values).items())]))
        if path := self._settings.config.report:
            write_text(Path(path), json.dumps(self.report(), indent=2) + "\n")

    def report(self) -> dict[str, Any]:
        """Counts and scores so far."""
        return {**self._scores.report(), "unreadable_messages": self._failed}

    def _listen(
        self,
        topic: Topic,
        decode: Callable[[Image], Any],
        pair: Callable[[int, Any], Any],
        score: Callable[[Any], None],
    ) -> None:
        name = topic.name

        def on_message(message: Image) -> None:
            try:
                score(pair(join_stamp(message.header.stamp), decode(message)))
            except DepthSegError as e:
                self._failed += 1
                self.get_logger().warning(f"{name}: {e}", throttle_duration_sec=5.0)

        resolved = self.resolve_topic_name(name)
        self.create_subscription(
            Image,
            name,
            on_message,
            profile(topic),
            event_callbacks=subscription_events(resolved, self.get_logger().warning),
            qos_overriding_options=overridable(),
        )

    def _tell(self) -> None:
        """The scores in the log, where there are new ones."""
        told = "; ".join(f"{p}: {headline(v)}" for p, v in self._scores.report().items())
        if told != self._told:
            self._told = told
            self.get_logger().info(told)

    def _publish(self) -> None:
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        for part, values in self._scores.report().items():
            message.status.append(_status(f"{self.get_fully_qualified_name()}: {part}", values))
        self._publisher.publish(message)


def _status(name: str, values: dict[str, Any]) -> DiagnosticStatus:
    return DiagnosticStatus(
        level=DiagnosticStatus.OK,
        name=name,
        message=headline(values),
        values=[KeyValue(key=k, value=v) for k, v in shown(values).items()],
    )


def main(args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros evaluation_node``."""
    return run_node(EvaluationNode, args)


if __name__ == "__main__":
    sys.exit(main())
