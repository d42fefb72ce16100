"""The former place of ``depth_seg_ros.atomic``, for callers that still look here."""

from depth_seg_ros.atomic import write_text

__all__ = ["write_text"]
