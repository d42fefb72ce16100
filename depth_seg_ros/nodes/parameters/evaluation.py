"""Parameters of ``evaluation_node``."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.nodes.parameters.declaration import Config, parameter

PROTOCOL_NAMES = (
    "eigen", "eigen_benchmark", "kitti_devkit", "dense", "paper", "paper_as_released",
)  # fmt: skip
"""The evaluation's own table (a test holds them equal): nodes do not know that room."""


@dataclass(frozen=True)
class EvaluationConfig(Config):
    """Parameters of ``evaluation_node``."""

    protocol: str = parameter(
        "protocol",
        "dense",
        "Protocol of the depth metrics (range, crop, sampling).",
        choices=PROTOCOL_NAMES,
        fixed="a running mean has one protocol; restart the node",
    )
    max_waiting: int = parameter(
        "max_waiting",
        60,
        "Unpaired messages kept per topic; older ones count as unpaired.",
        limit="max_waiting",
        fixed="queues are made at start",
    )
    period_s: float = parameter(
        "period_s",
        1.0,
        "Seconds between two publications of the metrics.",
        limit="period_s",
        fixed="the timer is made at start",
    )
    report: str = parameter(
        "report",
        "",
        "Path of a JSON file with the final metrics, written at shutdown; empty writes none.",
    )
