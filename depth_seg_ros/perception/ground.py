"""Metric depth at any height: depth corrected by the ground under a camera of known height.

Where a frame tells its rig (``Frame.rig``: the camera's height, and its attitude where known), the
ground's pixels say how far the network's depth is off at that height (:mod:`.ground_fit`), and the
whole depth is corrected. What was found is smoothed over time by the frames' stamps. A frame whose
ground cannot be trusted goes on with the last good correction for ``KEEP_S``; then it fades out,
and so it does in again: no jumps. Cameras near the height that the network was taught are left
alone: there one factor mends the ground and spoils what stands on it. A height that what is seen
contradicts for some seconds (:mod:`.height_doubt`) is not used at all.

With the attitude known, nothing is put farther than the ground: what would lie below it is ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from depth_seg_ros.labels import GROUND_NAMES
from depth_seg_ros.perception.ground_fit import (
    LOG_PIVOT,
    GroundFit,
    expected_exponent,
    fit_ground,
    ground_points,
)
from depth_seg_ros.perception.height_doubt import (
    HeightDoubt,
    ground_doubt,
    log_size,
    size_doubt,
    unmeasured,
)
from depth_seg_ros.perception.known_sizes import KnownSizes, Thing
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Float32Array, Frame, Ground, Intrinsics, Rig, UInt8Array, sinks

SMOOTH_S = 1.0
KEEP_S = 2.0
FADE_S = 1.0
GAP_S = 5.0
"""Longer without a frame is another drive."""
HEIGHT_GATE = (0.25, 0.4)
FACTOR_GATE = (0.25, 0.4)
"""In ln: how far the height is from the taught one, and the ground's depth somewhere from what it
should be, until a correction begins, and until it is whole. Real cars' cameras (1.3 to 2.1 m) stay
below the first."""


@dataclass(frozen=True)
class _State:
    """The smoothed correction. bend: exponent above what the height lets expect.

    good_ns: of the last frame whose ground was trusted; strength: 0..1, faded."""

    rest: float
    bend: float
    low: float
    middle: float
    high: float
    down: tuple[float, float, float]
    inliers: float
    stamp_ns: int
    good_ns: int
    strength: float


class GroundScale:
    """One camera's correction; implements :class:`depth_seg_ros.postprocess.Correction`."""

    def __init__(self, spec: ModelSpec, steady: bool = True) -> None:
        """steady: frames come in the order of time; False takes each for itself."""
        taught = None if spec.rig_input else spec.default_rig
        self._taught_m = taught.height_m if taught else None
        self._ground = np.zeros(256, bool)
        if spec.classes is not None:
            self._ground[spec.classes.ids(GROUND_NAMES)] = True
        self._sizes = KnownSizes(spec.classes or (), self._ground)
        self._doubt = HeightDoubt(self._taught_m)
        self._steady = steady
        self._state: _State | None = None
        self._camera: Intrinsics | None = None
        self._stamp_ns = 0
        self.last: Ground | None = None
        """What was found last, for diagnostics."""

    def __call__(
        self, depth_m: Float32Array, labels: UInt8Array | None, camera: Intrinsics, frame: Frame
    ) -> tuple[Float32Array, Ground | None]:
        """See :class:`~depth_seg_ros.postprocess.Correction`; without a rig nothing is done."""
        rig = frame.rig
        if rig is None:
            self._state = self.last = None
            return depth_m, None
        passed_s = (frame.stamp_ns - self._stamp_ns) / 1e9
        if camera != self._camera or not self._steady or not 0 <= passed_s <= GAP_S:
            self._camera, self._state, self.last = camera, None, None
            self._doubt = HeightDoubt(self._taught_m)
        self._stamp_ns = frame.stamp_ns
        fit = self._fit(depth_m, labels, camera, rig)
        things = self._look(fit, depth_m, labels, camera, frame)
        if words := self._doubt.words:
            contradiction = f"{words}, which contradicts a height of {rig.height_m:.3g} m"
            fit = replace(fit, problem=contradiction, contradicts=True)
        state = self._state = self._advance(fit, frame, rig)
        if state is None:
            corrected, found = depth_m, Ground(rig.height_m, _level(rig), reason=fit.problem)
        else:
            corrected, found = self._corrected(depth_m, camera, rig, state, fit, things)
        self.last = replace(found, contradicted=bool(words), sizes=self._doubt.sizes)
        return corrected, self.last

    def _look(
        self, fit: GroundFit, depth_m: Float32Array, labels: UInt8Array | None,
        camera: Intrinsics, frame: Frame,
    ) -> list[Thing]:  # fmt: skip
        """Evidence for or against the height, now and then; what was found in this frame."""
        usable = not fit.problem or fit.contradicts
        if labels is None or frame.rig is None or not usable:
            return []
        if self._steady and not self._doubt.wants(frame.stamp_ns):
            return []
        things = self._sizes(depth_m, labels, camera)
        self._doubt.add(frame.stamp_ns, frame.rig, fit, things)
        return things

    def _fit(
        self, depth_m: Float32Array, labels: UInt8Array | None, camera: Intrinsics, rig: Rig
    ) -> GroundFit:
        if labels is None:
            return GroundFit(problem="the network has no labels, so nobody knows the ground")
        rays, depths = ground_points(depth_m, labels, self._ground, camera)
        return fit_ground(rays, depths, rig, self._taught_m)

    def _advance(self, fit: GroundFit, frame: Frame, rig: Rig) -> _State | None:
        """The state after this frame; None where there is nothing to correct by."""
        old, now = self._state, frame.stamp_ns
        passed_s = 0.0 if old is None else (now - old.stamp_ns) / 1e9
        if fit.problem:
            if old is None:
                return None
            late = (now - old.good_ns) / 1e9 > KEEP_S or bool(self._doubt.words)
            strength = old.strength - passed_s / FADE_S if late else old.strength
            return replace(old, stamp_ns=now, strength=strength) if strength > 0 else None
        bend = fit.exponent - expected_exponent(rig.height_m, self._taught_m)
        new = _State(
            fit.rest, bend, fit.low, fit.middle, fit.high, fit.down, fit.inliers, now, now, 1.0
        )
        if old is None:
            # Where uncorrected depth has been seen, the correction comes slowly.
            return new if self.last is None else replace(new, strength=0.0)
        return _mixed(old, new, 1 - math.exp(-passed_s / SMOOTH_S), passed_s / FADE_S)

    def _corrected(
        self, depth_m: Float32Array, camera: Intrinsics, rig: Rig, state: _State, fit: GroundFit,
        things: list[Thing],
    ) -> tuple[Float32Array, Ground]:  # fmt: skip
        expected = expected_exponent(rig.height_m, self._taught_m)
        exponent = expected + state.bend
        log_factor = state.rest + (1 - expected) * LOG_PIVOT - state.bend * state.middle
        log_scale = log_factor + (exponent - 1) * state.middle
        mismatch = abs(math.log(rig.height_m / self._taught_m)) if self._taught_m else math.inf
        ends = (log_factor + (exponent - 1) * end for end in (state.low, state.high))
        gate = _smooth(mismatch, HEIGHT_GATE) * _smooth(max(map(abs, ends)), FACTOR_GATE)
        weight = gate * state.strength
        down = _level(rig) if rig.attitude_known else state.down
        ground = Ground(
            rig.height_m, down, math.exp(weight * log_scale), state.inliers,
            self._said(fit, gate, state, rig, things), fits=not fit.problem and gate == 0,
        )  # fmt: skip
        if weight == 0:
            return depth_m, ground
        log_z = np.log(depth_m)  # NaN stays NaN
        moved = log_factor + (exponent - 1) * np.clip(log_z, state.low, state.high)
        log_z = log_z + weight * moved
        if rig.attitude_known:
            below = np.maximum(sinks(down, camera), np.float32(1e-3))
            log_z = log_z - weight * np.maximum(log_z - (math.log(rig.height_m) - np.log(below)), 0)
        return np.asarray(np.exp(log_z), np.float32), ground

    def _said(
        self, fit: GroundFit, gate: float, state: _State, rig: Rig, things: list[Thing]
    ) -> str:
        if fit.problem:
            kept = state.strength == 1 and not self._doubt.words
            return f"{fit.problem}; the last good factor is {'kept' if kept else 'fading'}"
        words = ground_doubt([state.rest], rig, self._taught_m)
        if len(things) > 1 and not self._steady:
            words = size_doubt([log_size(thing, fit) for thing in things]) or words
        words = f"{words} for {rig.height_m:.3g} m" if words else ""
        if words := words or unmeasured(rig.height_m, self._taught_m):
            return f"{words}: is that the camera's height?"
        if gate == 0:
            return f"the depth fits {rig.height_m:.3g} m as it is (within {100 * _bound():.0f} %)"
        return ""


def _bound() -> float:
    return math.exp(FACTOR_GATE[0]) - 1


def _mixed(old: _State, new: _State, share: float, fade: float) -> _State:
    """``share`` of the new fit into the old state; stronger by ``fade``, up to 1."""

    def mix(a: float, b: float) -> float:
        return a + share * (b - a)

    down = np.array([mix(a, b) for a, b in zip(old.down, new.down, strict=True)])
    x, y, z = (down / np.linalg.norm(down)).tolist()
    return replace(
        new,
        rest=mix(old.rest, new.rest),
        bend=mix(old.bend, new.bend),
        low=mix(old.low, new.low),
        middle=mix(old.middle, new.middle),
        high=mix(old.high, new.high),
        down=(x, y, z),
        inliers=mix(old.inliers, new.inliers),
        strength=min(old.strength + fade, 1.0),
    )


def _level(rig: Rig) -> tuple[float, float, float]:
    x, y, z = rig.down().tolist()
    return x, y, z


def _smooth(value: float, gate: tuple[float, float]) -> float:
    """0 below the gate, 1 above, smooth between."""
    t = min(max((value - gate[0]) / (gate[1] - gate[0]), 0.0), 1.0)
    return t * t * (3 - 2 * t)
