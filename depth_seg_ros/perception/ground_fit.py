"""What the ground says about a depth's scale: pure functions of one frame.

Convention: rays have z = 1, in the camera's optical frame; ``sinks`` is ray . down, how far a ray
sinks for every metre along Z; ground at depth Z lies Z * sinks below the camera.

A network knows the height it was taught, and at another height it is wrong by more than a factor:
near things more than far ones. Over heights of 0.3 to 28 m a power of the depth undoes it,
Z' = Z* (Z / Z*)^b with b = (taught height / height)^0.3 and Z* = 55 m (measured with both shipped
networks on 128 frames of rendered robots' and drones' drives). So b starts there, the ground's
pixels move it (they fix b only as well as they are spread in depth), and what is left is one
factor: height / height of the ground in the corrected depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.plane import plane_through
from depth_seg_ros.types import Float32Array, Intrinsics, Rig, UInt8Array

Array = npt.NDArray[Any]

MOST_POINTS = 2500
FEWEST_POINTS = 60
FARTHEST_M = 60.0
"""Of the network's depth: farther ground says little about the scale."""
FLATTEST = 0.02
"""Least ``sinks``: nearer to the horizon every slope counts for more than the height."""

CURVE = 0.3
LOG_PIVOT = math.log(55.0)
EXPONENTS = (0.4, 2.2)
BINS = 12
PRIOR = 0.2
"""Weight of the expected exponent, as a variance of ln depth: 0.2 is ground from 2 to 9 m."""

TOLERANCE = 0.2
"""Of an inlier, in ln depth."""
FEWEST_INLIERS = {True: 0.4, False: 0.5}
"""Share of them by whether the attitude is known; a fitted plane bends to what it is given."""
CONTRADICTION = math.log(5.0)
"""In ln height."""
STEEPEST_Y = 0.2
"""Least y of a fitted direction down: beyond (78 degrees) it is a wall, or the camera lies over."""


@dataclass(frozen=True)
class GroundFit:
    """One frame's ground.

    exponent, log_factor: ln Z' = exponent ln Z + log_factor brings the ground to its height.
    rest: ln of what is left to be explained after the expected correction for this height.
    down: unit vector, given or fitted. inliers: share of the ground's pixels that fit.
    low, middle, high: of ln Z over the ground's pixels (2 %, median, 98 %).
    problem: why it must not be used; "" where it may. contradicts: it is a plane, and the problem
    is that it contradicts the height.
    """

    exponent: float = 1.0
    log_factor: float = 0.0
    rest: float = 0.0
    down: tuple[float, float, float] = (0.0, 1.0, 0.0)
    inliers: float = 0.0
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    problem: str = ""
    contradicts: bool = False

    def corrected(self, log_z: float) -> float:
        """ln of a depth after this correction, which beyond the ground's depths is one factor."""
        within = min(max(log_z, self.low), self.high)
        return log_z + self.log_factor + (self.exponent - 1) * within


def expected_exponent(height_m: float, taught_height_m: float | None) -> float:
    """taught_height_m: None for a network that is told its rig."""
    if taught_height_m is None:
        return 1.0
    low, high = EXPONENTS
    return min(max(math.pow(taught_height_m / height_m, CURVE), low), high)


def ground_points(
    depth_m: Float32Array, labels: UInt8Array, ground: npt.NDArray[np.bool_], camera: Intrinsics
) -> tuple[Array, Array]:
    """Rays float64 [N, 3] and depths float64 [N] of up to MOST_POINTS ground pixels.

    ground: bool [256], which labels are; depth_m, labels: [h, w] as ``camera`` sees them.
    """
    is_ground = ground[labels] & (depth_m < FARTHEST_M)  # False for NaN
    found = np.flatnonzero(is_ground)
    if len(found) > MOST_POINTS:
        found = found[np.linspace(0, len(found) - 1, MOST_POINTS).astype(np.int64)]
    rows, columns = np.divmod(found, camera.width)
    x, y = (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy
    return np.stack([x, y, np.ones(len(found))], 1), depth_m.ravel()[found].astype(np.float64)


def fit_ground(rays: Array, depth_m: Array, rig: Rig, taught_height_m: float | None) -> GroundFit:
    """Deterministic; ``rig.attitude_known`` decides whether the plane's tilt is fitted too."""
    exponent = expected_exponent(rig.height_m, taught_height_m)
    if rig.attitude_known:
        down = rig.down()
        sinks = rays @ down
        below = sinks > FLATTEST
        sinks, log_z = sinks[below], np.log(depth_m[below])
        if len(sinks) < FEWEST_POINTS:
            return GroundFit(problem="no ground in view")
        wanted = np.log(rig.height_m / sinks)
        rest = float(np.median(wanted - exponent * log_z)) - (1 - exponent) * LOG_PIVOT
        exponent = _bend(log_z, wanted, exponent)
    else:
        if len(depth_m) < FEWEST_POINTS:
            return GroundFit(problem="no ground in view")
        log_z = np.log(depth_m)
        plane = plane_through(rays, depth_m**exponent)
        down = plane / np.linalg.norm(plane)
        sinks = rays @ plane
        if down[1] < STEEPEST_Y:
            return GroundFit(
                problem="what is called ground stands upright, or the camera lies over"
            )
        wanted = np.log(rig.height_m * np.linalg.norm(plane)) - np.log(np.maximum(sinks, 1e-6))
        rest = float(np.log(rig.height_m * np.linalg.norm(plane))) - (1 - exponent) * LOG_PIVOT
    log_factor = float(np.median(wanted - exponent * log_z))
    error = np.abs(exponent * log_z + log_factor - wanted)
    inliers = float(np.mean(error < TOLERANCE))
    low, middle, high = np.quantile(log_z, (0.02, 0.5, 0.98)).tolist()
    x, y, z = down.tolist()
    problem, contradicts = "", False
    if inliers < FEWEST_INLIERS[rig.attitude_known]:
        problem = f"only {100 * inliers:.0f} % of the ground's pixels lie in one plane"
    elif contradicts := abs(rest) > CONTRADICTION:
        problem = (
            f"the ground in view contradicts a height of {rig.height_m:.3g} m by "
            f"{math.exp(abs(rest)):.1f} times"
        )
    return GroundFit(
        exponent, log_factor, rest, (x, y, z), inliers, low, middle, high, problem, contradicts
    )


def _bend(log_z: Array, wanted: Array, expected: float) -> float:
    """The exponent, by medians of equally full bins, drawn towards what is expected."""
    order = np.argsort(log_z, kind="stable")
    parts = np.array_split(order, BINS)
    x, y = (np.array([np.median(values[part]) for part in parts]) for values in (log_z, wanted))
    x, y = x - x.mean(), y - y.mean()
    fitted = float((x @ y + PRIOR * expected * BINS) / (x @ x + PRIOR * BINS))
    return min(max(fitted, EXPONENTS[0]), EXPONENTS[1])
