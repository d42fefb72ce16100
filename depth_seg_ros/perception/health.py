"""What a running node says about itself, in words and numbers. Knows no ROS and no DDS.

For the ROS 2 node and for the participant without ROS alike.

Three statuses: *input* (does the camera deliver, does its calibration fit), *processing* (rates,
percentiles by stage, drops, errors) and *engine* (what is really loaded).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from depth_seg_ros.engines import EngineInfo
from depth_seg_ros.perception.loop import OVERHEAD, STAGES, LoopReport
from depth_seg_ros.perception.statistics import Percentiles
from depth_seg_ros.spec import ModelSpec

OK, WARN, ERROR, STALE = range(4)
"""Levels of diagnostic_msgs/DiagnosticStatus."""


@dataclass(frozen=True)
class Status:
    """One line for people, and the numbers behind it."""

    level: int
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrivals:
    """What :class:`ArrivalWatch` has counted."""

    skipped: int = 0
    backwards: int = 0
    duplicates: int = 0


class ArrivalWatch:
    """Looks at the stamps of arriving images; thins them out to a highest rate.

    A stamp that goes back (a bag played in a loop) or comes twice is counted, and the image is
    taken all the same: the newest image is the one that arrived last. Used from one thread, read
    from any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Arrivals()
        self._last_stamp_ns: int | None = None
        self._next_s = float("-inf")

    def take(self, stamp_ns: int, now_s: float, max_rate_hz: float) -> bool:
        """Whether this image is to be processed. ``now_s``: any steady clock; rate 0 takes all."""
        with self._lock:
            back, twice = self._compare(stamp_ns)
            skipped = max_rate_hz > 0 and not self._due(now_s, 1 / max_rate_hz)
            c = self._counts
            self._counts = Arrivals(c.skipped + skipped, c.backwards + back, c.duplicates + twice)
            return not skipped

    def counts(self) -> Arrivals:
        with self._lock:
            return self._counts

    def _compare(self, stamp_ns: int) -> tuple[bool, bool]:
        last, self._last_stamp_ns = self._last_stamp_ns, stamp_ns
        if last is None:
            return False, False
        return stamp_ns < last, stamp_ns == last

    def _due(self, now_s: float, interval_s: float) -> bool:
        # A grid rather than "interval after the last": 30 Hz thinned to 20 Hz must give 20, not 15.
        # A tenth of jitter is forgiven, or a 10 Hz camera limited to 10 Hz would lose images.
        if now_s < self._next_s - 0.1 * interval_s:
            return False
        on_grid = self._next_s + interval_s
        self._next_s = on_grid if on_grid > now_s else now_s + interval_s
        return True


@dataclass(frozen=True)
class InputState:
    """Everything the input status rests on.

    topic: resolved name. publishers: how many offer it now. camera: ``known``, ``missing`` or
    ``uncalibrated``. problems: QoS mismatches seen so far.
    """

    topic: str
    active: bool
    publishers: int
    camera: str
    arrivals: Arrivals
    problems: tuple[str, ...] = ()


_CAMERA_ADVICE = {
    "missing": "no camera_info: depth is metric for the training camera only",
    "uncalibrated": "camera_info is all zeros: depth is metric for the training camera only",
}


def input_status(
    state: InputState, report: LoopReport | None, no_image_after_s: float, late_after_s: float
) -> Status:
    """Does the camera deliver, in time, with a usable calibration?"""
    if not state.active or report is None:
        return Status(OK, "not active", {"topic": state.topic})
    values = {
        "topic": state.topic,
        "publishers": str(state.publishers),
        "rate [Hz]": f"{report.input_rate_hz:.2f}",
        "received": str(report.received),
        "skipped (max_rate_hz)": str(state.arrivals.skipped),
        "stamps going back": str(state.arrivals.backwards),
        "stamps twice": str(state.arrivals.duplicates),
        "since last image [s]": f"{report.since_input_s:.2f}",
        "camera_info": state.camera,
        **_percentiles("age on arrival", report.input_age),
    }
    if report.since_input_s > no_image_after_s:
        return Status(ERROR, no_image(state, report.since_input_s), values)
    if state.problems:
        return Status(WARN, state.problems[-1], values)
    age = report.input_age
    if age is not None and age.p50 > late_after_s * 1e3:
        return Status(
            WARN,
            f"images arrive {age.p50 / 1e3:.1f} s old: a slow network, or another clock "
            "(set use_sim_time for a bag played with --clock)",
            values,
        )
    if advice := _CAMERA_ADVICE.get(state.camera):
        return Status(WARN, advice, values)
    return Status(OK, f"{report.input_rate_hz:.1f} Hz on {state.topic}", values)


