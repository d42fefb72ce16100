"""Trials of a running node: what was sent, what came back, how late. Knows no ROS.

A frame counts as kept when every output arrived; latency runs from the stamp of the image (set when
it is sent) to the arrival of the last output at a subscriber, for every frame.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from depth_seg_ros.errors import LiveError
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.system.extras import cure

KEPT = 0.99
"""A rate is sustained while at least this share of the frames comes back."""


@dataclass(frozen=True)
class Trial:
    """One replay at one rate.

    sent_hz: the rate really achieved by the sender. jitter_p95_ms: 95th percentile of the
    deviation of output intervals from their median. cpu_percent, memory_mb: of the node's process,
    where it is known. by_output: messages received and latency statistics of each output.
    """

    asked_hz: float
    sent_hz: float
    sent: int
    received: int
    throughput_hz: float
    latency: Mapping[str, float]
    jitter_p95_ms: float
    by_output: Mapping[str, Mapping[str, float]]
    cpu_percent: float | None = None
    memory_mb: float | None = None
    latencies_ms: Sequence[float] = field(default=(), repr=False)

    @property
    def kept(self) -> float:
        """Share of the frames that came back."""
        return self.received / self.sent if self.sent else 0.0

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        del values["latencies_ms"]
        return {**values, "dropped": self.sent - self.received}

    def __str__(self) -> str:
        times = self.latency
        shown = (
            f"latency p50 {times['p50_ms']:.1f} p95 {times['p95_ms']:.1f} "
            f"p99 {times['p99_ms']:.1f} ms" if times else "no output"
        )  # fmt: skip
        return (
            f"{self.sent_hz:6.2f} Hz sent, {self.throughput_hz:6.2f} Hz out, "
            f"{self.sent - self.received} of {self.sent} dropped, {shown}"
        )


def summarise(
    asked_hz: float,
    sent_ns: Mapping[int, int],
    arrived_ns: Mapping[str, Mapping[int, int]],
    cpu_percent: float | None = None,
    memory_mb: float | None = None,
) -> Trial:
    """Trial from the times of sending and those of arrival by output, each by stamp [ns]."""
    outputs = list(arrived_ns.values())
    complete = [s for s in sent_ns if outputs and all(s in a for a in outputs)]
    last_ns = {s: max(a[s] for a in outputs) for s in complete}
    latencies = _latencies(sent_ns, last_ns)
    arrivals = np.sort(np.array(list(last_ns.values()), np.int64))
    intervals_ms = np.diff(arrivals) / 1e6
    deviation = np.abs(intervals_ms - np.median(intervals_ms)) if intervals_ms.size else [np.nan]
    return Trial(
        asked_hz=asked_hz,
        sent_hz=_rate(sorted(sent_ns.values())),
        sent=len(sent_ns),
        received=len(last_ns),
        throughput_hz=_rate(arrivals.tolist()),
        latency=latency_statistics(latencies),
        jitter_p95_ms=float(np.percentile(deviation, 95)),
        by_output={n: _one_output(sent_ns, a) for n, a in arrived_ns.items()},
        cpu_percent=cpu_percent,
        memory_mb=memory_mb,
        latencies_ms=latencies,
    )


def _latencies(sent_ns: Mapping[int, int], arrived_ns: Mapping[int, int]) -> list[float]:
    return [(arrived_ns[s] - at) / 1e6 for s, at in sent_ns.items() if s in arrived_ns]


def _one_output(sent_ns: Mapping[int, int], arrived_ns: Mapping[int, int]) -> dict[str, float]:
    latencies = _latencies(sent_ns, arrived_ns)
    return {"received": len(latencies), **latency_statistics(latencies)}


def highest_sustained(
    run: Callable[[float], Trial], start_hz: float, steps: int = 4
) -> list[Trial]:
    """Trials of a search for the highest rate at which at least KEPT of the frames come back.

    Doubles the rate until frames are lost (or halves it until none is), then bisects; the best is
    :func:`best` of the result.
    """
    trials = [run(start_hz)]
    while len(trials) < 12 and sustained(trials[-1]) == sustained(trials[0]):
        trials.append(run(trials[-1].asked_hz * (2.0 if sustained(trials[0]) else 0.5)))
    low, high = sorted((trials[-2].asked_hz, trials[-1].asked_hz))
    for _ in range(steps):
        middle = (low * high) ** 0.5
        trials.append(run(middle))
        low, high = (middle, high) if sustained(trials[-1]) else (low, middle)
    return trials


def sustained(trial: Trial) -> bool:
    """Whether the node kept up, at a rate that was really sent."""
    return trial.kept >= KEPT and trial.sent_hz >= 0.95 * trial.asked_hz


def best(trials: Sequence[Trial]) -> Trial | None:
    """The fastest sustained trial."""
    return max((t for t in trials if sustained(t)), key=lambda t: t.sent_hz, default=None)


def require_plots() -> None:
    """LiveError where matplotlib is missing; better before a measurement than after it."""
    if importlib.util.find_spec("matplotlib") is None:
        raise LiveError(f"--plot needs matplotlib: {cure(['matplotlib'])}")


def plot(trials: Sequence[Trial], path: Path) -> None:
    """Sorted per-frame latencies of each trial (a distribution, not a mean) as an image file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for trial in trials:
        ordered = np.sort(trial.latencies_ms)
        if ordered.size:
            share = 100 * np.arange(1, ordered.size + 1) / ordered.size
            axes.step(ordered, share, where="post", label=f"{trial.sent_hz:.1f} Hz")
    axes.set_xlabel("stamp to arrival [ms]")
    axes.set_ylabel("frames [%]")
    axes.legend(title="rate")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def _rate(times_ns: Sequence[int]) -> float:
    if len(times_ns) < 2 or times_ns[-1] == times_ns[0]:
        return 0.0
    return (len(times_ns) - 1) * 1e9 / (times_ns[-1] - times_ns[0])
