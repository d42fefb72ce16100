"""People on saddles: legs reach for the pedals or pegs, arms for the grips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.assets.person import Build, Pose, person_shape
from depth_seg_ros.virtual_world.geometry.shapes import Float, Shape, vec


@dataclass(frozen=True)
class Seat:
    """Where a rider sits and holds on, in the frame of what is ridden; metres."""

    saddle: Float  # [3] top of the saddle
    grip: Float  # [3] the right hand's
    lean: float  # of the trunk, radians forward
    ankle: Float  # [3] from pedal to ankle


def seated(build: Build, seat: Seat, pedals: tuple[Float, Float], far: bool) -> Shape:
    """The rider of a seat with the feet on ``pedals`` (right, left)."""
    hips = seat.saddle + vec(0, 0.10, 0.02)
    right, left = pedals
    legs = [
        reach(
            hips + vec(s * 0.052 * build.height, 0, 0),
            p + seat.ankle,
            0.245 * build.height,
            0.235 * build.height,
        )
        for s, p in ((1, right), (-1, left))
    ]
    torso = build.shoulder_y - build.hip_y
    shoulder = hips + torso * vec(0, np.cos(seat.lean), np.sin(seat.lean))
    shoulder[1] -= 0.018 * build.height
    arm = reach(
        shoulder,
        seat.grip * [0, 1, 1] + vec(0, 0.02, 0),
        0.165 * build.height,
        0.150 * build.height,
        forward=False,
    )
    pose = Pose(
        (legs[0][0], legs[1][0]),
        (legs[0][1], legs[1][1]),
        (arm[0], arm[0]),
        (-arm[1], -arm[1]),
        seat.lean,
    )
    shape = person_shape(build, pose, far)
    return shape.moved(np.eye(3), hips - vec(0, build.hip_y, 0))


def reach(
    start: Float, end: Float, upper: float, lower: float, *, forward: bool = True
) -> tuple[float, float]:
    """Swing of the upper limb and bend of the joint (both radians) so that the limb spans start
    to end in the plane x = const; the joint points forward or back."""
    d = end - start
    span = min(float(np.hypot(d[1], d[2])), 0.999 * (upper + lower))
    toward = float(np.arctan2(d[2], -d[1]))
    at_start = _angle(upper, span, lower)
    bend = np.pi - _angle(upper, lower, span)
    return (toward + at_start, bend) if forward else (toward - at_start, -bend)


def _angle(a: float, b: float, opposite: float) -> float:
    """Angle of a triangle between sides a and b."""
    return float(np.arccos(np.clip((a**2 + b**2 - opposite**2) / (2 * a * b), -1, 1)))
