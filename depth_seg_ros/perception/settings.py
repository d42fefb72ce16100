"""What a user may choose about a perception, whatever its transport."""

from __future__ import annotations

from dataclasses import dataclass, field

from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.perception.output_size import AUTO
from depth_seg_ros.perception.reliability import AUTO as RELIABILITY


@dataclass(frozen=True)
class Settings:
    """compressed: images come as JPEG or PNG.

    reliability: of the image subscription, see :func:`.reliability.ask_reliable`.

    require_camera, rectified: see :class:`~depth_seg_ros.messages.assembler.FrameAssembler`.
    max_rate_hz: images above this rate are skipped (and counted); 0 takes all.
    no_image_after_s: so long without an image is an error.
    late_after_s: images older than this on arrival are worth a warning.
    max_dropped_share: more than this share of the last seconds' images dropped is worth a warning.
    rig: what is said about the camera's height and attitude.
    output_size: of everything published, see :mod:`.output_size`.
    outputs: what is in the messages.
    """

    compressed: bool = False
    reliability: str = RELIABILITY
    require_camera: bool = False
    rectified: bool = True
    max_rate_hz: float = 0.0
    no_image_after_s: float = 5.0
    late_after_s: float = 1.0
    max_dropped_share: float = 0.5
    rig: RigOptions = field(default_factory=RigOptions)
    output_size: str = AUTO
    outputs: OutputOptions = field(default_factory=OutputOptions)
