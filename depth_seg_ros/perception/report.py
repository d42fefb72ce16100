"""What a frame loop says about itself at one moment: nouns, and the names of its stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from depth_seg_ros.metrics.latency import Percentiles

STAGES = ("decode", "preprocess", "inference", "postprocess", "publish")
"""Names and order both adapters use for their stages."""

RECENT_S = 10.0
"""Over how many seconds :class:`Recent` counts."""

OVERHEAD = "all but inference"
"""Pseudo-stage: from the start of work on a frame to the end, without the network's own time."""


@dataclass(frozen=True)
class Recent:
    """What became of the images of the last :data:`RECENT_S` seconds."""

    processed: int = 0
    failed: int = 0
    dropped: int = 0

    @property
    def dropped_share(self) -> float:
        """Of those whose fate is decided; 0 of none."""
        total = self.processed + self.failed + self.dropped
        return self.dropped / total if total else 0.0


@dataclass(frozen=True)
class LoopReport:
    """State of a loop at one moment.

    received, processed, failed, dropped, waiting: counts since the start. ``dropped`` frames were
        superseded by a newer one before their turn, or were still waiting when the loop stopped;
        ``waiting`` counts the one in the queue and the one in work.
    internal: those of ``failed`` that were internal errors; broken: why the loop stopped taking
        images, empty while it does.
    input_rate_hz, output_rate_hz: over the last five seconds.
    stages: by name, over the recent window of processed frames.
    latency: from :meth:`.loop.FrameLoop.offer` to the end of processing.
    input_age: how old frames were at arrival, by their stamps; None if the adapter does not tell.
    since_input_s: seconds since the last frame arrived (since the start, where none has).
    recent: the same fates over the last seconds.
    """

    received: int
    processed: int
    failed: int
    internal: int
    broken: str
    dropped: int
    waiting: int
    input_rate_hz: float
    output_rate_hz: float
    stages: Mapping[str, Percentiles]
    latency: Percentiles | None
    input_age: Percentiles | None
    since_input_s: float
    recent: Recent = Recent()

    def __str__(self) -> str:
        latency = f"; latency {self.latency}" if self.latency else ""
        return (
            f"{self.input_rate_hz:.1f} Hz in, {self.output_rate_hz:.1f} Hz out; received "
            f"{self.received}, processed {self.processed}, dropped {self.dropped}, "
            f"failed {self.failed}{latency}" + (f"; {self.broken}" if self.broken else "")
        )
