"""Scores published depth and labels against ground truth topics, live, by equal stamps.

For the virtual camera, for a bag that holds ground truth, and for any simulator that publishes
depth: running means on ``metrics``, and a JSON report at the end if one is asked for. How to score
is not known here: whoever starts the node hands it the scores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from sensor_msgs.msg import Image

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.messages.decoding import depth_from_message, labels_from_message
from depth_seg_ros.messages.payloads import unchecked_stamp_ns
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.nodes.declare import NodeParameters
from depth_seg_ros.nodes.parameters.evaluation import EvaluationConfig
from depth_seg_ros.nodes.qos import overridable, profile
from depth_seg_ros.nodes.run import run_node
from depth_seg_ros.nodes.topics import METRICS, SCORED
from depth_seg_ros.perception.teller import Teller
from depth_seg_ros.perception.wording import status_name
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.types import Float32Array, UInt8Array

_TELL_S = 10.0


class Scores(Protocol):
    """Pairs predictions with truths by stamp and scores the pairs."""

    def add_depth(self, stamp_ns: int, depth_m: Float32Array) -> None: ...
    def add_true_depth(self, stamp_ns: int, depth_m: Float32Array) -> None: ...
    def add_labels(self, stamp_ns: int, labels: UInt8Array) -> None: ...
    def add_true_labels(self, stamp_ns: int, labels: UInt8Array) -> None: ...
    def report(self) -> Mapping[str, Mapping[str, Any]]: ...


MakeScores = Callable[[EvaluationConfig], Scores]


class EvaluationNode(Node):  # type: ignore[misc]
    """Decodes, hands over, publishes."""

    def __init__(self, make_scores: MakeScores, **kwargs: Any) -> None:
        super().__init__("evaluation", **kwargs)
        self._settings = NodeParameters(self, EvaluationConfig, lambda: True)
        config = self._settings.config
        self._scores = make_scores(config)
        self._failed = 0
        self._publisher = self.create_publisher(DiagnosticArray, METRICS.name, profile(METRICS))
        ways: tuple[tuple[Any, Any], ...] = (
            (depth_from_message, self._scores.add_depth),
            (depth_from_message, self._scores.add_true_depth),
            (labels_from_message, self._scores.add_labels),
            (labels_from_message, self._scores.add_true_labels),
        )
        self._tell_problem = Teller(self.get_logger().warning)
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
        self, topic: Topic, decode: Callable[[Image], Any], add: Callable[[int, Any], None]
    ) -> None:
        def on_message(message: Image) -> None:
            try:
                add(unchecked_stamp_ns(message.header.stamp), decode(message))
            except DepthSegError as e:
                self._failed += 1
                self._tell_problem(f"{topic.name}: {e}")

        self.create_subscription(
            Image,
            topic.name,
            on_message,
            profile(topic),
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
        node = self.get_fully_qualified_name()
        for part, values in self._scores.report().items():
            message.status.append(_status(status_name(node, part), values))
        self._publisher.publish(message)


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Counts and scores in words."""
    return {k: f"{v:.4f}" if isinstance(v, float) else str(v) for k, v in values.items()}


def headline(values: Mapping[str, Any]) -> str:
    """One part of the scores in a line."""
    key = next((k for k in ("abs_rel", "miou") if k in values), "")
    return f"{key} {values[key]:.4f} over {values['images']} images" if key else "no pair yet"


def _status(name: str, values: Mapping[str, Any]) -> DiagnosticStatus:
    return DiagnosticStatus(
        level=DiagnosticStatus.OK,
        name=name,
        message=headline(values),
        values=[KeyValue(key=k, value=v) for k, v in shown(values).items()],
    )


def main(make_scores: MakeScores, args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros evaluation_node``."""
    return run_node(partial(EvaluationNode, make_scores), args)
