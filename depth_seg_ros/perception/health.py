"""What a running node says about itself, in words and numbers. Knows no ROS and no DDS.

For the ROS 2 node and for the participant without ROS alike.

Four statuses: *input* (does the camera deliver, does its calibration fit), *processing* (rates,
percentiles by stage, drops, errors), *engine* (what is really loaded) and *ground* (does the depth
follow the camera's height).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from depth_seg_ros.engines import EngineInfo
from depth_seg_ros.engines.recovery import LOST
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.perception.arrivals import Arrivals, Gaps
from depth_seg_ros.perception.report import OVERHEAD, RECENT_S, STAGES, LoopReport
from depth_seg_ros.perception.wording import (
    ENGINE,
    GROUND,
    INPUT,
    LATENCY,
    PROCESSING,
    engine_values,
    percentile_values,
)
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Ground

OK, WARN, ERROR, STALE = range(4)
"""Levels of diagnostic_msgs/DiagnosticStatus."""


@dataclass(frozen=True)
class Status:
    """One line for people, and the numbers behind it."""

    level: int
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InputState:
    """Everything the input status rests on.

    topic: resolved name. publishers: how many offer it now. camera: ``known``, ``missing`` or
    ``uncalibrated``. silence: the likely reason, where nothing arrives. problems: of the transport.
    gaps: what the rhythm of the stamps says is lost, and the cure for it. enabled: False where
    inference is paused. doubt: why the calibration may not fit the image. focal_from: the matrix
    that is used.
    """

    topic: str
    publishers: int
    camera: str
    arrivals: Arrivals
    silence: str = ""
    problems: tuple[str, ...] = ()
    gaps: Gaps | None = None
    cure: str = ""
    enabled: bool = True
    doubt: str = ""
    focal_from: str = ""


MAX_LOST = 0.05
"""Share of images lost on the way that is worth a warning."""

_CAMERA_ADVICE = {
    "missing": "no camera_info: depth is metric for the training camera only",
    "uncalibrated": "camera_info is all zeros, or no numbers: depth is metric for the training "
    "camera only",
}


def input_status(
    state: InputState, report: LoopReport | None, no_image_after_s: float, late_after_s: float
) -> Status:
    """Does the camera deliver, in time, with a usable calibration?"""
    if report is None:
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
        "focal length from": state.focal_from,
        **percentile_values("age on arrival", report.input_age),
    }
    if state.gaps is not None:
        values["lost on the way, last images [%]"] = f"{100 * state.gaps.share:.0f}"
    if not state.enabled:
        return Status(OK, "paused (set_enabled)", values)
    if report.since_input_s > no_image_after_s:
        return Status(ERROR, no_image(state, report.since_input_s), values)
    if state.problems:
        return Status(WARN, state.problems[-1], values)
    if lost := losing(state.gaps):
        return Status(WARN, f"{lost}; {state.cure}", values)
    if state.doubt:
        return Status(WARN, state.doubt, values)
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


def losing(gaps: Gaps | None) -> str:
    """Images lost before they arrived, in words; empty where that is not so, or not known."""
    if gaps is None or gaps.share <= MAX_LOST:
        return ""
    return (
        f"{gaps.lost} of {gaps.lost + gaps.seen} images are lost on the way (gaps in the rhythm of "
        "their stamps)"
    )


def no_image(state: InputState, since_s: float) -> str:
    """The line that names the silent topic, and the likely reason."""
    return f"no image on {state.topic} for {since_s:.0f} s: {state.silence}"


def processing_status(
    report: LoopReport | None,
    watched: bool,
    unwatched: int,
    last_error: str,
    bulky: LoopReport | None = None,
    max_dropped_share: float = 1.0,
) -> Status:
    """Is every image that is taken turned into outputs, and how fast?

    watched: whether anybody subscribes to an output now; unwatched: images not computed because
    nobody did. bulky: of the points and overlays, made on a thread of their own.
    max_dropped_share: more than this share dropped in the last seconds is worth a warning.
    """
    if report is None:
        return Status(OK, "not active")
    values = {
        "rate [Hz]": f"{report.output_rate_hz:.2f}",
        "processed": str(report.processed - unwatched),
        "dropped (newer image came)": str(report.dropped),
        "failed": str(report.failed),
        "internal errors": str(report.internal + (bulky.internal if bulky else 0)),
        "not computed (no subscriber)": str(unwatched),
        "last error": last_error or "none",
        **percentile_values(LATENCY, report.latency),
    }
    for stage in (*STAGES, OVERHEAD):
        values |= percentile_values(stage, report.stages.get(stage))
    if bulky is not None:
        values["points, overlay: lost"] = str(bulky.dropped + bulky.failed)
        for stage in ("publish", OVERHEAD):
            values |= percentile_values(f"points, overlay: {stage}", bulky.stages.get(stage))
    if broken := report.broken or (bulky.broken if bulky else ""):
        return Status(ERROR, broken, values)
    recent = report.recent
    values["dropped, last seconds [%]"] = f"{100 * recent.dropped_share:.0f}"
    if recent.failed and not recent.processed:
        return Status(ERROR, f"no image could be processed: {last_error}", values)
    if not watched:
        return Status(OK, "nobody subscribes to an output: nothing is computed", values)
    if recent.failed:
        words = f"{recent.failed} images failed in {RECENT_S:.0f} s, last: {last_error}"
        return Status(WARN, words, values)
    if recent.dropped_share > max_dropped_share:
        words = f"falling behind: {100 * recent.dropped_share:.0f} % of the images of the last "
        return Status(WARN, f"{words}{RECENT_S:.0f} s were overtaken by newer ones", values)
    message = f"{report.output_rate_hz:.1f} Hz out, {report.dropped} dropped of {report.received}"
    return Status(OK, message, values)


def engine_status(info: EngineInfo, spec: ModelSpec) -> Status:
    """What is loaded, and where it runs."""
    words = f"{spec.name} on {info.backend} {info.precision}, {info.device}"
    if lost := info.details.get(LOST):
        return Status(WARN, f"{words}; {lost}", engine_values(info, spec))
    return Status(OK, words, engine_values(info, spec))


def ground_status(
    rig: RigOptions, ground: Ground | None, problem: str, imu_problem: str = ""
) -> Status:
    """Is depth corrected by the camera's height? problem: why tf does not tell it, and why the IMU
    does not tell the attitude."""
    if not rig.given:
        return Status(OK, "no camera height is given: depth is the network's own")
    if ground is None:
        if problem:
            return Status(WARN, f"the camera's height is not known: {problem}")
        return Status(OK, "no frame yet")
    pitch, roll = (
        math.degrees(a)
        for a in (math.asin(-ground.down[2]), math.atan2(ground.down[0], ground.down[1]))
    )
    values = {
        "camera height [m]": f"{ground.height_m:.2f}",
        "pitch [deg]": f"{pitch:.1f}",
        "roll [deg]": f"{roll:.1f}",
        "factor": f"{ground.factor:.3f}",
        "inliers [%]": f"{100 * ground.inliers:.0f}",
        "cars and people too large [times]": (
            "none seen" if ground.sizes is None else f"{ground.sizes:.2f}"
        ),
        "why": ground.reason or "the ground fits",
        "tf": problem or "no complaint",
        "IMU": imu_problem or ("no complaint" if rig.imu_topic else "not asked"),
    }
    if ground.contradicted:
        return Status(ERROR, f"{ground.reason}: depth is the network's own", values)
    if problem:
        return Status(WARN, f"tf is not used: {problem}", values)
    if imu_problem:
        return Status(WARN, f"the IMU on {rig.imu_topic} is not used: {imu_problem}", values)
    if ground.reason and not ground.fits:
        return Status(WARN, ground.reason, values)
    return Status(OK, ground.reason or f"depth x {ground.factor:.2f} by the ground", values)


def idle(topic: str, problem: str) -> dict[str, Status]:
    """The statuses of a node without a network; ``problem``: why it has none, where it should."""
    engine = Status(ERROR, problem) if problem else Status(STALE, "not configured")
    return {
        INPUT: Status(OK, "not active", {"topic": topic}),
        PROCESSING: Status(OK, "not active"),
        ENGINE: engine,
        GROUND: Status(OK, "not active"),
    }
