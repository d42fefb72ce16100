"""Which values a number given by a user may have: each declared once, here.

Command-line options, keys of yaml files and ROS parameters take their ranges from :data:`LIMITS` by
name (``test/test_limits.py`` holds them to it). Every comparison is written so that NaN fails it.
Upper ends are far beyond any use that makes sense and well before the machine gives up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from depth_seg_ros.errors import ConfigError


def within(value: float, high: float, low: float = -math.inf) -> bool:
    """Whether ``low <= value <= high``; a NaN, on any side, is not.

    The helper of everything that is accepted or refused by a number: ``if value > high: refuse``
    lets NaN pass, ``if not within(value, high): refuse`` does not.
    """
    return bool(low <= value <= high)


@dataclass(frozen=True)
class Limit:
    """An inclusive range. whole: integers only; off: a value outside that means "not used"."""

    low: float
    high: float
    whole: bool = False
    off: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """(lowest, highest), as ROS wants them."""
        return self.low, self.high

    @property
    def words(self) -> str:
        """``a whole number from 1 to 1024``."""
        kind = "a whole number" if self.whole else "a number"
        off = "" if self.off is None else f", or {self.off:g} for off"
        return f"{kind} from {self.low:.16g} to {self.high:.16g}{off}"

    def holds(self, value: object) -> bool:
        """Whether a number of the right kind lies in the range (bool and NaN never do)."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.whole and not isinstance(value, int):
            return False
        return within(value, self.high, self.low) or value == self.off

    def check(self, name: str, value: object) -> None:
        """ConfigError that names the option or key where ``value`` is not in the range."""
        if not self.holds(value):
            raise ConfigError(f"{name} is {_shown(value)}; give {self.words}")

    def parse(self, text: str) -> int | float:
        """The number in a text; ValueError in one line where it is none or out of range."""
        try:
            value = int(text) if self.whole else float(text)
        except ValueError:
            raise ValueError(f"{_shown(text)} is not {self.words}") from None
        if not self.holds(value):
            raise ValueError(f"{_shown(text)} is out of range; give {self.words}")
        return value