def no_image(state: InputState, since_s: float) -> str:
    """The line that names the silent topic, and the likely reason."""
    line = f"no image on {state.topic} for {since_s:.0f} s"
    if state.publishers == 0:
        return f"{line}: nobody publishes it (remap image:=<your camera's topic>)"
    return (
        f"{line}: {state.publishers} publisher(s) there, but nothing arrives (stopped camera, "
        "incompatible QoS, or receive buffers too small for the image)"
    )


def processing_status(
    active: bool,
    report: LoopReport | None,
    watched: bool,
    unwatched: int,
    last_error: str,
    bulky: LoopReport | None = None,
) -> Status:
    """Is every image that is taken turned into outputs, and how fast?

    watched: whether anybody subscribes to an output now; unwatched: images not computed because
    nobody did. bulky: of the points and overlays, where they are made on a thread of their own.
    """
    if not active or report is None:
        return Status(OK, "not active")
    values = {
        "rate [Hz]": f"{report.output_rate_hz:.2f}",
        "processed": str(report.processed - unwatched),
        "dropped (newer image came)": str(report.dropped),
        "failed": str(report.failed),
        "not computed (no subscriber)": str(unwatched),
        "last error": last_error or "none",
        **_percentiles("latency in node", report.latency),
    }
    for stage in (*STAGES, OVERHEAD):
        values |= _percentiles(stage, report.stages.get(stage))
    if bulky is not None:
        values["points, overlay: lost"] = str(bulky.dropped + bulky.failed)
        for stage in ("publish", OVERHEAD):
            values |= _percentiles(f"points, overlay: {stage}", bulky.stages.get(stage))
    if report.failed and not report.processed:
        return Status(ERROR, f"no image could be processed: {last_error}", values)
    if not watched:
        return Status(OK, "nobody subscribes to an output: nothing is computed", values)
    if report.failed:
        return Status(WARN, f"{report.failed} images failed, last: {last_error}", values)
    message = f"{report.output_rate_hz:.1f} Hz out, {report.dropped} dropped of {report.received}"
    return Status(OK, message, values)


def engine_status(info: EngineInfo | None, spec: ModelSpec | None, problem: str) -> Status:
    """What is loaded: backend, the precision really in it, device, versions, the model's facts."""
    if info is None or spec is None:
        return Status(ERROR, problem) if problem else Status(STALE, "not configured")
    values = {
        "model": spec.name,
        "backend": info.backend,
        "backend version": info.version,
        "device": info.device,
        "precision": info.precision,
        "input": "x".join(str(n) for n in info.input_shape),
        "outputs": ", ".join(info.outputs),
        "farthest depth taught [m]": f"{spec.max_depth_m:g}",
        "model commit": spec.git_commit,
        **{str(k): str(v) for k, v in info.details.items()},
    }
    return Status(OK, f"{spec.name} on {info.backend} {info.precision}, {info.device}", values)


def _percentiles(name: str, p: Percentiles | None) -> dict[str, str]:
    if p is None:
        return {}
    return {
        f"{name} p50 [ms]": f"{p.p50:.2f}",
        f"{name} p95 [ms]": f"{p.p95:.2f}",
        f"{name} p99 [ms]": f"{p.p99:.2f}",
    }