def _shown(value: object) -> str:
    """A value as an error shows it: a thousand digits help nobody."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _whole(low: int, high: int) -> Limit:
    return Limit(low, high, whole=True)


_SHARE = Limit(0, 1)
_COUNT = _whole(0, 10**9)
_SIZE = _whole(16, 4096)
_STRENGTH = Limit(0, 10)

LIMITS: dict[str, Limit] = {
    # work
    "threads": _whole(1, 1024),
    "workers": _whole(1, 1024),
    "batch": _whole(1, 1024),
    "device": _whole(0, 255),
    "pid": _whole(1, 1 << 22),
    "workspace_mib": _whole(1, 1 << 20),
    "optimization_level": _whole(0, 5),
    "dla_core": _whole(0, 15),
    # amounts
    "frames": _whole(1, 10**7),
    "scenes": _whole(1, 10**6),
    "seed": _whole(0, 2**63 - 1),
    "every": _whole(1, 10**7),
    "columns": _whole(1, 100),
    "subscribers": _whole(0, 1000),
    # time
    "rate_hz": Limit(0.001, 1000),
    "max_rate_hz": Limit(0, 1000),
    "seconds": Limit(0.001, 10**7),
    "minutes": Limit(0, 10**6),
    "timeout_s": Limit(0, 10**6),
    "tolerance_ms": Limit(0, 10**6),
    # cameras and images
    "width": _whole(1, 16384),
    "height": _whole(1, 16384),
    "focal_px": Limit(1, 10**6),
    "scale": Limit(0.01, 16),
    "clutter": _SHARE,
    "queues": _SHARE,
    "camera_height_m": Limit(0.02, 1000),
    "camera_pitch_deg": Limit(-90, 90),
    "camera_roll_deg": Limit(-180, 180),
    "points_stride": _whole(1, 64),
    "detail": Limit(0.1, 10),
    # depth and labels
    "depth_m": Limit(0, 1000),
    "confidence": _SHARE,
    "max_jump": Limit(0, 10),
    # ROS parameters whose 0 (or 1000) means "not given"
    "threads_or_auto": _whole(0, 1024),
    "camera_height_m_or_tf": Limit(0, 1000),
    "camera_pitch_deg_or_unknown": Limit(-90, 1000),
    "camera_roll_deg_or_unknown": Limit(-180, 1000),
    # a node's outputs and watching
    "share": _SHARE,
    "jpeg_quality": _whole(1, 100),
    "no_image_after_s": Limit(0.1, 3600),
    "late_after_s": Limit(0.001, 3600),
    "period_s": Limit(0.05, 3600),
    "heartbeat_s_or_off": Limit(0, 60),
    "max_waiting": _whole(1, 10_000),
    # a model file: keys of its spec
    "spec.input_width": _whole(1, 16384),
    "spec.input_height": _whole(1, 16384),
    "spec.fx": Limit(0.1, 10**6),
    "spec.fy": Limit(0.1, 10**6),
    "spec.max_depth_m": Limit(0.01, 10**5),
    "spec.classes.id": _whole(0, 254),
    "spec.classes.color": _whole(0, 255),
    # training: keys of an experiment, section.key
    "network.typical_depth_m": Limit(0.01, 1000),
    "network.freeze_blocks": _whole(0, 5),
    "data.width": _SIZE,
    "data.height": _SIZE,
    "data.limit_train": _COUNT,
    "data.limit_validation": _COUNT,
    "data.workers": _whole(0, 1024),
    "data.stream.window": _whole(0, 10**5),
    "data.stream.frames": _whole(1, 10**5),
    "data.stream.uses": Limit(0.01, 10**6),
    "data.stream.workers": _whole(0, 1024),
    "data.stream.scale": Limit(0.01, 16),
    "data.stream.seed": _whole(0, 2**63 - 1),
    "augment.flip": _SHARE,
    "augment.zoom": Limit(1, 10),
    "augment.shift": _SHARE,
    "augment.pad": _SHARE,
    "augment.color": _STRENGTH,
    "augment.blur": _SHARE,
    "augment.noise": _SHARE,
    "augment.jpeg": _SHARE,
    "augment.gray": _SHARE,
    "augment.haze": _SHARE,
    "augment.shade": _SHARE,
    "augment.focus": _SHARE,
    "augment.focus_zoom": Limit(1, 10),
    "augment.mix_style": _SHARE,
    "augment.rig_unknown": _SHARE,
    "augment.rig_noise": _STRENGTH,
    "loss.depth": Limit(0, 10**6),
    "loss.semantic": Limit(0, 10**6),
    "loss.confidence": Limit(0, 10**6),
    "loss.distil": Limit(0, 10**6),
    "loss.max_depth_m": Limit(0.1, 10**4),
    "optim.lr": Limit(1e-12, 100),
    "optim.encoder_lr": Limit(0, 1000),
    "optim.weight_decay": Limit(0, 100),
    "optim.beta2": Limit(0, 1 - 1e-9),
    "optim.batch": _whole(1, 1 << 16),
    "optim.accumulate": _whole(1, 1 << 16),
    "optim.epochs": _COUNT,
    "optim.steps": _COUNT,
    "optim.minutes": Limit(0, 10**6),
    "optim.warmup": Limit(0, 1 - 1e-9),
    "optim.clip": Limit(0, 10**9),
    "optim.ema": Limit(0, 1 - 1e-9),
    "loop.seed": _whole(0, 2**32 - 1),
    "loop.threads": _whole(0, 1024),
    "loop.validate_every": _COUNT,
    "loop.save_every": _COUNT,
    "loop.keep_every": _COUNT,
    "loop.log_every": _whole(1, 10**9),
    "loop.patience": _COUNT,
}
"""Range by name. Those with a dot are keys of a training experiment."""


def image_size(text: str) -> tuple[int, int]:
    """(width, height) in a text such as ``1242x375``; ValueError in one line."""
    width, cross, height = text.partition("x")
    if not cross:
        raise ValueError(f"{_shown(text)} is no image size; give WIDTHxHEIGHT, e.g. 1242x375")
    return int(LIMITS["width"].parse(width)), int(LIMITS["height"].parse(height))
